from __future__ import annotations

import time
from datetime import date, timedelta
from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from tests.logbook.samples import MINUTE, NOON, look, occurrence

from vigie.core.occurrence import ArrivedFile, Occurrence, OccurrenceStatus
from vigie.logbook.book import Logbook
from vigie.logbook.occurrences import merged

STATUSES: tuple[OccurrenceStatus, ...] = get_args(OccurrenceStatus)
ENDS = [status for status in STATUSES if status != "pending"]


def seen(book: Logbook) -> list[Occurrence]:
    return book.occurrences(occurrence().watch, since=date(2026, 1, 1))


def test_an_occurrence_comes_back_as_it_was_recorded(book: Logbook):
    one = occurrence(status="late", arrived_at=NOON + 12 * MINUTE, looked_at=NOON + 13 * MINUTE)
    book.record(look(occurrences=(one,)))
    assert seen(book) == [one]


def test_occurrences_are_listed_by_date_and_site_from_a_date_on(book: Logbook):
    days = [date(2026, 1, 15), date(2026, 1, 14), date(2026, 1, 13)]
    book.record(look(occurrences=tuple(occurrence(site, business_date=day) for day in days for site in ("B", "A"))))
    found = book.occurrences(occurrence().watch, since=date(2026, 1, 14))
    assert [(one.business_date.day, one.site) for one in found] == [(14, "A"), (14, "B"), (15, "A"), (15, "B")]
    assert book.occurrences("another.watch", since=date(2026, 1, 1)) == []


@pytest.mark.parametrize("first", STATUSES)
@pytest.mark.parametrize("then", STATUSES)
def test_the_first_end_stays_but_missing_may_become_late_or_on_time(first: OccurrenceStatus, then: OccurrenceStatus):
    known = occurrence(status=first, looked_at=NOON)
    later = occurrence(status=then, looked_at=NOON + MINUTE, arrived_at=NOON + MINUTE)
    may = first == "pending" or (first == "missing" and then in {"late", "on_time"})
    assert merged(known, later) == (later if may else known)


def test_an_end_keeps_the_deadline_it_was_judged_by():
    moved = {"due": NOON + timedelta(hours=1), "deadline": NOON + timedelta(hours=2), "path": "elsewhere.csv"}
    pending = merged(occurrence(), occurrence(**moved))
    ended = merged(occurrence(status="missing"), occurrence(status="late", **moved))
    assert (pending.deadline, pending.path) == (moved["deadline"], "elsewhere.csv")
    assert (ended.status, ended.deadline, ended.path) == ("late", occurrence().deadline, occurrence().path)


def test_an_older_look_does_not_set_the_last_look_back():
    known = occurrence(looked_at=NOON + MINUTE)
    assert merged(known, occurrence(looked_at=NOON)).looked_at == NOON + MINUTE
    assert merged(known, occurrence()).looked_at == NOON + MINUTE


def test_a_look_says_which_occurrences_ended_by_it(book: Logbook):
    one, other = occurrence("A"), occurrence("B")
    assert book.record(look(occurrences=(one, other))).ended == ()
    late = occurrence("A", "missing")
    assert book.record(look(occurrences=(late, other))).ended == (one.key,)
    assert book.record(look(occurrences=(late, other))).ended == ()
    assert book.record(look(occurrences=(occurrence("A", "late"),))).ended == (one.key,)
    assert book.record(look(occurrences=(occurrence("A", "missing"), occurrence("A", "on_time")))).ended == ()
    assert [each.status for each in seen(book)] == ["late", "pending"]


def test_the_same_occurrence_twice_in_one_look_is_merged_in_order(book: Logbook):
    book.record(look(occurrences=(occurrence(), occurrence(status="missing"), occurrence(status="late"))))
    assert [each.status for each in seen(book)] == ["late"]


def test_three_hundred_sites_at_once(book: Logbook):
    sites = [f"S{number:03}" for number in range(300)]
    book.record(look(occurrences=tuple(occurrence(site) for site in sites)))
    book.record(look(occurrences=tuple(occurrence(site, "missing") for site in sites[:120])))
    assert [each.status for each in seen(book)] == ["missing"] * 120 + ["pending"] * 180


def test_the_slots_of_a_day_are_occurrences_of_their_own(book: Logbook):
    book.record(look(occurrences=(occurrence(slot="12"), occurrence(slot="06", status="missing"))))
    book.record(look(occurrences=(occurrence(slot="12", status="late"),)))
    assert [(one.slot, one.status, one.when) for one in seen(book)] == [
        ("06", "missing", "2026-01-15/06"),
        ("12", "late", "2026-01-15/12"),
    ]


def test_what_was_seen_of_an_occurrence_is_kept(book: Logbook):
    one = occurrence(
        status="on_time",
        reason="still expected",
        arrived_at=NOON,
        warned_at=NOON - MINUTE,
        files=(ArrivedFile(name="caf\\xe9\n.csv", size=7, modified_at=NOON),),
    )
    book.record(look(occurrences=(one,)))
    assert seen(book) == [one]


