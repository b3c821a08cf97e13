from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.business_calendar import WEEKDAYS, Calendar, Days
from vigie.core.business_day import business_days_away
from vigie.core.expectation import LATE_FOR, expected, expected_of
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import Occurrence
from vigie.core.place import Place
from vigie.core.respond import Respond
from vigie.core.site import Site
from vigie.core.working_days import EVERY_DAY, REACH, Planned, ShiftPolicy, WorkingDays

WEEK = ("mon", "tue", "wed", "thu", "fri")
JAPAN = Place("JP")
GINZA = Site(code="TYO-1", zone="Asia/Tokyo", country="JP")
KIRITIMATI = Site(code="KIR-1", zone="Pacific/Kiritimati", country="KI")
MARQUESAS = Site(code="MRQ-1", zone="Pacific/Marquesas", country="PF")


def days(**written: Any) -> WorkingDays:
    return WorkingDays(Calendar(**({"name": "stores", "works": WEEK} | written)))


def closed(first: date, last: date) -> WorkingDays:
    return days(works=WEEKDAYS, holidays=(), closed=(Days(first=first, last=last, reason="Works"),))


def watch(policy: ShiftPolicy = "skip", **rule: Any) -> FileWatch:
    known = {
        "client": "acme", "flux": "stores", "task_id": "files", "where": "acme", "sites": "stores",
        "path": "{site.code}_{business_date}.csv", "opens": "00:00", "due": "06:00", "grace": "10 min",
        "shift_policy": policy, "respond": Respond(severity="high", template="file_missing"),
    }  # fmt: skip
    return FileWatch(**(known | rule))


def only(rule: FileWatch, site: Site, day: date, asked: WorkingDays = EVERY_DAY) -> Occurrence:
    (one,) = expected_of(rule, site, day, asked)
    return one


def planned(day: str, policy: ShiftPolicy, asked: WorkingDays) -> Planned:
    return asked.planned(date.fromisoformat(day), policy, JAPAN)


THANKSGIVING = "holiday JP 2026-11-23 Labor Thanksgiving Day"  # a Monday


@pytest.mark.parametrize(
    ("policy", "on", "reason"),
    [
        ("skip", None, THANKSGIVING),
        ("previous_business_day", date(2026, 11, 20), f"{THANKSGIVING}, due on 2026-11-20"),
        ("next_business_day", date(2026, 11, 24), f"{THANKSGIVING}, due on 2026-11-24"),
        ("still_expected", date(2026, 11, 23), f"{THANKSGIVING}, still expected"),
    ],
)
def test_what_becomes_of_a_holiday(policy: ShiftPolicy, on: date | None, reason: str):
    assert planned("2026-11-23", policy, days()) == Planned(on, reason)


@pytest.mark.parametrize("policy", ["skip", "previous_business_day", "next_business_day", "still_expected"])
def test_a_day_of_rest_is_waived_whatever_the_policy_and_a_working_day_is_not_moved(policy: ShiftPolicy):
    assert planned("2026-11-22", policy, days()) == Planned(None, "no working day 2026-11-22 Sunday")
    assert planned("2026-11-24", policy, days()) == Planned(date(2026, 11, 24))


def test_a_week_of_holidays_is_leapt_over():
    golden = days()  # 2026-05-03 (a Sunday) to 06; the 1st is a Friday
    assert planned("2026-05-04", "next_business_day", golden).on == date(2026, 5, 7)
    assert planned("2026-05-06", "previous_business_day", golden).on == date(2026, 5, 1)


def test_what_finds_no_business_day_is_waived():
    first = date(2026, 1, 1)
    asked = closed(first, first + timedelta(days=2 * REACH))
    assert planned("2026-01-01", "next_business_day", asked) == Planned(
        None, "closed 2026-01-01 Works, no working day within 31 days"
    )
    last_one = first + timedelta(days=REACH + 1)
    assert planned(last_one.isoformat(), "next_business_day", asked).on == first + timedelta(days=2 * REACH + 1)


def test_several_calendars_work_only_where_all_of_them_do():
    warehouse = Calendar(name="warehouse", works=WEEKDAYS, holidays=("FR",))
    shop = Calendar(name="shop", works=WEEK, holidays=(), open=(
        Days(first=date(2026, 11, 11), last=date(2026, 11, 11), reason="Sale"),))  # fmt: skip
    both = WorkingDays(shop, warehouse)
    assert both.day(date(2026, 11, 11), JAPAN).reason.startswith("holiday FR 2026-11-11")
    assert both.day(date(2026, 11, 14), JAPAN).kind == "rest"
    assert both.day(date(2026, 11, 12), JAPAN).works
    assert EVERY_DAY.day(date(2026, 12, 25), JAPAN).works


def test_dates_some_business_days_away_are_counted_by_the_calendar():
    tuesday = date(2026, 11, 24)
    assert business_days_away(tuesday, -1, days().business_days(GINZA)) == date(2026, 11, 20)
    assert business_days_away(tuesday, -1, EVERY_DAY.business_days(GINZA)) == date(2026, 11, 23)
    (one,) = expected_of(watch(path="{site.code}_{business_date - 1 business day}.csv"), GINZA, tuesday, days())
    assert one.path == "TYO-1_2026-11-20.csv"


def test_why_nothing_is_expected_is_one_question():
    monday = date(2026, 11, 23)
    assert days().waived_reason(monday, JAPAN) == THANKSGIVING
    assert days().waived_reason(monday, JAPAN, "next_business_day") is None
    assert days().waived_reason(date(2026, 11, 24), JAPAN) is None


