from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.servers.fixtures import SftpFolder

from vigie.demo.sftp_server import SftpServer


def with_client(server: SftpServer, use: Any, password: str | None = None) -> Any:
    async def run() -> Any:
        known = f"[127.0.0.1]:{server.port} {server.host_key}".encode()
        async with (
            asyncssh.connect(
                "127.0.0.1",
                server.port,
                username=server.user,
                password=password or server.password,
                known_hosts=asyncssh.import_known_hosts(known.decode()),
                client_keys=None,
                agent_path=None,
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            return await use(sftp)

    return asyncio.run(run())


def test_a_file_is_listed_with_its_size_and_time(sftp_folder: SftpFolder):
    sftp_folder.put("REPL_TYO01.csv", b"12345", modified=1_700_000_000)

    found = with_client(sftp_folder.server, lambda sftp: sftp.readdir(sftp_folder.path))

    files = {each.filename: each.attrs for each in found if not each.filename.startswith(".")}
    assert [(name, attrs.size, attrs.mtime) for name, attrs in files.items()] == [("REPL_TYO01.csv", 5, 1_700_000_000)]


def test_a_name_with_a_newline(sftp_folder: SftpFolder):
    sftp_folder.put("a\nb.csv")

    assert "a\nb.csv" in with_client(sftp_folder.server, lambda sftp: sftp.listdir(sftp_folder.path))


def test_clients_stay_inside_the_folder(sftp_folder: SftpFolder):
    with pytest.raises(asyncssh.SFTPNoSuchFile):
        with_client(sftp_folder.server, lambda sftp: sftp.stat("/../../../etc/passwd"))
    with pytest.raises(ValueError) as refused:
        sftp_folder.server.put("../outside", b"")
    assert str(refused.value) == "'../outside' leaves the server's root; write a path without '..'"


def test_a_wrong_password_is_refused(sftp_folder: SftpFolder):
    with pytest.raises(asyncssh.PermissionDenied):
        with_client(sftp_folder.server, lambda sftp: sftp.listdir("/"), password="wrong")


def test_a_restart_keeps_port_key_and_files(tmp_path: Path):
    server = SftpServer(tmp_path)
    with server:
        before = (server.port, server.host_key)
        server.put("out/one.csv", b"1")
    with server:
        assert (server.port, server.host_key) == before
        assert with_client(server, lambda sftp: sftp.exists("/out/one.csv"))
        server.remove("out")
        assert not with_client(server, lambda sftp: sftp.exists("/out"))


def test_stopping_cuts_live_sessions(tmp_path: Path):
    server = SftpServer(tmp_path).start()

    async def stop_then_list(sftp: asyncssh.SFTPClient) -> None:
        await asyncio.to_thread(server.stop)
        await asyncio.wait_for(sftp.listdir("/"), 5)

    with pytest.raises((asyncssh.SFTPConnectionLost, asyncssh.ConnectionLost, asyncssh.SFTPNoConnection)):
        with_client(server, stop_then_list)
