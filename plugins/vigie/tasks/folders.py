"""The folders of one connection, as several looks saw them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from vigie.core.errors import FolderUnreadable, TransportError
from vigie.core.occurrence import FileSeen
from vigie.core.ports import DropZone, ListedFile

Folder = dict[str, FileSeen]

Expects = Callable[[str, str], bool]
"""Whether something of this name is expected in a folder."""

LONG_AGO = timedelta(days=1)


class Folders:
    """Lists folders over one connection, which is opened when first needed and again after a failure.

    ``seen`` is what the last look saw, by folder (None: it is not there); ``unreadable`` the folders that the server
    does not show, with its reason. A listing counts whole or not at all: where the connection is lost in the middle
    of one, the look has failed, and no file is missing by it.
    """

    def __init__(self, connect: Callable[[], DropZone], *, at_once: bool = False) -> None:
        self.seen: dict[str, Folder | None] = {}
        self.unreadable: dict[str, str] = {}
        self._connect = connect
        self._at_once = at_once
        self._zone: DropZone | None = None
        self._looked: dict[str, datetime] = {}

    def look(self, folders: Iterable[str], now: datetime, expects: Expects = lambda *_: False) -> None:
        """List each of these folders once, and forget all others. Raises TransportError where nobody can look.

        ``expects`` says of a folder and a name whether a link of this name is to be followed.
        """
        wanted = sorted(folders)
        self.unreadable = {}
        try:
            for folder in wanted:
                self._list(folder, now, expects)
        except TransportError:
            self.close()
            raise
        for gone in self.seen.keys() - set(wanted):
            del self.seen[gone]

    def names_in(self, folder: str) -> dict[str, ListedFile]:
        """The files of a folder in which nothing is expected; none where it cannot be listed: it only explains."""
        try:
            if self._zone is None:
                self._zone = self._connect()
            return {file.name: file for file in self._zone.listing(folder) or ()}
        except FolderUnreadable:
            return {}
        except TransportError:  # the next look connects anew, and says it if it cannot
            self.close()
            return {}

    def _list(self, folder: str, now: datetime, expects: Expects) -> None:
        if self._zone is None:
            self._zone = self._connect()
        try:
            listed = self._zone.listing(folder, lambda name: expects(folder, name))
        except FolderUnreadable as refused:
            self.unreadable[folder] = str(refused)
            return
        self.seen[folder] = None if listed is None else self._observed(folder, listed, now)
        self._looked[folder] = now

    def _observed(self, folder: str, listed: Sequence[ListedFile], now: datetime) -> Folder:
        before, looked = self.seen.get(folder) or {}, self._looked.get(folder)
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

    def _unchanged_since(self, file: ListedFile, now: datetime) -> datetime:
        """A session watches with its own eyes; who looks only once must believe the server's clock, if it can be."""
        if not self._at_once:
            return now
        # A time in our future says that the server's clock is ahead, and nothing of when the file came.
        return file.modified_at if file.modified_at <= now else now - LONG_AGO

    def close(self) -> None:
        """End the connection; the next look makes another."""
        if self._zone is not None:
            self._zone.close()
            self._zone = None