# --- what is expected then -------------------------------------------------------------------------------------


def test_a_holiday_is_expected_as_waived_with_its_reason():
    at_six = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    today = expected(watch(), [GINZA], at_six, days())[-1]
    assert (today.business_date, today.status, today.reason) == (date(2026, 11, 23), "waived", THANKSGIVING)
    assert today.deadline == at_six + timedelta(minutes=10)


def test_a_moved_file_keeps_its_name_and_is_due_beside_the_days_own():
    six = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)  # Tuesday in Tokyo
    due = [each for each in expected(watch("next_business_day"), [GINZA], six, days()) if each.due == six]
    assert [(each.path, each.status) for each in due] == [
        ("TYO-1_2026-11-23.csv", "pending"),
        ("TYO-1_2026-11-24.csv", "pending"),
    ]
    assert [each.reason for each in due] == [f"{THANKSGIVING}, due on 2026-11-24", ""]
    assert len({each.key for each in due}) == 2


def test_a_closure_of_four_weeks_is_due_on_the_first_day_after_it():
    asked = closed(date(2026, 8, 3), date(2026, 8, 30))
    monday = datetime(2026, 8, 30, 20, 0, tzinfo=UTC)
    due = [each for each in expected(watch("next_business_day"), [GINZA], monday, asked) if each.window_open <= monday
           and each.due > monday]  # fmt: skip
    assert len(due) == 29


@pytest.mark.parametrize("site", [KIRITIMATI, MARQUESAS])
def test_a_business_day_at_the_date_line_is_the_sites_own(site: Site):
    """Kiritimati is 14 hours ahead of UTC, the Marquesas nine and a half behind."""
    asked = closed(date(2026, 11, 24), date(2026, 11, 24))
    for day, status in ((23, "pending"), (24, "waived"), (25, "pending")):
        one = only(watch(), site, date(2026, 11, day), asked)
        ahead = timedelta(hours=14) if site is KIRITIMATI else timedelta(hours=-9, minutes=-30)
        assert one.due == datetime(2026, 11, day, 6, tzinfo=UTC) - ahead
        assert one.status == status


def test_a_country_that_changed_its_rule_has_the_rule_of_the_day():
    """Jordan went from +2 in winter to +3 for good in October 2022; in Samoa 30 December 2011 never was."""
    amman = Site(code="AMM-1", zone="Asia/Amman", country="JO")
    hours = [only(watch(), amman, date(year, 12, 1)).due.hour for year in (2021, 2022)]
    assert hours == [4, 3]
    apia = Site(code="APW-1", zone="Pacific/Apia", country="WS")
    before, after = (only(watch(), apia, date(2011, 12, day)).due for day in (29, 31))
    assert after - before == timedelta(days=1)


@pytest.mark.parametrize(
    ("chosen", "policy", "due"),
    [
        (("mon",), "skip", "16 30"),
        (("mon",), "next_business_day", "16 24 30"),
        (("mon",), "previous_business_day", "16 20 30"),
        (("mon",), "still_expected", "16 23 30"),
        (("15", "last"), "next_business_day", "16 30"),
        (("15", "last"), "previous_business_day", "13 30"),
        (("15",), "skip", ""),
        (("sat", "sun"), "next_business_day", "16 16 24 24 30 30"),
    ],
)
def test_a_weekly_or_monthly_file_that_falls_on_a_day_without_work_is_moved(
    chosen: tuple[str, ...], policy: ShiftPolicy, due: str
):
    """The 23rd, a Monday, is a holiday; the 15th and the weekends are days of rest, which only chosen days move."""
    asked, rule = days(works=WEEK), watch(policy, days=chosen)
    november = [date(2026, 11, 14) + timedelta(days=number) for number in range(17)]
    found = [one for day in november for one in expected_of(rule, GINZA, day, asked) if one.status == "pending"]
    tokyo = [(one.due + timedelta(hours=9)).date() for one in found]
    assert " ".join(f"{day:%d}" for day in sorted(tokyo)) == due


POLICIES = st.sampled_from(["skip", "previous_business_day", "next_business_day", "still_expected"])
SITES = [GINZA, KIRITIMATI, MARQUESAS, Site(code="PAR-1", zone="Europe/Paris", country="FR")]


@examples(60)
@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)), POLICIES, st.sampled_from(SITES),
    st.sampled_from([WEEK, WEEKDAYS, ("sun",), "country"]), st.integers(0, 14),
    st.sampled_from([(), (), ("mon",), ("sat", "sun"), ("1", "15"), ("last",)]),
)  # fmt: skip
def test_each_business_date_is_expected_at_its_deadline_once(
    day: date, policy: ShiftPolicy, site: Site, works: Any, length: int, chosen: tuple[str, ...]
):
    last = day + timedelta(days=length)
    asked = days(works=works, closed=(Days(first=day, last=last, reason="Works"),))
    rule = watch(policy, days=chosen)
    while not rule.chosen.hold(day):
        assert expected_of(rule, site, day, asked) == []
        day += timedelta(days=1)
    one = only(rule, site, day, asked)
    for now in (one.window_open, one.deadline, one.deadline + LATE_FOR):
        assert all(rule.chosen.hold(each.business_date) for each in expected(rule, [site], now, asked))
        found = [each for each in expected(rule, [site], now, asked) if each.business_date == day]
        assert found == [one]
    assert one.status == (
        "waived" if one.reason and "due on" not in one.reason and "still" not in one.reason else "pending"
    )
