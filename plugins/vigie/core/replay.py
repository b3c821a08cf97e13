"""A log of arrivals, judged as a watch would have judged it then: what would have been told, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from vigie.core.expectation import LATE_FOR, expected_of, judge
from vigie.core.file_name import folder_and_name
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import FileSeen, Occurrence
from vigie.core.signal import Signal
from vigie.core.site import Site
from vigie.core.working_days import EVERY_DAY, WorkingDays

JUST_AFTER = timedelta(milliseconds=200)
"""So long after a deadline a watch looks (``expectation.next_look``)."""


class Arrival(NamedTuple):
    """One row of a log: a file, and when it was there (UTC; None: it never came). ``line`` is where it is written."""

    business_date: date
    name: str
    at: datetime | None
    line: int


class Replayed(NamedTuple):
    """How each occurrence ended, what would have been told when, and the arrivals that no occurrence expects."""

    occurrences: tuple[Occurrence, ...]
    told: tuple[Signal, ...]
    unexpected: tuple[Arrival, ...]

    def count(self, *statuses: str) -> int:
        """How many occurrences ended so."""
        return sum(each.status in statuses for each in self.occurrences)


def replay(
    watch: FileWatch, sites: Sequence[Site], arrivals: Sequence[Arrival], days: WorkingDays = EVERY_DAY
) -> Replayed:
    """Judge every business date from the first to the last of the log.

    The judge is the watch's own. It is asked at the moments at which a watch would have something to say: just after
    each deadline, when a set may be in jeopardy, and when a file that came late has stayed the same for long enough.
    """
    dates = [arrival.business_date for arrival in arrivals]
    every_day = [min(dates) + timedelta(days=n) for n in range((max(dates) - min(dates)).days + 1)] if dates else []
    expected = [each for day in every_day for site in sites for each in expected_of(watch, site, day, days)]
    place = _places(expected)
    placed = [(arrival, place(arrival.name)) for arrival in arrivals if arrival.at]
    came = sorted((arrival.at, where) for arrival, where in placed if arrival.at and where)
    by_code = {site.code: site for site in sites}
    known = {each.key: each for each in expected}
    waiting = sorted(expected, key=lambda each: each.window_open, reverse=True)
    is_open: list[str] = []
    seen: dict[str, dict[str, FileSeen]] = {}
    told: list[Signal] = []
    number = 0
    for now in _moments(watch, expected, came):
        while waiting and waiting[-1].window_open <= now:
            is_open.append(waiting.pop().key)
        while number < len(came) and came[number][0] <= now:
            at, (folder, name) = came[number]
            seen.setdefault(folder, {})[name] = _file(watch, name, at)
            number += 1
        is_open = [key for key in is_open if now <= known[key].deadline + LATE_FOR]
        verdict = judge(watch, [known[key] for key in is_open], seen, now, by_code)
        known |= {each.key: each for each in verdict.changed}
        told += verdict.signals
    unexpected = tuple(arrival for arrival, where in placed if where is None)
    return Replayed(tuple(known.values()), tuple(told), unexpected)


def _file(watch: FileWatch, name: str, at: datetime) -> FileSeen:
    return FileSeen(name=name, size=watch.min_size, modified_at=at, unchanged_since=at, seen_at=at)


def _moments(
    watch: FileWatch, expected: Iterable[Occurrence], came: Iterable[tuple[datetime, tuple[str, str]]]
) -> list[datetime]:
    """When to look, each instant once. A file whole before its deadline needs no look, but where it ends a warning."""
    moments = set()
    deadlines = {}
    for occurrence in expected:
        if occurrence.status == "pending":
            deadlines[folder_and_name(occurrence.path)] = occurrence.deadline
            moments.add(occurrence.deadline + JUST_AFTER)
            if watch.jeopardy:
                moments.add(occurrence.deadline - watch.jeopardy)
    for at, where in came:
        whole = at + watch.stable_for
        if watch.jeopardy or where not in deadlines or whole > deadlines[where]:
            moments.add(whole)
    return sorted(moments)


def _places(expected: Iterable[Occurrence]) -> Callable[[str], tuple[str, str] | None]:
    """Where a file of the log lay: its own folder, or, where the log has bare names, that of what expects it."""
    exact: dict[str, str] = {}
    masks: dict[str, set[tuple[str, str]]] = {}
    for occurrence in expected:
        folder, name = folder_and_name(occurrence.path)
        head, star, tail = name.partition("*")
        if star:
            masks.setdefault(head, set()).add((tail.rpartition("*")[2], folder))
        else:
            exact[name] = folder
    lengths = sorted({len(head) for head in masks}, reverse=True)

    def place(written: str) -> tuple[str, str] | None:
        folder, name = folder_and_name(written)
        named = "/" in written
        if name in exact and (not named or folder == exact[name]):
            return exact[name], name
        for length in lengths:
            for tail, where in masks.get(name[:length], ()):
                if name.endswith(tail) and (not named or folder == where):
                    return where, name
        return None

    return place
