from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.files import DUE, HOUR, MINUTE, OPENS, SECOND, Looks, said, store, watch

from vigie.core.arrival import KEPT_FILES
from vigie.core.expectation import Verdict
from vigie.core.occurrence import Occurrence

CLIENT = store(0).model_copy(update={"code": "acme"})


def test_one_file_may_be_that_of_all_sites():
    rule = watch(path="out/all_{business_date:%Y%m%d}.csv")
    looks = Looks(rule, [store(1), store(2)])
    came = DUE - HOUR
    looks.look(came, {"out/all_20261123.csv": (9, came)})
    looks.look(came + MINUTE, {"out/all_20261123.csv": (9, came)})
    assert looks.status() == {"S-1": "on_time", "S-2": "on_time"}


# --- several files of one occurrence ---------------------------------------------------------------------------


def sent(*numbers: int, size: int = 9) -> dict[str, tuple[int, object]]:
    return {f"out/x_{n}_20261123.csv": (size, DUE - HOUR + n * SECOND) for n in numbers}


def several(**rule: object) -> Looks:
    return Looks(watch(path="out/x_*_{business_date:%Y%m%d}.csv", sites="", at_least=3, **rule), [CLIENT])


def test_an_occurrence_of_three_files_is_complete_with_the_third():
    looks = several()
    came = DUE - HOUR
    looks.look(came, sent(1, 2))
    looks.look(came + MINUTE, sent(1, 2))
    assert looks.status() == {"acme": "pending"}
    looks.look(came + 5 * MINUTE, sent(1, 2, 3))
    looks.look(came + 6 * MINUTE, sent(1, 2, 3))
    (end,) = [each for each in looks.book.values() if each.when == "2026-11-23"]
    assert (end.status, end.arrived_at) == ("on_time", came + MINUTE)  # after the last look without it
    assert [file.name for file in end.files] == ["x_1_20261123.csv", "x_2_20261123.csv", "x_3_20261123.csv"]


def test_the_incident_counts_files_and_changes_with_each():
    looks = several()
    late = DUE + SECOND
    looks.look(DUE - MINUTE, sent(1))
    trigger = looks.look(late, sent(1))
    assert said(trigger) == [("trigger", "2 of 3 files missing (2026-11-23)")]
    assert trigger.signals[0].facts["missing"] == [
        {
            "site": "acme",
            "name": "",
            "path": "out/x_*_20261123.csv",
            "due": "06:00",
            "arrived": 1,
            "expected": 3,
        }
    ]
    looks.look(late + HOUR, sent(1, 2))
    assert said(looks.look(late + HOUR + MINUTE, sent(1, 2))) == [("update", "1 of 3 files missing (2026-11-23)")]
    assert looks.judge(late + HOUR + MINUTE) == Verdict((), ())
    looks.look(late + 2 * HOUR, sent(1, 2, 3))
    assert said(looks.look(late + 2 * HOUR + MINUTE, sent(1, 2, 3))) == [
        ("resolve", "All files are there (2026-11-23)")
    ]


def test_a_file_too_small_is_none_of_the_three():
    looks = several(min_size=5)
    came = DUE - HOUR
    for now in (came, came + MINUTE):
        looks.look(now, sent(1, 2) | sent(3, size=4))
    assert looks.status() == {"acme": "pending"}


# --- max_age ---------------------------------------------------------------------------------------------------


def test_an_old_file_under_todays_name_does_not_count():
    looks = Looks(watch(max_age="12 h"), [store(1)])
    old = DUE - 12 * HOUR - SECOND
    for now in (OPENS, DUE - MINUTE, DUE + SECOND):
        looks.look(now, {"out/REPL_S-1_20261123.csv": (9, old)})
    assert looks.status() == {"S-1": "missing"}


def test_a_file_with_the_same_name_every_day_is_that_of_the_day_of_its_own_time():
    looks = Looks(watch(path="out/stock.csv", sites="", max_age="6 h"), [CLIENT])
    yesterdays, todays = DUE - 20 * HOUR, DUE - HOUR
    for now in (OPENS, DUE - 2 * HOUR):
        looks.look(now, {"out/stock.csv": (9, yesterdays)})
    assert looks.status() == {"acme": "pending"}
    looks.look(todays, {"out/stock.csv": (9, todays)})
    looks.look(todays + MINUTE, {"out/stock.csv": (9, todays)})
    assert looks.status() == {"acme": "on_time"}
    # tomorrow's is nothing to today, and today's nothing to tomorrow
    tomorrow = DUE + timedelta(hours=24)
    looks.look(tomorrow - MINUTE, {"out/stock.csv": (9, todays)})
    missing = looks.look(tomorrow + SECOND, {"out/stock.csv": (9, todays)})
    assert said(missing) == [("trigger", "1 of 1 files missing (2026-11-24)")]
    looks.look(tomorrow + HOUR, {"out/stock.csv": (7, tomorrow + HOUR)})
    looks.look(tomorrow + HOUR + MINUTE, {"out/stock.csv": (7, tomorrow + HOUR)})
    assert (looks.status(), looks.status("2026-11-24")) == ({"acme": "on_time"}, {"acme": "late"})


