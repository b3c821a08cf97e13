from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.business_calendar import WEEKDAYS, Calendar, Days
from vigie.core.file_watch import FileWatch
from vigie.core.jeopardy import is_warning
from vigie.core.replay import Arrival, Replayed, replay
from vigie.core.respond import Respond
from vigie.core.site import Site
from vigie.core.working_days import WorkingDays
from vigie.core.zone import ZoneInfo

GINZA = Site(code="TYO-1", zone="Asia/Tokyo", country="JP", attributes={"depot": "east"})
AOYAMA = Site(code="TYO-2", zone="Asia/Tokyo", country="JP", attributes={"depot": "east"})
MONDAY = date(2026, 11, 16)


def watch(**rule: Any) -> FileWatch:
    known = {
        "client": "acme", "flux": "stores", "task_id": "files", "where": "acme", "sites": "stores",
        "path": "out/R_{site.code}_{business_date:%Y%m%d}.csv", "opens": "00:00", "due": "06:00",
        "respond": Respond(severity="high", template="file_missing", group_by=("depot",)),
    }  # fmt: skip
    return FileWatch(**(known | rule))


def came(day: int, clock: str, site: Site = GINZA, line: int = 2) -> Arrival:
    """On that day of November, at that time in Tokyo."""
    hour, minute = map(int, clock.split(":"))
    at = datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=9)
    return Arrival(date(2026, 11, day), f"R_{site.code}_202611{day}.csv", at, line)


def said(found: Replayed) -> list[str]:
    return [f"{signal.seen_at:%d %H:%M:%S} {signal.event} {signal.title}" for signal in found.told]


def ends(found: Replayed) -> dict[str, str]:
    return {f"{each.site} {each.business_date:%d}": each.status for each in found.occurrences}


def test_a_week_of_one_file():
    log = [came(16, "05:00"), came(17, "06:00"), came(18, "06:20"), came(19, "05:59")]
    found = replay(watch(), [GINZA], [*log, Arrival(date(2026, 11, 20), "R_TYO-1_20261120.csv", None, 6)])
    assert list(ends(found).values()) == ["on_time", "on_time", "late", "on_time", "missing"]
    assert said(found) == [
        "17 21:00:00 trigger 1 of 1 files missing (depot=east)",
        "17 21:20:00 resolve All files are there (depot=east)",
        "19 21:00:00 trigger 1 of 1 files missing (depot=east)",
    ]
    assert (found.count("on_time"), found.count("late", "missing"), found.unexpected) == (3, 2, ())


def test_a_set_is_one_incident_that_changes_as_files_come():
    found = replay(watch(), [GINZA, AOYAMA], [came(16, "06:20"), came(16, "07:00", AOYAMA)])
    assert said(found) == [
        "15 21:00:00 trigger 2 of 2 files missing (depot=east)",
        "15 21:20:00 update 1 of 2 files missing (depot=east)",
        "15 22:00:00 resolve All files are there (depot=east)",
    ]


def test_a_set_in_jeopardy_is_warned_of_before_its_deadline_and_no_more_once_it_is_there():
    log = [came(16, "05:00"), came(16, "05:40", AOYAMA), came(17, "05:00"), came(17, "06:10", AOYAMA)]
    found = replay(watch(jeopardy="30 min"), [GINZA, AOYAMA], log)
    assert said(found) == [
        "15 20:30:00 trigger In jeopardy: 1 of 2 files are there (depot=east)",
        "15 20:40:00 resolve 2 of 2 files are there (depot=east)",
        "16 20:30:00 trigger In jeopardy: 1 of 2 files are there (depot=east)",
        "16 21:00:00 resolve The deadline has passed (depot=east)",
        "16 21:00:00 trigger 1 of 2 files missing (depot=east)",
        "16 21:10:00 resolve All files are there (depot=east)",
    ]
    assert [is_warning(signal) for signal in found.told] == [True] * 4 + [False] * 2


def test_a_day_without_a_row_is_missing_and_a_holiday_is_waived():
    found = replay(watch(), [GINZA], [came(20, "05:00"), came(24, "05:00")])
    assert list(ends(found).values()) == ["on_time", "missing", "missing", "missing", "on_time"]
    week = WorkingDays(Calendar(name="stores", works=("mon", "tue", "wed", "thu", "fri")))
    found = replay(watch(), [GINZA], [came(20, "05:00"), came(24, "05:00")], week)
    assert list(ends(found).values()) == ["on_time", "waived", "waived", "waived", "on_time"]
    assert found.told == ()


def test_a_moved_file_is_judged_on_the_day_it_moved_to():
    days = WorkingDays(Calendar(name="stores", works=("mon", "tue", "wed", "thu", "fri")))
    thanksgiving = came(24, "05:00")._replace(business_date=date(2026, 11, 23), name="R_TYO-1_20261123.csv")
    found = replay(watch(shift_policy="next_business_day"), [GINZA], [thanksgiving], days)
    assert ends(found) == {"TYO-1 23": "on_time"}


