"""Redis without root, in memory, with a password."""

from __future__ import annotations

import shutil
import socket
from types import TracebackType
from typing import Self

from tests.servers.child import HOST, Child, free_port


class Redis:
    """A Redis server; nothing is written to disk."""

    password = "redis-secret"

    def __init__(self) -> None:
        self.port = free_port()
        self._child = Child("redis")

    @staticmethod
    def missing() -> str | None:
        """The package that this machine lacks, or None."""
        return None if shutil.which("redis-server") else "redis-server: apt-get install redis-server"

    def url(self, database: int = 0) -> str:
        """The address for Celery and redis-py."""
        return f"redis://:{self.password}@{HOST}:{self.port}/{database}"

    def start(self) -> Self:
        config = self._child.folder / "redis.conf"
        config.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {self._child.folder}\n"
            f'save ""\nappendonly no\nrequirepass {self.password}\n'
        )
        self._child.account.own(config)
        self._child.start([shutil.which("redis-server") or "redis-server", str(config)], self._answers)
        return self

    def stop(self) -> None:
        """Stop serving, and forget everything."""
        self._child.stop()

    def _answers(self) -> bool:
        with socket.create_connection((HOST, self.port), timeout=2) as connection:
            connection.sendall(f"AUTH {self.password}\r\n".encode())
            return connection.recv(100).startswith(b"+OK")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.remove()
