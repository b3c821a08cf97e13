"""Who notices that a session has ended, whatever ended it."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from airflow.sdk import Connection
from tests.tasks.samples import NOW, eventually, file_watch, mail_watch

from vigie.core.errors import TransportError
from vigie.core.look import Look
from vigie.core.watch import Watch
from vigie.logbook.book import Logbook
from vigie.tasks.clock import utc_now
from vigie.tasks.look_round import LookRound, states
from vigie.tasks.session import KEPT_FOR, Session
from vigie.tasks.session_keeper import HANGS_AFTER, Place, SessionKeeper
from vigie.tasks.sessions import Sessions

MAIL, FILES = mail_watch(), file_watch()
SOURCE = "wms"


class Killed(BaseException):
    """What no handler of errors expects."""


class Quiet(LookRound):
    """A round that sees nothing, until it is told to do something else."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.source = SOURCE
        self.then = then
        self.watches: dict[str, Watch] = {}
        self.looks = 0

    def join(self, watch: Watch) -> None:
        self.watches[watch.id] = watch

    def leave(self, watch_id: str) -> None:
        self.watches.pop(watch_id, None)

    def look(self, now: datetime) -> tuple[Look, datetime]:
        self.looks += 1
        self.then()
        seen = states(self.watches, SOURCE, now, now + timedelta(minutes=10))
        return Look(source=SOURCE, at=now, states=seen), now + timedelta(minutes=5)

    def recorded(self, look: Look) -> None:
        """Nothing is kept."""

    def wait(self, seconds: float, called: threading.Event) -> bool:
        called.wait(min(seconds, 0.05))
        return False

    def close(self) -> None:
        """Nothing is open."""


class Rig:
    """Sessions of one source, each with the round that the test puts into ``rounds`` for it."""

    def __init__(self, book: Logbook, *rounds: Quiet) -> None:
        self.book = book
        self.rounds = [*rounds]
        self.made: list[Session] = []
        self.place = Place(self._make, book, (0.05,))
        self.keeper = SessionKeeper(lambda: [self.place], threading.Lock, 0.05)

    def _make(self) -> Session:
        round_ = self.rounds.pop(0) if self.rounds else Quiet()
        self.made.append(Session(round_, self.book, self.book.record, is_kept=True))
        return self.made[-1]

    def watches(self, *watches: Watch) -> None:
        for watch in watches:
            self.place.join(watch, object())
        self.keeper.start()

    @property
    def sights(self) -> set[str]:
        return {state.sight for state in self.book.watch_states()}

    @property
    def reasons(self) -> list[str]:
        every = self.book.incidents(statuses=("open", "resolved"))
        return [str(each.facts["reason"]) for each in every if each.dedup_key == "blind"]

    def ends(self) -> None:
        self.keeper.end()
        for session in self.made:
            session.end()
        for session in self.made:
            session.join(10)
        if self.keeper.ident:
            self.keeper.join(10)


@pytest.fixture
def rig(book: Logbook) -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(*rounds: Quiet) -> Rig:
        made.append(Rig(book, *rounds))
        return made[-1]

    yield make
    for each in made:
        each.ends()


def _raise(error: BaseException) -> Callable[[], None]:
    def raise_it() -> None:
        raise error

    return raise_it