def test_an_old_file_never_turns_today_green_and_a_file_of_nobody_is_told():
    old = came(17, "05:00")._replace(name="R_TYO-1_20261116.csv")
    stranger = came(17, "05:00")._replace(name="R_PAR-1_20261117.csv", line=9)
    elsewhere = came(17, "05:00")._replace(name="tmp/R_TYO-1_20261117.csv", line=10)
    found = replay(watch(), [GINZA], [came(16, "05:00"), old, stranger, elsewhere])
    assert ends(found) == {"TYO-1 16": "on_time", "TYO-1 17": "missing"}
    assert [arrival.line for arrival in found.unexpected] == [9, 10]


def test_names_may_stand_with_their_folder_and_a_file_may_be_early():
    rule = watch(opens="05:00")
    found = replay(rule, [GINZA], [came(16, "04:00")._replace(name="out/R_TYO-1_20261116.csv")])
    assert ends(found) == {"TYO-1 16": "early"}


def test_a_file_that_comes_days_after_is_late_and_ends_its_incident():
    """A log has an end: only what never came in it is missing. On its own day nothing is told of it once more."""
    log = [came(16, "05:00"), came(17, "05:00")._replace(at=came(29, "05:00").at), came(18, "05:00")]
    found = replay(watch(), [GINZA], log)
    assert ends(found) == {"TYO-1 16": "on_time", "TYO-1 17": "late", "TYO-1 18": "on_time"}
    assert [signal.event for signal in found.told] == ["trigger", "resolve"]


def test_the_first_arrival_counts_and_what_is_sent_again_changes_nothing():
    log = [came(16, "05:59"), came(16, "06:00"), came(16, "09:00"), came(17, "06:01"), came(17, "09:00")]
    found = replay(watch(), [GINZA], log)
    assert ends(found) == {"TYO-1 16": "on_time", "TYO-1 17": "late"}
    assert [(signal.event, f"{signal.seen_at:%H:%M}") for signal in found.told] == [
        ("trigger", "21:00"),
        ("resolve", "21:01"),
    ]


def test_a_bare_name_is_that_of_its_own_date_where_the_date_is_a_folder():
    rule = watch(path="{business_date}/R_{site.code}.csv")
    log = [came(day, "05:00")._replace(name="R_TYO-1.csv") for day in (16, 17)]
    assert ends(replay(rule, [GINZA], log)) == {"TYO-1 16": "on_time", "TYO-1 17": "on_time"}


def test_a_bare_name_that_several_folders_expect_is_nobodys_and_told():
    rule = watch(path="{site.code}/{business_date}.csv")
    bare = came(16, "05:00")._replace(name="2026-11-16.csv")
    whole = bare._replace(name="TYO-2/2026-11-16.csv", line=3)
    found = replay(rule, [GINZA, AOYAMA], [bare, whole])
    assert (ends(found), found.unplaced) == ({"TYO-1 16": "missing", "TYO-2 16": "on_time"}, (bare,))


def test_a_name_without_its_year_is_that_of_the_date_it_came_about():
    respond = Respond(severity="high", template="file_missing")
    rule = watch(path="R_{business_date:%d}.csv", max_age="12 h", respond=respond)
    log = [Arrival(date(2026, month, 5), "R_05.csv", datetime(2026, month, 4, 20, tzinfo=UTC), 2) for month in (9, 11)]
    found = replay(rule, [GINZA], log)
    assert [f"{each.business_date}" for each in found.occurrences if each.status == "on_time"] == [
        "2026-09-05",
        "2026-11-05",
    ]


def test_no_arrivals_no_occurrences():
    assert replay(watch(), [GINZA], []) == Replayed((), (), ())


@pytest.mark.parametrize(("zone", "day"), [("Europe/Paris", "2026-10-25"), ("Asia/Kathmandu", "2026-11-16")])
def test_the_hours_are_the_sites_own(zone: str, day: str):
    """The day on which the clocks go back; a zone that is 5 h 45 min ahead."""
    site = Site(code="A", zone=zone, country="FR")
    rule = watch(path="{business_date}", respond=Respond(severity="high", template="file_missing"))
    due = {"Europe/Paris": 5 * 60, "Asia/Kathmandu": 15}[zone]
    six = datetime.fromisoformat(f"{day}T00:00:00+00:00") + timedelta(minutes=due)
    for at, status in ((six, "on_time"), (six + timedelta(seconds=1), "late")):
        found = replay(rule, [site], [Arrival(date.fromisoformat(day), day, at, 2)])
        assert [each.status for each in found.occurrences] == [status]


