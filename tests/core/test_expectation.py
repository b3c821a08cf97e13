from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.expectation import LATE_FOR, Verdict, expected, judge
from vigie.core.file_name import folder_and_name
from vigie.core.file_watch import FileWatch
from vigie.core.look_times import next_look
from vigie.core.occurrence import FileSeen, Occurrence
from vigie.core.respond import Respond
from vigie.core.signal import Signal
from vigie.core.site import Site

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

GINZA = Site(
    code="TYO01", name="Ginza", zone="Asia/Tokyo", country="JP", attributes={"warehouse": "TYO", "brand": "Or"}
)
AOYAMA = Site(code="TYO02", zone="Asia/Tokyo", country="JP", attributes={"warehouse": "TYO", "brand": "Or"})
SHIBUYA = Site(code="TYO03", zone="Asia/Tokyo", country="JP", attributes={"warehouse": "TYO", "brand": "Or"})
OPERA = Site(code="PAR01", zone="Europe/Paris", country="FR", attributes={"warehouse": "PAR", "brand": "Or"})
TOKYO = [GINZA, AOYAMA, SHIBUYA]

OPENS = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # Tokyo, 23 November, 00:00
DEADLINE = datetime(2026, 11, 22, 21, 10, tzinfo=UTC)  # Tokyo, 06:00 and the grace


def watch(**rule: Any) -> FileWatch:
    respond = Respond(
        severity="high",
        template="file_missing",
        procedure="replenishment-missing",
        group_by=rule.pop("group_by", ("warehouse",)),
    )
    known = {
        "client": "maison-lumiere",
        "flux": "store_replenishment",
        "task_id": "store_files",
        "respond": respond,
        "where": "maison_lumiere_wms",
        "path": "outbound/REPL_{site.code}_{business_date:%Y%m%d}.csv",
        "sites": "stores",
        "opens": time(0),
        "due": time(6),
        "grace": "10 min",
        "stable_for": "30 s",
    }
    return FileWatch(**(known | rule))


class Session:
    """The memory that a session keeps between its looks, and the logbook's: occurrences end once.

    What was due before ``since`` is waived: the watch was not yet there.
    """

    def __init__(self, rule: FileWatch, sites: Iterable[Site], since: datetime = OPENS) -> None:
        self.rule, self.sites, self.since = rule, list(sites), since
        self.book: dict[str, Occurrence] = {}
        self.files: dict[str, dict[str, FileSeen]] = {}
        self.looked: dict[str, datetime] = {}
        self.entries: list[tuple[str, date, str]] = []

    def look(self, now: datetime, *listed: tuple[str, int, datetime]) -> Verdict:
        fresh: dict[str, dict[str, FileSeen]] = {"outbound": {}}
        for name, size, modified_at in listed:
            known = self.files.get("outbound", {}).get(name)
            same = known is not None and (known.size, known.modified_at) == (size, modified_at)
            fresh["outbound"][name] = FileSeen(
                name=name,
                size=size,
                modified_at=modified_at,
                unchanged_since=known.unchanged_since if known and same else now,
                seen_at=known.seen_at if known and same else now,
                absent_at=known.absent_at if known else self.looked.get("outbound"),
            )
        self.files, self.looked["outbound"] = fresh, now
        return self.judge(now)

    def judge(self, now: datetime) -> Verdict:
        due = expected(self.rule, self.sites, now)
        due = [each if each.deadline > self.since else each.model_copy(update={"status": "waived"}) for each in due]
        known = [self.book.get(each.key, each) for each in due]
        verdict = judge(self.rule, known, self.files, now, {site.code: site for site in self.sites})
        for each in known:
            self.book.setdefault(each.key, each)
        for each in verdict.changed:
            if each.status != self.book[each.key].status:
                self.entries.append((each.site, each.business_date, each.status))
            self.book[each.key] = each
        return verdict

    def restarts(self) -> None:
        self.files, self.looked = {}, {}

    @property
    def statuses(self) -> dict[str, str]:
        return {each.site: each.status for each in self.book.values() if each.business_date == date(2026, 11, 23)}


def replenishment(site: Site, modified_at: datetime, size: int = 100) -> tuple[str, int, datetime]:
    return f"REPL_{site.code}_20261123.csv", size, modified_at


