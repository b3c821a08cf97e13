"""An SSH server that runs commands in a real shell: sshd's own account has none on most machines."""

from __future__ import annotations

import asyncio
import socket

import asyncssh

from vigie.demo.loopback import LoopbackServer


class ShellServer(LoopbackServer):
    """One account, by password; each command goes through `/bin/sh -c`."""

    user = "ops"
    password = "shell-secret-of-the-tests"

    def __init__(self) -> None:
        super().__init__()
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._live: set[asyncssh.SSHServerConnection] = set()

    @property
    def host_key(self) -> str:
        """The public host key as `ssh-ed25519 AAAA…`."""
        return " ".join(self._key.export_public_key().decode().split()[:2])

    async def _open(self, listener: socket.socket) -> None:
        self._acceptor = await asyncssh.listen(
            sock=listener,
            server_factory=lambda: _Account(self.user, self.password, self._live),
            server_host_keys=[self._key],
            process_factory=_run,
            encoding=None,
        )

    async def _shut(self) -> None:
        if self._acceptor is not None:
            self._acceptor.close()
            for connection in list(self._live):
                connection.abort()


async def _run(process: asyncssh.SSHServerProcess[bytes]) -> None:
    shell = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", process.command or "true",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await shell.communicate()
    process.stdout.write(out)
    process.stderr.write(err)
    process.exit(shell.returncode or 0)


class _Account(asyncssh.SSHServer):
    def __init__(self, user: str, password: str, live: set[asyncssh.SSHServerConnection]) -> None:
        self._expected = (user, password)
        self._live = live
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._live.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._live.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == self._expected
