"""Two business dates that wait for one file."""

from __future__ import annotations

import pytest
from tests.core.files import store, watch

from vigie.core.business_calendar import Calendar
from vigie.core.shared_name import shared_name
from vigie.core.working_days import EVERY_DAY, WorkingDays

BEFORE = "out/P_{site.code}_{business_date - 1 business day:%Y%m%d}.csv"
WEEK = WorkingDays(Calendar(name="week", works=("mon", "tue", "wed", "thu", "fri"), holidays=("FR",)))
ALWAYS = WorkingDays(Calendar(name="always", works=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), holidays=()))


@pytest.mark.parametrize(
    ("rule", "days", "two"),
    [
        ({}, EVERY_DAY, ("2026-01-03", "2026-01-04")),  # Friday's, on Saturday and on Sunday
        ({"days": ["sat", "mon"]}, EVERY_DAY, ("2026-01-03", "2026-01-05")),
        ({"days": "mon-fri"}, EVERY_DAY, None),
        ({"days": ["sat"]}, EVERY_DAY, None),
        ({"max_age": "12 h"}, EVERY_DAY, None),
        ({}, WEEK, None),
        ({}, ALWAYS, None),
        ({"shift_policy": "still_expected"}, WEEK, ("2026-01-01", "2026-01-02")),  # a holiday that has a file
        ({"shift_policy": "next_business_day"}, WEEK, ("2026-01-01", "2026-01-02")),
        ({"path": BEFORE.replace(".csv", "_{business_date:%Y%m%d}.csv")}, EVERY_DAY, None),
        ({"path": "out/P_{site.code}_{business_date:%Y%m%d}.csv"}, EVERY_DAY, None),
        ({"path": BEFORE.replace("business day:", "day:")}, EVERY_DAY, None),
    ],
)
def test_two_dates_that_wait_for_one_file(rule: dict[str, object], days: WorkingDays, two: tuple[str, str] | None):
    site = store(1).model_copy(update={"country": "FR"})
    found = shared_name(watch(**{"path": BEFORE, **rule}), [site], days)
    assert (found and tuple(each.business_date.isoformat() for each in found)) == two
    if found:
        assert found[0].path == found[1].path


def test_each_slot_has_its_own():
    rule = watch(
        path=BEFORE.replace(".csv", "_{slot}.csv"), due=None, slots={"06": "06:30", "12": "12:30"}, days="mon-fri"
    )
    assert shared_name(rule, [store(1)], EVERY_DAY) is None
