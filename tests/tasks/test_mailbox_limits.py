"""The limits of a mailbox, as a session asks for them."""

from __future__ import annotations

from datetime import timedelta

from tests.tasks.samples import NOW

from vigie.core.look import Look
from vigie.core.ports import QuotaUse
from vigie.logbook.book import Logbook
from vigie.tasks.mailbox_limits import EVERY, MailboxLimits
from vigie.testing.memory_mailbox import MemoryMailbox


def limit(used: int) -> list[QuotaUse]:
    return [QuotaUse(root="", resource="STORAGE", used=used, limit=100)]


class Asked:
    """A mailbox whose limits are asked for, with the logbook in which that is recorded."""

    def __init__(self, book: Logbook) -> None:
        self.mailbox, self.book = MemoryMailbox(), book
        self.limits = MailboxLimits("nordwind_ops", book)

    def look(self, after: timedelta = timedelta(0)) -> list[str]:
        at = NOW + after
        signals = self.limits.look(self.mailbox, at)
        self.book.record(Look(source="nordwind_ops/INBOX", at=at, signals=tuple(signals)))
        self.limits.recorded(at)
        return [f"{signal.event} {signal.dedup_key}" for signal in signals]


def test_it_is_told_once_and_ends_when_there_is_room(book: Logbook) -> None:
    asked = Asked(book)
    asked.mailbox.limits = limit(95)
    assert asked.look() == ["trigger filling"]
    assert asked.look(EVERY) == []
    asked.mailbox.limits = limit(40)
    assert asked.look(EVERY * 2) == ["resolve filling"]
    assert [incident.status for incident in book.incidents(statuses=["resolved"])] == ["resolved"]


def test_it_is_asked_once_in_ten_minutes(book: Logbook) -> None:
    asked = Asked(book)
    assert asked.look() == []
    asked.mailbox.limits = limit(95)
    assert asked.look(EVERY - timedelta(seconds=1)) == []
    assert asked.look(EVERY) == ["trigger filling"]


def test_two_sessions_of_a_mailbox_tell_it_once(book: Logbook) -> None:
    one, other = Asked(book), Asked(book)
    one.mailbox.limits = other.mailbox.limits = limit(95)
    assert (one.look(), other.look(timedelta(seconds=1))) == (["trigger filling"], [])


def test_a_look_that_was_not_recorded_is_repeated(book: Logbook) -> None:
    asked = Asked(book)
    asked.mailbox.limits = limit(95)
    assert len(asked.limits.look(asked.mailbox, NOW)) == 1
    assert asked.look() == ["trigger filling"]


def test_a_server_that_does_not_answer_is_no_business_of_its_limits(book: Logbook) -> None:
    asked = Asked(book)
    asked.mailbox.go_dark()
    assert asked.look() == []
