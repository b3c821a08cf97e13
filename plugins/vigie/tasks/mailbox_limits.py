"""The limits of a mailbox, asked now and then over the connection that watches it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from vigie.core.client import PLATFORM
from vigie.core.errors import TransportError
from vigie.core.mailbox_quota import LEVELS, quota_signals
from vigie.core.ports import Mailbox
from vigie.core.signal import Signal
from vigie.logbook.book import Logbook

EVERY = timedelta(minutes=10)


class MailboxLimits:
    """Tells the platform before the mailbox (a connection) is full. What is open is read from the logbook each time."""

    def __init__(self, mailbox: str, logbook: Logbook) -> None:
        self._mailbox = mailbox
        self._logbook = logbook
        self._asked_at = datetime.min.replace(tzinfo=UTC)

    def look(self, mailbox: Mailbox, now: datetime) -> list[Signal]:
        """Ask at most once in ten minutes. A server that does not answer is the business of who reads its mail."""
        if now - self._asked_at < EVERY:
            return []
        try:
            uses = mailbox.quota()
        except TransportError:
            return []
        keys = {level.key for level in LEVELS}
        known = self._logbook.incidents(client=PLATFORM)
        return list(
            quota_signals(
                self._mailbox, uses, {each.dedup_key for each in known if each.watch == self._mailbox} & keys, now
            )
        )

    def recorded(self, at: datetime) -> None:
        """The look of this instant is in the logbook."""
        if at - self._asked_at >= EVERY:
            self._asked_at = at