@pytest.mark.parametrize("killed", [Killed("signal 9"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_a_session_that_is_ended_says_so_and_another_one_looks(rig: Callable[..., Rig], killed: BaseException) -> None:
    room = rig(Quiet(_raise(killed)))
    room.watches(MAIL, FILES)
    eventually(lambda: len(room.made) == 2)
    eventually(lambda: room.sights == {"watching"})
    (reason,) = room.reasons
    assert reason.startswith(f"its thread was ended: an error in Vigie: {type(killed).__name__}")
    assert room.book.incidents() == []  # sight again
    assert not room.made[0].is_alive()
    assert {state.watch for state in room.book.watch_states()} == {MAIL.id, FILES.id}


@pytest.mark.parametrize(
    "error", [MemoryError(), RecursionError("too deep"), KeyError("warehouse"), ValueError("\ud800")]
)
def test_an_error_of_ours_ends_no_session_and_is_blind_at_once(rig: Callable[..., Rig], error: Exception) -> None:
    room = rig(Quiet(_raise(error)))
    room.watches(MAIL)
    eventually(lambda: room.sights == {"blind"})
    assert room.made[0].is_alive()
    assert room.reasons[0].startswith(f"an error in Vigie: {type(error).__name__}")
    room.made[0]._round.then = lambda: None  # type: ignore[attr-defined]
    eventually(lambda: room.sights == {"watching"})
    assert room.book.incidents() == []


def test_a_thread_that_dies_without_a_word_is_found(rig: Callable[..., Rig]) -> None:
    """Ended from outside, with no chance to say anything: the keeper says it."""
    silent = Quiet()
    room = rig(silent)
    room.watches(MAIL)
    eventually(lambda: room.sights == {"watching"})

    room.made[0].tell_blind = lambda reason: None  # type: ignore[method-assign]
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(room.made[0].ident or 0), ctypes.py_object(SystemExit)
    )
    eventually(lambda: not room.made[0].is_alive())
    del room.made[0].tell_blind  # type: ignore[method-assign]
    eventually(lambda: len(room.made) == 2)
    eventually(lambda: room.sights == {"watching"})
    assert room.reasons == ["its thread has ended"]


def test_sessions_that_die_again_and_again_are_started_ever_more_seldom_and_stay_blind(book: Logbook) -> None:
    made: list[float] = []

    def make() -> Session:
        made.append(time.monotonic())
        return Session(Quiet(_raise(Killed())), book, book.record)

    place = Place(make, book, (0.05, 0.2, 0.4))
    place.join(MAIL, object())
    keeper = SessionKeeper(lambda: [place], threading.Lock, 0.02)
    keeper.start()
    eventually(lambda: len(made) >= 4)
    keeper.end()
    keeper.join(10)
    pauses = [later - earlier for earlier, later in pairwise(made)]
    assert pauses[0] < 0.4 <= pauses[2]
    assert [state.sight for state in book.watch_states()] == ["blind"]
    assert [each.status for each in book.incidents()] == ["open"]


def test_a_look_that_does_not_come_back_is_told_and_its_watches_do_not_count_as_watching(
    rig: Callable[..., Rig],
) -> None:
    hangs = threading.Event()
    room = rig(Quiet(lambda: hangs.wait(20) and None))
    room.watches(MAIL)
    eventually(lambda: room.place.session._round.looks == 1)  # type: ignore[attr-defined]
    room.made[0].last_sign -= HANGS_AFTER + 1
    eventually(lambda: room.sights == {"blind"})
    assert room.reasons == ["a look has not come back for 5 minutes"]
    hangs.set()
    eventually(lambda: room.sights == {"watching"})
    assert room.book.incidents() == []


def test_while_a_session_lives_its_watches_count_and_no_longer_than_a_minute_after(rig: Callable[..., Rig]) -> None:
    room = rig(Quiet())
    room.watches(MAIL)
    eventually(lambda: room.sights == {"watching"})
    (state,) = room.book.watch_states()
    assert state.look_by is not None
    assert state.look_by <= utc_now() + timedelta(seconds=KEPT_FOR)  # though its next look is in five minutes
    eventually(lambda: (room.book.watch_states()[0].look_by or NOW) > state.look_by)  # type: ignore[operator]

    room.keeper.end()
    room.keeper.join(10)
    last = room.book.watch_states()[0].look_by
    assert last is not None
    assert last <= utc_now() + timedelta(seconds=KEPT_FOR)


def test_what_one_place_raises_keeps_no_other_from_being_looked_after(book: Logbook) -> None:
    class Broken(Place):
        def look_after(self) -> bool:
            raise ValueError("an error of ours")

    well = Place(lambda: Session(Quiet(), book, book.record), book)
    broken = Broken(lambda: Session(Quiet(), book, book.record), book)
    try:
        well.join(MAIL, object())
        eventually(book.watch_states)
        before = book.watch_states()[0].look_by
        SessionKeeper(lambda: [broken, well], threading.Lock).go_round()
        assert book.watch_states()[0].look_by == before  # already longer
    finally:
        for place in (well, broken):
            place.session.end()
            place.session.join(10)


def test_a_keeper_survives_a_logbook_that_is_away(book: Logbook) -> None:
    class Away(Logbook):
        def keep_looking(self, watch_ids: object, look_by: object) -> None:
            raise TransportError("the logbook is away")

    away = Away("sqlite:////nowhere/at/all.db")
    place = Place(lambda: Session(Quiet(), book, book.record), away)
    place.join(MAIL, object())
    keeper = SessionKeeper(lambda: [place], threading.Lock, 0.02)
    keeper.start()
    try:
        eventually(book.watch_states)
        assert keeper.is_alive()
    finally:
        keeper.end()
        keeper.join(10)
        place.session.end()
        place.session.join(10)


def _no_vault(conn_id: str) -> Connection:
    raise TransportError(f"the vault does not answer for {conn_id}")


def test_a_keeper_that_ends_is_replaced_by_whoever_watches(book: Logbook) -> None:
    """The trigger of each watch asks for it every five seconds."""
    sessions = Sessions(keeper_pause=0.02)
    try:
        sessions.join(MAIL, _no_vault, book)
        first = sessions._keeper
        assert first is not None
        assert ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(first.ident or 0), ctypes.py_object(SystemExit)
        )
        eventually(lambda: not first.is_alive())
        sessions.keep()
        assert sessions._keeper is not first
        assert sessions._keeper is not None
        assert sessions._keeper.is_alive()
    finally:
        sessions.close()


def test_a_session_that_is_killed_while_it_writes_gives_its_turn_back(book: Logbook) -> None:
    """There is no writing thread that could end: the sessions write in turn, each by itself."""
    sessions = Sessions(keeper_pause=0.05)
    with pytest.raises(Killed), sessions._turn():
        raise Killed
    with sessions._turn():
        assert sessions._writing.locked()
    assert not sessions._writing.locked()


def test_who_waits_too_long_for_his_turn_takes_the_logbook_for_away(
    book: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions()
    with sessions._turn():
        heard: list[str] = []

        def wait() -> None:
            try:
                with sessions._turn(within=0.05):
                    heard.append("mine")
            except TransportError as busy:
                heard.append(str(busy))

        other = threading.Thread(target=wait)
        other.start()
        other.join(10)
    assert heard == ["the logbook is busy: another look is being written"]


def test_nobody_is_looked_after_once_all_have_left(book: Logbook) -> None:
    sessions = Sessions(keeper_pause=0.02)
    session, token = sessions.join(MAIL, _no_vault, book)
    sessions.leave(MAIL, session, token)
    eventually(lambda: not session.is_alive())
    assert sessions.places() == []
    sessions.close()
