"""Each business day of each site ends in exactly one status, whatever the zone does with its clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.files import HOUR, MINUTE, OPENS, SECOND, Looks, store, watch
from tests.examples import examples

from vigie.core.business_calendar import Calendar, Days
from vigie.core.expectation import LATE_FOR, Verdict, expected_of
from vigie.core.look_times import next_look
from vigie.core.working_days import WorkingDays
from vigie.core.zone import ZoneInfo

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
NEVER = ("Pacific/Apia", date(2011, 12, 30))
LEAPT = {("Europe/Paris", 2): HOUR}
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


@examples(80)
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
            if (night.zone, day) == NEVER:
                assert story == []
                continue
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
    if (zone, day) == NEVER:
        assert [each for each in looks.book.values() if each.business_date == day] == []
        return
    (one,) = [each for each in looks.book.values() if each.business_date == day]
    shown = one.due.astimezone(ZoneInfo(zone))
    assert one.due == due
    assert shown.replace(tzinfo=None) - datetime.combine(day, time(hour)) == LEAPT.get((zone, hour), timedelta(0))
    assert next_look(looks.rule, [one], due - SECOND) <= due + 200 * MINUTE / 60_000
    looks.look(due + SECOND)
    assert looks.status(day.isoformat()) == {"S-1": "missing"}


@examples(40)
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


RULES = st.fixed_dictionaries(
    {
        "shift_policy": st.sampled_from(["skip", "previous_business_day", "next_business_day", "still_expected"]),
        "days": st.sampled_from([(), (), ("sat", "sun", "mon"), ("29", "30", "1", "5"), ("last",)]),
        "at_least": st.sampled_from([1, 2]),
        "jeopardy": st.sampled_from([None, "30 min"]),
        "grace": st.sampled_from(["0 s", "45 min"]),
        "slots": st.sampled_from([{"a": "02:30"}, {"a": "02:30", "b": "14:00"}]),
        "path": st.sampled_from(
            [
                "{site.code}/{business_date}_{slot}_*.csv",
                "out/{site.code}_{business_date - 1 business day:%Y%m%d}_{business_date:%m%d}_{slot}*",
                "out/{business_date - 1 day:%j%Y}-{slot}-{site.code}-*.z",
            ]
        ),
    }
)
CAME = st.tuples(st.integers(0, 10_000), st.sampled_from("xyz"), st.integers(-36 * 60, 36 * 60))


@examples(60)
@given(
    st.sampled_from(sorted(CHANGES)), RULES, st.lists(CAME, max_size=10), st.integers(0, 5),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_under_every_rule_each_occurrence_ends_once_judged_twice_and_in_any_order(
    zone: str, rule: dict[str, Any], came: list[tuple[int, str, int]], closed: int, random: Random
):
    first = CHANGES[zone] - timedelta(days=2)
    week = [first + timedelta(days=number) for number in range(5)]
    off = Days(first=week[min(closed, 4)], last=week[min(closed, 4)], reason="closed")
    days = WorkingDays(Calendar(name="own", works=("mon", "tue", "wed", "thu", "fri"), holidays=(), closed=(off,)))
    asked = watch(opens="20:00", **rule)
    sites = [store(number, zone) for number in range(2)]
    wanted = [one for day in week for site in sites for one in expected_of(asked, site, day, days)]
    files = {}
    for number, tail, minutes in came if wanted else ():
        one = wanted[number % len(wanted)]
        files[one.path.replace("*", tail)] = one.deadline + minutes * MINUTE
    due = [one.deadline for one in wanted]
    moments = {at + away for at in due for away in (-MINUTE, SECOND, 40 * HOUR)} | {
        at + SECOND for at in files.values()
    }
    moments |= {at + 35 * SECOND for at in moments}
    since = min(due, default=OPENS) - timedelta(days=3)
    one_way, other_way = Looks(asked, sites, since, days), Looks(asked, sites[::-1], since, days)
    for now in sorted(moments):
        there = [(path, (9, at)) for path, at in files.items() if at <= now]
        told = one_way.look(now, dict(there))
        assert one_way.judge(now) == Verdict((), ())
        random.shuffle(there)
        assert other_way.look(now, dict(there)).signals == told.signals
    for one in wanted:
        end = one_way.book[one.key]
        assert other_way.book[one.key].status == end.status
        story = [status for code, when, status in one_way.ends if (code, when) == (one.site, one.when)]
        if one.status == "waived":
            assert (end.status, story, bool(end.reason)) == ("waived", [], True)
            continue
        got = sorted(at for path, at in files.items() if fnmatchcase(path, one.path))
        assert story in (
            ["early"], ["on_time"], ["late"], ["missing"], ["missing", "late"], ["missing", "on_time"]
        ), (one, story)  # fmt: skip
        if len(got) < asked.at_least:
            assert story == ["missing"]
        elif got[asked.at_least - 1] <= one.deadline:
            assert story[-1] in {"early", "on_time"}
        else:
            assert story[-1] == "late"
