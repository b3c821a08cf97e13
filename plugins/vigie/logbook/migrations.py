"""Preparing the database: from whatever it is to the newest revision, without a file of settings."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, func, select

from vigie.core.errors import TransportError
from vigie.logbook.store import WRITING, open_engine, place_of, reaching, read_url

VERSION_TABLE = "vigie_version"

_REVISIONS = Path(__file__).parent / "revisions"
_LOCK = 0x7669676965  # "vigie": the advisory lock of whoever prepares a PostgreSQL database
_one_at_a_time = threading.Lock()  # Alembic keeps its context in a global


def migrate(url: str, *, patience: float = 60.0) -> None:
    """Bring the logbook at this address to the newest revision; does nothing where it is there already.

    Safe when several processes start at once: one works, the others wait, at most ``patience`` seconds.
    Makes the SQLite file (readable by its owner only) where there is none; its folder must exist. Raises ValueError
    for an address that cannot be read, TransportError where the database is away, or (permanent) newer than we are.
    """
    address = read_url(url)
    engine = open_engine(address, patience)
    try:
        with _one_at_a_time, reaching(address, patience):
            if address.drivername == "sqlite":
                _make_file(address, patience)
            with engine.execution_options(**{WRITING: True}).begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
                _upgrade(connection, address)
    finally:
        engine.dispose()


def _upgrade(connection: Connection, address: URL) -> None:
    config = Config()
    config.set_main_option("script_location", str(_REVISIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(_REVISIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    script = ScriptDirectory.from_config(config)

    def steps(revision: str, context: MigrationContext) -> list[RevisionStep]:
        heads = context.get_current_heads()
        try:
            script.get_revisions(heads)
        except CommandError:
            raise TransportError(
                f"the logbook at {place_of(address)} was written by a newer Vigie (revision {', '.join(heads)}, "
                f"ours is {script.get_current_head()}); update Vigie, or go back to the copy made before the update",
                permanent=True,
            ) from None
        return script._upgrade_revs("head", revision)  # noqa: SLF001  # what alembic.command.upgrade itself calls

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE)
        environment.run_migrations()


def _make_file(address: URL, patience: float) -> None:
    """Make the file with tight permissions, and set WAL, which stays with the file."""
    file = str(address.database)
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise TransportError(f"the logbook at {file} cannot be made: {error.strerror}", permanent=True) from None
    deadline = time.monotonic() + patience
    while True:
        try:
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # SQLite itself does not wait for the lock that a change of the journal needs.
            if time.monotonic() > deadline:
                raise TransportError(f"the logbook at {file} is busy: {error}") from None
            time.sleep(0.05)
        else:
            return
