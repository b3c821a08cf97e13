"""A logbook of one's own for each test, on SQLite and on PostgreSQL: both must keep the same promises."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.servers.postgres import Postgres

from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.logbook.schema import metadata

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))]


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("prepared") / "logbook.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def prepared_database(postgres: Postgres) -> str:
    address = postgres.url(postgres.create_database(), "psycopg")
    migrate(address)
    return address


def _emptied(address: str) -> str:
    """The same database for every test: emptying it takes a tenth of the time that a new one does."""
    with psycopg.connect(address.replace("+psycopg", "")) as connection:
        connection.execute("SET session_replication_role = replica")  # or the record would not let itself be emptied
        tables = sql.SQL(", ").join(map(sql.Identifier, metadata.tables))
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(tables))
    return address


@pytest.fixture(params=DATABASES)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of the test's own that nobody has prepared."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/logbook.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create_database()
    yield server.url(name, "psycopg")
    server.drop_database(name)


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a prepared, empty logbook."""
    if request.param == "postgres":
        return _emptied(request.getfixturevalue("prepared_database"))
    file = tmp_path / "logbook.db"
    shutil.copy(request.getfixturevalue("prepared_file"), file)
    return f"sqlite:///{file}"


@pytest.fixture
def open_book(address: str) -> Iterator[Callable[..., Logbook]]:
    """Opens the test's logbook, as often as the test likes."""
    opened: list[Logbook] = []

    def open_it(**options: float) -> Logbook:
        opened.append(Logbook(address, **options))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()


@pytest.fixture
def book(open_book: Callable[..., Logbook]) -> Logbook:
    return open_book()