def test_a_file_that_was_sent_again_replaces_what_is_known_of_it_and_nothing_else(book: Logbook):
    first, second = (ArrivedFile(name="a.csv", size=size, modified_at=NOON) for size in (1, 2))
    book.record(look(occurrences=(occurrence(status="on_time", arrived_at=NOON, files=(first,)),)))
    again = occurrence(status="on_time", arrived_at=NOON + MINUTE, files=(second,))
    assert book.record(look(occurrences=(again,))).ended == ()
    (kept,) = seen(book)
    assert (kept.arrived_at, kept.files) == (NOON, (second,))


def test_a_warning_once_given_stays_given():
    known = occurrence(warned_at=NOON)
    assert merged(known, occurrence()).warned_at == NOON
    assert merged(known, occurrence(warned_at=NOON + MINUTE)).warned_at == NOON
    assert merged(known, occurrence(status="missing")).warned_at == NOON


def test_five_thousand_sites_of_three_days_are_one_transaction_of_few_statements(book: Logbook):
    days = [date(2026, 1, 13), date(2026, 1, 14), date(2026, 1, 15)]
    sites = [f"S{number:04}" for number in range(5000)]
    began = time.process_time()
    assert statements(book, [occurrence(site, business_date=day) for day in days for site in sites]) <= 30
    ended = [occurrence(site, "on_time", business_date=days[-1]) for site in sites]
    assert statements(book, ended) <= 10
    assert statements(book, [occurrence("S0001", "late", business_date=days[0])]) <= 10
    assert time.process_time() - began < 20  # about 2 s were measured
    assert len(book.occurrences(occurrence().watch, since=days[0])) == 15_000


def statements(book: Logbook, occurrences: list[Occurrence]) -> int:
    """Record them in one look; how many statements that took. Many rows of one statement are one."""
    counted = []

    def count(*about: object) -> None:
        counted.append(about)

    event.listen(book._engine, "before_cursor_execute", count)
    try:
        book.record(look(occurrences=tuple(occurrences)))
    finally:
        event.remove(book._engine, "before_cursor_execute", count)
    return len(counted)


@given(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=12))
def test_an_occurrence_ends_once_and_is_amended_at_most_once(statuses: list[OccurrenceStatus]):
    known = occurrence()
    history = []
    for status in statuses:
        after = merged(known, occurrence(status=status))
        if after.status != known.status:
            history.append(after.status)
        known = after
    assert len(history) <= 1 or (len(history) == 2 and history[0] == "missing" and history[1] in {"late", "on_time"})
    assert bool(history) == any(status in ENDS for status in statuses)


def counted(names: dict[str, int], status: str = "pending", rule: str = "r", needed: int = 3) -> Occurrence:
    arrivals = {name: NOON + number * MINUTE for name, number in names.items()}
    return occurrence("", status, arrivals=arrivals, labels={"rule": rule, "needed": str(needed)})


def test_what_came_by_name_is_kept_and_comes_back(book: Logbook):
    book.record(look(occurrences=(counted({"vm1": 1, "vm2": 2}),)))
    book.record(look(occurrences=(counted({"vm2": 1, "vm3": 3}),)))
    assert [one.arrivals for one in seen(book)] == [counted({"vm1": 1, "vm2": 1, "vm3": 3}).arrivals]
    book.record(look(occurrences=(counted({"vm1": 1}, "missing"),)))
    book.record(look(occurrences=(counted({"vm0": 0, "vm4": 9}, "missing"),)))
    assert [one.arrivals for one in seen(book)] == [counted({"vm0": 0, "vm1": 1, "vm2": 1}).arrivals]


@pytest.mark.parametrize("status", ["pending", "missing"])
def test_under_another_rule_it_is_counted_anew(status: str):
    known, seen_again = counted({"vm1": 1}, status), counted({"job": 5}, status, rule="other")
    assert merged(known, seen_again).arrivals == seen_again.arrivals
    assert merged(known, seen_again).labels["rule"] == "other"


ARRIVALS = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e"]), st.integers(0, 50), max_size=5)


@given(st.lists(ARRIVALS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_whoever_looks_and_in_whatever_order_the_same_is_kept(looks: list[dict[str, int]], random: Random):
    def kept(order: list[dict[str, int]]) -> dict[str, object]:
        known = counted({})
        for names in order:
            known = merged(known, merged(known, counted(names)))
        return dict(known.arrivals)

    assert kept(looks) == kept(random.sample(looks, len(looks))) == kept(looks + looks)


def test_the_occurrences_of_several_watches_by_their_deadline(book: Logbook):
    watches = [f"acme.f.w{n}" for n in range(3)]
    due = NOON + timedelta(hours=1)
    seen = [occurrence(site, watch=watch, deadline=due) for watch in watches for site in ("A", "B")]
    over = occurrence("C", watch=watches[0], deadline=NOON)
    book.record(look(occurrences=(*seen, over)))
    since = over.business_date
    found = book.occurrences_of(watches[:2], since=since, due_after=NOON)
    assert [(one.watch, one.site) for one in found] == [(watch, site) for watch in watches[:2] for site in ("A", "B")]
    assert len(book.occurrences_of(watches, since=since, due_after=NOON - timedelta(seconds=1))) == 7
    assert book.occurrences_of(watches, since=since + timedelta(days=1), due_after=NOON) == []
    assert book.occurrences_of([], since=since, due_after=NOON) == []
