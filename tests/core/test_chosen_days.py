from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from vigie.core.chosen_days import EVERY_DATE, chosen_days, written_days


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("mon", ("mon",)),
        ("mon-wed", ("mon", "tue", "wed")),
        ("sat-mon", ("sat", "sun", "mon")),
        ("mon-sun", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
        ("sun-sun", ("sun",)),
        (["thu", "mon", "mon"], ("thu", "mon")),
        (15, ("15",)),
        (["1", 15, "last"], ("1", "15", "last")),
    ],
)
def test_days_as_an_author_writes_them(written: object, names: tuple[str, ...]):
    assert written_days(written) == names
    assert written_days(names) == names


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("monday", "monday"), ("Mon", "Mon"), ("mon-", "mon-"), ("mon-foo", "mon-foo"), (0, 0), (32, 32), ("01", "01"),
        (["mon", None], None), (True, True), ("", ""), (1.5, 1.5),
    ],
)  # fmt: skip
def test_what_is_no_day_is_told_with_what_to_write(written: object, found: object):
    with pytest.raises(ValueError, match="write 'mon'") as refused:
        written_days(written)
    assert str(refused.value) == f"write 'mon', 'mon-fri', ['mon', 'thu'], 15, [1, 15] or 'last' (found {found!r})"


@pytest.mark.parametrize(
    ("names", "leap", "plain"),
    [
        (("mon",), "05 12 19 26", "01 08 15 22"),
        (("29", "31"), "29", ""),
        (("last",), "29", "28"),
        (("1", "sun"), "01 04 11 18 25", "01 07 14 21 28"),
    ],
)
def test_which_days_of_a_february_they_are(names: tuple[str, ...], leap: str, plain: str):
    """That of 2024 begins on a Thursday and has 29 days, that of 2027 on a Monday and has 28."""
    for year, held in ((2024, leap), (2027, plain)):
        days = (date(year, 1, 31) + timedelta(days=number) for number in range(31))
        assert [f"{day:%d}" for day in days if day.month == 2 and chosen_days(names).hold(day)] == held.split()


@pytest.mark.parametrize("names", [(), ("mon",), ("mon", "fri"), ("31",), ("1", "15"), ("last",)])
def test_no_two_are_further_apart_than_they_say(names: tuple[str, ...]):
    chosen = chosen_days(names)
    held = [day for day in (date(2023, 12, 31) + timedelta(days=n) for n in range(1200)) if chosen.hold(day)]
    assert max(after - before for before, after in pairwise(held)) <= chosen.furthest


def test_none_chosen_is_every_date():
    assert chosen_days(()) == EVERY_DATE
    assert EVERY_DATE.hold(date(2026, 11, 29))
