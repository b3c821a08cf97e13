from __future__ import annotations

from tests.logbook.samples import MINUTE, NOON, WATCH, look, state

from vigie.core.look import WatchState
from vigie.logbook.book import Logbook


def only(book: Logbook) -> WatchState:
    (found,) = book.watch_states()
    return found


def test_states_are_listed_by_name(book: Logbook):
    book.record(look(states=(state("b"), state("B"), state("a"))))
    assert [each.watch for each in book.watch_states()] == ["B", "a", "b"]


def test_the_newest_look_is_kept(book: Logbook):
    book.record(look(states=(state(looked_at=NOON + MINUTE, detail="new"),), at=NOON + MINUTE))
    book.record(look(states=(state(detail="old"),), at=NOON))
    assert only(book) == state(looked_at=NOON + MINUTE, detail="new")


def test_a_look_that_saw_nothing_leaves_the_last_one_standing(book: Logbook):
    book.record(look(states=(state(),)))
    blind = state(sight="blind", detail="connection refused", looked_at=None, look_by=NOON + 3 * MINUTE)
    book.record(look(states=(blind,), at=NOON + MINUTE))
    assert only(book) == blind.model_copy(update={"looked_at": NOON})


def test_the_rounds_say_that_a_watch_is_paused_and_a_look_says_otherwise(book: Logbook):
    book.record(look(states=(state(),)))
    book.set_sight(WATCH, "paused", "the flux is paused in Airflow", NOON + MINUTE)
    assert only(book) == state(sight="paused", detail="the flux is paused in Airflow")
    book.set_sight(WATCH, "broken", "older news", NOON)
    book.record(look(states=(state(),)))
    assert only(book).sight == "paused"
    book.record(look(states=(state(looked_at=NOON + 2 * MINUTE),), at=NOON + 2 * MINUTE))
    assert only(book).sight == "watching"


def test_a_watch_that_never_looked_has_no_state(book: Logbook):
    book.set_sight("never", "broken", "syntax error", NOON)
    assert book.watch_states() == []


def test_a_heartbeat_never_goes_back(book: Logbook):
    book.beat("desk", NOON)
    book.beat("desk", NOON - MINUTE)
    book.beat("rounds", NOON + MINUTE)
    assert book.beats() == {"desk": NOON, "rounds": NOON + MINUTE}
    book.beat("desk", NOON + MINUTE)
    assert book.beats()["desk"] == NOON + MINUTE
