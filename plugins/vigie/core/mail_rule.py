"""The rule of a watch, asked about one mail: failure before success, and why each rule did or did not match."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from vigie.core.mail import Mail
from vigie.core.mail_arrival import Arrival, arrival
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.origin import QUOTING
from vigie.core.pattern import find
from vigie.core.reply_text import is_reply
from vigie.core.subject import normalised_subject
from vigie.core.watch import MailPatterns, MailWatch

Event = Literal["trigger", "resolve", "arrive", "ignore"]
Condition = tuple[str, str | None, tuple[str, ...]]
"""A field by its name, the pattern asked of it, and its values in the mail; None asks nothing."""


class Tried(NamedTuple):
    """One rule that was tried, and a sentence on what it found or missed."""

    event: Event
    matched: bool
    why: str


class Weighed(NamedTuple):
    """What a mail says to a watch: nothing, where ``event`` is None."""

    event: Event | None
    groups: dict[str, str]
    tried: tuple[Tried, ...]


def weigh(watch: MailPatterns, mail: Mail) -> Weighed:
    """Try the watch's rules in their order: what triggers, what resolves, what its author knows to mean nothing.

    A MissingMail has one rule: what arrives as expected.
    """
    if mail.origin in QUOTING:
        why = f"not asked: what is {mail.origin} quotes others' words"
        event: Event = "arrive" if isinstance(watch, MissingMailWatch) else "trigger"
        return Weighed(None, {}, (Tried(event, False, why),))
    tried: list[Tried] = []
    for event, conditions in _rules(watch, mail):
        if event in {"resolve", "arrive"} and (doubt := _doubt(watch, mail, conditions)):
            tried.append(Tried(event, False, f"not asked: {doubt}"))
            continue
        groups, said = _asked(conditions, ignore_case=watch.ignore_case)
        if groups is not None and isinstance(watch, MissingMailWatch):
            counts = arrival(watch, mail, groups)
            if isinstance(counts, str):
                groups, said = None, f"{said}; but {counts}"
        tried.append(Tried(event, groups is not None, said))
        if groups is not None:
            return Weighed(event, groups, tuple(tried))
    return Weighed(None, {}, tuple(tried))


def _doubt(watch: MailPatterns, mail: Mail, conditions: list[Condition]) -> str | None:
    """Why this mail cannot say that all is well, whatever it says; None where it can.

    An OK that a person looks at costs a minute; a bounce, an absence or an answer that counts as an OK is a lie.
    """
    if mail.origin == "unknown":
        return "a mail of unknown origin may raise an alarm, never end one"
    if mail.doubts and not (watch.sender and not watch.sender.startswith("@")):
        return (
            f"{mail.doubts[0]}, as bounces and automatic answers do; it may raise an alarm, never end one."
            " To count it, give its whole address to sender="
        )
    asked = (pattern.removeprefix("^") for field, pattern, _ in conditions if field == "subject" and pattern)
    if mail.answers and not any(map(is_reply, asked)):
        return "it answers a mail (Re:), and so quotes what that one said"
    return None


def counted(watch: MissingMailWatch, mail: Mail) -> Arrival | None:
    """What this mail counts as for this watch, or None."""
    weighed = weigh(watch, mail)
    found = arrival(watch, mail, weighed.groups) if weighed.event == "arrive" else ""
    return found if isinstance(found, Arrival) else None


def dedup_key(watch: MailPatterns, mail: Mail, groups: dict[str, str]) -> str:
    """What is one incident: the watch's ``dedup_key`` filled from the groups, else the normalised subject. One line.

    Of a MissingMail it is the business date.
    """
    if isinstance(watch, MissingMailWatch):
        found = arrival(watch, mail, groups)
        return found if isinstance(found, str) else found.business_date.isoformat()
    if not isinstance(watch, MailWatch) or not watch.dedup_key:
        return normalised_subject(mail.subject)[:200]
    filled = re.sub(r"\{(\w+)\}", lambda field: groups.get(field[1], ""), watch.dedup_key)
    return " ".join(filled.split())[:200]


def _rules(watch: MailPatterns, mail: Mail) -> Iterator[tuple[Event, list[Condition]]]:
    subject, text = (mail.subject,), (mail.text,)
    who: list[Condition] = [
        ("sender", _address(watch.sender), (mail.sender,)),
        ("recipient", _address(watch.recipient), mail.recipients),
    ]
    headers: list[Condition] = [
        (f"header {name}", each, tuple(mail.header(name))) for name, each in watch.headers.items()
    ]
    yield (
        "arrive" if isinstance(watch, MissingMailWatch) else "trigger",
        [
            *who,
            ("subject", watch.subject, subject),
            ("body", watch.body, text),
            *headers,
            ("attachment", watch.attachment, mail.attachments),
        ],
    )
    if not isinstance(watch, MailWatch):
        return
    if watch.resolves is not None or watch.resolves_body is not None:
        yield "resolve", [*who, ("subject", watch.resolves, subject), ("body", watch.resolves_body, text)]
    if watch.ignores is not None:
        yield "ignore", [*who, ("subject", watch.ignores, subject)]


def _address(written: str | None) -> str | None:
    return None if written is None else _WHOLE + written.lower()


_WHOLE = "="
"""Before an address: it is compared whole, or by its domain where it begins with @."""


def _asked(conditions: list[Condition], *, ignore_case: bool) -> tuple[dict[str, str] | None, str]:
    groups: dict[str, str] = {}
    said = []
    for field, pattern, values in conditions:
        if pattern is None:
            continue
        if pattern.startswith(_WHOLE) and field in {"sender", "recipient"}:
            if not any(_is(pattern[1:], value) for value in values):
                return None, f"its {field} is {', '.join(values)[:100] or 'nobody'}, not {pattern[1:]}"
            continue
        for value in values:
            found = find(pattern, value, ignore_case=ignore_case)
            if found is not None:
                groups |= found.groups
                said.append(f"{field} '{pattern}' found {found.text[:80]!r}")
                break
        else:
            return None, f"{field} '{pattern}' found nothing" + (
                f" in {values[0][:80]!r}" if values and field != "body" else ""
            )
    return groups, "; ".join(said)


def _is(wanted: str, address: str) -> bool:
    return address.endswith(wanted) if wanted.startswith("@") else address == wanted
