"""Each business day of each site ends in exactly one status, whatever the zone does with its clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.files import HOUR, MINUTE, SECOND, Looks, store, watch

from vigie.core.expectation import LATE_FOR, Verdict, next_look

CHANGES = {
    "Europe/Paris": date(2026, 3, 29),  # 02:00 is 03:00
    "America/New_York": date(2026, 11, 1),  # 01:30 comes twice
    "Australia/Lord_Howe": date(2026, 4, 5),  # half an hour back
    "Asia/Kolkata": date(2026, 3, 29),  # half an hour beside everybody, and never a change
    "Africa/Casablanca": date(2026, 2, 15),  # back for Ramadan
    "Pacific/Apia": date(2011, 12, 30),  # a day that never was
    "Asia/Pyongyang": date(2018, 5, 5),  # a law changed the zone by half an hour
    "Europe/Istanbul": date(2016, 10, 30),  # summer time, which did not end
}
LEAPT = {("Europe/Paris", 2): HOUR} | {("Pacific/Apia", hour): timedelta(days=1) for hour in (0, 2, 12)}
"""Times that the clocks of a zone never showed on the day of its change, and by how much later is meant."""

DAYS = 3


class Night(NamedTuple):
    """Some days around a change of the clocks: at what hour it is due, when files come, when we look."""

    zone: str
    opens: time
    due: time
    comes: list[tuple[int, int, int]]  # which site, the business date (days from the first), minutes from its due
    looks: list[int]  # minutes


@st.composite
def nights(draw: st.DrawFn) -> Night:
    hour, minute = draw(st.integers(0, 23)), draw(st.sampled_from([0, 30]))
    opens = (hour + draw(st.integers(1, 23))) % 24
    comes = st.tuples(st.integers(0, 2), st.integers(0, DAYS - 1), st.integers(-24 * 60, 24 * 60))
    return Night(
        draw(st.sampled_from(sorted(CHANGES))),
        time(opens, minute),
        time(hour, minute),
        draw(st.lists(comes, max_size=8)),
        draw(st.lists(st.integers(-2 * 24 * 60, (DAYS + 2) * 24 * 60), max_size=10)),
    )


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(nights())
def test_each_business_day_of_each_site_ends_in_exactly_one_status(night: Night):
    first = CHANGES[night.zone] - timedelta(days=1)
    zone = ZoneInfo(night.zone)
    sites = [store(number, night.zone) for number in range(3)]
    since = datetime.combine(first - timedelta(days=1), night.due, zone).astimezone(UTC) + SECOND
    looks = Looks(watch(opens=night.opens, due=night.due), sites, since=since)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    dues = [datetime.combine(day, night.due, zone).astimezone(UTC) for day in days]
    comes = {
        f"out/REPL_S-{site}_{days[day]:%Y%m%d}.csv": dues[day] + minutes * MINUTE for site, day, minutes in night.comes
    }
    moments = {since + HOUR + minutes * MINUTE for minutes in night.looks}
    moments |= {due + late for due in dues for late in (SECOND, 20 * HOUR, 47 * HOUR, LATE_FOR)}
    for now in sorted(moment for moment in moments if moment > since):
        there = {path: (9, at) for path, at in comes.items() if at <= now}
        for instant in (now, now + 31 * SECOND):
            looks.look(instant, there)
            assert looks.judge(instant) == Verdict((), ())  # judged twice, nothing changes
    for day in days:
        for site in sites:
            story = [status for code, when, status in looks.ends if (code, when) == (site.code, day.isoformat())]
            assert story in (
                ["early"], ["on_time"], ["late"], ["missing"], ["missing", "late"], ["missing", "on_time"]
            ), (day, site.code)  # fmt: skip
            at = comes.get(f"out/REPL_{site.code}_{day:%Y%m%d}.csv")
            if at is None:
                assert story == ["missing"]
            elif at > dues[days.index(day)]:
                assert story[-1] in {"late", "missing"}  # never on time


@pytest.mark.parametrize("zone", CHANGES)
@pytest.mark.parametrize("hour", [0, 2, 12])
def test_at_the_deadline_the_clocks_of_the_site_show_due(zone: str, hour: int):
    """But for a time that was leapt over, which is as much later."""
    day = CHANGES[zone]
    due = datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
    looks = Looks(watch(opens=time((hour + 12) % 24), due=time(hour)), [store(1, zone)], since=due - HOUR)
    looks.look(due)
    (one,) = [each for each in looks.book.values() if each.business_date == day]
    shown = one.due.astimezone(ZoneInfo(zone))
    assert one.due == due
    assert shown.replace(tzinfo=None) - datetime.combine(day, time(hour)) == LEAPT.get((zone, hour), timedelta(0))
    assert next_look(looks.rule, [one], due - SECOND) <= due + 200 * MINUTE / 60_000
    looks.look(due + SECOND)
    assert looks.status(day.isoformat()) == {"S-1": "missing"}


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.permutations([("S-0", -90), ("S-1", -5), ("S-2", 10), ("S-3", 90)]), st.permutations(range(4)))
def test_the_order_in_which_files_come_does_not_matter(order: list[tuple[str, int]], sites: list[int]):
    """Who comes when is what counts, not in which order a server lists them, or in which the table names them."""
    due = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    looks = Looks(watch(jeopardy="30 min"), [store(number) for number in sites])
    said = []
    for minutes in range(-100, 130, 5):
        now = due + minutes * MINUTE
        listed = {f"out/REPL_{code}_20261123.csv": (9, due + at * MINUTE) for code, at in order if at <= minutes}
        said += [(each.event, each.title, each.key) for each in looks.look(now, listed).signals]
    assert looks.status() == {"S-0": "on_time", "S-1": "on_time", "S-2": "late", "S-3": "late"}
    assert [(event, title) for event, title, _ in said] == [
        ("trigger", "In jeopardy: 1 of 4 files are there (2026-11-23)"),
        ("update", "In jeopardy: 2 of 4 files are there (2026-11-23)"),
        ("resolve", "The deadline has passed (2026-11-23)"),
        ("trigger", "2 of 4 files missing (2026-11-23)"),
        ("update", "1 of 4 files missing (2026-11-23)"),
        ("resolve", "All files are there (2026-11-23)"),
    ]
