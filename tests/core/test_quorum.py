from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.ok_mails import DEADLINE, OPENS, RESPOND, VMS, backups, local, ok

from vigie.core.expectation import LATE_FOR
from vigie.core.mail_arrival import Arrival
from vigie.core.mail_rule import counted
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.occurrence import NEEDED, RULE, Occurrence
from vigie.core.quorum import TOLD_IN, Counted, expected_mails, judge_mails, uncounted_since
from vigie.core.quorum_words import progress
from vigie.logbook.occurrences import merged

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DAY = date(2026, 11, 24)
AFTER = DEADLINE + TOLD_IN
NAMED = backups(expect=VMS, expect_count=None)


class Session:
    """The memory of a session, which is the logbook's: what is judged is merged as the logbook merges it."""

    def __init__(self, rule: MissingMailWatch, since: datetime = OPENS) -> None:
        self.rule = rule
        self.book: dict[str, Occurrence] = {}
        self.history: list[str] = []
        self.look(since)

    def look(self, now: datetime, *came: Arrival, whole: bool = True) -> Counted:
        found = judge_mails(self.rule, self.book, came, now, read_to_the_end=whole)
        for each in found.changed:
            before = self.book.get(each.key)
            self.book[each.key] = merged(before, each) if before else each
            if each.business_date == DAY and self.book[each.key].status != (before.status if before else "pending"):
                self.history.append(self.book[each.key].status)
        return found

    @property
    def tonight(self) -> Occurrence:
        return next(each for each in self.book.values() if each.business_date == DAY)


def came(vm: str, at: datetime = OPENS + HOUR, day: date = DAY) -> Arrival:
    return Arrival(day, vm, at)


def said(found: Counted) -> list[tuple[str, str]]:
    return [(signal.event, signal.title) for signal in found.signals]


# --- what is expected ------------------------------------------------------------------------------------------


def test_an_occurrence_is_expected_from_the_opening_of_its_window_to_two_days_after_its_deadline():
    def days(now: datetime) -> list[int]:
        return [each.business_date.day for each in expected_mails(backups(), now)]

    assert days(OPENS - SECOND) == [22, 23]
    assert days(OPENS) == [22, 23, 24]
    assert 24 in days(DEADLINE + LATE_FOR)
    assert 24 not in days(DEADLINE + LATE_FOR + SECOND)


def test_an_occurrence_knows_its_folder_window_and_rule():
    assert expected_mails(backups(), OPENS)[-1] == Occurrence(
        client="nordwind",
        flux="backups",
        watch="nordwind.backups.backups_ok",
        site="",
        business_date=DAY,
        path="nordwind_ops/INBOX",
        window_open=OPENS,
        due=DEADLINE - 10 * MINUTE,
        deadline=DEADLINE,
        labels={RULE: backups().rule, NEEDED: "5"},
    )


