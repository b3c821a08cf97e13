"""PostgreSQL without root, in a folder of its own; a new database costs about 70 ms."""

from __future__ import annotations

import itertools
import shutil
import signal
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from tests.servers.child import HOST, Child, free_port

_UNSAFE_AND_QUICK = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"]


def _program(name: str) -> str | None:
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    return str(versions[-1]) if versions else shutil.which(name)


class Postgres:
    """A PostgreSQL server; the user is `vigie`, and needs no password."""

    user = "vigie"
    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self.port = free_port()
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
        self._child = Child("postgres", stop_signal=signal.SIGINT)

    @staticmethod
    def missing() -> str | None:
        """The package that this machine lacks, or None."""
        return None if _program("initdb") and _program("postgres") else "postgresql: apt-get install postgresql"

    def url(self, database: str, driver: str = "psycopg2") -> str:
        """The address for SQLAlchemy."""
        return f"postgresql+{driver}://{self.user}@{HOST}:{self.port}/{database}"

    def create_database(self, template: str = "template1") -> str:
        """A new database (a copy of `template`, to which nobody may be connected); returns its name."""
        name = f"test_{next(self._numbers)}"
        self._do(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop_database(self, name: str) -> None:
        """Delete a database, and cut off who is connected to it."""
        self._do(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def start(self) -> Self:
        data = self._child.folder / "data"
        if not data.exists():
            options = ["-U", self.user, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
            self._child.run([_program("initdb") or "initdb", "-D", str(data), *options])
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self._child.folder}",
            *_UNSAFE_AND_QUICK,
        ]
        options = [part for setting in settings for part in ("-c", setting)]
        self._child.start([_program("postgres") or "postgres", "-D", str(data), *options], self._answers)
        return self

    def stop(self) -> None:
        """Stop serving; the databases stay for the next start."""
        self._child.stop()

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=HOST, port=self.port, user=self.user, dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _do(self, command: sql.Composed) -> None:
        with psycopg.connect(
            host=HOST, port=self.port, user=self.user, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(command)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.remove()