# --- sent again ------------------------------------------------------------------------------------------------


def arrived(rule: object = None) -> tuple[Looks, dict[str, tuple[int, object]]]:
    looks = Looks(rule or watch(), [store(1)])  # type: ignore[arg-type]
    came = DUE - HOUR
    files = {"out/REPL_S-1_20261123.csv": (9, came)}
    looks.look(came, files)
    looks.look(came + MINUTE, files)
    assert looks.status() == {"S-1": "on_time"}
    return looks, files


@pytest.mark.parametrize(("rule", "size"), [({}, 0), ({"min_size": 100}, 3)])
def test_a_file_that_is_overwritten_with_nothing_is_told_once_and_changes_no_status(rule: dict[str, int], size: int):
    looks = Looks(watch(**rule), [store(1)])
    came = {"out/REPL_S-1_20261123.csv": (1000, DUE - HOUR)}
    looks.look(DUE - HOUR, came)
    looks.look(DUE - HOUR + MINUTE, came)
    assert looks.status() == {"S-1": "on_time"}
    spoilt = {"out/REPL_S-1_20261123.csv": (size, DUE - 30 * MINUTE)}
    assert looks.look(DUE - 30 * MINUTE, spoilt) == Verdict((), ())  # it may be on its way
    (one,) = looks.look(DUE - 29 * MINUTE, spoilt).again
    assert (one.spoilt, one.file.size, one.before and one.before.size) == (True, size, 1000)
    assert looks.look(DUE, spoilt) == Verdict((), ())
    well = {"out/REPL_S-1_20261123.csv": (1000, DUE + MINUTE)}
    looks.look(DUE + MINUTE, well)
    (again,) = looks.look(DUE + 2 * MINUTE, well).again
    assert (again.spoilt, again.file.size) == (False, 1000)
    assert looks.status() == {"S-1": "on_time"}


def test_a_file_that_is_sent_again_is_told_once_and_changes_no_status():
    looks, _ = arrived()
    again = {"out/REPL_S-1_20261123.csv": (12, DUE + HOUR)}
    assert looks.look(DUE + HOUR, again) == Verdict((), ())  # it may still grow
    verdict = looks.look(DUE + HOUR + MINUTE, again)
    (one,) = verdict.again
    assert (one.file.size, one.before and one.before.size, one.occurrence.status) == (12, 9, "on_time")
    assert verdict.signals == ()
    assert looks.look(DUE + 2 * HOUR, again) == Verdict((), ())
    assert looks.status() == {"S-1": "on_time"}


def test_a_file_that_is_taken_away_and_nothing_in_its_place_says_nothing():
    looks, files = arrived()
    assert looks.look(DUE + HOUR) == Verdict((), ())
    looks.look(DUE + 2 * HOUR, files)
    assert looks.look(DUE + 2 * HOUR + MINUTE, files) == Verdict((), ())  # back as it was


def test_two_files_for_one_site_are_one_arrival_and_one_line():
    looks = Looks(watch(path="out/REPL_{site.code}_{business_date:%Y%m%d}_*.csv"), [store(1)])
    came = DUE - HOUR
    first, second = "out/REPL_S-1_20261123_1.csv", "out/REPL_S-1_20261123_2.csv"
    looks.look(came, {first: (9, came)})
    looks.look(came + MINUTE, {first: (9, came)})
    both = {first: (9, came), second: (9, came + HOUR)}
    looks.look(came + HOUR, both)
    (one,) = looks.look(came + HOUR + MINUTE, both).again
    assert (one.file.name, one.before) == ("REPL_S-1_20261123_2.csv", None)
    assert looks.status() == {"S-1": "on_time"}


def test_what_an_older_vigie_did_not_keep_is_not_told():
    looks, files = arrived()
    (key, end), *_ = [(key, each) for key, each in looks.book.items() if each.when == "2026-11-23"]
    looks.book[key] = end.model_copy(update={"files": ()})
    assert looks.look(DUE + HOUR, files) == Verdict((), ())


def test_a_flood_of_files_for_one_site_is_told_up_to_a_limit_and_ends():
    looks = Looks(watch(path="out/{site.code}_{business_date:%Y%m%d}_*.csv"), [store(1)])
    came = DUE - HOUR
    flood = {f"out/S-1_20261123_{n}.csv": (9, came) for n in range(KEPT_FILES + 50)}
    first = dict(list(flood.items())[:1])
    looks.look(came, first)
    looks.look(came + MINUTE, first)
    looks.look(came + 2 * MINUTE, flood)
    assert len(looks.look(came + 3 * MINUTE, flood).again) == KEPT_FILES - 1
    assert looks.look(came + 4 * MINUTE, flood) == Verdict((), ())


