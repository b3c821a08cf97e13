"""`./vigie mail explain`: what the site's watches make of mails that are files, and why. Nothing is recorded or sent."""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import unicodedata
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

from vigie.cli.mail_files import MailFile, mail_files
from vigie.cli.site_watches import asked_for, quiet_airflow, site_watches
from vigie.core.explanation import Explanation, explain
from vigie.core.mail import Mail, parse_mail
from vigie.core.watch import MailPatterns

_DOES = {
    "trigger": "opens or counts on the incident '{key}' of {flux}",
    "resolve": "resolves the incident '{key}' of {flux}",
    "arrive": "counts for {key} of {flux}",
}

_UNPROVED = "says that the incident '{key}' of {flux} is over; a person must end it"

_ENVELOPE = frozenset({"from", "to", "subject", "date", "received", "message-id", "return-path"})
"""A file of bytes that no text has, without any of these headers, was hardly a mail."""


def main(argv: list[str]) -> int:
    """Run the command: 0 where every mail and every flux could be read, 1 else (2 where it was called wrongly)."""
    arguments = _arguments(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # names of files may be any bytes
    with quiet_airflow(arguments.site), redirect_stdout(sys.stderr):  # a flux's file may print
        if arguments.client:
            asked_for(arguments.client)
        found, problems = site_watches(arguments.client)
    watches = [watch for watch in found if isinstance(watch, MailPatterns)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not watches:
        print(f"No flux of {arguments.client or 'this site'} watches mail.", file=sys.stderr)
    unread = 0
    for mail in (each for path in arguments.paths for each in mail_files(path)):
        wrong = mail if isinstance(mail, str) else _explained(mail, watches, as_json=arguments.json)
        if wrong:
            print(_fit_for_a_terminal(wrong), file=sys.stderr)
            unread += 1
    return 1 if unread or problems else 0


def _explained(file: MailFile, watches: list[MailPatterns], *, as_json: bool) -> str | None:
    """Print what a mail is; return a sentence where it hardly is one: a mailbox would keep it all the same."""
    mail = parse_mail(file.raw, received_at=datetime.now(UTC), size=file.size)
    explanation = explain(watches, mail)
    print(_as_json(file.name, explanation) if as_json else _as_text(file.name, mail, explanation))
    if b"\0" in file.raw and _ENVELOPE.isdisjoint(name.lower() for name, _ in mail.headers):
        return (
            f"{file.name}: this is hardly a mail: it has neither From, To, Subject nor Date, and holds bytes that no text"
            " has. Save a mail from your mail program as .eml."
        )
    return None


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./vigie mail", description="Mails, and what the site's watches make of them."
    )
    explaining = parser.add_subparsers(required=True, metavar="explain").add_parser(
        "explain", help="say of each mail its origin, the rules tried, what matched, which flux is alerted"
    )
    explaining.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a mail, an mbox, a Maildir, or a folder with .eml files"
    )
    explaining.add_argument("--client", help="only the watches of this client")
    explaining.add_argument("--json", action="store_true", help="one line of JSON a mail")
    explaining.add_argument("--site", type=Path, help="the folder with dags/ and include/ (default: this one)")
    return parser.parse_args(argv)


def _as_json(path: str, explanation: Explanation) -> str:
    told = {
        "path": path,
        "origin_class": explanation.origin,
        "verdict": explanation.verdict,
        "flux": explanation.flux,
        "dedup_key": explanation.dedup_key,
        "reasons": list(explanation.reasons),
    }
    return _NOT_ON_A_LINE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(told, ensure_ascii=False))


_NOT_ON_A_LINE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What JSON allows in a line and some readers break it at, or no encoding has."""


def _fit_for_a_terminal(text: str) -> str:
    """Mails are anybody's: what would steer the reader's terminal, or turn the line round, is shown as its escape."""
    return "".join(each.encode("unicode_escape").decode() if _steers(each) else each for each in text)


def _steers(each: str) -> bool:
    if each.isprintable() or each == "\n":
        return False
    return unicodedata.category(each) in {"Cc", "Cs"} or unicodedata.bidirectional(each) in _TURNING


_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def _as_text(path: str, mail: Mail, explanation: Explanation) -> str:
    lines = [path, f"  from     {mail.sender or '(nobody)'}", f"  subject  {mail.subject or '(none)'}"]
    lines.append(f"  origin   {explanation.origin}")
    lines += [f"           {reason}" for reason in explanation.origin_reasons]
    lines += [f"  doubt    {doubt}" for doubt in explanation.doubts]
    lines += [f"  unread   {reason}" for reason in explanation.curtailed]
    if mail.report is not None:
        told = mail.report
        facts = (told.recipient, told.action, told.status, told.original_message_id, told.vigie_key)
        lines.append(f"  report   {', '.join(fact for fact in facts if fact) or 'says nothing that can be read'}")
    for each in explanation.tried:
        lines.append(
            f"  {'MATCHED ' if each.matched else 'withheld' if each.withheld else 'no match'} {each.watch}, {each.event}: {each.why}"
        )
    lines.append(f"  verdict  {explanation.verdict}")
    for claim in explanation.claims:
        if claim.dedup_key is not None:
            does = _UNPROVED if claim.withheld else _DOES[claim.event]
            lines.append(f"           {does.format(key=claim.dedup_key, flux=claim.flux)}")
    lines += [f"  appeal   {appeal}" for appeal in explanation.appeals]
    return _fit_for_a_terminal("\n".join(lines) + "\n")
