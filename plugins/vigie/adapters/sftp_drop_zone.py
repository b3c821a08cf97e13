"""The files of an SFTP server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import asyncssh

from vigie.adapters.sftp_entries import AHEAD
from vigie.adapters.sftp_keys import client_keys, trusted
from vigie.adapters.sftp_listing import SftpListing
from vigie.core.errors import FolderSlow, FolderUnreadable, Refused, TransportError
from vigie.core.ports import Follow, ListedFile

T = TypeVar("T")

TIMEOUT = 30.0
"""Seconds without a word of the server after which it does not answer."""

MAX_ENTRIES = 250_000
"""A folder with more entries is not read: about 90 MB of names, sizes and times."""

PROBE = 10.0
"""Seconds in which a server that is silent about one folder must say that it is there at all."""


class SftpDropZone:
    r"""An SFTP server, over one connection that is opened when first needed and again after each failure.

    The server must be known: by ``host_key`` (``ssh-ed25519 AAAA…``, or only the base64 part), by ``known_hosts``
    (lines of that file's format), or ``no_host_key_check`` says that anybody may answer. Logs in with the password or
    with ``private_key`` (the key's text). No file, agent or configuration of the user that runs us is read.
    ``timeout`` (seconds) holds for connecting, and for each silence of the server: a folder of many entries may take as
    long as it needs, up to ``max_entries``. Folders are relative to the login folder.

    A link is asked about where its name is expected, some at a time. A name that is not UTF-8 is shown with ``\xNN`` for what cannot be read;
    a file whose server gives no size or time has size 0 and 1970-01-01. One thread at a time, and none that runs an
    event loop.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str | None = None,
        *,
        host_key: str | None = None,
        known_hosts: str | None = None,
        no_host_key_check: bool = False,
        private_key: str | None = None,
        passphrase: str | None = None,
        timeout: float = TIMEOUT,
        max_entries: int = MAX_ENTRIES,
    ) -> None:
        self._host, self._port, self._user, self._password = host, port, user, password
        self._host_key, self._known_hosts, self._no_host_key_check = host_key, known_hosts, no_host_key_check
        self._private_key, self._passphrase = private_key, passphrase
        self._timeout, self._max_entries = timeout, max_entries
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stood_since = 0.0
        self._connection: asyncssh.SSHClientConnection | None = None
        self._free: list[asyncssh.SFTPClient] = []
        self._going: dict[str, SftpListing] = {}
        self._ahead = AHEAD  # 1 once a server cannot answer several requests of one folder

    def __repr__(self) -> str:
        return f"SftpDropZone({self._where})"

    @property
    def _where(self) -> str:
        return f"{self._user}@{self._host}:{self._port}"

    def listing(self, folder: str, follow: Follow | None = None) -> Sequence[ListedFile] | None:
        """The files of a folder; None where the folder is not there."""
        return self._asked(folder, None, follow)

    def listing_within(self, folder: str, seconds: float, follow: Follow | None = None) -> Sequence[ListedFile] | None:
        """As ``listing``; raises FolderSlow where it takes longer. Asked again, the same listing goes on."""
        return self._asked(folder, seconds, follow)

    def go_on(self, seconds: float) -> bool:
        """Let the listings go on that are not whole, at most so long; whether one of them is to be asked for."""
        if not self._going:
            return False
        try:
            return self._run(self._some_ready(seconds))
        except (asyncssh.Error, OSError, ValueError):
            return True  # whoever asks for it is told

    def abandon(self, folder: str) -> None:
        """Give up a listing that is not whole; nothing where there is none."""
        if listing := self._going.pop(folder, None):
            with suppress(asyncssh.Error, OSError, ValueError):
                self._run(listing.stop())

    def _asked(self, folder: str, seconds: float | None, follow: Follow | None) -> Sequence[ListedFile] | None:
        try:
            return self._run(self._listed(folder, seconds, follow))
        except FolderUnreadable:
            raise
        except asyncssh.PermissionDenied as error:
            self.close()
            raise Refused(f"{self._where}: the login was refused") from error
        except asyncssh.HostKeyNotVerifiable as error:
            self.close()
            text = f"{self._where}: the server's host key is not the one given ({error.reason})"
            raise TransportError(text, permanent=True) from error
        except asyncssh.SFTPPermissionDenied as error:
            raise FolderUnreadable(f"{self._where}: permission denied for the folder {folder!r}") from error
        except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost) as error:
            self.close()
            raise TransportError(f"{self._where}: {' '.join(str(error).split())}") from error
        except asyncssh.SFTPError as error:
            said = " ".join(str(error).split())
            raise FolderUnreadable(f"{self._where}: the folder {folder!r} cannot be read: {said}") from error
        except (asyncssh.Error, OSError, ValueError) as error:
            self.close()
            said = "no answer in time" if isinstance(error, TimeoutError) else " ".join(str(error).split())
            raise TransportError(f"{self._where}: {said or type(error).__name__}") from error

    def close(self) -> None:
        """Drop the connection and the event loop."""
        connection, self._connection, self._free, self._going = self._connection, None, [], {}
        loop, self._loop = self._loop, None
        if loop is None:
            return
        with suppress(Exception):
            if connection is not None:
                connection.abort()
                loop.run_until_complete(asyncio.wait_for(connection.wait_closed(), 1.0))
            loop.run_until_complete(_cancel_the_rest())
        with suppress(Exception):
            loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run the loop until the work is done. Between two calls it stands still."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        loop = self._loop
        stood = loop.time() - self._stood_since if self._stood_since else 0.0
        for listing in self._going.values():
            listing.stood_still(stood)
        try:
            return loop.run_until_complete(work)
        finally:
            self._stood_since = loop.time()

    async def _listed(self, folder: str, seconds: float | None, follow: Follow | None) -> list[ListedFile] | None:
        connection = await asyncio.wait_for(self._connected(), self._timeout)
        listing = self._going.get(folder)
        if listing is None:
            sftp = await asyncio.wait_for(self._channel(connection), self._timeout)
            listing = self._going[folder] = SftpListing(sftp, folder, self._max_entries, follow, ahead=self._ahead)
        loop = asyncio.get_running_loop()
        ends = None if seconds is None else loop.time() + seconds
        while not listing.task.done():
            silent_at = listing.heard_at + self._timeout
            until = silent_at if ends is None else min(silent_at, ends)
            await asyncio.wait({listing.task}, timeout=max(0.0, until - loop.time()))
            if listing.task.done():
                break
            if loop.time() >= listing.heard_at + self._timeout:
                await self._silent(connection, listing)
            if ends is not None and loop.time() >= ends:
                raise FolderSlow(
                    f"{self._where}: the folder {folder!r} is still being listed, {listing.entries:,} entries so far"
                )
        self._going.pop(folder, None)
        try:
            found = listing.task.result()
        except FolderUnreadable as unreadable:
            raise FolderUnreadable(f"{self._where}: {unreadable}") from None
        finally:
            self._ahead = min(self._ahead, listing.ahead)
            self._give_back(listing.sftp)
        return found

    async def _silent(self, connection: asyncssh.SSHClientConnection, listing: SftpListing) -> None:
        """Nothing was heard of a folder for too long: find out whether the server answers at all, and raise."""
        self._going.pop(listing.folder, None)
        await listing.stop()
        with suppress(asyncssh.ChannelOpenError):  # a refusal is an answer
            (await asyncio.wait_for(connection.start_sftp_client(), min(self._timeout, PROBE))).exit()
        raise FolderUnreadable(
            f"{self._where}: no answer in time for the folder {listing.folder!r}: silent for {self._timeout:g} s after "
            f"{listing.entries:,} entries"
        )

    async def _some_ready(self, seconds: float) -> bool:
        tasks = {listing.task for listing in self._going.values()}
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        now = asyncio.get_running_loop().time()
        return bool(done) or any(now >= each.heard_at + self._timeout for each in self._going.values())

    async def _channel(self, connection: asyncssh.SSHClientConnection) -> asyncssh.SFTPClient:
        """A channel that no listing holds, so that a folder which takes its time holds up no other one."""
        while self._free:
            return self._free.pop()
        try:
            return await connection.start_sftp_client(path_encoding=None)
        except asyncssh.ChannelOpenError:  # the server gives us no more of them: share one
            if busy := next(iter(self._going.values()), None):
                return busy.sftp
            raise

    def _give_back(self, sftp: asyncssh.SFTPClient) -> None:
        if all(listing.sftp is not sftp for listing in self._going.values()) and sftp not in self._free:
            self._free.append(sftp)

    async def _connected(self) -> asyncssh.SSHClientConnection:
        await asyncio.sleep(0)  # let the loop, which stood still since the last look, hear that the server hung up
        if self._connection is None or self._connection.is_closed():
            self._free, self._going = [], {}
            self._connection = await asyncssh.connect(
                self._host,
                self._port,
                username=self._user,
                password=self._password,
                known_hosts=trusted(self._where, self._host_key, self._known_hosts, unchecked=self._no_host_key_check),
                client_keys=client_keys(self._where, self._private_key, self._passphrase),
                agent_path=None,
                config=None,
                connect_timeout=self._timeout,
                login_timeout=self._timeout,
            )
        return self._connection


async def _cancel_the_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.wait(rest, timeout=1.0) if rest else None
