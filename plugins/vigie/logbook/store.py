"""The database under the logbook: SQLite in one file, or PostgreSQL for many."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, exc, func, make_url, select
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

from vigie.core.errors import TransportError

T = TypeVar("T")

ATTEMPTS = 5
"""How often a transaction that lost a race is tried before it is given up."""

_POSTGRES = {"connect_timeout": "10", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}
WRITING = "vigie_writing"
_ONE_AT_A_TIME = select(func.pg_advisory_xact_lock(0x656E747279))
"""PostgreSQL's BEGIN IMMEDIATE ("entry"): who writes waits here for whoever writes, so that entries are in one row."""


class Raced(Exception):
    """Another transaction was there first: roll back and look again."""


def read_url(written: str) -> URL:
    """The address of a logbook: ``sqlite:////folder/logbook.db`` or ``postgresql+psycopg://user@host/name``.

    Raises ValueError, without the address (it may hold a password), where it is none of these.
    """
    try:
        url = make_url(written)
    except (exc.ArgumentError, ValueError):
        raise ValueError(
            "the logbook's address cannot be read; write sqlite:////folder/logbook.db "
            "or postgresql+psycopg://user:password@host:5432/name"
        ) from None
    kind = url.drivername.partition("+")[0]
    if kind == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("the logbook must outlive its process; give SQLite a file: sqlite:////folder/logbook.db")
        return url.set(drivername="sqlite")
    if kind in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    raise ValueError(f"the logbook lives in SQLite or in PostgreSQL (found '{kind}')")


def place_of(url: URL) -> str:
    """The address as it may be shown: no user, no password, no options."""
    if url.drivername == "sqlite":
        return str(url.database)
    return f"{url.host or 'local socket'}:{url.port or 5432}/{url.database or ''}"


def open_engine(url: URL, patience: float) -> Engine:
    """An engine whose transactions are ours: ``BEGIN IMMEDIATE`` for writing on SQLite, waiting ``patience`` seconds.

    Errors never show parameters: these are mails and facts.
    """
    if url.drivername == "sqlite":
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": patience})

        @event.listens_for(engine, "connect")
        def _leave_transactions_to_us(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None
            # FULL: a decision survives a power cut, not only a killed process.
            connection.execute("PRAGMA synchronous = FULL")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            writing = connection.get_execution_options().get(WRITING)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

        return engine
    options = {"options": f"-c lock_timeout={int(patience * 1000)}", "application_name": "vigie", **_POSTGRES}
    given = {name: value for name, value in options.items() if name not in url.query}
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=given)


def insert_into(dialect: str, table: Table) -> PostgresInsert | SqliteInsert:
    """An INSERT that knows ON CONFLICT, in this dialect.

    To build one with its ``excluded`` columns costs more than to run it: what is asked at each look is kept.
    """
    return SqliteInsert(table) if dialect == "sqlite" else PostgresInsert(table)


def _lost_a_race(error: exc.DBAPIError) -> bool:
    cause = error.orig
    return isinstance(error, exc.IntegrityError) or isinstance(
        cause, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure
    )


@contextmanager
def reaching(url: URL, patience: float) -> Iterator[None]:
    """Turn what the database says into our errors.

    TransportError where it is away, busy for longer than ``patience`` seconds, or not prepared (permanent). Anything
    else is a mistake of ours: RuntimeError, without the row that PostgreSQL would show.
    """
    try:
        yield
    except exc.DBAPIError as error:
        raise _translated(error, url, patience) from None
    except exc.StatementError as error:
        if isinstance(error.orig, ValueError):
            raise error.orig from None
        raise
    except exc.TimeoutError:
        raise TransportError(f"the logbook at {place_of(url)} is busy: no free connection") from None


def _translated(error: exc.DBAPIError, url: URL, patience: float) -> Exception:
    cause: Any = error.orig
    place = place_of(url)
    # The first line says what; the others of PostgreSQL show the data.
    reason = (str(cause).strip().splitlines() or ["no reason given"])[0]
    if url.password:
        reason = reason.replace(str(url.password), "***")
    if isinstance(cause, psycopg.errors.UndefinedTable) or reason.startswith("no such table"):
        return TransportError(
            f"the logbook at {place} is not prepared ({reason}); './vigie up' prepares it", permanent=True
        )
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return TransportError(f"the logbook at {place} refuses us: {reason}", permanent=True)
    if isinstance(cause, psycopg.errors.LockNotAvailable) or reason.startswith("database is locked"):
        return TransportError(f"the logbook at {place} is busy: locked by another process for more than {patience:g} s")
    if isinstance(error, exc.OperationalError | exc.InterfaceError) or error.connection_invalidated:
        return TransportError(f"the logbook at {place} cannot be reached: {reason}")
    if type(error) is exc.DatabaseError:  # the parent of all: SQLite says so of a file that is damaged or not its own
        return TransportError(f"the logbook at {place} cannot be read: {reason}", permanent=True)
    ours = RuntimeError(f"the logbook at {place} refused what we asked of it: {reason}")
    ours.add_note(f"SQL: {error.statement}")
    return ours


class Store:
    """A database and its transactions. The roles of the logbook are built on it."""

    def __init__(self, url: str, *, patience: float = 10.0) -> None:
        """Take the address (see ``read_url``); nothing is opened yet. ``patience`` is in seconds."""
        self._url = read_url(url)
        self._patience = patience
        self._engine = open_engine(self._url, patience)
        self._writer = self._engine.execution_options(**{WRITING: True})
        self._process = os.getpid()

    def close(self) -> None:
        """Close every connection. A closed logbook opens new ones if it is used again."""
        self._engine.dispose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({place_of(self._url)!r})"

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """One connection to read with."""
        self._leave_parent()
        with reaching(self._url, self._patience), self._engine.connect() as connection:
            yield connection

    def _write(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one transaction: all of it or nothing. Work that lost a race is done again from the start."""
        self._leave_parent()
        for attempt in range(1, ATTEMPTS + 1):
            with reaching(self._url, self._patience):
                try:
                    with self._writer.begin() as connection:
                        if connection.dialect.name == "postgresql":
                            connection.execute(_ONE_AT_A_TIME)
                        return work(connection)
                except Raced:
                    if attempt == ATTEMPTS:
                        raise
                except exc.DBAPIError as error:
                    if attempt == ATTEMPTS or not _lost_a_race(error):
                        raise
        raise AssertionError  # pragma: no cover

    def _leave_parent(self) -> None:
        """In a forked child (Airflow forks its tasks), leave the parent's connections alone and open our own."""
        if self._process != os.getpid():
            self._engine.dispose(close=False)
            self._process = os.getpid()
