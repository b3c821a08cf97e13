from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.wall_clock import WallClock
from vigie.core.window import at_wall_clock, had_date, next_wall_clock, window
from vigie.core.zone import ZoneInfo

ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Tokyo", "UTC"]


def utc(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("Europe/Paris", "2026-01-15 06:00", "2026-01-15 05:00"),
        ("Europe/Paris", "2026-07-15 06:00", "2026-07-15 04:00"),
        ("Asia/Tokyo", "2026-11-24 06:00", "2026-11-23 21:00"),  # Paris 22:00, the evening before
        ("Asia/Kathmandu", "2026-11-23 06:00", "2026-11-23 00:15"),  # +05:45
        # Paris, 2026-03-29: at 02:00 the clocks show 03:00
        ("Europe/Paris", "2026-03-29 01:59", "2026-03-29 00:59"),
        ("Europe/Paris", "2026-03-29 02:30", "2026-03-29 01:30"),  # never shown: as much later, 03:30
        ("Europe/Paris", "2026-03-29 03:00", "2026-03-29 01:00"),
        # Paris, 2026-10-25: at 03:00 they show 02:00 again
        ("Europe/Paris", "2026-10-25 02:30", "2026-10-25 00:30"),  # shown twice: the first
        ("Europe/Paris", "2026-10-25 03:00", "2026-10-25 02:00"),
        # New York, 2026-03-08 and 2026-11-01
        ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:30"),
        ("America/New_York", "2026-03-08 03:00", "2026-03-08 07:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        ("America/New_York", "2026-11-01 02:00", "2026-11-01 07:00"),
        # Lord Howe changes by half an hour: 2026-10-04 (02:00 -> 02:30) and 2026-04-05 (02:00 -> 01:30)
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:45"),
        ("Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
        ("Australia/Lord_Howe", "2026-04-05 02:00", "2026-04-04 15:30"),
    ],
)
def test_wall_clock_to_utc(zone: str, wall: str, instant: str):
    shown = datetime.fromisoformat(wall)
    assert at_wall_clock(shown.date(), shown.time(), zone) == utc(instant)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", "2026-03-29", 23),
        ("Europe/Paris", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Asia/Kathmandu", "2026-03-29", 24),
    ],
)
def test_a_window_of_a_whole_day_has_the_hours_of_that_day(zone: str, day: str, hours: float):
    when = window(
        date.fromisoformat(day),
        opens=WallClock(0, time(0)),
        due=WallClock(0, time(23, 59)),
        grace=timedelta(minutes=1),
        zone=zone,
    )
    assert when.deadline - when.opens == timedelta(hours=hours)


def test_a_window_that_opens_later_than_due_opens_the_evening_before():
    when = window(
        date(2026, 11, 24),
        opens=WallClock(0, time(20)),
        due=WallClock(0, time(6)),
        grace=timedelta(minutes=10),
        zone="Asia/Tokyo",
    )
    assert when == (utc("2026-11-23 11:00"), utc("2026-11-23 21:00"), utc("2026-11-23 21:10"))


def test_an_evening_window_over_the_change_of_the_clocks():
    night = window(
        date(2026, 3, 29),
        opens=WallClock(0, time(22)),
        due=WallClock(0, time(6)),
        grace=timedelta(0),
        zone="Europe/Paris",
    )
    assert night.due - night.opens == timedelta(hours=7)
    night = window(
        date(2026, 10, 25),
        opens=WallClock(0, time(22)),
        due=WallClock(0, time(6)),
        grace=timedelta(0),
        zone="Europe/Paris",
    )
    assert night.due - night.opens == timedelta(hours=9)


def test_ten_minutes_of_grace_are_ten_minutes_on_the_night_of_a_change_too():
    when = window(
        date(2026, 3, 29),
        opens=WallClock(0, time(0)),
        due=WallClock(0, time(1, 55)),
        grace=timedelta(minutes=10),
        zone="Europe/Paris",
    )
    assert when.deadline - when.due == timedelta(minutes=10)
    assert when.deadline.astimezone(ZoneInfo("Europe/Paris")).time() == time(3, 5)


