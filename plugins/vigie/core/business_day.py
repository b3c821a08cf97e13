"""Business days: what a calendar says of a day, and a date some business days away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Protocol

_FURTHEST = 400
"""Calendar days within which a business day must be found; a calendar without any is a mistake of its author's."""


class BusinessDays(Protocol):
    """The days on which a site works."""

    def is_business_day(self, day: date) -> bool:
        """Whether the site works on this day."""


class MondayToFriday:
    """Where a client has no calendar."""

    def is_business_day(self, day: date) -> bool:
        """Whether it is none of Saturday and Sunday."""
        return day.weekday() < 5


MONDAY_TO_FRIDAY = MondayToFriday()


def business_days_away(day: date, number: int, calendar: BusinessDays) -> date:
    """The date so many business days after ``day``, or before it where the number is negative; never ``day`` itself."""
    step = timedelta(days=1 if number > 0 else -1)
    left, reached = abs(number), day
    for _ in range(_FURTHEST * max(1, left)):
        if not left:
            return reached
        reached += step
        left -= calendar.is_business_day(reached)
    raise ValueError(f"the calendar has no business day within {_FURTHEST} days of {day}")
