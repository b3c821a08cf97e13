"""A file server without root or packages: asyncssh's SFTP server, one account, closed into one folder."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path, PurePosixPath

import asyncssh

from vigie.demo.foreground import argument_parser, secret, serve
from vigie.demo.loopback import LoopbackServer


class SftpServer(LoopbackServer):
    """An SFTP server whose root is `<folder>/files`; its host key is made in `<folder>/host_key` and kept there."""

    def __init__(self, folder: Path, user: str = "ops", password: str = "sftp-secret", port: int = 0) -> None:  # noqa: S107
        super().__init__(port)
        self.folder = folder
        self.files = folder / "files"
        self.user = user
        self.password = password
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._live: set[asyncssh.SSHServerConnection] = set()

    @property
    def host_key(self) -> str:
        """The public host key as `ssh-ed25519 AAAA…`: what the `host_key` of an Airflow connection takes."""
        return " ".join((self.folder / "host_key.pub").read_text("ascii").split()[:2])

    def put(self, path: str, content: bytes = b"", *, modified: float | None = None) -> None:
        """Bring a file as a careful sender does: written under another name in the same folder, then renamed.

        `modified` is the mtime, in seconds since 1970 UTC; now, when left out.
        """
        target = self._local(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(content)
        if modified is not None:
            os.utime(part, (modified, modified))
        part.replace(target)

    def remove(self, path: str) -> None:
        """Take a file or a whole folder away; harmless when it is not there."""
        target = self._local(path)
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def _local(self, path: str) -> Path:
        inside = PurePosixPath("/", path).relative_to("/")
        if ".." in inside.parts:
            raise ValueError(f"{path!r} leaves the server's root; write a path without '..'")
        return self.files / inside

    async def _open(self, listener: socket.socket) -> None:
        self.files.mkdir(parents=True, exist_ok=True)
        key = self.folder / "host_key"
        if not key.exists():
            made = asyncssh.generate_private_key("ssh-ed25519")
            made.write_public_key(str(key) + ".pub")
            made.write_private_key(str(key))
            key.chmod(0o600)
        root = os.fsencode(self.files)
        self._acceptor = await asyncssh.listen(
            sock=listener,
            server_factory=lambda: _Account(self.user, self.password, self._live),
            server_host_keys=[str(key)],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=root),
        )

    async def _shut(self) -> None:
        if self._acceptor is not None:
            self._acceptor.close()
            for connection in list(self._live):
                connection.abort()


class _Account(asyncssh.SSHServer):
    """Lets one user in, by password."""

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


def main() -> int:
    """Run it as a process; the password comes from the environment variable SFTP_PASSWORD."""
    parser = argument_parser("sftp_server", "An SFTP server with one account, closed into FOLDER/files.")
    parser.add_argument("--folder", type=Path, required=True, help="holds files/ (the root that clients see), host_key")
    parser.add_argument("--user", required=True)
    arguments = parser.parse_args()
    password = secret(parser, "SFTP_PASSWORD")
    return serve(SftpServer(arguments.folder, arguments.user, password, arguments.port), leash=arguments.leash)


if __name__ == "__main__":
    sys.exit(main())
