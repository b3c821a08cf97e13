"""The junk folder of a mailbox: a KO that a filter put there is an incident, an OK there ends nothing.

It is asked about each minute over the connection that watches the other folder, and read only where something came.
What neither a KO nor an OK of a watch finds there is spam, and leaves no trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from vigie.core import ko_mail
from vigie.core.bounce import bounce_of
from vigie.core.entry import Entry
from vigie.core.errors import TransportError
from vigie.core.look import Cursor, Look
from vigie.core.mail import Mail
from vigie.core.mail_rule import weigh
from vigie.core.ports import JunkPosition, Mailbox
from vigie.core.sight import unreadable
from vigie.core.signal import Signal
from vigie.core.watch import MailboxWatch, MailPatterns, MailWatch
from vigie.logbook.book import Logbook
from vigie.tasks.folder_sight import FolderSight
from vigie.tasks.mail_fate import Claim, Fated, MailNotes, fate_of, notes_of
from vigie.tasks.mail_reader import MailReader
from vigie.tasks.set_aside import SetAside

EVERY = timedelta(seconds=60)
BATCH = 25
REREAD = timedelta(days=2)
"""How far back a rebuilt folder (another UIDVALIDITY) is read again."""

PLACE = "junk"
"""What its blindness is called: ``nordwind_ops:junk``, for its name may be what cannot be read."""


class JunkFound(NamedTuple):
    """What a look into it adds, and whether there is more to read at once."""

    signals: tuple[Signal, ...] = ()
    entries: tuple[Entry, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    notes: tuple[MailNotes, ...] = ()
    more: bool = False


class MailJunk:
    """Looks for the watches of one session. Blind here, the session sees as well as before, and the platform is told."""

    def __init__(self, mailbox: str, logbook: Logbook, reader: MailReader | None = None) -> None:
        self._mailbox = mailbox
        self._reader = reader or MailReader(logbook)
        self._logbook = logbook
        self._sight = FolderSight(mailbox, logbook)
        self._source = ""
        self._cursors: dict[str, Cursor] = {}
        self._looked_at = datetime.min.replace(tzinfo=UTC)
        self._more = False

    def leave(self, watch_id: str) -> None:
        """Look for this watch no longer."""
        self._cursors.pop(watch_id, None)

    def look(
        self, mailbox: Mailbox, watches: Mapping[str, MailboxWatch], now: datetime, aside: SetAside | None = None
    ) -> JunkFound:
        """Look where a minute is over, or the last look left something; never raises for what the server does.

        A watch that raises is set ``aside``, before the mail at which it did.
        """
        known = watches.keys() <= self._cursors.keys() or not self._source
        if not watches or (now - self._looked_at < EVERY and not self._more and known):
            return JunkFound()
        unreadable: dict[str, str] = {}
        found = JunkFound()
        try:
            position = mailbox.junk()
            if position is not None:
                found = self._read(mailbox, position, watches, now, aside or SetAside(self._mailbox))
        except TransportError as failed:
            unreadable[PLACE] = str(failed)
        told = self._sight.signals(unreadable, {PLACE: True}, {PLACE: list(watches.values())}, now)
        return found._replace(signals=(*found.signals, *told))

    def recorded(self, look: Look, found: JunkFound) -> None:
        """The look is in the logbook: go on from there."""
        if look.at - self._looked_at >= EVERY or self._more:
            self._looked_at = look.at
        self._more = found.more
        self._cursors |= {cursor.watch: cursor for cursor in found.cursors}
        self._sight.recorded(look)

    def _read(
        self,
        mailbox: Mailbox,
        position: JunkPosition,
        watches: Mapping[str, MailboxWatch],
        now: datetime,
        aside: SetAside,
    ) -> JunkFound:
        source = f"{self._mailbox}/{position.folder}"
        if source != self._source:
            self._source, self._cursors = source, {}
        cursors, entries = self._begun(mailbox, position, watches, now)
        lowest = min(cursor.uid for cursor in cursors.values())
        mails = mailbox.fetch_junk(lowest, BATCH) if lowest < position.uidnext - 1 else ()
        signals: list[Signal] = []
        notes: list[MailNotes] = []
        for raw, mail in self._reader.read(source, position.uidvalidity, mails, now):
            asked = {name: watch for name, watch in watches.items() if raw.uid > cursors[name].uid}
            said = _alarms(asked, mail, position.folder, now, aside, raw.uid)
            asked = {name: watch for name, watch in asked.items() if not aside.stopped(name)}
            fated = _fated(asked, mail, position.folder, said)
            signals += said
            if mail.unreadable:
                signals.append(unreadable(source, mail, tuple(sorted(asked)), now))
            if fated is not None or bounce_of(mail, "", now) is not None:
                notes.append(notes_of(mail, raw, source, position, watches, (), now, fated=fated))
        reached = max((raw.uid for raw in mails), default=0)
        moved = [
            cursor.model_copy(update={"uid": max(aside.read_until(name, reached), cursor.uid)})
            for name, cursor in cursors.items()
        ]
        changed = tuple(cursor for cursor in moved if self._cursors.get(cursor.watch) != cursor)
        told = (*entries, *(noted.entry for noted in notes))
        return JunkFound(tuple(signals), told, changed, tuple(notes), more=len(mails) >= BATCH)

    def _begun(
        self, mailbox: Mailbox, position: JunkPosition, watches: Mapping[str, MailboxWatch], now: datetime
    ) -> tuple[dict[str, Cursor], list[Entry]]:
        """Where each watch stands. A new one begins at the end; one of another UIDVALIDITY two days back."""
        stored = {} if watches.keys() <= self._cursors.keys() else self._logbook.cursors(self._source)
        cursors, entries = {}, []
        for name, watch in watches.items():
            cursor = self._cursors.get(name) or stored.get(name)
            if cursor is None or cursor.uidvalidity != position.uidvalidity:
                uid = position.uidnext - 1
                kind, text = "watch.began", f"begins after mail {uid} of {self._source}, the junk folder"
                if cursor is not None:
                    recent = mailbox.fetch_junk(0, 1, now - REREAD)
                    uid = recent[0].uid - 1 if recent else uid
                    kind, text = "mailbox.rebuilt", f"{self._source} was rebuilt: read again from mail {uid + 1}"
                cursor = Cursor(watch=name, source=self._source, uidvalidity=position.uidvalidity, uid=uid)
                entries.append(
                    Entry(
                        at=now,
                        client=watch.client,
                        flux=watch.flux,
                        watch=name,
                        kind=kind,
                        actor=f"watch:{name}",
                        text=text,
                    )
                )
            cursors[name] = cursor
        return cursors, entries


def _alarms(
    watches: Mapping[str, MailboxWatch], mail: Mail, folder: str, now: datetime, aside: SetAside, uid: int
) -> list[Signal]:
    asked = [watch for watch in watches.values() if isinstance(watch, MailWatch)]
    judged = (
        aside.guarded(watch.id, now, partial(ko_mail.judge, watch, mail, now, junk=folder), at=uid) for watch in asked
    )
    return [said for said in judged if said is not None]


def _fated(watches: Mapping[str, MailboxWatch], mail: Mail, folder: str, alarms: list[Signal]) -> Fated | None:
    """What is noted of a mail there; None of what is nobody's."""
    if mail.unreadable:
        return Fated("unreadable", (), f"unreadable, in the junk folder '{folder}': {mail.unreadable}")
    if alarms:
        return fate_of(
            mail,
            (),
            [Claim(said.watch, f"{said.event} {said.watch}, from the junk folder '{folder}'") for said in alarms],
        )
    weighed = {name: weigh(watch, mail) for name, watch in watches.items() if isinstance(watch, MailPatterns)}
    fine = [name for name, each in weighed.items() if each.event in {"resolve", "arrive"}]
    if fine:
        words = f"unclassified, an OK of {', '.join(fine)} in the junk folder '{folder}', where it ends nothing"
        return Fated("unclassified", (), words)
    if any(each.withholds("set aside") for each in weighed.values()):
        return fate_of(mail, list(watches.values()), ())
    return None
