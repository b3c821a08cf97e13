"""A logbook of one's own for each test, on SQLite and on PostgreSQL: both must keep the same promises."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.servers.postgres import Postgres

from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.needs("postgres"))]


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("prepared") / "logbook.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def prepared_database(postgres: Postgres) -> str:
    name = postgres.create_database()
    migrate(postgres.url(name, "psycopg"))
    return name


def _made(request: pytest.FixtureRequest, tmp_path: Path, prepared: bool) -> Iterator[str]:
    if request.param == "sqlite":
        file = tmp_path / "logbook.db"
        if prepared:
            shutil.copy(request.getfixturevalue("prepared_file"), file)
        yield f"sqlite:///{file}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create_database(request.getfixturevalue("prepared_database") if prepared else "template1")
    yield server.url(name, "psycopg")
    server.drop_database(name)


@pytest.fixture(params=DATABASES)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that nobody has prepared."""
    yield from _made(request, tmp_path, prepared=False)


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a prepared, empty logbook."""
    yield from _made(request, tmp_path, prepared=True)


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
