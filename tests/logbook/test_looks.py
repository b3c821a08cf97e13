from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.logbook.samples import MAILBOX, MINUTE, NOON, WATCH, cursor, entry, look, occurrence, signal, state

from vigie.logbook.book import Logbook
from vigie.logbook.looks import Recorded

modest = settings(examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
_fresh_names = iter(range(1_000_000))


def test_a_look_is_recorded_whole(book: Logbook):
    seen = look(
        signal("ko|1"),
        entries=(entry("mail|1", kind="mail.seen"), entry(kind="mail.ignored")),
        cursors=(cursor(7),),
        occurrences=(occurrence("TYO01", "missing"), occurrence("TYO02")),
        states=(state(),),
    )
    assert book.record(seen) == Recorded(
        new_signals=1, opened=("INC-1",), resolved=(), ended=(occurrence("TYO01").key,)
    )
    assert [(line.kind, line.incident) for line in book.entries()] == [
        ("mail.seen", None),
        ("mail.ignored", None),
        ("anomaly.trigger", "INC-1"),
        ("incident.opened", "INC-1"),
    ]
    assert book.cursors(MAILBOX) == {WATCH: cursor(7)}
    assert book.watch_states() == [state()]
    assert book.beats() == {f"session:{MAILBOX}": NOON}
    (incident,) = book.incidents()
    assert (incident.id, incident.status, incident.next_action_at) == ("INC-1", "open", NOON)


def test_a_look_recorded_twice_changes_nothing(book: Logbook):
    seen = look(
        signal("1"),
        signal("2"),
        entries=(entry(), entry()),
        cursors=(cursor(7),),
        occurrences=(occurrence(status="late"),),
        states=(state(),),
    )
    book.record(seen)
    before = book.entries(), book.incidents(), book.cursors(MAILBOX), book.watch_states()
    assert book.record(seen) == Recorded()
    assert (book.entries(), book.incidents(), book.cursors(MAILBOX), book.watch_states()) == before
    assert len(before[0]) == 5


def test_the_anomaly_entry_holds_the_evidence(book: Logbook):
    book.record(look(signal("ko|1", facts={"mail": {"subject": "[KO] EOD_POS"}}, severity="critical")))
    line = book.entries(kind_prefix="anomaly.")[0]
    assert (line.key, line.actor, line.watch, line.text) == ("ko|1", f"watch:{WATCH}", WATCH, "KO of EOD_POS")
    assert line.data == {
        "dedup_key": "EOD_POS",
        "severity": "critical",
        "facts": {"mail": {"subject": "[KO] EOD_POS"}},
    }


def test_a_known_signal_is_dropped_whole(book: Logbook):
    book.record(look(signal("1")))
    assert book.record(look(signal("1", facts={"other": 1}), signal("2"), signal("2"))).new_signals == 1
    (incident,) = book.incidents()
    assert (incident.count, incident.facts) == (2, {})


def test_ko_ok_ko_in_one_look_and_in_three(book: Logbook):
    ko, ok, again = signal("1"), signal("2", "resolve"), signal("3")
    recorded = book.record(look(ko, ok, again))
    assert (recorded.opened, recorded.resolved, recorded.reopened) == (("INC-1",), (), ())
    for number, each in enumerate([signal("4", "resolve"), signal("5"), signal("6", "resolve")]):
        recorded = book.record(look(each, at=NOON + number * MINUTE))
    assert (recorded.opened, recorded.resolved) == ((), ("INC-1",))
    (one,) = book.incidents(statuses=("resolved",))
    assert (one.count, one.reopenings) == (3, 2)
    assert book.incidents() == []


def test_an_open_incident_resolved_and_opened_again_in_one_look(book: Logbook):
    book.record(look(signal("1")))
    recorded = book.record(look(signal("2", "resolve"), signal("3")))
    assert recorded == Recorded(new_signals=2, reopened=("INC-1",))
    assert book.record(look(signal("4"))).opened == ()


def test_what_comes_back_after_its_hold_is_another_incident(book: Logbook):
    book.record(look(signal("1"), signal("2", "resolve")))
    back = book.record(look(signal("3", seen_at=NOON + 10 * MINUTE)))
    assert (back.opened, back.reopened) == ((), ("INC-1",))
    book.record(look(signal("4", "resolve", seen_at=NOON + 20 * MINUTE)))
    later = book.record(look(signal("5", seen_at=NOON + 31 * MINUTE)))
    assert (later.opened, later.reopened) == (("INC-2",), ())


def test_many_signals_number_their_incidents_in_order(book: Logbook):
    signals = [signal(f"ko|{number}", dedup_key=f"JOB_{number:03}") for number in range(250)]
    opened = book.record(look(*signals)).opened
    assert opened == tuple(f"INC-{number}" for number in range(1, 251))
    assert [one.dedup_key for one in reversed(book.incidents(limit=300))] == [each.dedup_key for each in signals]
    for each in book.incidents(limit=300):
        (line,) = book.entries(incident=each.id, kind_prefix="anomaly.")
        assert line.data["dedup_key"] == each.dedup_key


def test_hostile_names_open_and_join_one_incident(book: Logbook):
    name = "job\0" + "".join(chr(0x4E00 + number % 20000) for number in range(0, 60000, 13))
    book.record(look(signal("1", dedup_key=name)))
    book.record(look(signal("2" + name, dedup_key=name)))
    (incident,) = book.incidents()
    assert incident.count == 2


def test_an_instant_without_a_zone_leaves_nothing_behind(book: Logbook):
    naive = datetime(2026, 1, 15, 12, 0)  # noqa: DTZ001
    with pytest.raises(ValueError, match="has no time zone"):
        book.record(look(signal("1"), entries=(entry(),), states=(state(looked_at=naive),)))
    assert book.entries() == []
    assert book.incidents() == []


@pytest.mark.parametrize(
    ("moves", "ends_at"),
    [
        ([(1, 5), (1, 9)], (1, 9)),
        ([(1, 9), (1, 5)], (1, 9)),  # never backwards
        ([(1, 9), (2, 3)], (2, 3)),  # the folder was made anew
        ([(2, 3), (1, 9)], (1, 9)),  # also with a smaller number: some servers do that
    ],
)
def test_a_cursor_moves_forward_within_a_uidvalidity(book: Logbook, moves: Any, ends_at: tuple[int, int]):
    for uidvalidity, uid in moves:
        book.record(look(cursors=(cursor(uid, uidvalidity),)))
    assert book.cursors(MAILBOX) == {WATCH: cursor(ends_at[1], ends_at[0])}


def test_cursors_are_kept_by_source_and_watch_and_hold_the_largest_uid(book: Logbook):
    top = 2**32 - 1  # RFC 3501: a 32-bit number, without sign
    book.record(look(cursors=(cursor(top, top), cursor(3, watch="other"))))
    assert book.cursors(MAILBOX) == {WATCH: cursor(top, top), "other": cursor(3, watch="other")}
    assert book.cursors("elsewhere/INBOX") == {}


@modest
@given(uids=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8), data=st.data())
def test_whatever_the_order_a_cursor_never_goes_back(book: Logbook, uids: list[int], data: st.DataObject):
    watch = f"watch{next(_fresh_names)}"
    best = -1
    while uids:
        batch = [uids.pop() for _ in range(data.draw(st.integers(1, len(uids))))]
        # The same watch may stand in one look several times: each is compared with the one before.
        book.record(look(cursors=tuple(cursor(uid, watch=watch) for uid in batch)))
        best = max(best, *batch)
        assert book.cursors(MAILBOX)[watch].uid == best


