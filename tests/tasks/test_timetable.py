"""When a flux is checked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum
import pytest
from airflow.serialization.decoders import decode_timetable
from airflow.serialization.encoders import encode_timetable
from airflow.timetables.base import DataInterval, TimeRestriction

from vigie.tasks.clock import utc_now
from vigie.tasks.timetable import ChecksTimetable

STORES = [("06:10", "Asia/Tokyo", 120), ("06:10", "Europe/Paris", 120), ("06:10", "America/New_York", 120)]


def _checks(timetable: ChecksTimetable, after: datetime, number: int) -> list[str]:
    found = []
    for _ in range(number):
        after = timetable.next_check(after)
        found.append(f"{after:%d %H:%M:%S}")
    return found


def test_after_each_deadline_in_each_zone() -> None:
    timetable = ChecksTimetable(STORES)
    assert _checks(timetable, datetime(2026, 11, 23, 20, 0, tzinfo=UTC), 5) == [
        "23 21:12:00",
        "24 05:12:00",
        "24 11:12:00",
        "24 21:12:00",
        "25 05:12:00",
    ]


def test_a_wait_that_crosses_midnight() -> None:
    timetable = ChecksTimetable([("23:59", "UTC", 300)])
    assert _checks(timetable, datetime(2026, 11, 23, 23, 59, 30, tzinfo=UTC), 2) == ["24 00:04:00", "25 00:04:00"]


@pytest.mark.parametrize(
    ("day", "clock", "checks"),
    [
        ("2027-03-27", "06:00", ["27 05:00:00", "28 04:00:00", "29 04:00:00"]),
        ("2027-03-27", "02:30", ["27 01:30:00", "28 01:30:00", "29 00:30:00"]),  # leapt over on the 28th: later
        ("2026-10-24", "02:30", ["24 00:30:00", "25 00:30:00", "26 01:30:00"]),  # twice on the 25th: the first
    ],
)
def test_the_nights_on_which_the_clocks_change(day: str, clock: str, checks: list[str]) -> None:
    timetable = ChecksTimetable([(clock, "Europe/Paris", 0)])
    assert _checks(timetable, datetime.fromisoformat(f"{day}T00:00:00+00:00"), 3) == checks


def test_each_hour_at_its_own_minute_where_there_is_no_deadline() -> None:
    timetable = ChecksTimetable([], offset=754)
    assert _checks(timetable, datetime(2026, 11, 24, 1, 0, tzinfo=UTC), 3) == [
        "24 01:12:34",
        "24 02:12:34",
        "24 03:12:34",
    ]


@pytest.mark.parametrize(
    ("timetable", "summary"),
    [
        (ChecksTimetable([]), "each hour"),
        (ChecksTimetable([], every=600), "every 600 s"),
        (ChecksTimetable(STORES), "after 06:10 in 3 time zones"),
        (ChecksTimetable(STORES[:1]), "after 06:10 in 1 time zone"),
    ],
)
def test_it_says_when(timetable: ChecksTimetable, summary: str) -> None:
    assert timetable.summary == timetable.description == summary


def test_airflow_keeps_it_as_data(vigie_plugin: None) -> None:
    made = ChecksTimetable(STORES, every=1800, offset=7)
    kept: dict[str, Any] = encode_timetable(made)
    found = decode_timetable(kept)
    assert isinstance(found, ChecksTimetable)
    assert found.serialize() == made.serialize()
    assert encode_timetable(found) == kept
    assert encode_timetable(ChecksTimetable(STORES[::-1], every=1800, offset=7)) == kept


def _restriction(**changes: Any) -> TimeRestriction:
    fields = {"earliest": pendulum.datetime(2026, 1, 1), "latest": None, "catchup": False}
    return TimeRestriction(**(fields | changes))


def test_the_first_run_is_the_next_check_from_now() -> None:
    timetable = ChecksTimetable([], offset=754)
    before = utc_now()
    info = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=_restriction())
    assert before < info.run_after <= before + timedelta(hours=1, seconds=1)
    assert (info.run_after.minute, info.run_after.second) == (12, 34)
    assert info.data_interval.start == info.data_interval.end == info.run_after


def test_checks_that_nobody_made_are_not_made_up_for() -> None:
    timetable = ChecksTimetable([], every=60)
    last = DataInterval.exact(pendulum.instance(utc_now() - timedelta(days=3)))
    info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=_restriction())
    assert timedelta(minutes=13) <= utc_now() - info.run_after <= timedelta(minutes=15)


def test_a_check_that_is_a_little_late_is_made() -> None:
    timetable = ChecksTimetable([], every=3600)
    last = DataInterval.exact(pendulum.instance(utc_now() - timedelta(minutes=10)))
    info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=_restriction())
    assert info.run_after == timetable.next_check(last.end)


def test_with_catchup_every_check_since_the_last_one() -> None:
    timetable = ChecksTimetable(STORES[:1])
    last = DataInterval.exact(pendulum.datetime(2026, 2, 1, 21, 12))
    info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=_restriction(catchup=True))
    assert info.run_after == pendulum.datetime(2026, 2, 2, 21, 12)


def test_none_after_the_end() -> None:
    timetable = ChecksTimetable(STORES)
    over = _restriction(latest=pendulum.datetime(2026, 1, 2))
    assert timetable.next_dagrun_info(last_automated_data_interval=None, restriction=over) is None


def test_a_run_by_hand_is_about_its_own_moment() -> None:
    at = pendulum.datetime(2026, 11, 24, 1, 2, 3)
    assert ChecksTimetable(STORES).infer_manual_data_interval(run_after=at) == DataInterval.exact(at)


@pytest.mark.parametrize(
    ("zone", "checks"),
    [
        ("Asia/Kolkata", ["24 00:32:00", "25 00:32:00"]),  # five hours and a half ahead
        ("Asia/Kathmandu", ["24 00:17:00", "25 00:17:00"]),  # five and three quarters
        ("Pacific/Marquesas", ["24 15:32:00", "25 15:32:00"]),  # nine and a half behind
        ("Pacific/Kiritimati", ["23 16:02:00", "24 16:02:00"]),  # fourteen ahead: it is tomorrow there
    ],
)
def test_zones_that_are_no_whole_hours_away_and_the_date_line(zone: str, checks: list[str]) -> None:
    timetable = ChecksTimetable([("06:00", zone, 120)])
    assert _checks(timetable, datetime(2026, 11, 23, 16, 0, tzinfo=UTC), 2) == checks


def test_a_country_that_changes_its_rule_is_checked_by_the_rule_of_the_day() -> None:
    """Jordan stayed on summer time for good: on 28 October 2022 its clocks did not go back."""
    timetable = ChecksTimetable([("06:00", "Asia/Amman", 0)])
    assert _checks(timetable, datetime(2021, 10, 28, 2, 0, tzinfo=UTC), 2) == ["28 03:00:00", "29 04:00:00"]
    assert _checks(timetable, datetime(2022, 10, 27, 2, 0, tzinfo=UTC), 2) == ["27 03:00:00", "28 03:00:00"]


def test_a_deadline_to_the_second_is_checked_after_that_second() -> None:
    timetable = ChecksTimetable([("06:00:45", "UTC", 10)])
    assert _checks(timetable, datetime(2026, 11, 24, 0, 0, tzinfo=UTC), 1) == ["24 06:00:55"]
