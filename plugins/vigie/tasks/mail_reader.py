"""The reader of a folder's mails, which a mail may kill: what it reads is noted before, so that its death is noticed.

Every mail is read in bounded time and memory (`vigie.core.mime_reading`). Should one kill the process all the same, the note is
still there when the next reader begins, in this process or another: then each mail of it is read in a process of its own. One that
kills two of them is *unreadable*. Its head is read alone, people are told, and the folder goes on.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from vigie.adapters.apart_reader import ReaderDied, read_apart
from vigie.core.errors import TransportError
from vigie.core.mail import Mail, parse_mail
from vigie.core.mime_head import split_head
from vigie.core.ports import Mailbox, MailboxPosition, RawMail
from vigie.logbook.book import Logbook
from vigie.logbook.readings import Reading

_TRIES = 2
_BATCH = 25
_HEAD = 20_000

log = logging.getLogger(__name__)


class Read(Protocol):
    """Reads a mail."""

    def __call__(self, raw: bytes, received_at: datetime, size: int) -> Mail:
        """The mail of these bytes."""


def read_here(raw: bytes, received_at: datetime, size: int) -> Mail:
    """Read a mail in this process."""
    return parse_mail(raw, received_at=received_at, size=size)


class MailReader:
    """Reads the mails of one session. ``apart`` reads one in a process of its own, and raises ReaderDied."""

    def __init__(self, logbook: Logbook, *, here: Read = read_here, apart: Read = read_apart) -> None:
        self._logbook = logbook
        self._here = here
        self._apart = apart
        self._name = uuid.uuid4().hex

    def read(
        self, source: str, uidvalidity: int, mails: Sequence[RawMail], now: datetime
    ) -> list[tuple[RawMail, Mail]]:
        """The mails, each beside its bytes. ``now`` is UTC."""
        if not mails:
            return []
        uids = [raw.uid for raw in mails]
        begun = Reading(source, uidvalidity, min(uids), max(uids), self._name, now)
        before = self._begin(begun)
        if before is None or before.reader == self._name or not before.overlaps(begun):
            return [(raw, self._as_usual(source, raw)) for raw in mails]
        log.warning(
            "%s: mails %d to %d were begun to be read at %s, and never recorded; each is read in a process of its own",
            source, before.first_uid, before.last_uid, before.began_at,
        )  # fmt: skip
        return [(raw, self._with_care(source, raw)) for raw in mails]

    def since(
        self, mailbox: Mailbox, source: str, position: MailboxPosition, since: datetime, now: datetime, *, most: int
    ) -> Iterator[Mail]:
        """The mails of the folder received since then, the oldest first; at most so many."""
        after, read = 0, 0
        while read < most:
            mails = mailbox.fetch_since(since, after, _BATCH)
            for raw, mail in self.read(source, position.uidvalidity, mails, now):
                after, read = raw.uid, read + 1
                yield mail
            if len(mails) < _BATCH:
                return

    def _begin(self, begun: Reading) -> Reading | None:
        try:
            return self._logbook.begin_reading(begun)
        except TransportError as away:  # nothing will be recorded either, so nothing is lost
            log.warning("%s: it cannot be noted what is read: %s", begun.source, away)
            return None

    def _as_usual(self, source: str, raw: RawMail) -> Mail:
        """Read a mail here. One at which the reader raises, be it for want of memory, does not blind its folder."""
        try:
            return self._here(raw.raw, raw.received_at, raw.size)
        except Exception as failed:  # noqa: BLE001 (whatever it is, the other mails are read)
            log.warning("%s: mail %d could not be read here, so in a process of its own: %r", source, raw.uid, failed)
        return self._with_care(source, raw)

    def _with_care(self, source: str, raw: RawMail) -> Mail:
        """Read a mail that may be the one; only its head where two processes died of it."""
        how = ""
        for _ in range(_TRIES):
            try:
                return self._apart(raw.raw, raw.received_at, raw.size)
            except ReaderDied as died:
                how = str(died)
                log.warning("%s: the reader of mail %d died: %s", source, raw.uid, how)
        return self._head_of(raw, f"its reader died of it twice: {how}")

    def _head_of(self, raw: RawMail, why: str) -> Mail:
        """What the head of an unreadable mail says; nothing where that kills its reader too."""
        head = split_head(raw.raw[:_HEAD])[0] or raw.raw[:_HEAD]
        try:
            mail = self._apart(head + b"\n\n", raw.received_at, raw.size)
        except ReaderDied:
            mail = self._here(b"", raw.received_at, raw.size)
        whole = hashlib.sha256(raw.raw).hexdigest()
        return mail.model_copy(
            update={
                "identity": whole,
                "content": whole,
                "former": "",
                "text": "",
                "attachments": (),
                "report": None,
                "origin": "unknown",
                "reasons": ("nobody could read it",),
                "final": False,
                "curtailed": (why,),
                "unreadable": why,
            }
        )
