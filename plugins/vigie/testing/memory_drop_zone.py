"""A file server in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath

from vigie.core.errors import FolderSlow, FolderUnreadable, Refused, TransportError
from vigie.core.ports import Follow, ListedFile
from vigie.core.spelling import forms


class MemoryDropZone:
    """The twin of SftpDropZone and LocalDropZone. Paths are relative to the root, with or without a leading ``/``."""

    def __init__(self) -> None:
        self.closed = False
        self.listings: list[str] = []
        self._folders: dict[PurePosixPath, dict[str, ListedFile]] = {PurePosixPath("/"): {}}
        self._links: dict[PurePosixPath, tuple[PurePosixPath, datetime]] = {}
        self._dark = False
        self._refused = False
        self._forbidden: set[PurePosixPath] = set()
        self._slow: set[PurePosixPath] = set()

    def put(self, path: str, size: int, at: datetime) -> None:
        """Bring a file, or a new version of it; its folder is made where it is missing."""
        place = PurePosixPath("/", path)
        self.make_folder(str(place.parent))
        self._folders[place.parent][place.name] = ListedFile(name=place.name, size=size, modified_at=at.astimezone(UTC))

    def make_folder(self, path: str) -> None:
        """Make a folder and those above it."""
        place = PurePosixPath("/", path)
        for each in (place, *place.parents):
            self._folders.setdefault(each, {})

    def remove(self, path: str) -> None:
        """Take away a file, or a folder with all that is in it; harmless where there is none."""
        place = PurePosixPath("/", path)
        self._folders.get(place.parent, {}).pop(place.name, None)
        for each in [folder for folder in self._folders if folder == place or place in folder.parents]:
            del self._folders[each]

    def go_dark(self, *, refused: bool = False) -> None:
        """Be unreachable until ``come_back``, or refuse the login."""
        self._dark, self._refused = True, refused

    def come_back(self) -> None:
        """Answer again."""
        self._dark = False

    def forbid(self, path: str) -> None:
        """Show this folder no longer, until ``allow``."""
        self._forbidden.add(PurePosixPath("/", path))

    def allow(self, path: str) -> None:
        """Show this folder again."""
        self._forbidden.discard(PurePosixPath("/", path))

    def link(self, path: str, to: str, at: datetime) -> None:
        """Make a link to a file; its folder is made where it is missing."""
        place = PurePosixPath("/", path)
        self.make_folder(str(place.parent))
        self._links[place] = (PurePosixPath("/", to), at.astimezone(UTC))

    def slow_down(self, path: str) -> None:
        """Take so long for this folder that its listing is not whole, until ``speed_up``."""
        self._slow.add(PurePosixPath("/", path))

    def speed_up(self, path: str) -> None:
        """Be done with this folder, whatever was begun."""
        self._slow.discard(PurePosixPath("/", path))

    def listing_within(self, folder: str, seconds: float, follow: Follow | None = None) -> Sequence[ListedFile] | None:
        """As ``listing``; FolderSlow while the folder is slow."""
        if PurePosixPath("/", folder) in self._slow and not self._dark:
            raise FolderSlow(f"memory: the folder {folder!r} is still being listed")
        return self.listing(folder, follow)

    def go_on(self, seconds: float) -> bool:
        """Nothing goes on by itself."""
        return False

    def abandon(self, folder: str) -> None:
        """Nothing is kept."""

    def listing(self, folder: str, follow: Follow | None = None) -> Sequence[ListedFile] | None:
        """The files of a folder; None where it is not there. ``listings`` notes which folders were asked for."""
        if self._dark and self._refused:
            raise Refused("memory: the login was refused")
        if self._dark:
            raise TransportError("memory: the server cannot be reached")
        self.closed = False
        self.listings.append(folder)
        if PurePosixPath("/", folder) in self._forbidden:
            raise FolderUnreadable(f"memory: permission denied for the folder {folder!r}")
        place = next((each for form in forms(folder) if (each := PurePosixPath("/", form)) in self._folders), None)
        return None if place is None else [*self._folders[place].values(), *self._followed(place, follow)]

    def _followed(self, folder: PurePosixPath, follow: Follow | None) -> Iterator[ListedFile]:
        for link, (to, made) in self._links.items():
            file = self._folders.get(to.parent, {}).get(to.name)
            if link.parent == folder and follow is not None and follow(link.name) and file is not None:
                yield ListedFile(name=link.name, size=file.size, modified_at=max(made, file.modified_at))

    def close(self) -> None:
        """Note that it was closed; it opens again by itself, as the real one does."""
        self.closed = True
