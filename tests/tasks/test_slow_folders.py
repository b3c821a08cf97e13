"""A folder that takes its time, on real servers: it is slow or blind by its name, and no other one waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.tasks.samples import eventually, file_watch

from vigie.adapters.sftp_drop_zone import SftpDropZone
from vigie.core.errors import FolderSlow, FolderUnreadable, TransportError
from vigie.core.file_watch import FileWatch
from vigie.core.ports import PatientDropZone
from vigie.core.site import Site
from vigie.demo.sftp_server import SftpServer
from vigie.demo.tcp_gate import TcpGate
from vigie.logbook.book import Logbook
from vigie.tasks.clock import utc_now
from vigie.tasks.file_round import FileRound
from vigie.tasks.session import Session

HERE = (Site(code="HERE", zone="UTC", country="JP", attributes={"warehouse": "tokyo"}),)


class Stalling(SftpServer):
    """A server whose disk does not answer for one folder, or takes ``pace`` seconds for each of its names."""

    def __init__(self, folder: Path, after: int = 0) -> None:
        super().__init__(folder)
        self.after = after
        self.stalls = True
        self.pace = 0.0

    async def _open(self, listener: Any) -> None:
        await super()._open(listener)
        server, root = self, str(self.files).encode()

        class Files(asyncssh.SFTPServer):
            async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
                told = 0
                async for name in super().scandir(path):
                    if path.rstrip(b"/").endswith(b"big") and server.stalls and told >= server.after:
                        while server.stalls:  # noqa: ASYNC110 (another thread ends it)
                            await asyncio.sleep(0.02)
                    told += 1
                    if server.pace and path.rstrip(b"/").endswith(b"big"):
                        await asyncio.sleep(server.pace)
                    yield name

        assert self._acceptor is not None
        self._acceptor.update(sftp_factory=lambda channel: Files(channel, chroot=root))


def _zone(server: SftpServer, port: int = 0, **more: object) -> SftpDropZone:
    settings: dict[str, Any] = {"host_key": server.host_key, "timeout": 0.5} | more
    return SftpDropZone("127.0.0.1", port or server.port, server.user, server.password, **settings)


@pytest.fixture
def stalling(tmp_path: Path) -> Iterator[Stalling]:
    with Stalling(tmp_path / "server") as server:
        for number in range(300):
            server.put(f"big/{number:03}.csv")
        server.put("small/a.csv")
        yield server
        server.stalls = False


# --- the adapter -----------------------------------------------------------------------------------------------


def test_a_listing_may_last_longer_than_the_time_out_while_the_server_speaks(stalling: Stalling) -> None:
    stalling.stalls, stalling.pace = False, 0.005  # an answer has 128 names
    zone = _zone(stalling, timeout=1.2)
    began = time.monotonic()
    assert len(zone.listing("big") or ()) == 300
    assert time.monotonic() - began > 1.5
    zone.close()


def test_a_folder_of_which_nothing_is_heard_is_unreadable_and_the_others_are_listed(stalling: Stalling) -> None:
    zone = _zone(stalling)
    with pytest.raises(FolderUnreadable) as silent:
        zone.listing("big")
    assert str(silent.value) == (
        f"ops@127.0.0.1:{stalling.port}: no answer in time for the folder 'big': silent for 0.5 s after 0 entries"
    )
    assert len(zone.listing("small") or ()) == 1
    stalling.stalls = False
    assert len(zone.listing("big") or ()) == 300
    zone.close()


def test_a_server_that_is_gone_in_the_middle_is_no_folder_that_cannot_be_read(
    stalling: Stalling, gate: Callable[[int], TcpGate]
) -> None:
    between = gate(stalling.port)
    zone = _zone(stalling, between.port)
    with pytest.raises(FolderSlow):
        zone.listing_within("big", 0.1)
    between.hang()
    with pytest.raises(TransportError) as gone:
        zone.listing("small")
    assert not isinstance(gone.value, FolderUnreadable)
    assert str(gone.value) == f"ops@127.0.0.1:{between.port}: no answer in time"
    between.open()
    assert len(zone.listing("small") or ()) == 1
    zone.close()


def test_a_listing_goes_on_while_others_are_asked_for_and_in_between(stalling: Stalling) -> None:
    zone = _zone(stalling, timeout=5.0)
    assert isinstance(zone, PatientDropZone)
    assert zone.go_on(0.01) is False
    with pytest.raises(FolderSlow) as slow:
        zone.listing_within("big", 0.1)
    assert str(slow.value).endswith("the folder 'big' is still being listed, 0 entries so far")
    assert len(zone.listing_within("small", 1.0) or ()) == 1
    stalling.stalls = False
    deadline = time.monotonic() + 5
    while not zone.go_on(0.2):
        assert time.monotonic() < deadline
    assert len(zone.listing_within("big", 0.0) or ()) == 300
    assert zone.go_on(0.01) is False
    zone.close()


def test_a_listing_that_is_given_up_is_begun_anew(stalling: Stalling) -> None:
    zone = _zone(stalling, timeout=5.0)
    with pytest.raises(FolderSlow):
        zone.listing_within("big", 0.1)
    zone.abandon("big")
    zone.abandon("nowhere")
    stalling.stalls = False
    assert len(zone.listing_within("big", 5.0) or ()) == 300
    zone.close()


def test_time_in_which_nobody_asked_is_no_silence_of_the_server(stalling: Stalling) -> None:
    """Between two looks the adapter's loop stands still, for minutes far from a deadline."""
    zone = _zone(stalling, timeout=0.4)
    with pytest.raises(FolderSlow):
        zone.listing_within("big", 0.05)
    began = time.monotonic()
    eventually(lambda: time.monotonic() - began > 0.6)
    stalling.stalls = False
    assert len(zone.listing("big") or ()) == 300
    zone.close()


