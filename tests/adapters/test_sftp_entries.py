"""Many requests of one folder at a time, on the servers of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.servers.sshd import Sshd

from vigie.adapters.sftp_drop_zone import SftpDropZone
from vigie.adapters.sftp_entries import AHEAD, OutOfOrder, entries
from vigie.demo.sftp_server import SftpServer


class Asked:
    """What a client asks of one real folder, with how many requests wait at most; ``answer`` may change an answer."""

    def __init__(self, sshd: Sshd) -> None:
        self.sshd, self.waiting, self.most, self.requests, self.closed = sshd, 0, 0, 0, 0
        self.answer: Callable[[int, Any], Any] = lambda _, found: found

    def names(self, folder: str, *, only: int | None = None, ahead: int = AHEAD) -> list[bytes]:
        return asyncio.run(self._names(folder, only, ahead))

    async def _names(self, folder: str, only: int | None, ahead: int) -> list[bytes]:
        key, host = self.sshd.private_key, asyncssh.import_known_hosts(f"* {self.sshd.host_key}\n")
        async with (
            asyncssh.connect(
                "127.0.0.1", self.sshd.port, username=self.sshd.user, client_keys=[key], known_hosts=host
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            handler = sftp._handler
            ask, close = handler.readdir, handler.close

            async def readdir(handle: bytes) -> tuple[Sequence[asyncssh.SFTPName], bool]:
                number, self.requests, self.waiting = self.requests, self.requests + 1, self.waiting + 1
                self.most = max(self.most, self.waiting)
                try:
                    found = await ask(handle)
                except asyncssh.SFTPEOFError:
                    found = None
                finally:
                    self.waiting -= 1
                found = self.answer(number, found)
                if found is None:
                    raise asyncssh.SFTPEOFError("")
                return found

            async def closing(handle: bytes) -> None:
                self.closed += 1
                await close(handle)

            handler.readdir, handler.close = readdir, closing
            found: list[bytes] = []
            async with aclosing(entries(sftp, folder.encode(), ahead)) as listing:
                async for entry in listing:
                    found.append(bytes(entry.filename))
                    if len(found) == only:
                        break
            assert await sftp.isdir(folder)  # the connection goes on
            return found


def _fill(folder: str, number: int) -> set[bytes]:
    names = {f"REPL_{each:05d}.csv" for each in range(number)}
    for name in names:
        (Path(folder) / name).touch()
    return {b".", b"..", *(name.encode() for name in names)}


@pytest.mark.needs("sshd")
@pytest.mark.parametrize(("number", "most"), [(0, 1), (90, 1), (250, 1), (5_000, AHEAD)])
def test_a_big_folder_is_asked_for_ahead_and_each_name_comes_once(sshd: Sshd, sshd_folder: str, number: int, most: int):
    names, asked = _fill(sshd_folder, number), Asked(sshd)
    found = asked.names(sshd_folder)
    assert (set(found), len(found)) == (names, len(names))
    assert (asked.most, asked.waiting, asked.closed) == (most, 0, 1)


@pytest.mark.needs("sshd")
def test_an_end_that_overtakes_names_loses_none(sshd: Sshd, sshd_folder: str):
    """A server that answers several requests at once may say the end before the last names."""
    names, asked = _fill(sshd_folder, 2_998), Asked(sshd)
    held: list[Any] = []

    def late(number: int, found: Any) -> Any:
        if number == 29:  # the last names
            held.append(found)
            return None
        return held.pop() if number == 33 else found

    asked.answer = late
    found = asked.names(sshd_folder)
    assert (set(found), len(found), held) == (names, 3_000, [])


@pytest.mark.needs("sshd")
@pytest.mark.parametrize("number", [9, 12, 20])
def test_a_server_that_fails_or_tells_a_name_twice_when_asked_ahead_has_to_be_asked_one_by_one(
    sshd: Sshd, sshd_folder: str, number: int
):
    names = _fill(sshd_folder, 2_998)
    before: list[Any] = []

    def twice(which: int, found: Any) -> Any:
        before.append(found)
        return before[-2] if which == number else found

    def fails(which: int, found: Any) -> Any:
        if which == number:
            raise asyncssh.SFTPFailure("not two at a time")
        return found

    for wrong in (twice, fails):
        asked = Asked(sshd)
        asked.answer = wrong
        with pytest.raises(OutOfOrder):
            asked.names(sshd_folder)
        assert (asked.waiting, asked.closed) == (0, 1)
    asked = Asked(sshd)
    found = asked.names(sshd_folder, ahead=1)
    assert (set(found), len(found), asked.most) == (names, 3_000, 1)


class Confused(SftpServer):
    """A server that fails amid the first listing of a big folder, as one does that cannot answer two requests at a time."""

    async def _open(self, listener: Any) -> None:
        await super()._open(listener)
        root, told = str(self.files).encode(), [0]

        class Files(asyncssh.SFTPServer):
            async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
                async for name in super().scandir(path):
                    told[0] += 1
                    if told[0] == 1_300:
                        raise asyncssh.SFTPFailure("not two at a time")
                    yield name

        assert self._acceptor is not None
        self._acceptor.update(sftp_factory=lambda channel: Files(channel, chroot=root))


def test_such_a_server_is_listed_whole_and_not_asked_ahead_again(tmp_path: Path):
    with Confused(tmp_path / "server") as server:
        for number in range(1_500):
            server.put(f"big/{number:04}.csv")
        zone = SftpDropZone("127.0.0.1", server.port, server.user, server.password, host_key=server.host_key)
        for _ in range(2):
            listed = [file.name for file in zone.listing("big") or ()]
            assert sorted(listed) == [f"{number:04}.csv" for number in range(1_500)]
        assert zone._ahead == 1
        zone.close()


@pytest.mark.needs("sshd")
def test_who_has_read_enough_leaves_nothing_behind(sshd: Sshd, sshd_folder: str):
    _fill(sshd_folder, 5_000)
    asked = Asked(sshd)
    assert len(asked.names(sshd_folder, only=1_000)) == 1_000
    assert (asked.waiting, asked.closed) == (0, 1)


@pytest.mark.needs("sshd")
def test_a_folder_that_cannot_be_read_says_so(sshd: Sshd):
    with pytest.raises(asyncssh.SFTPNoSuchFile):
        Asked(sshd).names("nowhere")