# --- clocks that differ ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [-10 * MINUTE, timedelta(0), 10 * MINUTE])
@pytest.mark.parametrize(("after", "status"), [(-10 * SECOND, "on_time"), (2 * MINUTE, "late")])
def test_a_servers_clock_that_is_wrong_by_minutes_changes_no_verdict(ahead: timedelta, after: timedelta, status: str):
    """We look each two seconds: when it was not there, and when it was, is known by our own clock."""
    looks = Looks(watch(), [store(1)])
    came = DUE + after
    now = DUE - MINUTE
    while now < DUE + 4 * MINUTE:
        looks.look(now, {"out/REPL_S-1_20261123.csv": (9, came + ahead)} if now >= came else None)
        now += 2 * SECOND
    assert looks.status() == {"S-1": status}


def test_judging_nothing_of_a_folder_that_nobody_saw():
    looks = Looks(watch(jeopardy="30 min"), [store(1)])
    assert looks.look(DUE - MINUTE, unseen={"out"}) == Verdict((), ())
    assert looks.look(DUE + MINUTE, unseen={"out"}) == Verdict((), ())
    assert said(looks.look(DUE + 2 * MINUTE)) == [("trigger", "1 of 1 files missing (2026-11-23)")]


def test_what_is_kept_of_an_occurrence_is_what_was_seen():
    looks, _ = arrived()
    (end,) = [each for each in looks.book.values() if each.when == "2026-11-23"]
    assert isinstance(end, Occurrence)
    assert [(file.name, file.size, file.modified_at) for file in end.files] == [
        ("REPL_S-1_20261123.csv", 9, DUE - HOUR)
    ]


ONE = "out/REPL_S-1_20261123.csv"


@pytest.mark.parametrize("kept", [True, False])
def test_a_file_that_never_stands_still_is_missing_a_minute_after_the_deadline_whatever_its_time_says(kept: bool):
    """Some servers keep the time at which an upload began: by that it came in time, and it would be waited for all night."""
    looks = Looks(watch(), [store(1)])
    began = DUE - 10 * MINUTE
    for second in range(0, 40 * 60, 10):
        now = began + second * SECOND
        looks.look(now, {ONE: (second + 1, began if kept else now)})
        waits = now <= DUE + 60 * SECOND
        assert looks.status() == {"S-1": "pending" if waits else "missing"}, now
    end = began + timedelta(hours=1)
    looks.look(end, {ONE: (9_999, began if kept else end)})
    looks.look(end + 31 * SECOND, {ONE: (9_999, began if kept else end)})
    assert looks.status() == {"S-1": "on_time" if kept else "late"}


def test_a_file_that_is_renamed_into_place_came_when_its_name_did():
    """Its own time is that of the upload under another name, half an hour before the deadline."""
    looks = Looks(watch(), [store(1)])
    written = DUE - 30 * MINUTE
    for now in (written, DUE + SECOND, DUE + 5 * MINUTE):
        looks.look(now, {f"{ONE}.tmp": (9, written)})
    for now in (DUE + 6 * MINUTE, DUE + 7 * MINUTE):
        looks.look(now, {ONE: (9, written)})
    assert looks.status() == {"S-1": "late"}
    assert [each.arrived_at for each in looks.book.values() if each.when == "2026-11-23"] == [DUE + 5 * MINUTE]


def test_a_file_that_is_replaced_by_a_smaller_one_counts_once_that_stands_still():
    looks = Looks(watch(), [store(1)])
    looks.look(DUE - 5 * MINUTE, {ONE: (900, DUE - 5 * MINUTE)})
    for seconds in (280, 260):
        looks.look(DUE - seconds * SECOND, {ONE: (500, DUE - 280 * SECOND)})
        assert looks.status() == {"S-1": "pending"}
    looks.look(DUE - 240 * SECOND, {ONE: (500, DUE - 280 * SECOND)})
    assert looks.status() == {"S-1": "on_time"}
    (one,) = [each for each in looks.book.values() if each.when == "2026-11-23"]
    assert [file.size for file in one.files] == [500]


def test_a_folder_that_vanishes_over_the_deadline_and_returns_with_its_files():
    """While it is away they are missing; with the times that they had they were in time."""
    looks = Looks(watch(), [store(1), store(2)])
    there = {ONE: (9, DUE - HOUR)}
    looks.look(DUE - HOUR, {})
    looks.look(DUE + SECOND, {})
    assert set(looks.status().values()) == {"missing"}
    looks.look(DUE + HOUR, there)
    looks.look(DUE + HOUR + 31 * SECOND, there)
    assert looks.status()["S-2"] == "missing"
    assert looks.status()["S-1"] == "late"  # its name was not there at the deadline, whatever its time says
