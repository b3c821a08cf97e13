"""Mails that were seen before, by another name: in a mailbox that was rebuilt, or by a watch that has read further.

A mail is known by its identity, which does not change, with two exceptions. Some servers give all mails another date of
arrival when a mailbox is restored, and that is a part of the identity of a mail without a date of its own. And versions
before made the identity otherwise. Such a mail takes the name under which it was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from vigie.core.look import Look
from vigie.core.mail import Mail
from vigie.core.ports import MailboxPosition, RawMail
from vigie.core.seen_mail import SeenMail
from vigie.logbook.book import Logbook
from vigie.tasks.mail_reader import MailReader

_SINCE = timedelta(days=4)
"""How far back seen mails are looked for: what is read again, and some days more for clocks and servers' days."""

Reads = list[tuple[RawMail, Mail]]


class KnownMails:
    """The mails of one folder. ``read_again`` is told when the folder was rebuilt."""

    def __init__(self, source: str, logbook: Logbook, reader: MailReader) -> None:
        self._source = source
        self._logbook = logbook
        self._reader = reader
        self._until = MailboxPosition(uidvalidity=-1, uidnext=0)
        self._before: dict[str, SeenMail] | None = None
        self._dates_are_kept: bool | None = None

    def read_again(self, position: MailboxPosition) -> None:
        """The folder was rebuilt, and all mails that are there now may be known."""
        self._until, self._before, self._dates_are_kept = position, None, None

    def read(self, mails: Sequence[RawMail], position: MailboxPosition, furthest: int, now: datetime) -> Reads:
        """Read them, each under the name by which it is known; ``furthest`` is the highest UID that any watch has read.

        Those that the mail desk filed into this folder are left out: they were read where they came from.
        """
        if not mails:
            return []
        reads = self._named(self._reader.read(self._source, position.uidvalidity, mails, now), position, furthest, now)
        names = {name for _, mail in reads for name in (mail.identity, mail.former)}
        filed = self._logbook.filed_here(self._source, names)
        return [(raw, mail) for raw, mail in reads if not {mail.identity, mail.former} & filed]

    def _named(self, reads: Reads, position: MailboxPosition, furthest: int, now: datetime) -> Reads:
        again = [raw.uid for raw, _ in reads if raw.uid <= furthest]
        if again:
            there = {seen.uid: seen for seen in self._logbook.mails_at(self._source, position.uidvalidity, again)}
            reads = [(raw, self._as(mail, there.get(raw.uid))) for raw, mail in reads]
        if position.uidvalidity == self._until.uidvalidity and any(raw.uid < self._until.uidnext for raw, _ in reads):
            if self._before is None:
                since = now - _SINCE
                before = self._logbook.mails_before_rebuild(self._source, position.uidvalidity, since)
                self._before = {self._name_of(seen): seen for seen in before}
            reads = self._among(reads, dict(self._before)) if self._before else reads
        return reads

    def recorded(self, look: Look) -> None:
        """The look is in the logbook: its mails are no longer to be found again."""
        if self._before is not None:
            for seen in look.mails:
                self._before.pop(self._name_of(seen), None)

    def _as(self, mail: Mail, seen: SeenMail | None) -> Mail:
        name = self._name_of(seen) if seen is not None else ""
        return mail.model_copy(update={"identity": name}) if name else mail

    def _name_of(self, seen: SeenMail) -> str:
        prefix = f"mail|{self._source}|"
        return seen.key.removeprefix(prefix) if seen.key.startswith(prefix) else ""

    def _among(self, reads: Reads, left: dict[str, SeenMail]) -> Reads:
        """Each mail that was there when the folder was rebuilt takes the name of one that is left, which then is taken."""
        named: dict[int, Mail] = {}
        for raw, mail in reads:
            if seen := left.pop(mail.identity, None):
                named[raw.uid] = mail
                if self._dates_are_kept is not True:
                    self._dates_are_kept = abs(seen.received_at - mail.received_at) < timedelta(seconds=2)
        for raw, mail in reads:
            if raw.uid in named or raw.uid >= self._until.uidnext:
                continue
            seen = next((each for each in left.values() if self._is(mail, each)), None)
            if seen is not None:
                left.pop(self._name_of(seen))
                named[raw.uid] = self._as(mail, seen)
        return [(raw, named.get(raw.uid, mail)) for raw, mail in reads]

    def _is(self, mail: Mail, seen: SeenMail) -> bool:
        same_moment = seen.received_at == mail.received_at
        if seen.content is None:  # read by a version before
            return self._name_of(seen) == mail.former or (
                bool(mail.message_id) and seen.message_id == mail.message_id[:300] and same_moment
            )
        return seen.content == mail.content and (same_moment or not self._dates_are_kept)
