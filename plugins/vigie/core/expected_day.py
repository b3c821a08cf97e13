"""What is expected on a day, and gathered: one line for all sites that share a window and a fate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from vigie.core.expectation import expected_of
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import Occurrence
from vigie.core.site import Site
from vigie.core.working_days import EVERY_DAY, WorkingDays
from vigie.core.zone import ZoneInfo


def expected_on(watch: FileWatch, sites: Iterable[Site], day: date, days: WorkingDays = EVERY_DAY) -> list[Occurrence]:
    """The occurrences of a business date, and those that a holiday moved to this day. The day is the sites' own."""
    found = []
    for site in sites:
        moved = (each for each, _ in days.due_on(day, watch.shift_policy, days.place_of(site), watch.chosen))
        for business_date in sorted({day, *moved}):
            found += expected_of(watch, site, business_date, days)
    return found


class Gathered(NamedTuple):
    """Occurrences that share business date, window, status and reason, in zones whose clocks show the same."""

    zones: tuple[str, ...]
    occurrences: tuple[Occurrence, ...]

    @property
    def first(self) -> Occurrence:
        """One of them; the others differ by site only."""
        return self.occurrences[0]


def gathered(occurrences: Iterable[Occurrence], zones: Mapping[str, str]) -> list[Gathered]:
    """The occurrences of a watch as few lines, in the order in which they are due; ``zones`` by the sites' codes."""
    lines: dict[tuple[object, ...], list[Occurrence]] = {}
    for one in occurrences:
        offset = one.due.astimezone(ZoneInfo(zones.get(one.site, "UTC"))).utcoffset()
        line = (one.deadline, one.due, one.window_open, offset, one.when, one.status, one.reason)
        lines.setdefault(line, []).append(one)
    ordered = sorted(lines.values(), key=lambda members: (members[0].deadline, members[0].when, members[0].site))
    return [
        Gathered(tuple(sorted({zones.get(one.site, "UTC") for one in members})), tuple(members)) for members in ordered
    ]
