"""A session as the triggerer runs it: a real thread, a mailbox in memory, the real logbook."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from tests.tasks.samples import NOW, eventually, mail, mail_watch

from vigie.core.errors import TransportError
from vigie.core.look import Look
from vigie.core.watch import MailWatch
from vigie.logbook.book import Logbook
from vigie.tasks.mail_round import MailRound
from vigie.tasks.session import BACK_OFF, Session
from vigie.testing.memory_mailbox import MemoryMailbox

WATCH = mail_watch()
SOURCE = WATCH.source
Start = Callable[..., Session]


class Door:
    """The way to a mailbox; ``knocks`` are the times at which somebody asked for it."""

    def __init__(self) -> None:
        self.mailbox = MemoryMailbox()
        self.knocks: list[float] = []

    def __call__(self) -> MemoryMailbox:
        self.knocks.append(time.monotonic())
        return self.mailbox


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def start(book: Logbook, door: Door) -> Iterator[Start]:
    """Starts sessions; they end with the test, and so do their threads."""
    started: list[Session] = []

    def start_it(
        *watches: MailWatch,
        record: Callable[[Look], object] = book.record,
        back_off: tuple[float, ...] = (0.02, 0.05),
    ) -> Session:
        session = Session(MailRound(SOURCE, door, book), book, record, back_off)
        for watch in watches:
            session.join_watch(watch)
        session.start()
        started.append(session)
        return session

    yield start_it
    for session in started:
        session.end()
    for session in started:
        session.join(10)
        assert not session.is_alive()


def _titles(book: Logbook) -> list[str]:
    return [each.title for each in book.incidents(statuses=("open", "acknowledged", "resolved"))[::-1]]


def _watching(book: Logbook) -> bool:
    return [state.sight for state in book.watch_states()] == ["watching"]


def test_a_mail_is_an_incident_as_soon_as_the_server_pushes_it(book: Logbook, door: Door, start: Start) -> None:
    start(WATCH)
    eventually(lambda: _watching(book))
    began = time.monotonic()
    door.mailbox.deliver(mail("[KO] EOD_POS"), NOW)
    eventually(lambda: _titles(book) == ["[KO] EOD_POS"])
    assert time.monotonic() - began < 0.9  # the wait itself lasts a second


def test_what_came_before_the_first_look_is_old(book: Logbook, door: Door, start: Start) -> None:
    door.mailbox.deliver(mail("[KO] YESTERDAY"), NOW)
    start(WATCH)
    eventually(lambda: _watching(book))
    door.mailbox.deliver(mail("[KO] TODAY", 2), NOW)
    eventually(lambda: _titles(book) == ["[KO] TODAY"])


def test_blind_after_the_patience_of_its_watch_and_sight_again(book: Logbook, door: Door, start: Start) -> None:
    session = start(mail_watch(blind_after=timedelta(seconds=0.4)))
    eventually(lambda: _watching(book))
    dark_from = time.monotonic()
    door.mailbox.go_dark()
    eventually(lambda: _titles(book) == [f"Blind: {SOURCE} cannot be watched"])
    assert time.monotonic() - dark_from >= 0.4
    (state,) = book.watch_states()
    assert (state.sight, state.detail) == ("blind", "memory/INBOX: the server cannot be reached")
    assert state.looked_at is not None  # when it last saw anything
    assert session.is_alive()

    door.mailbox.deliver(mail("[KO] EOD_POS"), NOW)
    door.mailbox.come_back()
    eventually(lambda: len(_titles(book)) == 2)
    assert {each.title: each.status for each in book.incidents(statuses=("open", "resolved"))} == {
        f"Blind: {SOURCE} cannot be watched": "resolved",
        "[KO] EOD_POS": "open",
    }
    assert _watching(book)


def test_it_backs_off_while_nobody_answers(door: Door, start: Start) -> None:
    door.mailbox.go_dark()
    start(WATCH, back_off=(0.05, 0.1, 0.2))
    eventually(lambda: len(door.knocks) >= 6)
    pauses = [later - earlier for earlier, later in zip(door.knocks, door.knocks[1:], strict=False)]
    assert pauses[0] >= 0.04
    assert max(pauses) >= 0.16
    assert sorted(BACK_OFF) == list(BACK_OFF)


def test_a_refused_credential_is_blind_at_the_first_try(book: Logbook, door: Door, start: Start) -> None:
    door.mailbox.go_dark(refused=True)
    start(mail_watch(blind_after=timedelta(hours=1)), back_off=(60,))
    eventually(lambda: _titles(book) == [f"Blind: {SOURCE} cannot be watched"])
    assert len(door.knocks) == 1


def test_a_watch_that_joins_while_we_are_blind_is_blind_too(book: Logbook, door: Door, start: Start) -> None:
    door.mailbox.go_dark(refused=True)
    session = start(WATCH, back_off=(0.02, 0.05))
    eventually(lambda: _titles(book) == [f"Blind: {SOURCE} cannot be watched"])
    other = mail_watch("stuck", subject="stuck", resolves=None, dedup_key=None)
    session.join_watch(other)
    eventually(lambda: [state.sight for state in book.watch_states()] == ["blind", "blind"])
    (incident,) = book.incidents()
    assert incident.facts["watches"] == sorted([WATCH.id, other.id])

    door.mailbox.come_back()
    eventually(lambda: [state.sight for state in book.watch_states()] == ["watching", "watching"])
    assert [each.status for each in book.incidents(statuses=("open", "resolved"))] == ["resolved"]


class Limiting:
    """A door where a server says: not so fast. ``errors`` are its answers, one after the other."""

    def __init__(self, *errors: TransportError) -> None:
        self.mailbox, self.errors, self.knocks = MemoryMailbox(), list(errors), 0

    def __call__(self) -> MemoryMailbox:
        self.knocks += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.mailbox


class Stepping:
    """A session that is stepped by hand, with a clock."""

    def __init__(self, book: Logbook, door: Callable[[], MemoryMailbox], **changes: object) -> None:
        self.now = NOW
        self.session = Session(MailRound(SOURCE, door, book), book, book.record, clock=lambda: self.now)
        self.session.join_watch(mail_watch(**({"blind_after": timedelta(minutes=2)} | changes)))

    def step(self) -> float:
        """Step, and move the clock to the next; how many seconds that were."""
        again = self.session.step()
        passed = (again - self.now).total_seconds()
        self.now = again
        return passed


def test_a_server_that_limits_us_is_left_alone_for_longer_and_longer(book: Logbook) -> None:
    door = Limiting(*[TransportError("too many connections", retry_after=15)] * 4)
    stepping = Stepping(book, door, blind_after=timedelta(hours=1))
    pauses = [stepping.step() for _ in range(4)]
    for pause, least in zip(pauses, (15, 30, 60, 120), strict=True):
        assert least <= pause <= least * 1.5
    assert len(set(pauses)) == 4  # with jitter: never the same for all who were sent away
    stepping.step()
    assert (_watching(book), door.knocks) == (True, 5)
    assert book.incidents() == []


def test_sessions_that_were_sent_away_together_do_not_come_back_together(book: Logbook) -> None:
    pauses = sorted(
        Stepping(book, Limiting(TransportError("too many", retry_after=60)), blind_after=timedelta(hours=1)).step()
        for _ in range(50)
    )
    assert pauses[0] >= 60
    assert pauses[-1] - pauses[0] > 10


def test_a_server_that_wants_an_hour_gets_it_and_we_are_blind_in_time(book: Logbook) -> None:
    door = Limiting(TransportError("throttled", retry_after=3600))
    stepping = Stepping(book, door)
    assert stepping.step() == 120
    assert _titles(book) == []
    assert stepping.step() >= 3600 - 120
    assert _titles(book) == [f"Blind: {SOURCE} cannot be watched"]
    assert book.incidents()[0].facts["reason"] == "throttled"
    assert door.knocks == 1
    stepping.step()
    assert (_watching(book), door.knocks) == (True, 2)


def test_a_changed_watch_does_not_disturb_a_server_that_wants_to_be_left_alone(book: Logbook) -> None:
    door = Limiting(TransportError("throttled", retry_after=60))
    stepping = Stepping(book, door)
    stepping.step()
    stepping.now = NOW + timedelta(seconds=1)
    stepping.session.join_watch(mail_watch("other"))
    stepping.step()
    assert door.knocks == 1


def test_what_only_a_person_can_mend_is_blind_at_once(book: Logbook) -> None:
    stepping = Stepping(book, Limiting(TransportError("the certificate is not accepted", permanent=True)))
    stepping.step()
    assert _titles(book) == [f"Blind: {SOURCE} cannot be watched"]


def test_a_connection_that_ends_each_day_is_no_blindness(book: Logbook) -> None:
    door = Limiting()
    stepping = Stepping(book, door)
    for number in range(3):
        stepping.step()
        door.mailbox.deliver(mail(f"[KO] JOB_{number}", number), stepping.now)
        door.mailbox.go_dark()
        assert 0.8 <= stepping.step() <= 1.2
        door.mailbox.come_back()
        stepping.step()
    assert {each.dedup_key: each.count for each in book.incidents()} == {f"JOB_{number}": 1 for number in range(3)}


def test_a_second_watch_joins_and_the_first_leaves(book: Logbook, door: Door, start: Start) -> None:
    session = start(WATCH)
    eventually(lambda: _watching(book))
    session.join_watch(mail_watch("stuck", subject="stuck", resolves=None, dedup_key=None))
    session.leave_watch(WATCH.id)
    eventually(lambda: len(book.watch_states()) == 2)

    door.mailbox.deliver(mail("[KO] EOD_POS"), NOW)
    door.mailbox.deliver(mail("the queue is stuck", 2), NOW)

    eventually(lambda: _titles(book) == ["the queue is stuck"])
    assert len(door.knocks) == 1


def test_a_changed_rule_counts_from_the_next_look_on(book: Logbook, door: Door, start: Start) -> None:
    session = start(WATCH)
    eventually(lambda: _watching(book))
    session.join_watch(mail_watch(subject=r"FAILED (?P<job>\w+)", resolves=None))
    session.join_watch(mail_watch(subject=r"BROKEN (?P<job>\w+)", resolves=None))
    eventually(lambda: len(book.entries(kind_prefix="watch.began")) == 1)

    for number, subject in enumerate(["[KO] A", "FAILED B", "BROKEN C"]):
        door.mailbox.deliver(mail(subject, number), NOW)

    eventually(lambda: _titles(book) == ["BROKEN C"])


def test_who_joins_and_leaves_before_the_first_look_is_not_watched(book: Logbook, door: Door) -> None:
    session = Session(MailRound(SOURCE, door, book), book, book.record)
    session.join_watch(WATCH)
    session.leave_watch(WATCH.id)
    session.step()
    assert book.watch_states() == []

    session.join_watch(WATCH)
    session.leave_watch(WATCH.id)
    session.join_watch(WATCH)
    session.step()
    assert _watching(book)


def test_while_the_logbook_is_away_nothing_moves_and_then_nothing_is_missing(
    book: Logbook, door: Door, start: Start
) -> None:
    refused = 0
    away = False

    def record(look: Look) -> object:
        nonlocal refused
        if away:
            refused += 1
            raise TransportError("the logbook cannot be reached")
        return book.record(look)

    start(WATCH, record=record)
    eventually(lambda: _watching(book))
    away = True
    door.mailbox.deliver(mail("[KO] EOD_POS"), NOW)
    eventually(lambda: refused)
    assert _titles(book) == []
    assert book.cursors(SOURCE)[WATCH.id].uid == 0

    away = False
    eventually(lambda: _titles(book) == ["[KO] EOD_POS"])
    assert book.incidents()[0].count == 1


def test_it_ends_and_closes_its_connection(book: Logbook, door: Door, start: Start) -> None:
    session = start(WATCH)
    eventually(lambda: _watching(book))
    session.end()
    session.join(10)
    assert door.mailbox.closed


def test_a_wait_that_breaks_off_is_a_failure_too(book: Logbook, door: Door, start: Start) -> None:
    start(WATCH)
    eventually(lambda: _watching(book))
    door.mailbox.go_dark()
    eventually(lambda: len(door.knocks) > 1)
    assert _titles(book) == [] or _titles(book)[0].startswith("Blind")