def said(verdict: Verdict) -> list[tuple[str, str]]:
    return [(signal.event, signal.title) for signal in verdict.signals]


# --- what is expected ------------------------------------------------------------------------------------------


def test_an_occurrence_is_expected_from_the_opening_of_its_window_to_two_days_after_its_deadline():
    def dates(now: datetime) -> list[str]:
        return [each.business_date.isoformat() for each in expected(watch(), [GINZA], now)]

    assert dates(OPENS - SECOND) == ["2026-11-21", "2026-11-22"]
    assert dates(OPENS) == ["2026-11-21", "2026-11-22", "2026-11-23"]
    assert "2026-11-23" in dates(DEADLINE + LATE_FOR)
    assert "2026-11-23" not in dates(DEADLINE + LATE_FOR + SECOND)


def test_an_occurrence_is_pending_and_knows_its_path_window_and_labels():
    assert expected(watch(), [GINZA], OPENS)[-1] == Occurrence(
        client="maison-lumiere",
        flux="store_replenishment",
        watch="maison-lumiere.store_replenishment.store_files",
        site="TYO01",
        business_date=date(2026, 11, 23),
        path="outbound/REPL_TYO01_20261123.csv",
        window_open=OPENS,
        due=DEADLINE - 10 * MINUTE,
        deadline=DEADLINE,
        status="pending",
        labels={"warehouse": "TYO"},
    )


def test_each_site_has_its_own_deadline():
    deadlines = {each.site: each.deadline for each in expected(watch(), [GINZA, OPERA], OPENS + 9 * HOUR)
                 if each.business_date == date(2026, 11, 23)}  # fmt: skip
    assert deadlines == {"TYO01": DEADLINE, "PAR01": DEADLINE + 8 * HOUR}


def test_a_window_of_the_evening_before_opens_on_the_evening_before():
    assert expected(watch(opens="20:00"), [GINZA], OPENS - 4 * HOUR)[-1].business_date == date(2026, 11, 23)


@pytest.mark.parametrize("grace", ["0 s", "12 h", "1 d", "5 d"])
def test_a_long_grace_does_not_make_an_occurrence_forgotten(grace: str):
    rule = watch(grace=grace)
    deadline = DEADLINE - 10 * MINUTE + rule.grace
    for now in (deadline, deadline + SECOND, deadline + LATE_FOR):
        assert date(2026, 11, 23) in {each.business_date for each in expected(rule, [GINZA], now)}


# --- stories ---------------------------------------------------------------------------------------------------


def test_on_time():
    session = Session(watch(), [GINZA])
    came = DEADLINE - HOUR
    session.look(came - MINUTE)
    assert session.look(came + SECOND, replenishment(GINZA, came)).changed == ()
    assert session.statuses == {"TYO01": "pending"}  # not yet stable
    verdict = session.look(came + 31 * SECOND, replenishment(GINZA, came))
    assert [(each.status, each.arrived_at, each.looked_at) for each in verdict.changed] == [
        ("on_time", came, came + 31 * SECOND)
    ]
    assert verdict.signals == ()
    assert session.look(DEADLINE + HOUR, replenishment(GINZA, came)) == Verdict((), ())


def test_early_by_the_file_that_was_there_before_the_window():
    session = Session(watch(opens="05:00"), [GINZA])
    came = DEADLINE - 5 * HOUR
    session.look(came + HOUR, replenishment(GINZA, came))
    session.look(DEADLINE - HOUR, replenishment(GINZA, came))
    assert session.statuses == {"TYO01": "early"}


@pytest.mark.parametrize(
    ("came", "status"),
    [
        (OPENS - SECOND, "early"),
        (OPENS, "on_time"),
        (DEADLINE, "on_time"),
        (DEADLINE + SECOND, "late"),
    ],
)
def test_the_opening_and_the_deadline_themselves_are_in_time(came: datetime, status: str):
    session = Session(watch(stable_for="0 s"), [GINZA])
    (ended,) = session.look(max(came, OPENS), replenishment(GINZA, came)).changed
    assert (ended.status, ended.arrived_at) == (status, came)


