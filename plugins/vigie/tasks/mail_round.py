"""The round of a mailbox: each mail is fetched and read once, and offered to every watch on the folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from vigie.core import ko_mail
from vigie.core.entry import Entry
from vigie.core.errors import TransportError
from vigie.core.look import Cursor, Look
from vigie.core.mail import Mail
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.ports import Mailbox, MailboxPosition, RawMail
from vigie.core.sight import unreadable
from vigie.core.signal import Signal
from vigie.core.watch import MailboxWatch, MailWatch, Watch
from vigie.core.working_days import EVERY_DAY, WorkingDays
from vigie.logbook.book import Logbook
from vigie.tasks.clock import utc_now
from vigie.tasks.known_mails import KnownMails
from vigie.tasks.look_round import PATIENCE, states
from vigie.tasks.mail_count import Arrivals, MailCount, count_mail
from vigie.tasks.mail_fate import Claim, MailNotes, notes_of
from vigie.tasks.mail_junk import JunkFound, MailJunk
from vigie.tasks.mail_reader import MailReader
from vigie.tasks.mailbox_limits import MailboxLimits
from vigie.tasks.set_aside import SetAside

BATCH = 25
HEARTBEAT = timedelta(seconds=60)

REREAD = timedelta(days=2)
"""How far back a rebuilt mailbox (another UIDVALIDITY) is read again; what is known is dropped by its key."""


class MailRound:
    """Looks into one folder. A position is (UIDVALIDITY, UID) per watch; no flag or folder is ever changed.

    A watch that raises at a mail stays before it, and is set aside: it is blind, the others read on, and once a minute
    it is tried again, so that nothing of what it did not read is lost.
    """

    def __init__(
        self,
        source: str,
        connect: Callable[[], Mailbox],
        logbook: Logbook,
        *,
        days: Callable[[MissingMailWatch], WorkingDays] = lambda _: EVERY_DAY,
        clock: Callable[[], datetime] = utc_now,
        reader: MailReader | None = None,
    ) -> None:
        self.source = source
        self._connect = connect
        self._logbook = logbook
        self._clock = clock
        self._reader = reader or MailReader(logbook)
        self._count = MailCount(logbook, days, self._reader)
        self._known = KnownMails(source, logbook, self._reader)
        self._mailbox: Mailbox | None = None
        self._position: MailboxPosition | None = None
        self._position_at = datetime.min.replace(tzinfo=UTC)
        self._watches: dict[str, MailboxWatch] = {}
        self._cursors: dict[str, Cursor] = {}
        self._heartbeat_at: datetime | None = None
        mailbox = source.partition("/")[0]
        self._junk, self._in_junk = MailJunk(mailbox, logbook, self._reader), JunkFound()
        self._limits = MailboxLimits(mailbox, logbook)
        self._aside = SetAside(source)

    def join(self, watch: Watch) -> None:
        """Look for this watch too, from its cursor in the logbook."""
        if not isinstance(watch, MailboxWatch):
            raise TypeError(f"{watch.id} is not a watch of mail")
        known = self._logbook.cursors(self.source).get(watch.id)
        if known is not None:
            self._cursors[watch.id] = known
        if isinstance(watch, MissingMailWatch):
            self._count.join(watch, self._clock())
        self._watches[watch.id] = watch
        self._aside.leave(watch.id)
        self._heartbeat_at = None

    def leave(self, watch_id: str) -> None:
        """Look for it no longer; its cursor stays in the logbook."""
        self._watches.pop(watch_id, None)
        self._cursors.pop(watch_id, None)
        self._aside.leave(watch_id)
        self._count.leave(watch_id)
        self._junk.leave(watch_id)

    def look(self, now: datetime) -> tuple[Look, datetime]:
        """Fetch what is new for any watch, at most a batch, and judge it."""
        try:
            return self._looked(now)
        except TransportError:
            self.close()
            raise

    def _looked(self, now: datetime) -> tuple[Look, datetime]:
        if self._mailbox is None:
            self._mailbox = self._connect()
        if self._position is None or now - self._position_at >= HEARTBEAT:  # rebuilt, and nobody hung up on us?
            self._position, self._position_at = self._mailbox.position(), now
        self._aside.begin()
        signals: list[Signal] = []
        notes: list[MailNotes] = []
        entries = self._beginnings(self._mailbox, self._position, now)
        reading = {name: watch for name, watch in self._watches.items() if self._aside.takes_part(name, now)}
        lowest = min((self._cursors[name].uid for name in reading), default=0)
        mails = self._mailbox.fetch(lowest, BATCH) if reading else ()
        arrivals, told = self._count.read_back(self._mailbox, self._position, now, self._aside.guarded)
        entries += told
        furthest = max((cursor.uid for cursor in self._cursors.values()), default=0)
        for raw, mail in self._known.read(mails, self._position, furthest, now):
            said, noted = self._judged(raw, mail, self._position, now, arrivals, reading)
            signals += said
            notes.append(noted)
        reached = max((raw.uid for raw in mails), default=0)
        to_the_end = len(mails) < BATCH
        counted = self._count.conclude(arrivals, now, self._aside.guarded, read_to_the_end=to_the_end, reading=reading)
        self._aside.done(reading)
        well = {name: watch for name, watch in reading.items() if not self._aside.stopped(name)}
        junk = self._in_junk = self._junk.look(self._mailbox, well, now, self._aside)
        news = bool(mails) or bool(counted.occurrences)
        beat = self._heartbeat_at is None or news or now - self._heartbeat_at >= HEARTBEAT
        beats = states(self._watches, self.source, now, now + HEARTBEAT + PATIENCE) if beat else ()
        look = Look(
            source=self.source,
            at=now,
            states=self._count.told(beats, counted, self._aside.guarded),
            signals=(*signals, *counted.signals, *junk.signals, *self._limits.look(self._mailbox, now)),
            entries=(*entries, *(noted.entry for noted in notes), *counted.entries, *junk.entries),
            cursors=(*self._moved(reading, reached), *junk.cursors),
            occurrences=counted.occurrences,
            mails=tuple(noted.seen for noted in (*notes, *junk.notes)),
            bounces=tuple(noted.bounce for noted in (*notes, *junk.notes) if noted.bounce is not None),
            ailing=self._aside.reasons,
        )
        if len(mails) >= BATCH or junk.more:
            return look, now
        return look, min(now + HEARTBEAT, counted.again or now + HEARTBEAT)

    def _beginnings(self, mailbox: Mailbox, position: MailboxPosition, now: datetime) -> list[Entry]:
        """A watch without a cursor begins at the end of the folder; one of another UIDVALIDITY two days back."""
        entries = []
        for watch in self._watches.values():
            known = self._cursors.get(watch.id)
            if known is not None and known.uidvalidity == position.uidvalidity:
                continue
            # The position is up to a minute old: what was read since then is not new to anybody.
            read = [each.uid for each in self._cursors.values() if each.uidvalidity == position.uidvalidity]
            uid = max(position.uidnext - 1, *read) if read else position.uidnext - 1
            if known is None:
                entries.append(self._entry(watch, now, "watch.began", f"begins after mail {uid} of {self.source}"))
            else:
                self._known.read_again(position)
                recent = mailbox.fetch_since(now - REREAD, 0, 1)
                uid = recent[0].uid - 1 if recent else uid
                text = f"{self.source} was rebuilt: read again from mail {uid + 1}"
                entries.append(self._entry(watch, now, "mailbox.rebuilt", text))
            self._cursors[watch.id] = Cursor(
                watch=watch.id, source=self.source, uidvalidity=position.uidvalidity, uid=uid
            )
        return entries

    def _entry(self, watch: MailboxWatch, now: datetime, kind: str, text: str) -> Entry:
        return Entry(
            at=now,
            client=watch.client,
            flux=watch.flux,
            watch=watch.id,
            kind=kind,
            actor=f"watch:{watch.id}",
            text=text,
        )

    def _judged(
        self,
        raw: RawMail,
        mail: Mail,
        position: MailboxPosition,
        now: datetime,
        arrivals: Arrivals,
        reading: Mapping[str, MailboxWatch],
    ) -> tuple[list[Signal], MailNotes]:
        said: list[Signal] = []
        claims: list[Claim] = []
        for watch in reading.values():
            if raw.uid <= self._cursors[watch.id].uid:
                continue
            if isinstance(watch, MissingMailWatch):
                counted = self._aside.guarded(
                    watch.id, now, partial(count_mail, watch, mail, now, arrivals), at=raw.uid
                )
                claims += counted or ()
            elif isinstance(watch, MailWatch):
                signal = self._aside.guarded(watch.id, now, partial(ko_mail.judge, watch, mail, now), at=raw.uid)
                if signal is not None:
                    said.append(signal)
                    claims.append(Claim(watch.id, f"{signal.event} {watch.id}"))
        if mail.unreadable:
            said.append(unreadable(self.source, mail, tuple(sorted(self._watches)), now))
        asked = [watch for name, watch in reading.items() if not self._aside.stopped(name)]
        return said, notes_of(mail, raw, self.source, position, self._watches, claims, now, asked=asked)

    def _moved(self, reading: Mapping[str, MailboxWatch], reached: int) -> Iterator[Cursor]:
        """The cursor of each watch that read: behind the last mail, or before the one that it did not get beyond."""
        for name, cursor in self._cursors.items():
            to = reached if name in reading else cursor.uid
            yield cursor.model_copy(update={"uid": max(self._aside.read_until(name, to), cursor.uid)})

    def recorded(self, look: Look) -> None:
        """The look is in the logbook: go on from its cursors. A watch whose part was refused is set aside."""
        self._count.recorded(look)
        self._known.recorded(look)
        self._junk.recorded(look, self._in_junk)
        self._limits.recorded(look.at)
        for cursor in look.cursors:
            if cursor.watch in self._watches and cursor.source == self.source:
                self._cursors[cursor.watch] = cursor
        read = {cursor.watch for cursor in look.cursors if cursor.source == self.source}
        for name in self._watches.keys() - read:
            self._aside.put(name, "what it read cannot be recorded", look.at)
        if look.states:
            self._heartbeat_at = look.at

    def wait(self, seconds: float, called: threading.Event) -> bool:
        """Wait for the server to push (IDLE); a call is heard when the time is out."""
        if self._mailbox is None:
            return True
        try:
            return self._mailbox.wait(seconds)
        except TransportError:
            self.close()
            raise

    def close(self) -> None:
        """End the connection; the next look makes another."""
        self._position = None
        if self._mailbox is not None:
            self._mailbox.close()
            self._mailbox = None
