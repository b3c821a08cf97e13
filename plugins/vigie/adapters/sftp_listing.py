"""One listing of a folder of an SFTP server, which may take its time: it is asked for again until it is whole."""

from __future__ import annotations

import asyncio
import posixpath
import stat
from collections.abc import Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime

import asyncssh

from vigie.adapters.sftp_entries import AHEAD, OutOfOrder, entries
from vigie.core.errors import FolderUnreadable
from vigie.core.ports import Follow, ListedFile
from vigie.core.spelling import forms

_AT_ONCE = 32
"""At most so many links are asked about at a time."""


class SftpListing:
    """The listing of one folder over a channel of its own, as a task of the loop in which it was made.

    ``heard_at`` is when the server last said something of it (by the loop's clock), ``entries`` how many it has named.
    It fails with FolderUnreadable after ``most`` entries, so that no folder takes all memory. ``ahead`` requests are
    under way at a time; it is 1 afterwards where the server cannot answer several.
    """

    def __init__(
        self, sftp: asyncssh.SFTPClient, folder: str, most: int, follow: Follow | None = None, *, ahead: int = AHEAD
    ) -> None:
        self.sftp = sftp
        self.ahead = ahead
        self.folder = folder
        self.entries = 0
        self._most = most
        self._follow = follow
        self._loop = asyncio.get_running_loop()
        self.heard_at = self._loop.time()
        self.task: asyncio.Task[list[ListedFile] | None] = self._loop.create_task(self._read())
        self.task.add_done_callback(lambda task: task.cancelled() or task.exception())  # told where it is asked for

    def stood_still(self, seconds: float) -> None:
        """The loop did not run for so long: that is no silence of the server."""
        self.heard_at += seconds

    async def stop(self) -> None:
        """Give it up."""
        self.task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await asyncio.wait({self.task}, timeout=0.1)

    async def _read(self) -> list[ListedFile] | None:
        """The files of the folder in the first form of its name that the server has."""
        for form in forms(self.folder):
            found = await self._form(form)
            if found is not None:
                return found
        return None

    async def _form(self, folder: str) -> list[ListedFile] | None:
        path = (folder or ".").encode("utf-8", "surrogateescape")
        try:
            try:
                files, links = await self._told(path)
            except OutOfOrder:
                self.ahead, self.entries = 1, 0
                files, links = await self._told(path)
            return files + await self._followed(path, links)
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory):
            if link := await _link_on_the_way(self.sftp, path):
                reason = f"{link.decode('utf-8', 'backslashreplace')!r} is a link that leads nowhere or in a circle"
                raise FolderUnreadable(f"the folder {self.folder!r} cannot be read: {reason}") from None
            return None
        except asyncssh.SFTPFailure:
            # version 3 of the protocol has no word for "not a folder"
            if await self.sftp.exists(path) and not await self.sftp.isdir(path):
                return None
            raise

    async def _told(self, path: bytes) -> tuple[list[ListedFile], list[asyncssh.SFTPName]]:
        """The files of a folder, and those of its links that are to be followed."""
        files: list[ListedFile] = []
        links: list[asyncssh.SFTPName] = []
        async with aclosing(entries(self.sftp, path, self.ahead)) as told:
            async for entry in told:
                self.entries += 1
                self.heard_at = self._loop.time()
                if self.entries > self._most:
                    raise FolderUnreadable(
                        f"the folder {self.folder!r} has more than {self._most:,} entries; move old ones away, or raise "
                        "max_entries in the connection's extra"
                    )
                if _is_file(entry):
                    files.append(_listed(entry))
                elif self._follow is not None and _is_link(entry) and self._follow(_name(entry)):
                    links.append(entry)
        return files, links

    async def _followed(self, folder: bytes, links: Sequence[asyncssh.SFTPName]) -> list[ListedFile]:
        """The links that lead to a file, with its size and the later of both times."""
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def target(link: asyncssh.SFTPName) -> ListedFile | None:
            name = (
                link.filename if isinstance(link.filename, bytes) else link.filename.encode("utf-8", "surrogateescape")
            )
            try:
                async with at_once:
                    found = await self.sftp.stat(posixpath.join(folder, name))
                    self.heard_at = self._loop.time()
            except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost):
                raise
            except asyncssh.SFTPError:  # it leads nowhere, in a circle, or to what is not shown to us
                return None
            if not _is_file(asyncssh.SFTPName(name, attrs=found)):
                return None
            made = max(found.mtime or 0, link.attrs.mtime or 0)
            return ListedFile(name=_name(link), size=found.size or 0, modified_at=datetime.fromtimestamp(made, UTC))

        return [file for file in await asyncio.gather(*map(target, links)) if file is not None]


async def _link_on_the_way(sftp: asyncssh.SFTPClient, path: bytes) -> bytes | None:
    """The link at which a path that cannot be followed breaks off; OpenSSH says of a circle that there is no such file."""
    while path not in {b"", b".", b"/"}:
        try:
            found = await sftp.lstat(path)
        except asyncssh.SFTPError:  # nothing of this name; look above it
            path = posixpath.dirname(path.rstrip(b"/"))
            continue
        is_link = found.type == asyncssh.FILEXFER_TYPE_SYMLINK
        return path if is_link and not await sftp.exists(path) else None
    return None


def _is_file(entry: asyncssh.SFTPName) -> bool:
    mode = entry.attrs.permissions
    if mode is not None and stat.S_IFMT(mode):
        return stat.S_ISREG(mode)
    return entry.attrs.type in (asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_UNKNOWN)


def _is_link(entry: asyncssh.SFTPName) -> bool:
    mode = entry.attrs.permissions
    if mode is not None and stat.S_IFMT(mode):
        return stat.S_ISLNK(mode)
    return bool(entry.attrs.type == asyncssh.FILEXFER_TYPE_SYMLINK)


def _name(entry: asyncssh.SFTPName) -> str:
    name = entry.filename
    return name if isinstance(name, str) else str(name.decode("utf-8", "backslashreplace"))


def _listed(entry: asyncssh.SFTPName) -> ListedFile:
    return ListedFile(
        name=_name(entry),
        size=entry.attrs.size or 0,
        modified_at=datetime.fromtimestamp(entry.attrs.mtime or 0, UTC),
    )
