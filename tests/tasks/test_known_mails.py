"""A mailbox that was rebuilt: what is known is called no second time, what is new is called."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from tests.tasks.samples import NOW, mail_watch

from vigie.core.look import Look
from vigie.logbook.book import Logbook
from vigie.tasks.mail_round import MailRound
from vigie.testing.memory_mailbox import MemoryMailbox

WATCH = mail_watch(resolves=None)


def alarm(text_: str = "The job failed.", *, dated: datetime | None = None, number: object = "alert") -> bytes:
    date = f"Date: {dated:%a, %d %b %Y %H:%M:%S} +0000\n" if dated else ""
    return f"From: batch@nordwind.example\nSubject: [KO] EOD\nMessage-ID: <{number}@x>\n{date}\n{text_}\n".encode()


class Rounds:
    """A watch, its mailbox and its logbook."""

    def __init__(self, book: Logbook) -> None:
        self.book = book
        self.mailbox = MemoryMailbox()
        self.round = self.begin()
        self.now = NOW
        self.look()

    def begin(self) -> MailRound:
        """A new process looks."""
        self.round = MailRound(WATCH.source, lambda: self.mailbox, self.book)
        self.round.join(WATCH)
        return self.round

    def look(self, change: Callable[[Look], Look] = lambda look: look) -> Look:
        self.now += timedelta(seconds=61)
        look, _ = self.round.look(self.now)
        look = change(look)
        self.book.record(look)
        self.round.recorded(look)
        return look

    def comes(self, raw: bytes, at: datetime | None = None) -> None:
        self.mailbox.deliver(raw, at or self.now)

    def rebuilt(self, *mails: tuple[bytes, datetime]) -> None:
        """The folder is restored: it holds these mails, under another UIDVALIDITY."""
        self.mailbox = MemoryMailbox(uidvalidity=self.mailbox.position().uidvalidity + 1)
        for raw, at in mails:
            self.mailbox.deliver(raw, at)
        self.round.close()

    @property
    def called(self) -> int:
        """How often the alarm was told."""
        return sum(each.count for each in self.book.incidents())


@pytest.fixture
def rounds(book: Logbook) -> Rounds:
    return Rounds(book)


def test_each_of_two_equal_alarms_is_told(rounds: Rounds):
    rounds.comes(alarm())
    rounds.look()
    rounds.comes(alarm())
    rounds.look()
    assert rounds.called == 2
    assert len(rounds.book.mails()) == 2


def test_after_a_restore_that_kept_the_dates_nothing_known_is_told_again(rounds: Rounds):
    first, second = rounds.now, rounds.now + timedelta(seconds=61)
    rounds.comes(alarm(), first)
    rounds.look()
    rounds.comes(alarm(), second)
    rounds.look()
    rounds.rebuilt((alarm(), first), (alarm(), second))
    rounds.look()
    assert rounds.called == 2
    assert [seen.uidvalidity for seen in rounds.book.mails()] == [2, 2]


def test_after_a_restore_that_changed_the_dates_nothing_known_is_told_again(rounds: Rounds):
    for _ in range(2):
        rounds.comes(alarm())
        rounds.look()
    rounds.comes(alarm("Another.", dated=rounds.now))
    rounds.look()
    dated = rounds.now - timedelta(seconds=61)
    restored = rounds.now + timedelta(hours=1)
    rounds.rebuilt((alarm(), restored), (alarm(), restored), (alarm("Another.", dated=dated), restored))
    rounds.look()
    assert rounds.called == 3
    assert len(rounds.book.mails()) == 3


def test_what_came_while_the_folder_was_rebuilt_is_told(rounds: Rounds):
    first = rounds.now
    rounds.comes(alarm(), first)
    rounds.look()
    rounds.rebuilt((alarm(), first), (alarm(), rounds.now))
    rounds.look()
    assert rounds.called == 2


def test_one_more_than_is_known_is_told_where_no_date_was_kept(rounds: Rounds):
    rounds.comes(alarm())
    rounds.look()
    restored = rounds.now + timedelta(hours=1)
    rounds.rebuilt((alarm(), restored), (alarm(), restored + timedelta(seconds=5)))
    rounds.look()
    assert rounds.called == 2


def test_what_comes_after_the_rebuilding_is_no_known_mail(rounds: Rounds):
    rounds.comes(alarm())
    rounds.look()
    rounds.rebuilt()  # somebody had deleted it
    rounds.look()
    rounds.comes(alarm())
    rounds.look()
    assert rounds.called == 2


def test_where_the_server_keeps_the_dates_another_date_is_another_mail(rounds: Rounds):
    first = rounds.now
    rounds.comes(alarm("A dated one.", dated=first), first)
    rounds.comes(alarm(), first)
    rounds.look()
    later = rounds.now
    rounds.rebuilt(
        (alarm("A dated one.", dated=first), first), (alarm(), later)
    )  # the undated one was deleted, another came
    rounds.look()
    assert rounds.called == 3


def test_a_look_that_was_not_recorded_forgets_nothing(rounds: Rounds):
    rounds.comes(alarm())
    rounds.look()
    rounds.rebuilt((alarm(), rounds.now + timedelta(hours=1)))
    rounds.now += timedelta(seconds=61)
    lost, _ = rounds.round.look(rounds.now)
    again, _ = rounds.round.look(rounds.now)
    assert [each.key for each in lost.mails] == [each.key for each in again.mails]
    rounds.look()
    assert rounds.called == 1


def as_before(look: Look, raw: bytes, message_id: str, subject: str = "[KO] EOD") -> Look:
    """The look as a version before would have recorded it: it knew neither the text nor when the server received it."""
    named = f"{message_id}\n\nbatch@nordwind.example\n{subject}".encode() if message_id else raw
    key = hashlib.sha256(named).hexdigest()
    return look.model_copy(
        update={
            "mails": tuple(
                seen.model_copy(update={"content": None, "key": f"mail|{WATCH.source}|{key}"}) for seen in look.mails
            ),
            "entries": tuple(
                each.model_copy(update={"key": f"mail|{WATCH.source}|{key}"}) if each.key else each
                for each in look.entries
            ),
            "signals": tuple(
                said.model_copy(update={"key": f"{said.watch}|mail|{key}"}) if "|mail|" in said.key else said
                for said in look.signals
            ),
        }
    )


@pytest.mark.parametrize("message_id", ["<alert@x>", ""])
@pytest.mark.parametrize("changed", [timedelta(0), timedelta(hours=1)])
def test_mails_of_a_version_before_are_known_in_a_rebuilt_folder(rounds: Rounds, message_id: str, changed: timedelta):
    raw = alarm() if message_id else alarm().replace(b"Message-ID: <alert@x>\n", b"")
    at = rounds.now
    rounds.comes(raw, at)
    rounds.look(lambda look: as_before(look, raw, message_id))
    rounds.rebuilt((raw, at + changed))
    rounds.look()
    assert rounds.called == 1
    (seen,) = rounds.book.mails()
    assert (seen.uidvalidity, seen.content is None) == (2, False)


def test_a_mail_whose_subject_was_misread_before_is_known_by_its_message_id_and_date(rounds: Rounds):
    raw, at = alarm(), rounds.now
    rounds.comes(raw, at)
    rounds.look(lambda look: as_before(look, raw, "<alert@x>", "misread"))
    rounds.rebuilt((raw, at))
    rounds.look()
    assert rounds.called == 1


def test_a_watch_that_was_behind_reads_mails_of_a_version_before_as_the_same(book: Logbook):
    rounds = Rounds(book)
    other = mail_watch("other", resolves=None)
    paused = MailRound(WATCH.source, lambda: rounds.mailbox, book)
    paused.join(other)
    begun, _ = paused.look(rounds.now)
    book.record(begun)
    rounds.comes(alarm())
    rounds.look(lambda look: as_before(look, alarm(), "<alert@x>"))
    rounds.begin().join(other)
    rounds.look()
    assert len(book.mails()) == 1
    assert {each.watch: each.count for each in book.incidents()} == {WATCH.id: 1, other.id: 1}


def test_a_mail_that_is_moved_away_and_back_is_known(rounds: Rounds):
    at = rounds.now
    rounds.comes(alarm(), at)
    rounds.look()
    rounds.mailbox.remove(1)
    rounds.look()
    rounds.comes(alarm(), at)  # a MOVE keeps the date (RFC 6851 3.3), not the UID
    rounds.look()
    assert rounds.called == 1


def test_a_copy_in_another_folder_is_another_mail_there(book: Logbook):
    rounds = Rounds(book)
    rounds.comes(alarm())
    rounds.look()
    elsewhere = mail_watch("elsewhere", folder="Prod", resolves=None)
    copies = MemoryMailbox(watched="Prod")
    looks = MailRound(elsewhere.source, lambda: copies, book)
    looks.join(elsewhere)
    for number in range(2):
        found, _ = looks.look(rounds.now + timedelta(seconds=number))
        book.record(found)
        looks.recorded(found)
        if number == 0:
            copies.deliver(alarm(), rounds.now)
    assert {each.watch: each.count for each in book.incidents()} == {WATCH.id: 1, elsewhere.id: 1}
