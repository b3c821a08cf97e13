"""What is due after midnight belongs to the day before: the day of the tills, the shift, the batch."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from tests.core.files import Looks, said, store, watch
from tests.core.ok_mails import backups

from vigie.core.business_calendar import Calendar
from vigie.core.expectation import expected, expected_of
from vigie.core.mail_arrival import _day_of
from vigie.core.missing_mail import MissingMailWatch, problems_of
from vigie.core.quorum import expected_mail_of
from vigie.core.site import Site
from vigie.core.wall_clock import WallClock
from vigie.core.working_days import WorkingDays

PARIS = Site(code="PAR-1", zone="Europe/Paris", country="FR")
SHOPS = WorkingDays(Calendar(name="shops", works=("mon", "tue", "wed", "thu", "fri", "sat"), holidays=("FR",)))
SALES = {"path": "out/SALES_{site.code}_{business_date:%Y%m%d}.csv", "opens": "20:00", "due": "26:00"}


@pytest.mark.parametrize(
    ("written", "days", "clock"),
    [
        ("06:00", 0, time(6)),
        ("23:59:59", 0, time(23, 59, 59)),
        ("24:00", 1, time(0)),
        ("26:30", 1, time(2, 30)),
        ("47:59", 1, time(23, 59)),
    ],
)
def test_it_is_read_and_written(written: str, days: int, clock: time):
    read = WallClock.read(written)
    assert (read, str(read)) == (WallClock(days, clock), written)
    assert read.seconds == days * 86400 + clock.hour * 3600 + clock.minute * 60 + clock.second


def test_what_has_been_stored_before_is_read():
    assert str(WallClock.read("06:00:00")) == "06:00"


def test_a_day_that_trades_is_due_on_the_morning_after_whatever_that_is():
    due = {
        day: [
            (each.status, each.path[-12:-4], f"{each.due:%d %H:%M}")
            for each in expected_of(watch(**SALES), PARIS, day, SHOPS)
        ]
        for day in (date(2026, 12, number) for number in range(23, 29))
    }
    assert due == {
        date(2026, 12, 23): [("pending", "20261223", "24 01:00")],
        date(2026, 12, 24): [("pending", "20261224", "25 01:00")],  # the best day of the year, due on a holiday
        date(2026, 12, 25): [("waived", "20261225", "26 01:00")],
        date(2026, 12, 26): [("pending", "20261226", "27 01:00")],  # due on a Sunday
        date(2026, 12, 27): [("waived", "20261227", "28 01:00")],
        date(2026, 12, 28): [("pending", "20261228", "29 01:00")],
    }


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 3, 28), "2026-03-29 01:00"),  # 02:00 is leapt over: 03:00 of summer
        (date(2026, 10, 24), "2026-10-25 00:00"),  # 02:00 comes twice: the first
        (date(2026, 12, 31), "2027-01-01 01:00"),
    ],
)
def test_it_is_the_time_on_the_clocks_on_nights_of_a_change_too(day: date, instant: str):
    (one,) = expected_of(watch(**SALES), PARIS, day)
    assert one.due == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_it_is_looked_for_until_two_days_after_its_deadline():
    rule, due = watch(**SALES), datetime(2026, 12, 25, 1, tzinfo=UTC)

    def dates(now: datetime) -> set[str]:
        return {each.when for each in expected(rule, [PARIS], now)}

    opens = datetime(2026, 12, 24, 19, tzinfo=UTC)
    assert "2026-12-24" not in dates(opens - timedelta(seconds=1))
    assert "2026-12-24" in dates(opens) & dates(due) & dates(due + timedelta(days=2))
    assert "2026-12-24" not in dates(due + timedelta(days=2, seconds=1))


def test_the_session_misses_the_file_of_christmas_eve_and_of_no_other_day():
    looks = Looks(watch(**SALES), [PARIS], since=datetime(2026, 12, 23, 20, tzinfo=UTC), days=SHOPS)
    looks.days = SHOPS
    told = []
    for hours in range(24 * 6):
        told += said(looks.look(datetime(2026, 12, 23, 20, 1, tzinfo=UTC) + timedelta(hours=hours), {}))
    assert [title for _, title in told if "missing" in title] == [
        "1 of 1 files missing (2026-12-23)",
        "1 of 1 files missing (2026-12-24)",
        "1 of 1 files missing (2026-12-26)",
        "1 of 1 files missing (2026-12-28)",
    ]


def test_slots_over_midnight_are_of_one_date_and_ask_its_calendar_once():
    slots = {
        "path": "{site.code}_{business_date:%Y%m%d}_{slot}",
        "slots": {"22": "22:30", "02": "02:30"},
        "opens": "20:00",
    }
    rule = watch(**slots)

    def of(day: int) -> list[tuple[str, str]]:
        return [
            (each.status, f"{each.path} {each.due:%d %H:%M}")
            for each in expected_of(rule, PARIS, date(2026, 12, day), SHOPS)
        ]

    assert of(24) == [("pending", "PAR-1_20261224_22 24 21:30"), ("pending", "PAR-1_20261224_02 25 01:30")]
    assert of(25) == [("waived", "PAR-1_20261225_22 25 21:30"), ("waived", "PAR-1_20261225_02 26 01:30")]


def test_a_moved_file_is_due_on_the_morning_after_the_day_to_which_it_moved():
    rule = watch(**SALES, shift_policy="next_business_day")
    (one,) = expected_of(rule, PARIS, date(2026, 12, 25), SHOPS)
    assert (one.status, f"{one.due:%Y-%m-%d %H:%M}") == ("pending", "2026-12-27 01:00")


def test_nothing_is_expected_on_a_date_that_the_place_did_not_have():
    apia = Site(code="APW-1", zone="Pacific/Apia", country="WS")
    days = [date(2011, 12, number) for number in (29, 30, 31)]
    assert [len(expected_of(watch(), apia, day)) for day in days] == [1, 0, 1]
    found = expected(watch(), [apia, store(1)], datetime(2011, 12, 30, 18, tzinfo=UTC))
    assert "2011-12-30" not in {each.when for each in found if each.site == "APW-1"}
    assert "2011-12-30" in {each.when for each in found if each.site == "S-1"}
    rule = backups(zone="Pacific/Apia")
    assert [len(expected_mail_of(rule, day)) for day in days] == [1, 0, 1]


# --- mails ---


def mails(**rule: object) -> MissingMailWatch:
    return backups(**{"grace": "0 s", "opens": "20:00", "due": "26:00", "zone": "Europe/Paris", **rule})


def test_mails_due_after_midnight_are_of_the_day_before_and_its_calendar():
    found = [expected_mail_of(mails(country="FR"), date(2026, 12, day), SHOPS)[0] for day in (24, 25, 26)]
    assert [(each.status, f"{each.due:%d %H:%M}") for each in found] == [
        ("pending", "25 01:00"),
        ("waived", "26 01:00"),
        ("pending", "27 01:00"),
    ]


@pytest.mark.parametrize(
    ("at", "day"),
    [("24 19:00", 24), ("25 00:59", 24), ("25 01:00", 24), ("25 12:00", 24), ("25 18:59", 24), ("25 19:00", 25)],
)
def test_a_mail_after_midnight_counts_for_the_day_before(at: str, day: int):
    instant = datetime.fromisoformat(f"2026-12-{at}").replace(tzinfo=UTC)
    assert _day_of(mails(), instant) == date(2026, 12, day)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            {"opens": "25:00", "due": "06:00"},
            "opens='25:00' is on the day after, and '06:00' is not; write opens='01:00'.",
        ),
        (
            {"opens": "00:00", "due": "26:00"},
            (
                "the window lasts until 26:00, into the next one, which opens at 00:00: a mail between would be of two days; open "
                "the window later."
            ),
        ),
        (
            {"opens": "20:00", "due": "26:00", "grace": "19 h"},
            (
                "the grace lasts into the next window, which opens at 20:00: a mail between would be of two days; shorten the "
                "grace, or open the window later."
            ),
        ),
    ],
)
def test_windows_of_mails_that_meet_are_refused(rule: dict[str, object], text: str):
    assert any(text in problem for problem in problems_of(mails(**rule)))
    assert problems_of(mails()) == problems_of(mails(grace="18 h")) == []
