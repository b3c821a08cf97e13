"""The files of an SFTP server."""

from __future__ import annotations

import asyncio
import base64
import binascii
import posixpath
import stat
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncssh

from vigie.core.errors import FolderUnreadable, Refused, TransportError
from vigie.core.ports import Follow, ListedFile
from vigie.core.spelling import forms

T = TypeVar("T")

_AT_ONCE = 32


class SftpDropZone:
    r"""An SFTP server, over one connection that is opened when first needed and again after each failure.

    The server must be known: by ``host_key`` (``ssh-ed25519 AAAA…``, or only the base64 part), by ``known_hosts``
    (lines of that file's format), or ``no_host_key_check`` says that anybody may answer. Logs in with the password or
    with ``private_key`` (the key's text). No file, agent or configuration of the user that runs us is read.
    ``timeout`` (seconds) holds for connecting and for each listing. Folders are relative to the login folder.

    A link is asked about where its name is expected, at most ``_AT_ONCE`` at a time. A name that is not UTF-8 is shown with ``\xNN`` for what cannot be read;
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
        timeout: float = 30.0,
    ) -> None:
        self._host, self._port, self._user, self._password = host, port, user, password
        self._host_key, self._known_hosts, self._no_host_key_check = host_key, known_hosts, no_host_key_check
        self._private_key, self._passphrase = private_key, passphrase
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None

    def __repr__(self) -> str:
        return f"SftpDropZone({self._where})"

    @property
    def _where(self) -> str:
        return f"{self._user}@{self._host}:{self._port}"

    def listing(self, folder: str, follow: Follow | None = None) -> Sequence[ListedFile] | None:
        """The files of a folder; None where the folder is not there."""
        try:
            return self._run(self._found(folder, follow))
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
        connection, self._connection, self._sftp = self._connection, None, None
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
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(asyncio.wait_for(work, self._timeout))

    async def _found(self, folder: str, follow: Follow | None) -> list[ListedFile] | None:
        """The files of a folder in the first form of its name that the server has."""
        for form in forms(folder):
            found = await self._listing(form, follow)
            if found is not None:
                return found
        return None

    async def _listing(self, folder: str, follow: Follow | None) -> list[ListedFile] | None:
        sftp = await self._client()
        path = (folder or ".").encode("utf-8", "surrogateescape")
        try:
            entries = [entry async for entry in sftp.scandir(path)]
            found = [_listed(entry) for entry in entries if _is_file(entry)]
            links = [entry for entry in entries if _is_link(entry) and follow is not None and follow(_name(entry))]
            return found + await _followed(sftp, path, links)
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory):
            if link := await _link_on_the_way(sftp, path):
                reason = f"{link.decode('utf-8', 'backslashreplace')!r} is a link that leads nowhere or in a circle"
                raise FolderUnreadable(f"{self._where}: the folder {folder!r} cannot be read: {reason}") from None
            return None
        except asyncssh.SFTPFailure:
            # version 3 of the protocol has no word for "not a folder"
            if await sftp.exists(path) and not await sftp.isdir(path):
                return None
            raise

    async def _client(self) -> asyncssh.SFTPClient:
        await asyncio.sleep(0)  # let the loop, which stood still since the last look, hear that the server hung up
        if self._sftp is None or self._connection is None or self._connection.is_closed():
            self._connection = await asyncssh.connect(
                self._host,
                self._port,
                username=self._user,
                password=self._password,
                known_hosts=self._trusted(),
                client_keys=self._keys(),
                agent_path=None,
                config=None,
                connect_timeout=self._timeout,
                login_timeout=self._timeout,
            )
            self._sftp = await self._connection.start_sftp_client(path_encoding=None)
        return self._sftp

    def _trusted(self) -> Any:
        if self._no_host_key_check:
            return None
        if self._host_key:
            return [_public_key(self._host_key)], [], []
        if self._known_hosts:
            return asyncssh.import_known_hosts(self._known_hosts)
        remedy = "give its host_key (ssh-keyscan shows it), or say no_host_key_check"
        raise TransportError(f"{self._where}: the server's host key is not known; {remedy}", permanent=True)

    def _keys(self) -> list[asyncssh.SSHKey] | None:
        if self._private_key is None:
            return None
        try:
            return [asyncssh.import_private_key(self._private_key, self._passphrase)]
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise Refused(f"{self._where}: the private key cannot be read: {error}") from error


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


def _public_key(text: str) -> asyncssh.SSHKey:
    """A host key, with or without the word before its base64 part (which holds the same word: RFC 4253 6.6)."""
    words = text.split()
    try:
        if len(words) == 1:
            blob = base64.b64decode(words[0], validate=True)
            words.insert(0, blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii"))
        return asyncssh.import_public_key(" ".join(words[:2]))
    except (asyncssh.KeyImportError, binascii.Error, ValueError) as error:
        raise TransportError(
            f"the host_key cannot be read: {error}; write it as ssh-keyscan does", permanent=True
        ) from error


async def _followed(sftp: asyncssh.SFTPClient, folder: bytes, links: Sequence[asyncssh.SFTPName]) -> list[ListedFile]:
    """The links that lead to a file, with its size and the later of both times."""
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def target(link: asyncssh.SFTPName) -> ListedFile | None:
        name = link.filename if isinstance(link.filename, bytes) else link.filename.encode("utf-8", "surrogateescape")
        try:
            async with at_once:
                found = await sftp.stat(posixpath.join(folder, name))
        except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost):
            raise
        except asyncssh.SFTPError:  # it leads nowhere, in a circle, or to what is not shown to us
            return None
        if not _is_file(asyncssh.SFTPName(name, attrs=found)):
            return None
        made = max(found.mtime or 0, link.attrs.mtime or 0)
        return ListedFile(name=_name(link), size=found.size or 0, modified_at=datetime.fromtimestamp(made, UTC))

    return [file for file in await asyncio.gather(*map(target, links)) if file is not None]


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


async def _cancel_the_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.wait(rest, timeout=1.0) if rest else None
