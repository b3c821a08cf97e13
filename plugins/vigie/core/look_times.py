"""When folders are looked at, and so how long a file has to lie in them to be seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from vigie.core.duration import format_duration
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import Occurrence
from vigie.core.window import window
from vigie.core.zone import ZoneInfo

SELDOM = timedelta(minutes=5)
"""How long a look waits for the next one at most."""

OFTEN = timedelta(seconds=2)
"""The time between two looks at a deadline."""

AT_ONCE = timedelta(seconds=1)
"""The time between two looks at what is taken at once."""

LATE_FILES = timedelta(days=1)
"""So long after its deadline what is missing, and would be taken at once, is looked for as often as before."""

JUST_AFTER = timedelta(milliseconds=200)


def next_look(watch: FileWatch, occurrences: Iterable[Occurrence], now: datetime) -> datetime:
    """When to look again: often while something is about to be due or is missing, seldom far from it."""
    soonest = now + SELDOM
    for occurrence in occurrences:
        if occurrence.status not in {"pending", "missing"}:
            continue
        if watch.taken and now <= occurrence.deadline + LATE_FILES:
            return now + AT_ONCE
        away = abs(occurrence.deadline - now)
        soonest = min(soonest, now + max(OFTEN, min(away / 10, SELDOM)))
        for moment in (occurrence.deadline, occurrence.deadline - (watch.jeopardy or timedelta(0))):
            if now < moment:
                soonest = min(soonest, moment + JUST_AFTER)
    return soonest


def next_opening(watch: FileWatch, zones: Iterable[str], now: datetime) -> datetime | None:
    """When the next window opens of a watch whose files are taken at once (UTC); None where none does soon."""
    if not watch.taken:
        return None
    soon = now + 2 * SELDOM
    opens = [
        found.opens
        for zone in zones
        for day in _days_about(now.astimezone(ZoneInfo(zone)).date())
        for at in watch.times
        if now < (found := window(day, opens=at.opens, due=at.due, grace=watch.grace, zone=zone)).opens <= soon
    ]
    return min(opens, default=None)


def _days_about(today: date) -> Sequence[date]:
    """A window opens up to two days before or after its business date."""
    return [today + timedelta(days=away) for away in range(-2, 3)]


def has_to_lie(watch: FileWatch) -> timedelta:
    """How long a file has to lie in one of its places, while its window is open, so that a look surely counts it.

    A look may begin just before the file comes. Where ``gone`` is *missing* a later one must find it unchanged.
    """
    pause = AT_ONCE if watch.taken else SELDOM
    if watch.gone == "arrived":
        return max(pause, OFTEN)
    looks = -(-watch.stable_for // pause)
    return pause * (1 + max(looks, 1)) if watch.stable_for else max(pause, OFTEN)


def said_to_lie(watch: FileWatch) -> tuple[str, str]:
    """How long a file has to lie, as its author is told, and what to write where it does not lie so long."""
    number = len(watch.places)
    where = "" if number == 1 else f" in one of its {number} places"
    said = f"{watch.task_id}: a file has to lie {format_duration(has_to_lie(watch))}{where} to be seen."
    wanted = []
    if not watch.taken:
        wanted.append("taken=True")
    if watch.gone == "missing":
        wanted.append("gone='arrived'")
    if number == 1:
        wanted.append("path=['inbox/…', 'archive/…']")
    return said, f"Where its consumer takes it sooner, write {' or '.join(wanted)}." if wanted else ""