@pytest.mark.parametrize(
    ("zone", "day", "deadline"),
    [
        ("Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 29, 4, 10, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 25), datetime(2026, 10, 25, 5, 10, tzinfo=UTC)),
        ("Asia/Kolkata", DAY, datetime(2026, 11, 24, 0, 40, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 4), datetime(2026, 10, 3, 19, 10, tzinfo=UTC)),
    ],
)
def test_six_is_six_on_every_night_of_every_zone(zone: str, day: date, deadline: datetime):
    session = Session(backups(zone=zone), deadline - 2 * HOUR)
    assert session.look(deadline).signals == ()
    (signal,) = session.look(deadline + TOLD_IN).signals
    assert (signal.dedup_key, signal.facts["due"]) == (day.isoformat(), "06:00")


# --- how a night ends ------------------------------------------------------------------------------------------


def test_all_have_come_in_their_window():
    session = Session(backups())
    assert session.look(OPENS + HOUR, *map(came, VMS[:4])).changed[0].status == "pending"
    session.look(OPENS + 2 * HOUR, came("vm5", OPENS + 2 * HOUR))
    assert (session.tonight.status, session.tonight.arrived_at) == ("on_time", OPENS + 2 * HOUR)
    assert session.look(AFTER).signals == ()
    assert session.history == ["on_time"]


def test_four_of_five_at_the_deadline_are_one_incident_until_the_fifth_has_come():
    session = Session(NAMED)
    session.look(OPENS + HOUR, *map(came, VMS[:3]))
    assert session.look(DEADLINE).signals == ()

    (opened,) = session.look(AFTER).signals
    assert (opened.event, opened.title) == ("trigger", "3 of 5 mails came; missing: vm4, vm5 (2026-11-24)")
    assert (opened.dedup_key, opened.severity, opened.template, opened.procedure) == (
        "2026-11-24", "high", "mail_missing", "backup-missing",
    )  # fmt: skip
    assert opened.facts == {
        "expected": 5,
        "arrived": 3,
        "missing": [{"name": "vm4"}, {"name": "vm5"}],
        "came": [{"name": name, "at": "23:00"} for name in VMS[:3]],
        "due": "06:00",
        "business_date": "2026-11-24",
        "mailbox": "nordwind_ops/INBOX",
    }
    assert said(session.look(AFTER + MINUTE, came("vm5", AFTER + MINUTE))) == [
        ("update", "4 of 5 mails came; missing: vm4 (2026-11-24)")
    ]
    assert said(session.look(AFTER + HOUR, came("vm4", AFTER + HOUR))) == [
        ("resolve", "All 5 mails have come (2026-11-24)")
    ]
    assert session.history == ["missing", "late"]


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        ({}, "update"),
        ({"sender": "@nordwind.example"}, "update"),
        ({"sender": "backup@nordwind.example"}, "resolve"),
        ({"authenticated_by": "mx.nordwind.example"}, "resolve"),
    ],
)
def test_a_critical_absence_is_not_ended_by_mails_that_anybody_can_write(rule: dict[str, str], event: str):
    respond = RESPOND.model_copy(update={"severity": "critical"})
    session = Session(backups(respond=respond, expect_count=None, distinct_by=None, **rule))
    assert [signal.event for signal in session.look(AFTER).signals] == ["trigger"]
    (ended,) = session.look(AFTER + HOUR, came("vm1", AFTER + MINUTE)).signals
    assert ended.event == event
    assert session.tonight.status == "late"
    unproved = "; nobody proves who sent it: end the incident by hand" if event == "update" else ""
    assert ended.title == f"The mail has come (2026-11-24){unproved}"


def test_where_nobody_wrote_the_names_it_says_how_many_more():
    session = Session(backups())
    session.look(OPENS + HOUR, *map(came, VMS[:3]))
    assert said(session.look(AFTER)) == [("trigger", "3 of 5 mails came; missing: 2 more (2026-11-24)")]


def test_a_single_mail_has_words_of_its_own():
    session = Session(backups(expect_count=None, distinct_by=None))
    (opened,) = session.look(AFTER).signals
    assert (opened.title, opened.facts["came"]) == ("The mail expected by 06:00 has not come (2026-11-24)", [])
    assert said(session.look(AFTER + HOUR, came("digest", AFTER + HOUR))) == [
        ("resolve", "The mail has come (2026-11-24)")
    ]


def test_a_long_list_of_names_is_cut_in_the_title_alone():
    rule = backups(expect=[f"vm{number:02}" for number in range(30)], expect_count=None)
    (opened,) = Session(rule).look(AFTER).signals
    assert opened.title.endswith("vm08, vm09 and 20 more (2026-11-24)")
    missing = opened.facts["missing"]
    assert isinstance(missing, list)
    assert len(missing) == 30


def test_what_came_in_time_and_was_read_late_is_on_time():
    session = Session(backups())
    session.look(AFTER)
    assert said(session.look(AFTER + HOUR, *map(came, VMS))) == [("resolve", "All 5 mails have come (2026-11-24)")]
    assert session.history == ["missing", "on_time"]


