"""One name that two business dates wait for: a date some business days away is the same on a Sunday and a Monday."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from vigie.core.expectation import expected_of
from vigie.core.file_name import date_fields
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import Occurrence
from vigie.core.site import Site
from vigie.core.working_days import WorkingDays

_FIRST = date(2026, 1, 1)
_DAYS = 366


def shared_name(watch: FileWatch, sites: Iterable[Site], days: WorkingDays) -> tuple[Occurrence, Occurrence] | None:
    """The first two occurrences of different dates that one file would end both of; None where each has its own.

    A year is asked, for one site of each place. Names that come again by the way they are written are another matter
    (`recurring_name`), and so is a watch with a ``max_age``: there the file's own time says whose it is.
    """
    if watch.max_age is not None or not any(field.business for field in date_fields(watch.path)):
        return None
    for site in {days.place_of(site): site for site in sites}.values():
        known: dict[str, Occurrence] = {}
        for number in range(_DAYS):
            for each in expected_of(watch, site, _FIRST + timedelta(days=number), days):
                if each.status == "waived":
                    continue
                before = known.setdefault(each.path, each)
                if before.business_date != each.business_date:
                    return before, each
    return None
