"""The judge of a mail: it triggers this watch, resolves it, or is none of its business."""

from __future__ import annotations

import re
from datetime import datetime

from pydantic import JsonValue

from vigie.core.mail import Mail, normalised_subject
from vigie.core.pattern import group_names, search
from vigie.core.signal import Signal
from vigie.core.watch import MailWatch

NEVER_A_KO = frozenset({"auto_replied", "dsn_failed", "dsn_delayed", "mdn", "own_loop"})
"""Origins that quote others' words: a bounce of a KO is not a KO."""


def judge(watch: MailWatch, mail: Mail, now: datetime) -> Signal | None:
    """What this mail says to this watch, or None. Failure is asked before success. ``now`` is UTC."""
    if mail.origin in NEVER_A_KO or (watch.sender and watch.sender.lower() != mail.sender):
        return None
    groups = _matched(watch, mail)
    if groups is not None:
        return _signal(watch, mail, now, "trigger", groups)
    if watch.resolves is not None:
        groups = search(watch.resolves, mail.subject, ignore_case=watch.ignore_case)
        if groups is not None:
            return _signal(watch, mail, now, "resolve", groups)
    return None


def problems_of(watch: MailWatch) -> list[str]:
    """What is wrong with the rule itself, as sentences: a key that its patterns cannot fill, a rule without any."""
    found = []
    if watch.subject is None and watch.body is None:
        found.append(f"{watch.task_id}: a KoMail needs subject= or body=, a pattern that tells a KO from other mail.")
    if watch.dedup_key is None:
        return found
    wanted = _fields(watch.dedup_key)
    for word, patterns in (("subject", (watch.subject, watch.body)), ("resolves", (watch.resolves,))):
        written = [pattern for pattern in patterns if pattern is not None]
        offered = frozenset().union(*(group_names(pattern) for pattern in written))
        found.extend(
            f"{watch.task_id}: dedup_key names {{{name}}}, which no (?P<{name}>…) of {word} fills."
            for name in sorted(wanted - offered)
            if written
        )
    return found


def _matched(watch: MailWatch, mail: Mail) -> dict[str, str] | None:
    groups: dict[str, str] = {}
    for pattern, text in ((watch.subject, mail.subject), (watch.body, mail.text)):
        if pattern is None:
            continue
        found = search(pattern, text, ignore_case=watch.ignore_case)
        if found is None:
            return None
        groups |= found
    return groups


def _fields(dedup_key: str) -> frozenset[str]:
    return frozenset(piece.partition("}")[0] for piece in dedup_key.split("{")[1:])


def _filled(dedup_key: str, groups: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda field: groups.get(field[1], ""), dedup_key)


def _signal(watch: MailWatch, mail: Mail, now: datetime, event: str, groups: dict[str, str]) -> Signal:
    key = _filled(watch.dedup_key, groups) if watch.dedup_key else normalised_subject(mail.subject)
    facts: dict[str, JsonValue] = {
        **{name: value[:500] for name, value in groups.items()},
        "mail": {"subject": mail.subject[:500], "sender": mail.sender[:200], "message_id": mail.message_id[:300]},
    }
    return Signal(
        event="trigger" if event == "trigger" else "resolve",
        client=watch.client,
        flux=watch.flux,
        watch=watch.id,
        dedup_key=key[:200],
        key=f"{watch.id}|mail|{mail.identity}",
        seen_at=now,
        title=mail.subject[:200] or "(no subject)",
        severity=watch.respond.severity,
        template=watch.respond.template,
        procedure=watch.respond.procedure,
        facts=facts,
    )
