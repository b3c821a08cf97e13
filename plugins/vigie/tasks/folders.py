"""The folders of one connection, as several looks saw them."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from vigie.core.errors import FolderSlow, FolderUnreadable, TransportError
from vigie.core.occurrence import FileSeen
from vigie.core.ports import DropZone, ListedFile, PatientDropZone

Folder = dict[str, FileSeen]

Expects = Callable[[str, str], bool]
"""Whether something of this name is expected in a folder."""

LONG_AGO = timedelta(days=1)

QUICK = 2.0
"""Seconds that a look waits for one folder. What takes longer is listed beside the looks, and holds up no other folder."""

WAITS = 6.0
"""Seconds that a look waits for all of its folders together, before each is given a moment only."""

A_MOMENT = 0.2

RESTS_AT_MOST = timedelta(minutes=5)
"""A folder that takes its time is left alone for as long as its listing took, and no longer than this."""


class Folders:
    """Lists folders over one connection, which is opened when first needed and again after a failure.

    ``seen`` is what the last listing saw, by folder (None: it is not there), ``gone`` the expected files that only an
    earlier one saw, ``as_of`` when it began (UTC), ``took`` how long it took where that was long; who looks only once waits for all. ``unreadable`` are the folders that the server does not show, with its reason. A listing
    counts whole or not at all: where the connection is lost in the middle of one, the look has failed, and no file is
    missing by it.
    """

    def __init__(self, connect: Callable[[], DropZone], *, at_once: bool = False) -> None:
        self.seen: dict[str, Folder | None] = {}
        self.gone: dict[str, Folder] = {}
        self.as_of: dict[str, datetime] = {}
        self.took: dict[str, timedelta] = {}
        self.unreadable: dict[str, str] = {}
        self._connect = connect
        self._at_once = at_once
        self._zone: DropZone | None = None
        self._begun: dict[str, datetime] = {}
        self._ended: dict[str, datetime] = {}

    def look(
        self,
        folders: Iterable[str],
        now: datetime,
        expects: Expects = lambda *_: False,
        urgent: Container[str] = (),
        only: Container[str] | None = None,
    ) -> None:
        """List each of these folders once, and forget all others. Raises TransportError where nobody can look.

        They are listed in this order: a file that is moved meanwhile from one to a later one is seen in one of them. Where
        ``only`` some are to be listed, what is known of the others stays as it is.

        ``expects`` says of a folder and a name whether a link of this name is to be followed. A folder that takes its time
        goes on beside the looks and is not listed again at once, unless it is ``urgent``.
        """
        wanted = dict.fromkeys(folders)
        self.unreadable = {
            folder: why
            for folder, why in self.unreadable.items()
            if only is not None and folder in wanted and folder not in only
        }
        waits_until = time.monotonic() + WAITS
        try:
            for gone in self._begun.keys() - wanted.keys():
                self._abandon(gone)
            # Those that take their time begin first, and go on while the others are listed.
            for folder in sorted(wanted, key=lambda each: each not in self._begun and each not in self.took):
                if (
                    only is not None
                    and not (folder in only or folder in urgent or folder in self._begun)
                    and folder in self.seen
                ):
                    continue
                if folder in urgent or not self._rests(folder, now):
                    self._list(folder, now, waits_until, expects)
        except TransportError:
            self.close()
            raise
        for gone in self.seen.keys() - wanted.keys():
            for known in (self.seen, self.gone, self.as_of, self.took, self._ended):
                known.pop(gone, None)

    def names_in(self, folder: str) -> dict[str, ListedFile]:
        """The files of a folder in which nothing is expected; none where it cannot be listed soon: it only explains."""
        try:
            if self._zone is None:
                self._zone = self._connect()
            if isinstance(self._zone, PatientDropZone):
                listed = self._zone.listing_within(folder, QUICK)
            else:
                listed = self._zone.listing(folder)
            return {file.name: file for file in listed or ()}
        except FolderSlow:
            self._abandon(folder)
            return {}
        except FolderUnreadable:
            return {}
        except TransportError:  # the next look connects anew, and says it if it cannot
            self.close()
            return {}

    def slow(self, now: datetime) -> dict[str, timedelta]:
        """The folders that take their time, each with how long its listing has taken so far, or took last."""
        going = {folder: now - begun for folder, begun in self._begun.items()}
        return {folder: max(going.get(folder, timedelta(0)), self.took.get(folder, timedelta(0)))
                for folder in going.keys() | self.took.keys()}  # fmt: skip

    @property
    def unseen(self) -> frozenset[str]:
        """The folders of which nothing is known now: they cannot be read, or their first listing is not whole."""
        return frozenset(self.unreadable) | (self._begun.keys() - self.seen.keys())

    @property
    def are_listed(self) -> bool:
        """Whether a listing goes on."""
        return bool(self._begun)

    def go_on(self, seconds: float) -> bool:
        """Let the listings go on, at most so long; whether one of them is whole."""
        return isinstance(self._zone, PatientDropZone) and self._zone.go_on(seconds)

    def _rests(self, folder: str, now: datetime) -> bool:
        if folder in self._begun or folder not in self.took or folder not in self._ended:
            return False
        return now < self._ended[folder] + min(self.took[folder], RESTS_AT_MOST)

    def _list(self, folder: str, now: datetime, waits_until: float, expects: Expects) -> None:
        if self._zone is None:
            self._zone = self._connect()
        begun = self._begun.get(folder, now)
        try:
            follow = partial(expects, folder)
            if isinstance(self._zone, PatientDropZone) and not self._at_once:
                known_slow = folder in self._begun or folder in self.took
                left = min(QUICK, max(A_MOMENT, waits_until - time.monotonic()))
                listed = self._zone.listing_within(folder, 0.0 if known_slow else left, follow)
            else:
                listed = self._zone.listing(folder, follow)
        except FolderSlow:
            self._begun[folder] = begun
            return
        except FolderUnreadable as refused:
            self._begun.pop(folder, None)
            self.unreadable[folder] = str(refused)
            return
        found = None if listed is None else self._observed(folder, listed, begun)
        if found is not None:
            self._note_gone(folder, found, follow)
        self.seen[folder] = found
        self.as_of[folder] = begun
        self._ended[folder] = now
        self._begun.pop(folder, None)
        if now - begun >= timedelta(seconds=QUICK):
            self.took[folder] = now - begun
        else:
            self.took.pop(folder, None)

    def _observed(self, folder: str, listed: Sequence[ListedFile], now: datetime) -> Folder:
        before, looked = self.seen.get(folder) or {}, self.as_of.get(folder)
        found: Folder = {}
        for file in listed:
            old = before.get(file.name)
            if old is not None and (old.size, old.modified_at) == (file.size, file.modified_at):
                found[file.name] = old
                continue
            found[file.name] = FileSeen(
                name=file.name,
                size=file.size,
                modified_at=file.modified_at,
                unchanged_since=self._unchanged_since(file, now),
                absent_at=old.absent_at if old is not None else looked,
                seen_at=now,
                first_seen_at=(old.first_seen_at if old is not None else None) or now,
            )
        return found

    def _note_gone(self, folder: str, found: Folder, expected: Callable[[str], bool]) -> None:
        before = {name: file for name, file in (self.seen.get(folder) or {}).items() if name not in found}
        gone = self.gone.get(folder, {}) | {name: file._replace(gone=True) for name, file in before.items()}
        self.gone[folder] = {name: file for name, file in gone.items() if name not in found and expected(name)}

    def _unchanged_since(self, file: ListedFile, now: datetime) -> datetime:
        """A session watches with its own eyes; who looks only once must believe the server's clock, if it can be."""
        if not self._at_once:
            return now
        # A time in our future says that the server's clock is ahead, and nothing of when the file came.
        return file.modified_at if file.modified_at <= now else now - LONG_AGO

    def _abandon(self, folder: str) -> None:
        self._begun.pop(folder, None)
        if isinstance(self._zone, PatientDropZone):
            self._zone.abandon(folder)

    def close(self) -> None:
        """End the connection; the next look makes another."""
        self._begun = {}
        if self._zone is not None:
            self._zone.close()
            self._zone = None