ZONES = (
    "Europe/Rome", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati",
    "Pacific/Apia", "Africa/Casablanca",
)  # fmt: skip
AROUND = (date(2011, 12, 29), date(2024, 2, 27), date(2026, 3, 27), date(2026, 10, 23), date(2026, 4, 4))


DAYS = st.sampled_from([(), (), ("mon",), ("sat", "sun", "wed"), ("29",)])


@st.composite
def logs(draw: st.DrawFn) -> tuple[FileWatch, Site, list[Arrival], frozenset[date]]:
    """A rule of one file a day, and a log in any order: early, in time, at the deadline, late by days, sent again."""
    zone, first = draw(st.sampled_from(ZONES)), draw(st.sampled_from(AROUND))
    due = time(draw(st.sampled_from([2, 18, 23])), 30)
    grace = timedelta(minutes=draw(st.sampled_from([0, 10, 90])))
    rows = []
    for number in range(draw(st.integers(1, 12))):
        day = first + timedelta(days=draw(st.integers(0, 6)))
        deadline = datetime.combine(day, due, ZoneInfo(zone)).astimezone(UTC) + grace
        away = draw(
            st.none()
            | st.sampled_from([timedelta(0), timedelta(milliseconds=1), timedelta(milliseconds=-1), -grace])
            | st.integers(-90_000, 900_000).map(lambda seconds: timedelta(seconds=seconds))
        )
        rows.append(Arrival(day, f"{day}", None if away is None else deadline + away, number + 2))
    closed = frozenset(draw(st.lists(st.sampled_from([first + timedelta(days=n) for n in range(7)]), max_size=3)))
    rule = watch(
        path="{business_date}", sites="", opens="00:00", due=due, grace=grace, days=draw(DAYS),
        respond=Respond(severity="high", template="file_missing"),
    )  # fmt: skip
    return rule, Site(code="A", zone=zone, country="FR"), draw(st.permutations(rows)), closed


@examples(150)
@given(logs())
def test_replay_counts_what_a_reader_with_a_calendar_and_a_clock_would(
    log: tuple[FileWatch, Site, list[Arrival], frozenset[date]],
):
    """The oracle knows no watch and no judge: a date, its first arrival, the wall clock of the zone."""
    rule, site, rows, closed = log
    days = WorkingDays(Calendar(name="own", works=WEEKDAYS, holidays=(), closed=tuple(
        Days(first=day, last=day, reason="closed") for day in closed
    )))  # fmt: skip
    counts: Counter[str] = Counter()
    day = min(each.business_date for each in rows)
    while day <= max(each.business_date for each in rows):
        assert rule.due is not None
        deadline = datetime.combine(day, rule.due.time, ZoneInfo(site.zone)).astimezone(UTC) + rule.grace
        came_at = [each.at for each in rows if each.business_date == day and each.at]
        chosen = not rule.days or f"{day:%a}".lower() in rule.days or f"{day.day}" in rule.days
        if not chosen or (site.zone, day) == ("Pacific/Apia", date(2011, 12, 30)):  # Samoa leapt over it
            pass
        elif day in closed:
            counts["waived"] += 1
        elif not came_at:
            counts["missing"] += 1
        else:
            counts["on_time" if min(came_at) <= deadline else "late"] += 1
        day += timedelta(days=1)
    found = replay(rule, [site], rows, days)
    told = Counter(signal.event for signal in found.told)
    assert Counter({
        "on_time": found.count("on_time", "early"), "late": found.count("late"),
        "missing": found.count("missing"), "waived": found.count("waived"),
    }) == counts  # fmt: skip
    assert (told["trigger"], told["resolve"]) == (counts["late"] + counts["missing"], counts["late"])


@examples(80)
@given(
    st.lists(st.tuples(st.integers(16, 20), st.integers(-600, 1200), st.sampled_from([GINZA, AOYAMA])), max_size=12),
    st.randoms(use_true_random=False),
)
def test_each_business_date_of_each_site_has_one_end_whatever_the_order_of_rows(
    sent: list[tuple[int, int, Site]], random: Any
):
    arrivals = [came(day, "06:00", site)._replace(at=came(day, "06:00").at + timedelta(minutes=by), line=n)
                for n, (day, by, site) in enumerate(sent)]  # fmt: skip
    found = replay(watch(), [GINZA, AOYAMA], arrivals)
    assert all(each.status in {"on_time", "early", "late", "missing"} for each in found.occurrences)
    assert len(ends(found)) == len(found.occurrences)
    for each in found.occurrences:
        first = min((a.at for a in arrivals if a.at and each.path.endswith(a.name)), default=None)
        if first is None or first > each.deadline:
            assert each.status == ("missing" if first is None else "late")
        else:
            assert each.status in {"on_time", "early"}
    random.shuffle(arrivals)
    again = replay(watch(), [GINZA, AOYAMA], arrivals)
    assert (again.occurrences, again.told) == (found.occurrences, found.told)
