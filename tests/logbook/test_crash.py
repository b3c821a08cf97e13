"""Two who do the same at once, and one who is killed in the middle."""

from __future__ import annotations

import itertools
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

from tests.logbook import crowd
from tests.logbook.samples import MAILBOX, NOON, WATCH, cursor, look, outbound
from tests.logbook.samples import signal as detection

from vigie.logbook.book import Logbook


def test_processes_that_open_the_same_incident_open_one(address: str, book: Logbook):
    opened = crowd.together(crowd.open_incident, [(address, f"ko|{number}") for number in range(4)])
    assert sorted(opened) == [(), (), (), ("INC-1",)] or sorted(map(len, opened)) == [0, 0, 0, 1]
    (incident,) = book.incidents()
    assert incident.count == 4
    assert len(book.entries(kind_prefix="incident.opened")) == 1


def test_sources_that_cross_each_other_lose_and_double_nothing(address: str, book: Logbook):
    """The same incidents in opposite orders: what makes PostgreSQL see deadlocks and lost races."""
    jobs = [f"JOB{number}" for number in range(12)]
    opened = crowd.together(crowd.open_many, [(address, "one", jobs), (address, "two", jobs[::-1])])
    assert sum(opened) == len(jobs) + 1
    counts = {each.dedup_key: each.count for each in book.incidents()}
    assert counts == {**dict.fromkeys(jobs, 2), "shared": 2 * len(jobs)}
    assert len(book.entries(kind_prefix="anomaly.")) == 4 * len(jobs)


def test_one_signal_from_two_sources_counts_once(address: str, book: Logbook):
    book.record(look(detection("first")))
    keys = [f"ko|{number}" for number in range(25)]
    new = crowd.together(crowd.join_many, [(address, "one", keys), (address, "two", keys)])
    assert sum(new) == len(keys)
    assert [each.count for each in book.incidents()] == [1 + len(keys)]


def test_a_fork_leaves_the_connections_to_the_parent(address: str, book: Logbook):
    assert crowd.together(crowd.fork_with, [(address,)]) == [0]
    assert [line.text for line in book.entries()] == ["before", "child", "parent"]


def test_desks_that_claim_the_same_messages_claim_each_once(address: str, book: Logbook):
    keys = [f"page|{number}" for number in range(30)]
    for key in keys:
        book.queue(outbound(key))
    claimed = crowd.together(crowd.claim_all, [(address, "one", keys), (address, "two", keys)])
    assert sorted(claimed[0] + claimed[1]) == sorted(keys)


def test_people_who_acknowledge_at_once_are_one_and_the_others_know(address: str, book: Logbook):
    book.record(look(detection("1")))
    results = crowd.together(crowd.acknowledge, [(address, name) for name in ("alice", "bruno", "chloe")])
    assert sorted(results) == ["already", "already", "done"]
    assert len(book.entries(kind_prefix="incident.acknowledged")) == 1


def test_threads_share_one_logbook(book: Logbook):
    release = threading.Barrier(6)

    def record(number: int) -> int:
        release.wait(10)
        return len(book.record(look(detection(f"ko|{number}"))).opened)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(record, range(6))) == [0, 0, 0, 0, 0, 1]
    assert book.incidents()[0].count == 6


def test_a_look_killed_at_any_statement_leaves_nothing_and_is_recorded_by_the_next_try(address: str, book: Logbook):
    book.record(look(detection("old ko", dedup_key="OLD")))
    for statement in itertools.count(1):
        ended = crowd.record_and_die(address, after=statement)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        assert len(book.entries()) == 2, f"a kill after statement {statement} left something behind"
        assert [each.dedup_key for each in book.incidents()] == ["OLD"]
        assert (book.cursors(MAILBOX), book.watch_states()) == ({}, [])
    assert statement > 8
    whole = book.entries(), book.incidents(), book.incidents(statuses=("resolved",))
    assert [len(each) for each in whole] == [2 + 3 + 10 + 4 + 2, 3, 2]
    assert book.cursors(MAILBOX) == {WATCH: cursor(9)}
    assert book.record(crowd.big_look()).new_signals == 0
    assert (book.entries(), book.incidents(), book.incidents(statuses=("resolved",))) == whole
    assert book.verify() == []
    assert book.next_due() == NOON
