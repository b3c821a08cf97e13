from __future__ import annotations

from datetime import date

import pytest

from vigie.core.business_day import MONDAY_TO_FRIDAY, business_days_away

FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)


class Never:
    def is_business_day(self, day: date) -> bool:
        return False


@pytest.mark.parametrize(
    ("day", "number", "reached"),
    [
        (MONDAY, -1, FRIDAY),
        (SATURDAY, -1, FRIDAY),
        (FRIDAY, 1, MONDAY),
        (SATURDAY, 1, MONDAY),
        (MONDAY, -5, date(2026, 11, 16)),
        (MONDAY, -260, date(2025, 11, 24)),
        (MONDAY, 0, MONDAY),
    ],
)
def test_a_business_day_some_days_away(day: date, number: int, reached: date):
    assert business_days_away(day, number, MONDAY_TO_FRIDAY) == reached


def test_a_client_without_a_calendar_works_from_monday_to_friday():
    assert [MONDAY_TO_FRIDAY.is_business_day(day) for day in (FRIDAY, SATURDAY, MONDAY)] == [True, False, True]


def test_a_calendar_without_a_business_day_is_refused():
    with pytest.raises(ValueError, match="the calendar has no business day within 400 days of 2026-11-23"):
        business_days_away(MONDAY, -1, Never())