def test_missing_then_late():
    session = Session(watch(), [GINZA])
    assert session.look(DEADLINE).changed == ()  # the deadline itself is in time
    missing = session.look(DEADLINE + SECOND)
    assert said(missing) == [("trigger", "1 of 1 files missing (warehouse=TYO)")]
    assert session.look(DEADLINE + 2 * SECOND) == Verdict((), ())
    came = DEADLINE + HOUR
    assert session.look(came, replenishment(GINZA, came)) == Verdict((), ())
    late = session.look(came + 30 * SECOND, replenishment(GINZA, came))
    assert said(late) == [("resolve", "All files are there (warehouse=TYO)")]
    assert [(each.status, each.arrived_at) for each in late.changed] == [("late", came)]
    assert [status for _, _, status in session.entries if status != "pending"] == ["missing", "late"]
    assert missing.signals[0].dedup_key == late.signals[0].dedup_key == "2026-11-23|warehouse=TYO"


def test_late_without_having_been_missing():
    """It came while nobody looked, was whole when somebody did, and its own time says that it was late."""
    session = Session(watch(stable_for="0 s"), [GINZA])
    session.look(DEADLINE - MINUTE)
    verdict = session.look(DEADLINE + 2 * MINUTE, replenishment(GINZA, DEADLINE + MINUTE))
    assert [(each.status, each.arrived_at) for each in verdict.changed] == [("late", DEADLINE + MINUTE)]
    assert verdict.signals == ()  # nothing to do any more; the entry says it


def test_a_file_with_an_old_time_arrived_after_the_last_look_that_did_not_see_it():
    """rsync and sftp -p keep the time of the original: it says nothing about the arrival."""
    session = Session(watch(), [GINZA])
    session.look(DEADLINE + SECOND)
    old = DEADLINE - 5 * HOUR
    session.look(DEADLINE + HOUR, replenishment(GINZA, old))
    session.look(DEADLINE + HOUR + MINUTE, replenishment(GINZA, old))
    assert session.statuses == {"TYO01": "late"}


def test_missing_then_on_time_by_the_files_own_time():
    """A look that failed to see it (a folder renamed for a while), then a session without memory."""
    session = Session(watch(), [GINZA])
    session.look(DEADLINE + SECOND)
    session.restarts()
    came = DEADLINE - HOUR
    session.look(DEADLINE + HOUR, replenishment(GINZA, came))
    verdict = session.look(DEADLINE + HOUR + MINUTE, replenishment(GINZA, came))
    assert [(each.status, each.arrived_at) for each in verdict.changed] == [("on_time", came)]
    assert said(verdict) == [("resolve", "All files are there (warehouse=TYO)")]


def test_a_session_that_starts_after_the_deadline_does_not_cry_about_a_file_that_is_there():
    session = Session(watch(), [GINZA])
    came = DEADLINE - 15 * MINUTE
    assert session.look(DEADLINE + 5 * MINUTE, replenishment(GINZA, came)) == Verdict((), ())
    verdict = session.look(DEADLINE + 6 * MINUTE, replenishment(GINZA, came))
    assert [each.status for each in verdict.changed] == ["on_time"]
    assert verdict.signals == ()


def test_a_session_that_starts_after_the_deadline_says_at_once_that_a_file_is_missing():
    assert said(Session(watch(), [GINZA]).look(DEADLINE + 5 * MINUTE)) == [
        ("trigger", "1 of 1 files missing (warehouse=TYO)")
    ]


def test_a_file_that_is_still_growing_at_the_deadline_gets_a_little_longer():
    session = Session(watch(), [GINZA])
    session.look(DEADLINE - MINUTE)
    growing = [DEADLINE - 10 * SECOND + n * 20 * SECOND for n in range(5)]  # … to 70 s after the deadline
    for size, now in enumerate(growing[:-1], start=1):
        assert session.look(now, replenishment(GINZA, now, size)) == Verdict((), ())
    verdict = session.look(growing[-1], replenishment(GINZA, growing[-1], 9))
    assert said(verdict) == [("trigger", "1 of 1 files missing (warehouse=TYO)")]  # twice stable_for is over
    session.look(growing[-1] + 30 * SECOND, replenishment(GINZA, growing[-1], 9))
    assert session.statuses == {"TYO01": "late"}