def test_what_came_late_while_nobody_could_look_is_late_and_no_alarm():
    session = Session(backups())
    found = session.look(AFTER + HOUR, *map(came, VMS[:4]), came("vm5", AFTER))
    assert (found.signals, session.history) == ((), ["late"])


def test_a_mail_of_the_deadlines_own_second_is_in_time():
    session = Session(backups(expect_count=1))
    session.look(DEADLINE + TOLD_IN / 2, came("vm1", DEADLINE))
    assert session.tonight.status == "on_time"


def test_nothing_is_missing_before_the_folder_is_read_to_its_end():
    session = Session(backups())
    assert session.look(AFTER, *map(came, VMS[:4]), whole=False).signals == ()
    assert session.look(AFTER, came("vm5"), whole=False).signals == ()
    session.look(AFTER)
    assert session.history == ["on_time"]


def test_what_was_due_before_the_watch_began_is_waived():
    session = Session(backups(), AFTER)
    assert {each.business_date.day: each.status for each in session.book.values()} == {23: "waived", 24: "waived"}
    assert session.look(AFTER + HOUR, came("vm1", AFTER)).changed == ()


def test_a_day_on_which_nobody_watched_is_judged_when_somebody_does_again():
    session = Session(backups(expect_count=1), OPENS - timedelta(days=1))
    (opened,) = session.look(AFTER, came("vm1", OPENS - 20 * HOUR, DAY - timedelta(days=1))).signals
    assert opened.dedup_key == "2026-11-24"


def test_a_mail_with_a_date_may_come_before_its_window():
    session = Session(backups(expect_count=2), OPENS - 12 * HOUR)
    session.look(OPENS - 11 * HOUR, came("vm1", OPENS - 11 * HOUR))
    assert session.tonight.arrivals == {"vm1": OPENS - 11 * HOUR}
    session.look(OPENS - 10 * HOUR, came("vm2", OPENS - 10 * HOUR))
    assert (session.history, session.look(AFTER).signals) == (["early"], ())


def test_a_mail_of_yesterday_never_turns_today_green():
    rule = backups(subject=r"\[OK\] (?P<vm>\w+) (?P<business_date>\S+)", date_format="%Y-%m-%d", expect_count=None)
    session = Session(rule)
    filled = counted(rule, ok("[OK] vm1 2026-11-23", OPENS + HOUR))
    assert filled is not None
    session.look(OPENS + HOUR, filled)
    assert said(session.look(AFTER)) == [("trigger", "The mail expected by 06:00 has not come (2026-11-24)")]


def test_more_than_are_needed_are_not_kept():
    session = Session(backups(expect_count=3, distinct_by=None))
    session.look(OPENS + HOUR, *(came(f"mail{number}", OPENS + number * SECOND) for number in range(500)))
    assert session.tonight.arrivals == {f"mail{number}": OPENS + number * SECOND for number in range(3)}


def test_it_looks_again_right_after_the_next_deadline():
    session = Session(backups())
    assert session.look(OPENS + HOUR).again == AFTER
    session.look(OPENS + HOUR, *map(came, VMS))
    assert session.look(OPENS + HOUR).again is None


# --- a rule that changes ---------------------------------------------------------------------------------------


def test_a_new_rule_counts_from_the_opening_of_what_is_open():
    rule = backups()
    assert uncounted_since(rule, {}, OPENS + HOUR) == OPENS
    assert uncounted_since(rule, {}, OPENS - HOUR) is None
    session = Session(rule)
    assert uncounted_since(rule, session.book, OPENS + HOUR) is None
    session.look(AFTER)
    changed = backups(subject=r"backup of (?P<vm>\w+)")
    assert uncounted_since(changed, session.book, AFTER + HOUR) == OPENS


def test_a_mended_rule_ends_the_incident_that_the_wrong_one_opened():
    session = Session(backups(subject=r"\[OK\] bakup (?P<vm>\w+)"))
    assert len(session.look(AFTER).signals) == 1
    session.rule = backups()
    assert said(session.look(AFTER + HOUR, *map(came, VMS))) == [("resolve", "All 5 mails have come (2026-11-24)")]
    assert (session.tonight.status, session.tonight.labels) == ("on_time", {RULE: backups().rule, NEEDED: "5"})


