"""The judge of a mail: it triggers this watch, resolves it, or is none of its business."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from vigie.core.mail import Mail
from vigie.core.mail_key import dedup_key
from vigie.core.mail_rule import weigh
from vigie.core.pattern import group_names, matching_everything
from vigie.core.signal import Signal
from vigie.core.unless import wrong_exceptions
from vigie.core.watch import MailWatch
from vigie.core.withheld import trusted


def judge(watch: MailWatch, mail: Mail, now: datetime, *, junk: str = "") -> Signal | None:
    """What this mail says to this watch, or None. Failure is asked before success. ``now`` is UTC.

    Its facts are the named groups and ``mail`` (subject, sender, message_id; of a doubtful KO ``doubts``: why it may be a
    bounce or an automatic answer, sentences; of one that lay in the junk folder ``junk``: that folder's name). There an
    OK ends nothing: whatever forges it is put there.
    """
    weighed = weigh(watch, mail)
    if junk and weighed.event != "trigger":
        return None
    if weighed.event not in {"trigger", "resolve"} or (weighed.event == "resolve" and not weighed.ends):
        return None  # it is none of this watch's, or one that it ignores, or an OK that is unproved
    doubts = () if trusted(watch, mail) else mail.doubts[:10]
    facts: dict[str, JsonValue] = {
        **{name: value[:500] for name, value in weighed.groups.items()},
        "mail": {
            "subject": mail.subject[:500],
            "sender": mail.sender[:200],
            "message_id": mail.message_id[:300],
            **({"doubts": [each[:300] for each in doubts]} if weighed.event == "trigger" and doubts else {}),
            **({"junk": junk[:200]} if junk else {}),
        },
    }
    return watch.signal(
        weighed.event,
        dedup_key=dedup_key(watch, mail, weighed.groups),
        key=f"{watch.id}|mail|{mail.identity}",
        seen_at=now,
        title=mail.subject[:200] or "(no subject)",
        facts=facts,
    )


def problems_of(watch: MailWatch) -> list[str]:
    """What is wrong with the rule itself, as sentences: no pattern, one that anything fills, a key that none does."""
    trigger = watch.patterns
    resolve = {"resolves": watch.resolves, "resolves_body": watch.resolves_body}
    found = []
    if not trigger:
        found.append(f"{watch.task_id}: a KoMail needs subject= or body=, a pattern that tells a KO from other mail.")
    found += matching_everything(watch.task_id, {**trigger, **resolve, "ignores": watch.ignores})
    found += wrong_exceptions(watch.task_id, "unless", watch.unless, trigger)
    found += wrong_exceptions(watch.task_id, "resolves_unless", watch.resolves_unless, resolve)
    if watch.resolves_unless and watch.resolves is None and watch.resolves_body is None:
        found.append(
            f"{watch.task_id}: resolves_unless takes back what resolves= or resolves_body= finds; none is written."
        )
    if watch.authenticated_by and watch.resolves is None and watch.resolves_body is None:
        found.append(f"{watch.task_id}: authenticated_by is asked of an OK; write resolves= or resolves_body= with it.")
    if watch.dedup_key is not None:
        found += _unfilled(watch, watch.dedup_key, "subject", trigger) + _unfilled(
            watch, watch.dedup_key, "resolves", resolve
        )
    return found


def _unfilled(watch: MailWatch, key: str, word: str, patterns: Mapping[str, str | None]) -> list[str]:
    written = [pattern for pattern in patterns.values() if pattern is not None]
    offered = frozenset().union(*(group_names(pattern) for pattern in written))
    wanted = frozenset(piece.partition("}")[0] for piece in key.split("{")[1:])
    return [
        f"{watch.task_id}: dedup_key names {{{name}}}, which no (?P<{name}>…) of {word} fills."
        for name in sorted(wanted - offered)
        if written
    ]
