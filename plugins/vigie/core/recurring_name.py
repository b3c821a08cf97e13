"""A name that comes again: two business dates write it alike, so that an old file would be the new one's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from vigie.core.chosen_days import ChosenDays
from vigie.core.date_format import tells_days_apart
from vigie.core.file_name import DateField, date_fields

_SPAN = (date(2026, 1, 1), date(2038, 12, 31))
"""In twelve years every date of the year falls on every day of the week, and there are years of 53 weeks."""


class Recurrence(NamedTuple):
    """The two nearest business dates of one name, and what both write; ``text`` is empty where the path has no date."""

    first: date
    second: date
    text: str

    @property
    def after(self) -> timedelta:
        """How long the name is that of one date only."""
        return self.second - self.first


@lru_cache(maxsize=1024)
def recurrence(template: str, chosen: ChosenDays) -> Recurrence | None:
    """When the name of a path comes again, for the days that have a file; None where every date has its own.

    Dates some business days away are taken for the date itself: on a Sunday and a Monday they are the same file.
    """
    fields = date_fields(template)
    if any(not field.business and tells_days_apart(field.written) for field in fields):
        return None
    if fields and all(tells_days_apart(field.written) for field in fields):
        return None
    nearest: Recurrence | None = None
    last: dict[str, date] = {}
    for day in _days(chosen):
        text = " ".join(_text(field, day) for field in fields)
        before = last.get(text)
        if before is not None and (nearest is None or day - before < nearest.after):
            nearest = Recurrence(before, day, text)
            if nearest.after == timedelta(days=1):
                break
        last[text] = day
    return nearest


def _days(chosen: ChosenDays) -> Iterator[date]:
    day, last = _SPAN
    while day <= last:
        if chosen.hold(day):
            yield day
        day += timedelta(days=1)


def _text(field: DateField, day: date) -> str:
    return (day + timedelta(days=0 if field.business else field.days)).strftime(field.written)