def test_an_opening_that_is_leapt_over_does_not_come_after_due():
    when = window(
        date(2026, 3, 29),
        opens=WallClock(0, time(2, 30)),
        due=WallClock(0, time(3)),
        grace=timedelta(0),
        zone="Europe/Paris",
    )
    assert when.opens == when.due == utc("2026-03-29 01:00")


WALL_CLOCKS = st.times(max_value=time(23, 59)).map(lambda clock: clock.replace(second=0, microsecond=0, fold=0))


@examples(200)
@given(
    st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    WALL_CLOCKS,
    WALL_CLOCKS,
    st.sampled_from(ZONES),
    st.timedeltas(timedelta(0), timedelta(days=1)),
)
def test_a_window_opens_is_due_and_ends_in_this_order_on_its_business_date(
    day: date, opens: time, due: time, zone: str, grace: timedelta
):
    when = window(day, opens=WallClock(0, opens), due=WallClock(0, due), grace=grace, zone=zone)
    later = window(day, opens=WallClock(0, opens), due=WallClock(1, due), grace=grace, zone=zone)
    assert (
        later[1:]
        == window(day + timedelta(days=1), opens=WallClock(0, opens), due=WallClock(0, due), grace=grace, zone=zone)[1:]
    )
    assert later.opens.astimezone(ZoneInfo(zone)).date() == day
    assert when.opens <= when.due <= when.deadline
    assert all(instant.tzinfo is UTC for instant in when)
    assert when.due.astimezone(ZoneInfo(zone)).date() == day
    assert when.due - when.opens <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("after", "clock", "zone", "then"),
    [
        ("2026-11-23 04:00", "06:00", "Europe/Paris", "2026-11-23 05:00"),
        ("2026-11-23 05:00", "06:00", "Europe/Paris", "2026-11-24 05:00"),  # later, not at once
        ("2026-11-23 22:00", "06:00", "Asia/Tokyo", "2026-11-24 21:00"),
        ("2026-11-23 20:59", "06:00", "Asia/Tokyo", "2026-11-23 21:00"),
        ("2026-03-29 00:59", "02:30", "Europe/Paris", "2026-03-29 01:30"),
        ("2026-10-25 00:45", "02:30", "Europe/Paris", "2026-10-26 01:30"),  # not the second 02:30 of one night
    ],
)
def test_when_the_clocks_show_it_next(after: str, clock: str, zone: str, then: str):
    assert next_wall_clock(utc(after), time.fromisoformat(clock), zone) == utc(then)


@examples(100)
@given(
    st.integers(1_577_836_800, 2_082_758_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),  # to 2036
    WALL_CLOCKS,
    st.sampled_from(ZONES),
)
def test_the_next_is_always_later_and_within_two_days(after: datetime, clock: time, zone: str):
    assert after < next_wall_clock(after, clock, zone) <= after + timedelta(hours=25)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Pacific/Apia", "2011-12-30"),
        ("Pacific/Fakaofo", "2011-12-30"),
        ("Pacific/Kwajalein", "1993-08-21"),
        ("Pacific/Kiritimati", "1994-12-31"),
        ("Pacific/Enderbury", "1994-12-31"),
    ],
)
def test_a_date_that_a_place_leapt_over(zone: str, day: str):
    never = date.fromisoformat(day)
    assert not had_date(never, zone)
    assert had_date(never - timedelta(days=1), zone)
    assert had_date(never + timedelta(days=1), zone)
    assert had_date(never, "Europe/Paris")


@examples(300)
@given(
    st.dates(date(2000, 1, 1), date(2035, 12, 31)),
    st.sampled_from([*ZONES, "Africa/Cairo", "America/Havana", "Asia/Gaza"]),
)
def test_no_change_of_the_clocks_takes_a_date_away(day: date, zone: str):
    assert had_date(day, zone)
