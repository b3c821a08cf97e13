"""A mailbox in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from vigie.core.errors import Refused, TransportError
from vigie.core.ports import JunkPosition, MailboxPosition, QuotaUse, RawMail


class MemoryMailbox:
    """The twin of ImapMailbox, without a server. Delivering is safe from any thread, and wakes who waits."""

    def __init__(
        self, *, uidvalidity: int = 1, limit_bytes: int = 5_000_000, junk: str | None = None, watched: str = "INBOX"
    ) -> None:
        """``junk`` is the name of its junk folder, which is one of its own kind; None: it has none."""
        self.closed = False
        self.watched = watched
        self.junk_folder = MemoryMailbox(watched=junk, limit_bytes=limit_bytes) if junk else None
        self.limits: list[QuotaUse] = []
        self._uidvalidity = uidvalidity
        self._limit_bytes = limit_bytes
        self._next_uid = 1
        self._mails: dict[int, RawMail] = {}
        self._dark = False
        self._refused = False
        self._news = True
        self._changed = threading.Condition()

    def deliver(self, raw: bytes, received_at: datetime) -> int:
        """Put a mail into it, also while it is dark; returns its UID."""
        with self._changed:
            uid = self._next_uid
            self._next_uid += 1
            cut = raw[: self._limit_bytes]
            self._mails[uid] = RawMail(uid=uid, raw=cut, size=len(raw), received_at=received_at.astimezone(UTC))
            self._news = True
            self._changed.notify_all()
            return uid

    def remove(self, uid: int) -> None:
        """Take a mail away, as somebody with a mail program may."""
        with self._changed:
            del self._mails[uid]

    def go_dark(self, *, refused: bool = False) -> None:
        """Be unreachable until ``come_back``, or refuse the login."""
        with self._changed:
            self._dark, self._refused = True, refused
            self._changed.notify_all()

    def come_back(self) -> None:
        """Answer again; what was delivered meanwhile is there."""
        with self._changed:
            self._dark = False
            self._news = True

    def change_uidvalidity(self) -> None:
        """Number every mail anew from 1 under a new UIDVALIDITY, as a server does after a repair."""
        with self._changed:
            self._uidvalidity += 1
            mails = [self._mails[uid] for uid in sorted(self._mails)]
            self._mails = {uid: mail.model_copy(update={"uid": uid}) for uid, mail in enumerate(mails, start=1)}
            self._next_uid = len(mails) + 1
            self._news = True

    def position(self) -> MailboxPosition:
        """Where it stands. What came before is news until it is fetched."""
        with self._changed:
            self._seen()
            self._news = True
            return MailboxPosition(uidvalidity=self._uidvalidity, uidnext=self._next_uid)

    def fetch(self, after_uid: int, limit: int) -> Sequence[RawMail]:
        """The first ``limit`` mails above ``after_uid``."""
        with self._changed:
            self._seen()
            self._news = False
            return [self._mails[uid] for uid in sorted(self._mails) if uid > after_uid][:limit]

    def fetch_since(self, since: datetime, after_uid: int, limit: int) -> Sequence[RawMail]:
        """As ``fetch``, received on the UTC day of ``since`` or later."""
        day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        later = [mail for mail in self.fetch(after_uid, len(self._mails)) if mail.received_at >= day]
        return later[:limit]

    def junk(self) -> JunkPosition | None:
        """Where its junk folder stands."""
        with self._changed:
            self._seen()
        if self.junk_folder is None:
            return None
        return JunkPosition(folder=self.junk_folder.watched, **self.junk_folder.position().model_dump())

    def fetch_junk(self, after_uid: int, limit: int, since: datetime | None = None) -> Sequence[RawMail]:
        """As ``fetch`` and ``fetch_since``, of its junk folder."""
        with self._changed:
            self._seen()
        if self.junk_folder is None:
            return []
        return self.junk_folder.fetch_since(since or datetime.min.replace(tzinfo=UTC), after_uid, limit)

    def quota(self) -> Sequence[QuotaUse]:
        """Its ``limits``, as a test set them."""
        with self._changed:
            self._seen()
            return list(self.limits)

    def wait(self, seconds: float) -> bool:
        """Wait for a mail that was not fetched."""
        with self._changed:
            self._changed.wait_for(lambda: self._news or self._dark, seconds)
            self._seen()
            news, self._news = self._news, False
            return news

    def close(self) -> None:
        """Note that it was closed; it opens again by itself, as the real one does."""
        self.closed = True

    def _seen(self) -> None:
        if self._dark and self._refused:
            raise Refused(f"memory/{self.watched}: the login was refused")
        if self._dark:
            raise TransportError(f"memory/{self.watched}: the server cannot be reached")
        self.closed = False