def test_a_file_that_became_whole_just_after_the_deadline_was_on_time():
    session = Session(watch(), [GINZA])
    came = DEADLINE - 5 * SECOND
    session.look(came, replenishment(GINZA, came))
    session.look(DEADLINE + SECOND, replenishment(GINZA, came))
    session.look(DEADLINE + 25 * SECOND, replenishment(GINZA, came))
    assert session.entries == [("TYO01", date(2026, 11, 23), "on_time")]


def test_an_empty_file_is_no_file():
    session = Session(watch(min_size=1), [GINZA])
    for now in (DEADLINE - HOUR, DEADLINE - MINUTE, DEADLINE + SECOND):
        session.look(now, replenishment(GINZA, DEADLINE - HOUR, size=0))
    assert session.statuses == {"TYO01": "missing"}


def test_a_server_whose_clock_is_ahead_cannot_send_files_from_the_future():
    session = Session(watch(stable_for="0 s"), [GINZA])
    now = DEADLINE - HOUR
    (ended,) = session.look(now, replenishment(GINZA, now + 3 * HOUR)).changed
    assert (ended.status, ended.arrived_at) == ("on_time", now)


def test_the_file_of_another_day_or_site_is_not_this_one():
    session = Session(watch(), [GINZA])
    old = DEADLINE - HOUR
    for now in (old, old + MINUTE, DEADLINE + SECOND):
        session.look(now, ("REPL_TYO01_20261122.csv", 9, old), ("REPL_TYO02_20261123.csv", 9, old), ("x\ny", 9, old))
    assert session.statuses == {"TYO01": "missing"}


# --- groups and signals ----------------------------------------------------------------------------------------


def test_one_incident_for_a_warehouse_that_shrinks_and_ends():
    session = Session(watch(), TOKYO)
    came = DEADLINE - HOUR
    session.look(came, replenishment(SHIBUYA, came))
    trigger = session.look(DEADLINE + SECOND, replenishment(SHIBUYA, came))
    assert said(trigger) == [("trigger", "2 of 3 files missing (warehouse=TYO)")]
    assert trigger.signals[0].facts == {
        "expected": 3,
        "arrived": 1,
        "not_due": 0,
        "missing": [
            {"site": "TYO01", "name": "Ginza", "path": "outbound/REPL_TYO01_20261123.csv", "due": "06:00"},
            {"site": "TYO02", "name": "", "path": "outbound/REPL_TYO02_20261123.csv", "due": "06:00"},
        ],
        "missing_count": 2,
        "more": 0,
        "absent_folders": [],
        "unexpected": [],
        "found": [],
        "group": {"warehouse": "TYO"},
        "business_date": "2026-11-23",
        "slot": "",
        "due": "06:00",
    }
    one = [replenishment(SHIBUYA, came), replenishment(AOYAMA, DEADLINE + HOUR)]
    session.look(DEADLINE + HOUR, *one)
    update = session.look(DEADLINE + HOUR + MINUTE, *one)
    assert said(update) == [("update", "1 of 3 files missing (warehouse=TYO)")]
    both = [*one, replenishment(GINZA, DEADLINE + 2 * HOUR)]
    session.look(DEADLINE + 2 * HOUR, *both)
    resolve = session.look(DEADLINE + 2 * HOUR + MINUTE, *both)
    assert said(resolve) == [("resolve", "All files are there (warehouse=TYO)")]
    assert {signal.dedup_key for signal in (*trigger.signals, *update.signals, *resolve.signals)} == {
        "2026-11-23|warehouse=TYO"
    }


def test_the_signal_of_an_incident_carries_what_the_author_answers():
    (signal,) = Session(watch(), [GINZA]).look(DEADLINE + SECOND).signals
    assert signal.model_dump(exclude={"facts", "key", "title"}) == {
        "event": "trigger",
        "client": "maison-lumiere",
        "flux": "store_replenishment",
        "watch": "maison-lumiere.store_replenishment.store_files",
        "dedup_key": "2026-11-23|warehouse=TYO",
        "seen_at": DEADLINE + SECOND,
        "severity": "high",
        "template": "file_missing",
        "procedure": "replenishment-missing",
        "page": True,
        "audience": "client",
        "storm_after": 10,
        "hold": timedelta(minutes=10),
    }


