"""The facts: the names that a template may use, each with what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple


class Fact(NamedTuple):
    """What a name means, and the parts of it (empty: a plain value)."""

    meaning: str
    parts: Mapping[str, str] = {}
    of_each: bool = False


FACTS: Mapping[str, Fact] = {
    "client": Fact("the client's name"),
    "flux": Fact("the flux"),
    "watch": Fact("the watch that found it"),
    "title": Fact("the incident in one line"),
    "severity": Fact("low, medium, high or critical"),
    "incident": Fact("the incident's number, as INC-12"),
    "status": Fact("open, acknowledged or resolved"),
    "purpose": Fact("why this is sent: page, warning (nobody is called), update, note, resolved or message"),
    "count": Fact("how many detections the incident has"),
    "opened_at": Fact("HH:MM in the client's zone"),
    "seen_at": Fact("HH:MM in the client's zone: when it was last seen"),
    "acknowledged_at": Fact("HH:MM in the client's zone"),
    "resolved_at": Fact("HH:MM in the client's zone"),
    "ended_by_hand": Fact("whether a person ended the incident, whatever the watch sees"),
    "who": Fact("the person who acknowledged or resolved"),
    "procedure": Fact("the incident's procedure", {"title": "its title", "url": "its page"}),
    "links": Fact("where to look", {"incident": "the incident's page", "mail": "the page of unclassified mail"}),
    "mail": Fact(
        "a KO mail",
        {
            "subject": "its subject",
            "sender": "its sender",
            "message_id": "its Message-ID",
            "doubts": "why it may be a bounce or an automatic answer, where it is doubtful",
            "junk": "the junk folder in which it was, where it was in one",
        },
    ),
    "mails": Fact(
        "the kinds of mail that no rule claims, or that were set aside, the first of its kind first",
        {
            "subject": "the subject of the latest",
            "sender": "its sender",
            "at": "when it came, HH:MM in the client's zone",
            "unread": "what of the latest nobody could read, and why",
            "number": "how many came of this kind",
            "is_new": "whether none of its kind was told before",
            "origin": "who wrote it, as dsn_failed",
            "watches": "whose KO it would be, where it was set aside",
        },
        of_each=True,
    ),
    "facts": Fact("what else the watch learnt: the named groups of its patterns, as facts.job"),
    "storm": Fact(
        "what a storm holds beside the incidents before it",
        {"keys": "the keys of its incidents", "more": "how many there was no room for", "last": "when the last came"},
    ),
    "answers": Fact("what was filled in at earlier steps of the procedure, or came out of them, as answers.run"),
    "missing": Fact(
        "the files, or the mails by their names, that are missing",
        {
            "site": "the site's code",
            "name": "the site's name",
            "path": "the file",
            "due": "when it was due",
            "arrived": "how many of its files are there, where one site has several",
            "expected": "how many files it must have, where one site has several",
            "holiday": "the holiday that the day may be, where its date is only estimated",
        },
        of_each=True,
    ),
    "came": Fact(
        "the mails of a MissingMail that came, the first one first",
        {"name": "its value of distinct_by", "at": "when it came, HH:MM"},
        of_each=True,
    ),
    "missing_count": Fact("how many files are missing"),
    "more": Fact("how many sites there was no room for in missing (it names 50)"),
    "unexpected": Fact("files that came meanwhile and fit no site"),
    "found": Fact(
        "files that lie there in place of the missing ones and do not count",
        {
            "site": "the site's code",
            "path": "the file",
            "what": "empty, small, growing, old, later, gone, case, extension, suffix, prefix, date, spelling, folder or temporary",
            "why": "the same as a clause, in English",
            "size": "how large it is, in bytes, where it has the right name",
        },
        of_each=True,
    ),
    "not_due": Fact("how many files are not due yet"),
    "given_up": Fact("whether nobody looks for the missing files any more, a week after their last deadline"),
    "absent_folders": Fact("folders of the missing files that are not there"),
    "before": Fact("how long before the deadline a warning is given, as 30 min"),
    "deadline_passed": Fact("whether the deadline has passed since the warning"),
    "slot": Fact("the slot of the files, where several are expected in a day"),
    "expected": Fact("how many files or mails are expected"),
    "arrived": Fact("how many have arrived"),
    "group": Fact("what the missing files have in common, as group.warehouse"),
    "business_date": Fact("the business date of the files or mails, as 2026-11-23"),
    "due": Fact("when the files or mails were due, HH:MM in the site's zone"),
    "source": Fact("the mailbox or server that cannot be watched"),
    "reason": Fact("why it cannot be watched"),
    "watches": Fact("the watches that are blind"),
    "since": Fact("since when, HH:MM"),
    "next_update": Fact("when we write again, HH:MM"),
}

TEXT_LIMIT = 2_000
"""Characters of a fact: what is longer is cut, and ends with '…'."""

LIST_LIMIT = 2_000
_DEPTH = 6

# Control characters but line ends and tabs, lone surrogates, the marks that turn the direction of text
# (Trojan Source, CVE-2021-42574), and the private characters that sealing uses.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ue000-\ue002]"
)


def prepare(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as templates see them: no empty ones, no unseen characters, nothing endless.

    A name that is not in FACTS moves into ``facts``.
    """
    cleaned = _clean(facts, 0)
    prepared: dict[str, Any] = {}
    others = dict(cleaned.pop("facts", {})) if isinstance(cleaned.get("facts", {}), dict) else {}
    for name, value in cleaned.items():
        if name in FACTS:
            prepared[name] = value
        else:
            others.setdefault(name, value)
    return {**prepared, "facts": others}


def clean_text(text: str) -> str:
    """The text without characters that nobody sees, cut at the limit."""
    text = _UNSEEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        if depth >= _DEPTH:
            return {}
        return {clean_text(str(name)): _clean(of, depth + 1) for name, of in value.items() if of is not None}
    if isinstance(value, (list, tuple)):
        return [_clean(of, depth + 1) for of in value[:LIST_LIMIT] if of is not None] if depth < _DEPTH else []
    if isinstance(value, (bool, int, float)):
        return value
    return clean_text(str(value))