def test_under_another_rule_nothing_of_the_old_count_is_left():
    session = Session(backups())
    session.look(OPENS + HOUR, *map(came, VMS[:3]))
    session.rule = backups(subject=r"\[OK\] (?P<job>\w+)", distinct_by="job", expect_count=4)
    session.look(OPENS + 2 * HOUR, came("backup"))
    assert session.tonight.arrivals == {"backup": OPENS + HOUR}
    assert progress(session.rule, session.tonight) == "1 of 4 mails came; missing: 3 more"


def test_a_deadline_that_is_moved_counts_for_what_has_not_ended():
    session = Session(backups())
    session.rule = backups(due="08:00")
    assert session.look(AFTER).signals == ()
    assert len(session.look(AFTER + 2 * HOUR).signals) == 1


# --- whatever happens ------------------------------------------------------------------------------------------

ARRIVALS = st.lists(
    st.builds(
        came,
        st.sampled_from([*VMS, "vm6"]),
        st.integers(-30, 12 * 60).map(lambda minutes: OPENS + minutes * MINUTE),
    ),
    max_size=12,
)


@given(ARRIVALS, st.randoms(use_true_random=False), st.sampled_from([backups(), NAMED, backups(expect_count=2)]))
def test_the_order_in_which_mails_are_read_does_not_matter(
    arrivals: list[Arrival], random: Random, rule: MissingMailWatch
):
    arrivals = [each for each in arrivals if each.name in VMS]
    now = OPENS + 13 * HOUR

    def end(order: Sequence[Arrival], batch: int, *, again: bool) -> Occurrence:
        session = Session(rule)
        for start in range(0, len(order), batch):
            session.look(now, *order[start : start + batch], whole=False)
            if again:  # killed before the look was recorded, or read twice: the same mails come once more
                session.look(now, *order[: start + batch], whole=False)
        session.look(now)
        return session.tonight

    mixed = random.sample(arrivals, len(arrivals))
    first = end(arrivals, 100, again=False)
    for other in (end(mixed, 100, again=False), end(mixed, 1, again=True), end(arrivals * 2, 3, again=True)):
        assert (other.status, other.arrivals, other.arrived_at) == (first.status, first.arrivals, first.arrived_at)


@given(st.lists(st.tuples(st.integers(0, 40 * 60), ARRIVALS), max_size=8), st.sampled_from([backups(), NAMED]))
def test_each_day_ends_once_and_judging_twice_changes_nothing(
    looks: list[tuple[int, list[Arrival]]], rule: MissingMailWatch
):
    session = Session(rule)
    known: dict[str, int] = {}
    for minutes, arrivals in sorted(looks, key=lambda each: each[0]):
        now = OPENS + minutes * MINUTE
        past = [each for each in arrivals if each.at <= now and each.name in VMS]
        for signal in session.look(now, *past).signals:
            known[signal.key] = known.get(signal.key, 0) + 1
        again = session.look(now, *past)
        assert (again.changed, again.signals) == ((), ())
    session.look(OPENS + 41 * HOUR)
    assert session.history in (
        ["on_time"],
        ["late"],
        ["early"],
        ["missing"],
        ["missing", "late"],
        ["missing", "on_time"],
    )
    assert set(known.values()) <= {1}


def test_two_who_look_at_once_lose_nothing():
    one, other = Session(backups()), Session(backups())
    first = one.look(OPENS + HOUR, came("vm1"), came("vm2")).changed[0]
    second = other.look(OPENS + HOUR, came("vm2", OPENS), came("vm3")).changed[0]
    assert merged(first, second).arrivals == merged(second, first).arrivals == {
        "vm1": OPENS + HOUR, "vm2": OPENS, "vm3": OPENS + HOUR,
    }  # fmt: skip


def test_local_is_what_it_says():
    assert (local("2026-11-23 22:00"), local("2026-11-24 06:10")) == (OPENS, DEADLINE)