def test_a_folder_with_more_entries_than_are_read_says_so_and_what_to_do(stalling: Stalling) -> None:
    stalling.stalls = False
    zone = _zone(stalling, max_entries=200)
    with pytest.raises(FolderUnreadable) as many:
        zone.listing("big")
    assert str(many.value) == (
        f"ops@127.0.0.1:{stalling.port}: the folder 'big' has more than 200 entries; move old ones away, or raise "
        "max_entries in the connection's extra"
    )
    assert len(zone.listing("small") or ()) == 1
    zone.close()


# --- a session -------------------------------------------------------------------------------------------------


class Looking:
    """A session of a file server, on our own clock."""

    def __init__(self, book: Logbook, connect: Callable[[], SftpDropZone], *watches: FileWatch) -> None:
        self.book = book
        self.session = Session(FileRound("wms", connect, book, lambda _client, _table: HERE), book, book.record)
        for watch in watches:
            self.session.join_watch(watch)
        self.session.start()

    def state(self, watch: FileWatch) -> tuple[str, str]:
        found = self.book.watch_state(watch.id)
        return ("", "") if found is None else (found.sight, found.detail)

    def ends(self) -> None:
        self.session.end()
        self.session.join(10)
        assert not self.session.is_alive()


def _rule(name: str, root: str, due_in: float, **more: object) -> FileWatch:
    now = utc_now()
    due, opens = now + timedelta(seconds=due_in), now - timedelta(hours=1)
    return file_watch(
        task_id=name,
        path=f"{root}{name}/REPL_{{site.code}}_{{business_date:%Y%m%d}}.csv",
        opens=f"{opens:%H:%M:%S}",
        due=f"{due:%H:%M:%S}",
        grace="0 s",
        **more,
    )


def test_a_folder_that_is_listed_for_seconds_holds_up_no_other(book: Logbook, stalling: Stalling) -> None:
    """As a disk that takes minutes for 100,000 entries, against a time-out of 30 s."""
    for number in range(300, 700):
        stalling.put(f"big/{number:03}.csv")
    stalling.stalls, stalling.pace = False, 0.005
    big, small = _rule("big", "", 6.0), _rule("small", "", 6.0)
    looking = Looking(book, lambda: _zone(stalling, timeout=1.5), big, small)
    try:
        eventually(lambda: looking.state(big)[1].startswith("slow: the folder 'big' takes "), 20)
        assert looking.state(big)[0] == "watching"
        assert looking.state(small) == ("watching", "")
        eventually(lambda: [each.watch for each in book.incidents()] == [small.id], 20)
        told = next(each.opened_at for each in book.incidents())
        due = book.occurrences(small.id, since=(utc_now() - timedelta(days=1)).date())[-1].deadline
        assert (told - due).total_seconds() < 2.5
        eventually(lambda: {each.watch for each in book.incidents()} == {big.id, small.id}, 30)
        assert {each.client for each in book.incidents()} == {"maison-lumiere"}  # and nobody is blind
    finally:
        looking.ends()


def test_a_folder_that_never_answers_is_blind_by_its_name_and_no_other(book: Logbook, stalling: Stalling) -> None:
    big = _rule("big", "", 3600, blind_after="1 s")
    small = _rule("small", "", 4, blind_after="1 s")
    looking = Looking(book, lambda: _zone(stalling, timeout=1.0), big, small)
    try:
        eventually(lambda: looking.state(big)[0] == "blind", 30)
        assert "no answer in time for the folder 'big'" in looking.state(big)[1] or "takes" in looking.state(big)[1]
        assert looking.state(small)[0] == "watching"
        eventually(lambda: {each.watch for each in book.incidents()} == {"wms:big", small.id}, 30)
        stalling.stalls = False
        eventually(lambda: looking.state(big)[0] == "watching", 30)
        eventually(lambda: [each.watch for each in book.incidents()] == [small.id], 30)
    finally:
        stalling.stalls = False
        looking.ends()