@modest
@given(data=st.data())
def test_in_whatever_order_and_batches_each_signal_counts_once(book: Logbook, data: st.DataObject):
    client = f"client{next(_fresh_names)}"
    kept = [(f"{client}|{number}", f"JOB{number % 3}") for number in range(data.draw(st.integers(1, 6)))]
    arrivals = data.draw(st.permutations(kept + data.draw(st.lists(st.sampled_from(kept), max_size=6))))
    new = 0
    while arrivals:
        batch = [arrivals.pop() for _ in range(data.draw(st.integers(1, len(arrivals))))]
        new += book.record(look(*(signal(key, dedup_key=job, client=client) for key, job in batch))).new_signals
    assert new == len(kept)
    counts = {one.dedup_key: one.count for one in book.incidents(client=client)}
    assert counts == {job: sum(1 for _, other in kept if other == job) for job in {job for _, job in kept}}
    assert sorted(line.key or "" for line in book.entries(client=client, kind_prefix="anomaly.")) == sorted(
        key for key, _ in kept
    )


@modest
@given(events=st.lists(st.sampled_from(["trigger", "update", "resolve"]), max_size=10), data=st.data())
def test_how_a_story_is_cut_into_looks_does_not_change_it(book: Logbook, events: list[str], data: st.DataObject):
    def tell(client: str, sizes: list[int]) -> list[tuple[Any, ...]]:
        signals = [
            signal(f"{client}|{number}", event, client=client, facts={"n": number}, seen_at=NOON + number * MINUTE)
            for number, event in enumerate(events)
        ]
        while signals:
            size = sizes.pop() if sizes else len(signals)
            book.record(look(*signals[:size]))
            signals = signals[size:]
        found = book.incidents(statuses=("open", "resolved"), client=client)
        return [(one.status, one.count, one.facts, one.revision, one.opened_at, one.resolved_at) for one in found]

    sizes = data.draw(st.lists(st.integers(1, 3), max_size=10))
    whole = tell(f"client{next(_fresh_names)}", [])
    assert tell(f"client{next(_fresh_names)}", sizes) == whole
    assert sum(1 for one in whole if one[0] == "open") <= 1
