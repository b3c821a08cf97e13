"""Nights on which the clocks show the time at which files are due twice, or never: what is taken then is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta

from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import Occurrence
from vigie.core.site import Site
from vigie.core.wall_clock import WallClock
from vigie.core.window import shown
from vigie.core.zone import ZoneInfo


def clock_changes(watch: FileWatch, sites: Iterable[Site], occurrences: Iterable[Occurrence]) -> Iterator[str]:
    """A sentence for each business date and zone of which the clocks show a ``due`` of the rule twice or never."""
    zones = {site.code: site.zone for site in sites}
    for day, zone in sorted(
        {(each.business_date, zones[each.site]) for each in occurrences if each.status != "waived"}
    ):
        for at in watch.times:
            wall = datetime.combine(day, time()) + timedelta(seconds=at.due.seconds)
            if said := _change(at.due, wall, zone):
                yield said


def _change(due: WallClock, wall: datetime, zone: str) -> str:
    known = ZoneInfo(zone)
    how_often = shown(wall, known)
    if how_often == "twice":
        return f"due {due} comes twice on {wall:%Y-%m-%d} in {zone}: the first counts"
    if how_often == "never":
        later = wall.replace(tzinfo=known).astimezone(UTC).astimezone(known)
        return f"due {due} never is on {wall:%Y-%m-%d} in {zone}: {later:%H:%M} counts"
    return ""
