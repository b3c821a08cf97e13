"""OpenSSH's server without root, for SFTP with a key: the reference file server."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncssh
from tests.servers.child import Child, free_port, greeting

_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
Subsystem sftp internal-sftp -d {folder}/files -l ERROR
AllowTcpForwarding no
X11Forwarding no
PrintMotd no
MaxStartups 200:30:400
MaxSessions 100
LogLevel ERROR
"""
_PROGRAM = Path("/usr/sbin/sshd")  # sshd insists on an absolute path


class Sshd:
    """An sshd that lets one account in, by key (as non-root it has no way to check passwords).

    There is no chroot without root: clients start in `root`, and name files relative to it or absolutely.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self._child = Child("sshd")
        self.user = self._child.account.name
        self.files = self._child.folder / "files"
        self.root = str(self.files)
        self.private_key = asyncssh.generate_private_key("ssh-ed25519")
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")

    @staticmethod
    def missing() -> str | None:
        """The package that this machine lacks, or None."""
        return None if _PROGRAM.exists() else "openssh-server: apt-get install openssh-server"

    @property
    def private_key_text(self) -> str:
        """The client's key, as the `private_key` of an Airflow connection takes it."""
        return str(self.private_key.export_private_key().decode())

    @property
    def host_key(self) -> str:
        """The public host key as `ssh-ed25519 AAAA…`."""
        return " ".join(self._host_key.export_public_key().decode().split()[:2])

    def put(self, path: str, content: bytes = b"", *, modified: float | None = None) -> None:
        """Bring a file: written under another name, then renamed. `modified` is the mtime in seconds UTC."""
        target = self.files / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(content)
        if modified is not None:
            os.utime(part, (modified, modified))
        part.replace(target)

    def start(self) -> Self:
        folder = self._child.folder
        self.files.mkdir(exist_ok=True)
        (folder / "host_key").write_bytes(self._host_key.export_private_key())
        (folder / "host_key").chmod(0o600)
        (folder / "authorized_keys").write_bytes(self.private_key.export_public_key())
        config = folder / "sshd_config"
        config.write_text(_CONFIG.format(port=self.port, folder=folder))
        self._child.account.own(self.files, folder / "host_key", folder / "authorized_keys", config)
        self._child.start(
            [str(_PROGRAM), "-D", "-e", "-f", str(config)], lambda: greeting(self.port).startswith(b"SSH-2.0")
        )
        return self

    def stop(self) -> None:
        """Stop serving; the files stay for the next start. Live sessions end with the server's processes."""
        self._child.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.remove()
