"""What a replay says beside its figures: days at the ends of its log, and names that are nearly right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from vigie.core.expectation import expected_of
from vigie.core.expected_names import ExpectedNames
from vigie.core.file_name import folder_and_name
from vigie.core.file_watch import FileWatch
from vigie.core.near_miss import SAID, NearNames
from vigie.core.occurrence import Occurrence
from vigie.core.replay import Arrival, Replayed, bare
from vigie.core.site import Site
from vigie.core.working_days import WorkingDays

BEYOND = timedelta(days=35)
"""How far before and behind the days of a log it is asked whether a name is that of another day."""

_EXPLAINED = 200


def why_unexpected(watch: FileWatch, sites: Sequence[Site], days: WorkingDays, found: Replayed) -> dict[Arrival, str]:
    """Of arrivals that nobody expects, what may explain them: the date behind the end of the log, or a near name."""
    asked = found.unexpected[:_EXPLAINED]
    if not asked:
        return {}
    dates = [each.business_date for each in found.occurrences] or [each.business_date for each in asked]
    first, last = min(dates), max(dates)
    beside = [first - timedelta(days=n) for n in range(1, BEYOND.days + 1)]
    beside += [last + timedelta(days=n) for n in range(1, BEYOND.days + 1)]
    others = {each.key: each for day in beside for site in sites for each in expected_of(watch, site, day, days)}
    names = ExpectedNames(map(bare, others.values()), ignore_case=watch.ignore_case)
    why: dict[Arrival, str] = {}
    for arrival in asked:
        name = folder_and_name(arrival.name)[1]
        keys = names.owners(".", name)
        if keys:
            day = others[keys[0]].business_date
            side = "begins" if day < first else "ends"
            why[arrival] = f"it is that of {day}, and the log {side} on {first if day < first else last}"
        elif nearly := _nearly(
            name, [each for each in found.occurrences if each.business_date == arrival.business_date]
        ):
            why[arrival] = nearly
    return why


def _nearly(name: str, occurrences: Iterable[Occurrence]) -> str:
    near = NearNames([name])
    for each in occurrences:
        for path in each.places:
            expected = folder_and_name(path)[1]
            for what in near.near(expected).values():
                return f"nearly '{expected}': {SAID[what]}"
    return ""


def log_ends_early(found: Replayed, arrivals: Sequence[Arrival]) -> list[Occurrence]:
    """Files that count as missing though the log may end before they came: their deadline is behind its last arrival.

    A row without a time says that a file never came, and is believed.
    """
    came = [each.at for each in arrivals if each.at]
    if not came:
        return []
    told = {(each.business_date, folder_and_name(each.name)[1]) for each in arrivals if each.at is None}
    return [
        each
        for each in found.occurrences
        if each.status == "missing"
        and each.deadline > max(came)
        and not any((each.business_date, folder_and_name(path)[1]) in told for path in each.places)
    ]
