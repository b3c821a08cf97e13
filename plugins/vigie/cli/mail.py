"""`./vigie mail explain`: what the site's watches make of mails that are files, and why. Nothing is recorded or sent."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from vigie.cli.site_watches import quiet_airflow, site_watches
from vigie.core.explanation import Explanation, explain
from vigie.core.mail import Mail, parse_mail
from vigie.core.watch import MailPatterns

_DOES = {
    "trigger": "opens or counts on the incident '{key}' of {flux}",
    "resolve": "resolves the incident '{key}' of {flux}",
    "arrive": "counts for {key} of {flux}",
}

LIMIT = 5_000_000
"""How much of a mail is read, in bytes: as much as is fetched from a mailbox."""


def main(argv: list[str]) -> int:
    """Run the command: 0 where every mail and every flux could be read, 1 else."""
    arguments = _arguments(argv)
    paths = list(_mails(arguments.paths))
    missing = [path for path in arguments.paths if not path.exists()]
    for path in missing:
        print(f"{path}: there is no such file or folder.", file=sys.stderr)
    with quiet_airflow(arguments.site):
        found, broken = site_watches(arguments.client)
    watches = [watch for watch in found if isinstance(watch, MailPatterns)]
    for problem in broken:
        print(problem, file=sys.stderr)
    if not watches:
        print(f"No flux of {arguments.client or 'this site'} watches mail.", file=sys.stderr)
    for path in paths:
        mail = _read(path)
        explanation = explain(watches, mail)
        print(_as_json(path, explanation) if arguments.json else _as_text(path, mail, explanation))
    return 1 if missing or broken else 0


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./vigie mail", description="Mails, and what the site's watches make of them."
    )
    explaining = parser.add_subparsers(required=True, metavar="explain").add_parser(
        "explain", help="say of each mail its origin, the rules tried, what matched, which flux is alerted"
    )
    explaining.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a mail, or a folder with .eml files")
    explaining.add_argument("--client", help="only the watches of this client")
    explaining.add_argument("--json", action="store_true", help="one line of JSON a mail")
    explaining.add_argument("--site", type=Path, help="the folder with dags/ and include/ (default: this one)")
    return parser.parse_args(argv)


def _mails(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*.eml") if each.is_file())
        elif path.exists():
            yield path


def _read(path: Path) -> Mail:
    with path.open("rb") as file:
        raw = file.read(LIMIT)
    return parse_mail(raw, received_at=datetime.now(UTC), size=path.stat().st_size)


def _as_json(path: Path, explanation: Explanation) -> str:
    told = {
        "path": str(path),
        "origin_class": explanation.origin,
        "verdict": explanation.verdict,
        "flux": explanation.flux,
        "dedup_key": explanation.dedup_key,
        "reasons": list(explanation.reasons),
    }
    return json.dumps(told, ensure_ascii=False)


def _as_text(path: Path, mail: Mail, explanation: Explanation) -> str:
    lines = [f"{path}", f"  from     {mail.sender or '(nobody)'}", f"  subject  {mail.subject or '(none)'}"]
    lines.append(f"  origin   {explanation.origin}")
    lines += [f"           {reason}" for reason in explanation.origin_reasons]
    lines += [f"  unread   {reason}" for reason in explanation.curtailed]
    if mail.report is not None:
        told = mail.report
        facts = (told.recipient, told.action, told.status, told.original_message_id, told.vigie_key)
        lines.append(f"  report   {', '.join(fact for fact in facts if fact) or 'says nothing that can be read'}")
    for each in explanation.tried:
        lines.append(
            f"  {'MATCHED' if each.matched else 'no match'}{'  ' if each.matched else ' '}{each.watch}, {each.event}: {each.why}"
        )
    lines.append(f"  verdict  {explanation.verdict}")
    for claim in explanation.claims:
        if claim.dedup_key is not None:
            lines.append(f"           {_DOES[claim.event].format(key=claim.dedup_key, flux=claim.flux)}")
    return "\n".join(lines) + "\n"
