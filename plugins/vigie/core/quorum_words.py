"""What is said of OK mails: how many came, which are missing, and since when they are all there."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from pydantic import JsonValue

from vigie.core.missing_mail import MissingMailWatch
from vigie.core.occurrence import RULE, Occurrence
from vigie.core.signal import Event, Signal
from vigie.core.zone import ZoneInfo

_NAMED = 10
"""So many names stand in a title; the message has them all."""


def signal_of(watch: MissingMailWatch, before: Occurrence | None, after: Occurrence, now: datetime) -> Signal | None:
    """What has to be said of an occurrence that was so and is so now; one incident per business date."""
    was, is_ = before is not None and before.status == "missing", after.status == "missing"
    if not was and not is_:
        return None
    if was and is_ and before is not None and (before.arrivals, before.labels) == (after.arrivals, after.labels):
        return None
    event: Event = "resolve" if not is_ and watch.ends_by_itself else "update" if was else "trigger"
    # What has come only grows under one rule, so its digest names this signal once, whoever looks, at whatever time.
    came = sorted(f"{name} {at.astimezone(UTC).isoformat()}" for name, at in after.arrivals.items())
    state = f"{after.labels.get(RULE)} {after.status} {came}"
    day = after.business_date.isoformat()
    return watch.signal(
        event,
        dedup_key=day,
        key=f"{watch.id}|mails|{day}|{event}|{hashlib.sha256(state.encode()).hexdigest()[:32]}",
        seen_at=now,
        title=_title(watch, after),
        facts=facts_of(watch, after),
    )


def progress(watch: MissingMailWatch, occurrence: Occurrence) -> str:
    """How far it is: ``3 of 5 mails came; missing: vm4, vm5``."""
    came, needed = len(occurrence.arrivals), watch.needed
    said = f"{came} of {needed} mail{'s' if needed > 1 else ''} came"
    if came >= needed:
        return said
    names = lacking(watch, occurrence)
    if not names:
        return f"{said}; missing: {needed - came} more"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{said}; missing: {', '.join(names[:_NAMED])}{more}"


def lacking(watch: MissingMailWatch, occurrence: Occurrence) -> list[str]:
    """The names that have not come; empty where nobody wrote the names."""
    return [name for name in map(watch.spelt, watch.expect or ()) if name not in occurrence.arrivals]


def facts_of(watch: MissingMailWatch, occurrence: Occurrence) -> dict[str, JsonValue]:
    """What a template may use of it."""

    def clock(at: datetime) -> str:
        return at.astimezone(ZoneInfo(watch.zone)).strftime("%H:%M")

    came: list[JsonValue] = []
    if watch.distinct_by is not None:
        in_order = sorted(occurrence.arrivals.items(), key=lambda each: (each[1], each[0]))
        came = [{"name": name, "at": clock(at)} for name, at in in_order]
    return {
        "expected": watch.needed,
        "arrived": len(occurrence.arrivals),
        "missing": [{"name": name} for name in lacking(watch, occurrence)],
        "came": came,
        "due": clock(occurrence.due),
        "business_date": occurrence.business_date.isoformat(),
        "mailbox": watch.source,
    }


def _title(watch: MissingMailWatch, occurrence: Occurrence) -> str:
    day = occurrence.business_date
    if occurrence.status != "missing":
        said = f"All {watch.needed} mails have come ({day})" if watch.needed > 1 else f"The mail has come ({day})"
        return said if watch.ends_by_itself else f"{said}; nobody proves who sent it: end the incident by hand"
    if watch.needed == 1:
        return f"The mail expected by {facts_of(watch, occurrence)['due']} has not come ({day})"
    return f"{progress(watch, occurrence)} ({day})"