def test_each_warehouse_is_an_incident_and_without_group_by_each_date():
    paris = DEADLINE + 8 * HOUR + SECOND
    assert said(Session(watch(), [*TOKYO, OPERA]).look(paris)) == [
        ("trigger", "1 of 1 files missing (warehouse=PAR)"),
        ("trigger", "3 of 3 files missing (warehouse=TYO)"),
    ]
    (together,) = Session(watch(group_by=()), [*TOKYO, OPERA]).look(paris).signals
    assert (together.title, together.dedup_key) == ("4 of 4 files missing (2026-11-23)", "2026-11-23")


def test_a_later_deadline_in_the_same_group_triggers_again_and_resolves_when_the_last_is_there():
    session = Session(watch(group_by=("brand",), opens="20:00"), [GINZA, OPERA])
    paris = DEADLINE + 8 * HOUR
    assert said(session.look(DEADLINE + SECOND)) == [("trigger", "1 of 2 files missing (brand=Or)")]
    assert said(session.look(paris + SECOND)) == [("trigger", "2 of 2 files missing (brand=Or)")]
    came = [replenishment(GINZA, paris + HOUR), replenishment(OPERA, paris + HOUR)]
    session.look(paris + HOUR, *came)
    assert said(session.look(paris + HOUR + MINUTE, *came)) == [("resolve", "All files are there (brand=Or)")]


def test_resolved_while_others_are_not_yet_due_does_not_say_that_all_are_there():
    session = Session(watch(group_by=("brand",), opens="20:00"), [GINZA, OPERA])
    session.look(DEADLINE + SECOND)
    came = replenishment(GINZA, DEADLINE + HOUR)
    session.look(DEADLINE + HOUR, came)
    resolve = session.look(DEADLINE + HOUR + MINUTE, came)
    assert said(resolve) == [("resolve", "No file is missing any more (brand=Or)")]
    again = session.look(DEADLINE + 8 * HOUR + SECOND, came)
    assert said(again) == [("trigger", "1 of 2 files missing (brand=Or)")]
    assert again.signals[0].dedup_key == resolve.signals[0].dedup_key


def test_one_comes_as_another_goes_missing():
    """As many are missing as before, and not the same."""
    session = Session(watch(group_by=("brand",)), [GINZA, OPERA])
    session.look(DEADLINE + SECOND)
    came = replenishment(GINZA, DEADLINE + 2 * HOUR)
    session.look(DEADLINE + 2 * HOUR, came)
    verdict = session.look(DEADLINE + 8 * HOUR + SECOND, came)
    assert said(verdict) == [("trigger", "1 of 2 files missing (brand=Or)")]
    assert verdict.signals[0].facts["missing"][0]["site"] == "PAR01"  # type: ignore[index,call-overload]


def test_no_key_of_a_signal_comes_twice_and_two_who_look_give_the_same():
    def keys(delay: timedelta) -> list[str]:
        """Tokyo is missing, Paris too, Paris comes, New York is missing, New York comes, Tokyo comes."""
        york = Site(code="NYC01", zone="America/New_York", country="US", attributes={"brand": "Or"})
        session = Session(watch(group_by=("brand",)), [GINZA, OPERA, york])
        files, found = [], []
        paris, new_york = DEADLINE + 8 * HOUR, DEADLINE + 14 * HOUR
        for now, site in (
            (DEADLINE, None), (paris, None), (paris + HOUR, OPERA), (new_york, None),
            (new_york + HOUR, york), (new_york + 2 * HOUR, GINZA),
        ):  # fmt: skip
            if site:
                files.append(replenishment(site, now))
                session.look(now + SECOND, *files)
            found += [signal.key for signal in session.look(now + MINUTE + delay, *files).signals]
        return found

    assert len(keys(SECOND)) == len(set(keys(SECOND))) == 6
    assert keys(SECOND) == keys(3 * SECOND)


