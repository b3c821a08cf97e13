from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import ValidationError
from tests.core.files import DAY, DUE, HOUR, MINUTE, Looks, said, store, watch

from vigie.core.chosen_days import EVERY_DATE, chosen_days
from vigie.core.recurring_name import recurrence

CLIENT = store(0).model_copy(update={"code": "acme"})


def refusal(**rule: object) -> str:
    with pytest.raises(ValidationError) as refused:
        watch(**rule)
    return str(refused.value.errors()[0]["msg"]).removeprefix("Value error, ")


ALIKE = (
    "the path writes {} and {} alike, '{}', so an old file would be the new one; write %Y%m%d{}, or add max_age='12 h'"
)
ONE_DAY = ", or days=1 where one day of the month has a file"


@pytest.mark.parametrize(
    ("path", "days", "first", "second", "text"),
    [
        ("{business_date:%m%d}", (), "2026-01-01", "2027-01-01", "0101"),
        ("{business_date:%b_%d}", (), "2026-01-01", "2027-01-01", "Jan_01"),
        ("{business_date:%j}", (), "2026-01-01", "2027-01-01", "001"),
        ("{business_date:%d}", (), "2026-01-31", "2026-03-01", None),
        ("{business_date:%a}", (), "2026-01-01", "2026-01-08", "Thu"),
        ("{business_date:%A}", ["mon"], "2026-01-05", "2026-01-12", "Monday"),
        ("{business_date:%u}", (), "2026-01-01", "2026-01-08", "4"),
        ("{business_date:%V}", (), "2026-01-01", "2026-01-02", "01"),
        ("{business_date:%V}", ["mon"], "2027-01-04", "2028-01-03", "01"),
        ("{business_date:%G-W%V}", ["mon", "thu"], "2026-01-05", "2026-01-08", "2026-W02"),
        ("{business_date:%Y%m}", (), "2026-01-01", "2026-01-02", "202601"),
        ("{business_date:%Y%m}", [1, 15], "2026-01-01", "2026-01-15", "202601"),
        ("{business_date:%Y}", ["last"], "2026-01-31", "2026-02-28", None),
        ("{business_date:%B}", [1], "2026-01-01", "2027-01-01", "January"),
        ("{business_date:%m}/{business_date - 1 day:%d}", (), "2026-03-01", "2026-03-29", "03 28"),
        ("{business_date - 1 business day:%m%d}", (), "2026-01-01", "2027-01-01", "0101"),
        ("{business_date:%Y%-m%-d}", (), "2026-01-11", "2026-11-01", "2026111"),
    ],
)
def test_a_name_that_comes_again_needs_a_max_age(path: str, days: tuple, first: str, second: str, text: str | None):
    again = recurrence(f"out/{path}.csv", chosen_days(tuple(map(str, days))))

    assert again is not None
    wanted = date.fromisoformat(second) - date.fromisoformat(first)
    if text is None:
        assert again.after <= wanted
    else:
        assert (again.first.isoformat(), again.second.isoformat(), again.text) == (first, second, text)
        more = ONE_DAY if wanted == DAY else ""
        assert refusal(path=f"out/{path}.csv", days=days) == ALIKE.format(first, second, text, more)
    assert watch(path=f"out/{path}.csv", days=days, max_age="12 h").recurrence == again


@pytest.mark.parametrize(
    ("path", "days"),
    [
        ("{business_date}", ()),
        ("{business_date:%y%m%d}", ()),
        ("{business_date:%Y}/{business_date:%m}/{business_date:%d}", ()),
        ("{business_date:%Y}/{business_date:%m%d}", ()),
        ("{business_date:%Y%m}", (15,)),
        ("{business_date:%Y%m}", ("last",)),
        ("{business_date:%G-W%V}", ("fri",)),
        ("{business_date:%Y-%U-%a}", ()),
        ("{business_date - 1 business day:%Y%m%d}", ()),
        ("{business_date - 1 day:%d%^b%Y}", ()),
    ],
)
def test_a_name_of_one_date_does_not(path: str, days: tuple):
    assert watch(path=f"out/{path}.csv", days=days).recurrence is None


def test_a_max_age_that_reaches_the_file_before_is_refused():
    assert refusal(path="out/{business_date:%a}.csv", max_age="8 d") == (
        "max_age='8 d' reaches back to the file before: the path writes 2026-01-01 and 2026-01-08 alike, 'Thu'; write '7 d' "
        "at most"
    )
    assert refusal(path="out/stock.csv", max_age="36 h") == (
        "max_age='36 h' reaches back to the file before: the path writes 2026-01-01 and 2026-01-02 alike; write '1 d' at most"
    )
    assert recurrence("out/stock.csv", chosen_days(("mon",))).after == timedelta(days=7)
    assert recurrence("out/stock.csv", EVERY_DATE).after == timedelta(days=1)


def test_last_weeks_file_is_not_todays():
    looks = Looks(watch(path="out/{business_date:%a}.csv", sites="", max_age="6 h"), [CLIENT])
    old = {"out/Mon.csv": (9, DUE - 7 * DAY)}
    looks.look(DUE - HOUR, old)
    assert said(looks.look(DUE + MINUTE, old)) == [("trigger", "1 of 1 files missing (2026-11-23)")]


def test_this_weeks_file_does_not_end_last_weeks_incident():
    looks = Looks(watch(path="out/{business_date:%a}.csv", sites="", max_age="6 h"), [CLIENT])
    looks.look(DUE + MINUTE, {})
    assert looks.status() == {"acme": "missing"}
    next_week = {"out/Mon.csv": (9, DUE + 7 * DAY - HOUR)}
    old = [each for each in looks.book.values() if each.when == "2026-11-23"]
    from vigie.core.arrival import arrival
    from vigie.core.occurrence import FileSeen

    came = next_week["out/Mon.csv"][1]
    file = FileSeen(name="Mon.csv", size=9, modified_at=came, unchanged_since=came)
    assert arrival(looks.rule, old[0], [file], came + HOUR).at is None


def test_a_weekly_name_may_come_late_until_the_next_is_due():
    looks = Looks(watch(path="out/stock.csv", sites="", days=["mon"], max_age="6 h"), [CLIENT])
    looks.look(DUE + MINUTE, {})
    came = DUE + DAY
    looks.look(came, {"out/stock.csv": (9, came)})
    looks.look(came + MINUTE, {"out/stock.csv": (9, came)})
    assert looks.status() == {"acme": "late"}
