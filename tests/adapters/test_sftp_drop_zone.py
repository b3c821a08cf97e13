"""What only the real file server has: keys, logins, permissions, restarts."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest
from tests.servers.fixtures import SftpFolder
from tests.servers.sshd import Sshd

from vigie.adapters.sftp_drop_zone import SftpDropZone
from vigie.core.errors import Refused, TransportError
from vigie.demo.sftp_server import SftpServer
from vigie.demo.tcp_gate import TcpGate

SECRET = "s3cret-of-the-vault"
QUICK = {"rounds": 16, "ignore_few_rounds": True}  # of the key derivation


def zone_of(server: SftpServer, **more: object) -> SftpDropZone:
    settings = {"host_key": server.host_key, "timeout": 5.0} | more
    return SftpDropZone("127.0.0.1", server.port, server.user, server.password, **settings)


def failure_of(zone: SftpDropZone, folder: str = "/") -> TransportError:
    with pytest.raises(TransportError) as failure:
        zone.listing(folder)
    zone.close()
    assert SECRET not in repr(failure.value)
    return failure.value


def test_a_wrong_password_is_refused(sftp_folder: SftpFolder):
    server = sftp_folder.server
    zone = SftpDropZone("127.0.0.1", server.port, server.user, SECRET, host_key=server.host_key)
    error = failure_of(zone)
    assert isinstance(error, Refused)
    assert str(error) == f"ops@127.0.0.1:{server.port}: the login was refused"


@pytest.mark.needs("sshd")
def test_a_wrong_private_key_is_refused(sshd: Sshd):
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    zone = SftpDropZone("127.0.0.1", sshd.port, sshd.user, host_key=sshd.host_key, private_key=key)
    assert isinstance(failure_of(zone), Refused)


@pytest.mark.parametrize("passphrase", [None, "wrong"])
def test_a_private_key_that_cannot_be_read_is_refused(sftp_folder: SftpFolder, passphrase: str | None):
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key(passphrase=SECRET, **QUICK).decode()
    error = failure_of(zone_of(sftp_folder.server, private_key=key, passphrase=passphrase))
    assert isinstance(error, Refused)
    assert "the private key cannot be read: " in str(error)


@pytest.mark.needs("sshd")
def test_a_private_key_with_a_passphrase(sshd: Sshd, sshd_folder: str):
    key = sshd.private_key.export_private_key(passphrase="open sesame", **QUICK).decode()
    zone = SftpDropZone(
        "127.0.0.1", sshd.port, sshd.user, host_key=sshd.host_key, private_key=key, passphrase="open sesame"
    )
    assert zone.listing(sshd_folder) == []
    zone.close()


def test_another_host_key_is_not_the_server(sftp_folder: SftpFolder):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    error = failure_of(zone_of(sftp_folder.server, host_key=other))
    assert str(error).startswith(
        f"ops@127.0.0.1:{sftp_folder.server.port}: the server's host key is not the one given ("
    )
    assert error.permanent
    assert not isinstance(error, Refused)


def test_without_a_host_key_nobody_is_trusted(sftp_folder: SftpFolder):
    error = failure_of(zone_of(sftp_folder.server, host_key=None))
    assert str(error) == (
        f"ops@127.0.0.1:{sftp_folder.server.port}: the server's host key is not known; "
        "give its host_key (ssh-keyscan shows it), or say no_host_key_check"
    )
    assert error.permanent


@pytest.mark.parametrize("text", ["ssh-ed25519", "not base64!", "AAAA", "ssh-ed25519 AAAA", ""])
def test_a_host_key_that_cannot_be_read(sftp_folder: SftpFolder, text: str):
    error = failure_of(zone_of(sftp_folder.server, host_key=text or " "))
    assert error.permanent
    assert "host_key" in str(error)


@pytest.mark.parametrize(
    "trust",
    [
        lambda server: {"host_key": server.host_key},
        lambda server: {"host_key": server.host_key.split()[1]},
        lambda server: {"host_key": f"{server.host_key} a comment\n"},
        lambda server: {"host_key": None, "known_hosts": f"[127.0.0.1]:{server.port} {server.host_key}\n"},
        lambda server: {"host_key": None, "no_host_key_check": True},
    ],
    ids=["key", "base64", "comment", "known_hosts", "unchecked"],
)
def test_the_ways_to_know_a_server(sftp_folder: SftpFolder, trust: Callable[[SftpServer], dict[str, object]]):
    sftp_folder.put("a.csv")
    zone = zone_of(sftp_folder.server, **trust(sftp_folder.server))
    assert len(zone.listing(sftp_folder.path) or ()) == 1
    zone.close()


@pytest.mark.needs("sshd")
def test_permission_denied_is_no_missing_folder(sshd: Sshd, sshd_folder: str):
    zone = SftpDropZone("127.0.0.1", sshd.port, sshd.user, host_key=sshd.host_key, private_key=sshd.private_key_text)
    Path(sshd_folder).chmod(0)
    error = failure_of(zone, sshd_folder)
    assert str(error) == (f"{sshd.user}@127.0.0.1:{sshd.port}: permission denied for the folder {sshd_folder!r}")
    assert not error.permanent


def test_a_server_that_was_restarted_between_two_looks_is_asked_again(tmp_path: Path):
    with SftpServer(tmp_path) as server:
        server.put("a.csv")
        zone = zone_of(server)
        assert len(zone.listing("/") or ()) == 1
        server.stop()
        server.start()
        assert len(zone.listing("/") or ()) == 1
        zone.close()


def test_one_connection_serves_many_looks(sftp_folder: SftpFolder, gate: Callable[[int], TcpGate]):
    between = gate(sftp_folder.server.port)
    zone = SftpDropZone(
        "127.0.0.1", between.port, "ops", sftp_folder.server.password, host_key=sftp_folder.server.host_key
    )
    zone.listing(sftp_folder.path)
    live = len(between._live)
    for _ in range(5):
        zone.listing(sftp_folder.path)
    assert len(between._live) == live
    zone.close()


def test_a_server_that_hangs_is_given_up(sftp_folder: SftpFolder, gate: Callable[[int], TcpGate]):
    between = gate(sftp_folder.server.port)
    key = sftp_folder.server.host_key
    zone = SftpDropZone("127.0.0.1", between.port, "ops", sftp_folder.server.password, host_key=key, timeout=0.5)
    zone.listing(sftp_folder.path)
    between.hang()
    started = time.monotonic()
    error = failure_of(zone, sftp_folder.path)
    assert str(error) == f"ops@127.0.0.1:{between.port}: no answer in time"
    assert time.monotonic() - started < 3


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    error = failure_of(SftpDropZone("127.0.0.1", port, "ops", SECRET, no_host_key_check=True))
    assert "Connect call failed" in str(error) or "Connection refused" in str(error)
    assert not error.permanent


def test_what_a_zone_is_called_holds_no_secret():
    assert repr(SftpDropZone("sftp.example", 22, "ops", SECRET)) == "SftpDropZone(ops@sftp.example:22)"


def test_nothing_is_left_when_it_is_closed(sftp_folder: SftpFolder):
    zone = zone_of(sftp_folder.server)
    zone.listing("/")
    loop = zone._loop
    assert isinstance(loop, asyncio.AbstractEventLoop)
    zone.close()
    assert loop.is_closed()


@pytest.mark.needs("sshd")
def test_ten_thousand_files(sshd: Sshd, sshd_folder: str):
    for number in range(10_000):
        (Path(sshd_folder) / f"REPL_{number:05d}_20251123.csv").touch()
    zone = SftpDropZone("127.0.0.1", sshd.port, sshd.user, host_key=sshd.host_key, private_key=sshd.private_key_text)
    zone.listing(".")
    started = time.monotonic()
    assert len(zone.listing(sshd_folder) or ()) == 10_000
    assert time.monotonic() - started < 6  # 0.4 to 0.6 s were measured on two free cores
    zone.close()