def test_the_key_of_an_incident_does_not_depend_on_the_order_in_which_a_store_gives_labels_back():
    rule = watch(group_by=("warehouse", "brand"))
    (one,) = [each for each in expected(rule, [GINZA], DEADLINE + SECOND) if each.business_date == date(2026, 11, 23)]
    two = one.model_copy(update={"labels": dict(reversed(one.labels.items()))})
    assert judge(rule, [one], {}, DEADLINE + SECOND).signals[0].dedup_key == "2026-11-23|brand=Or|warehouse=TYO"
    assert judge(rule, [two], {}, DEADLINE + SECOND).signals[0].dedup_key == "2026-11-23|brand=Or|warehouse=TYO"


def test_the_key_of_a_signal_fits_an_index_however_many_files_are_missing():
    sites = [GINZA.model_copy(update={"code": f"STORE{n:05}"}) for n in range(1000)]
    (signal,) = Session(watch(), sites).look(DEADLINE + SECOND).signals
    assert len(signal.key) < 200


# --- properties ------------------------------------------------------------------------------------------------

Sent = tuple[Site, datetime, int, int]

ENDS = {"early", "on_time", "late"}
MOMENTS = st.integers(-7 * 3600, 6 * 3600).map(lambda seconds: DEADLINE + seconds * SECOND)
SENT = st.lists(
    st.tuples(st.sampled_from(TOKYO), MOMENTS, st.integers(0, 2), st.integers(-3600, 600)), max_size=6
)  # which file, when it is there, its size, how its own time differs


def listing(sent: Iterable[Sent], now: datetime) -> list[tuple[str, int, datetime]]:
    there = {site.code: replenishment(site, at + own * SECOND, size) for site, at, size, own in sorted(
        sent, key=lambda each: (each[1], each[2], each[3])) if at <= now}  # fmt: skip
    return list(there.values())


@examples(60)
@given(SENT, st.lists(MOMENTS, max_size=12), st.randoms(use_true_random=False))
def test_whatever_comes_each_occurrence_ends_once_and_in_an_order_that_makes_sense(
    sent: list[Sent], looks: list[datetime], random: Random
):
    session, shuffled = Session(watch(), TOKYO), Session(watch(), TOKYO)
    open_incidents: set[str] = set()
    last = DEADLINE + 20 * HOUR
    for now in [*sorted(looks), last - HOUR, last]:
        files = listing(sent, now)
        verdict = session.look(now, *files)
        # judged twice, nothing more is said
        assert session.judge(now) == Verdict((), ())
        # neither the order of the files nor of the sites matters
        random.shuffle(files)
        random.shuffle(shuffled.sites)
        other = shuffled.look(now, *files)
        assert other.signals == verdict.signals
        assert sorted(other.changed, key=lambda each: each.key) == sorted(verdict.changed, key=lambda each: each.key)
        for signal in verdict.signals:
            known = signal.dedup_key in open_incidents
            assert signal.event == "trigger" or known
            (open_incidents.discard if signal.event == "resolve" else open_incidents.add)(signal.dedup_key)
    for site in TOKYO:
        story = [status for code, day, status in session.entries if (code, day) == (site.code, date(2026, 11, 23))]
        assert story in [["missing"], *([end] for end in ENDS), *(["missing", end] for end in ENDS - {"early"})]
        whole = any(code.code == site.code and size for code, _, size, _ in sent)
        if not whole:
            assert story == ["missing"]
    missing = "missing" in {status for code, status in session.statuses.items()}
    assert ("2026-11-23|warehouse=TYO" in open_incidents) == missing


def test_judging_does_not_change_what_it_is_given():
    known = expected(watch(), TOKYO, DEADLINE + SECOND)
    copies = [each.model_copy(deep=True) for each in known]
    judge(watch(), known, {}, DEADLINE + SECOND)
    assert known == copies


def test_an_occurrence_that_somebody_waived_is_left_alone_and_not_counted():
    known = [each.model_copy(update={"status": "waived"}) for each in expected(watch(), TOKYO, DEADLINE + SECOND)]
    assert judge(watch(), known, {}, DEADLINE + SECOND) == Verdict((), ())
    known[-1] = known[-1].model_copy(update={"status": "pending"})
    assert said(judge(watch(), known, {}, DEADLINE + SECOND)) == [("trigger", "1 of 1 files missing (warehouse=TYO)")]


