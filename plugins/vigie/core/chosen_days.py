"""The days of a weekly or monthly file: ``mon``, ``mon-fri``, ``15``, ``last`` (of the month)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from vigie.core.business_calendar import WEEKDAYS, Weekday

LAST = "last"
_RANGE = re.compile(r"([a-z]{3})-([a-z]{3})", re.ASCII)
_NUMBER = re.compile(r"[1-9]|[12]\d|3[01]", re.ASCII)


class ChosenDays(NamedTuple):
    """Business dates that have something at all; none named: every date has. ``numbers`` are days of the month."""

    weekdays: frozenset[Weekday] = frozenset()
    numbers: frozenset[int] = frozenset()
    last: bool = False

    def hold(self, day: date) -> bool:
        """Whether this is one of them. There is no 31st in a month of thirty days, and nothing in its place."""
        if not any(self):
            return True
        is_last = self.last and (day + timedelta(days=1)).day == 1
        return is_last or day.day in self.numbers or WEEKDAYS[day.weekday()] in self.weekdays

    @property
    def furthest(self) -> timedelta:
        """So far apart are two of them at most: from one 31st to the next it may be two months."""
        if not any(self):
            return timedelta(days=1)
        return timedelta(days=7 if self.weekdays else 62)


EVERY_DATE = ChosenDays()


def written_days(written: object) -> tuple[str, ...]:
    """What an author wrote, one name or number or a list of them, as plain names; ranges are spelt out."""
    found: dict[str, None] = {}
    for each in written if isinstance(written, (list, tuple)) else [written]:
        text = str(each) if isinstance(each, int) and not isinstance(each, bool) else each
        names = _names(text) if isinstance(text, str) else ()
        if not names:
            raise ValueError(f"write 'mon', 'mon-fri', ['mon', 'thu'], 15, [1, 15] or 'last' (found {each!r})")
        found |= dict.fromkeys(names)
    return tuple(found)


def _names(text: str) -> tuple[str, ...]:
    if text in WEEKDAYS or text == LAST or _NUMBER.fullmatch(text):
        return (text,)
    span = _RANGE.fullmatch(text)
    if span is None or not {*span.groups()} <= {*WEEKDAYS}:
        return ()
    order: list[str] = list(WEEKDAYS)
    first, last = map(order.index, span.groups())
    return tuple(order[(first + step) % 7] for step in range((last - first) % 7 + 1))


@lru_cache(maxsize=1024)
def chosen_days(names: tuple[str, ...]) -> ChosenDays:
    """The days of these names, as ``written_days`` gives them."""
    return ChosenDays(
        frozenset(day for day in WEEKDAYS if day in names),
        frozenset(int(name) for name in names if name.isdigit()),
        LAST in names,
    )