def test_without_the_table_of_sites_hours_are_utc():
    known = [each for each in expected(watch(), [GINZA], DEADLINE) if each.deadline == DEADLINE]
    (signal,) = judge(watch(), known, {}, DEADLINE + SECOND).signals
    assert signal.facts["missing"] == [
        {"site": "TYO01", "name": "", "path": "outbound/REPL_TYO01_20261123.csv", "due": "21:00"}
    ]


# --- when to look ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (DEADLINE - 6 * HOUR, 5 * MINUTE),
        (DEADLINE - 10 * MINUTE, MINUTE),
        (DEADLINE - 10 * SECOND, 2 * SECOND),
        (DEADLINE - SECOND, timedelta(seconds=1.2)),  # just after the deadline
        (DEADLINE, 2 * SECOND),
        (DEADLINE + 10 * MINUTE, MINUTE),
        (DEADLINE + 6 * HOUR, 5 * MINUTE),
    ],
)
def test_look_often_near_a_deadline_and_seldom_far_from_it(now: datetime, wait: timedelta):
    (today,) = [each for each in expected(watch(), [GINZA], now) if each.business_date == date(2026, 11, 23)]
    assert next_look(watch(), [today], now) == now + wait


def test_nothing_to_wait_for_is_looked_at_seldom():
    (today,) = [each for each in expected(watch(), [GINZA], DEADLINE) if each.business_date == date(2026, 11, 23)]
    assert next_look(watch(), [], DEADLINE) == DEADLINE + 5 * MINUTE
    ended = today.model_copy(update={"status": "on_time"})
    assert next_look(watch(), [ended], DEADLINE) == DEADLINE + 5 * MINUTE


@examples(50)
@given(MOMENTS)
def test_no_deadline_is_slept_through(now: datetime):
    known = expected(watch(), TOKYO, now)
    then = next_look(watch(), known, now)
    assert now < then <= now + 5 * MINUTE
    for each in known:
        assert not now < each.deadline < then - SECOND


# --- a real series ---------------------------------------------------------------------------------------------


@pytest.mark.needs("corpus")
@pytest.mark.parametrize(("due", "late"), [("18:00", 118), ("18:30", 23), ("19:00", 6)])
def test_a_real_daily_file(corpus: Path, due: str, late: int):
    """664 days of a file that people really waited for, looked at as a session looks."""
    with (corpus / "arrivals/national-daily-file.csv").open(newline="") as table:
        rows = [(row["file_name"], datetime.fromisoformat(row["arrived_at"])) for row in csv.DictReader(table)]
    rome = Site(code="ITA", zone="Europe/Rome", country="IT")
    rule = watch(
        path="outbound/dpc-covid19-ita-andamento-nazionale-{business_date:%Y%m%d}.csv",
        opens="12:00", due=due, grace="0 s", stable_for="30 s", group_by=(),
    )  # fmt: skip
    session = Session(rule, [rome], since=datetime(2020, 3, 8, 6, tzinfo=UTC))
    signals: list[Signal] = []
    for number, (name, arrived) in enumerate(rows):
        day = date.fromisoformat(f"{name[-12:-8]}-{name[-8:-6]}-{name[-6:-4]}")
        (today,) = [each for each in expected(rule, [rome], datetime(*day.timetuple()[:3], 14, tzinfo=UTC))
                    if each.business_date == day]  # fmt: skip
        assert folder_and_name(today.path) == ("outbound", name)
        looks = {today.deadline - HOUR, today.deadline - SECOND, today.deadline + 200 * SECOND / 1000}
        looks |= {arrived - SECOND, arrived + SECOND, arrived + 31 * SECOND, arrived + MINUTE}
        for now in sorted(looks):
            there = [(each, 4000, came) for each, came in rows[max(0, number - 3) : number + 1] if came <= now]
            signals += session.look(now, *there).signals
    assert len(rows) == 664
    ends = Counter(each.status for each in session.book.values())
    assert ends == {"on_time": 664 - late, "late": late, "waived": 2}  # two days before the series began
    assert Counter(signal.event for signal in signals) == {"trigger": late, "resolve": late}
