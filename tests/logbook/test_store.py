from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from tests.logbook.samples import NOON, entry
from tests.servers.child import free_port

from vigie.core.errors import TransportError
from vigie.logbook.book import Logbook
from vigie.logbook.store import place_of, read_url

UNREADABLE = (
    "the logbook's address cannot be read; write sqlite:////folder/logbook.db "
    "or postgresql+psycopg://user:password@host:5432/name"
)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("not an address with hunter2", UNREADABLE),
        ("sqlite://", "the logbook must outlive its process; give SQLite a file: sqlite:////folder/logbook.db"),
        (
            "sqlite:///:memory:",
            "the logbook must outlive its process; give SQLite a file: sqlite:////folder/logbook.db",
        ),
        ("mysql://u:hunter2@h/db", "the logbook lives in SQLite or in PostgreSQL (found 'mysql')"),
        ("postgresql://u:hunter2@h:port/db", UNREADABLE),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_showing_it(written: str, problem: str):
    with pytest.raises(ValueError) as refused:
        Logbook(written)
    assert str(refused.value) == problem


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_understood(scheme: str):
    url = read_url(f"{scheme}://vigie:hunter2@db.example/logbook?password=hunter3")
    assert url.drivername == "postgresql+psycopg"
    assert place_of(url) == "db.example:5432/logbook"
    assert repr(Logbook(str(url))) == "Logbook('db.example:5432/logbook')"


def test_a_server_that_is_away_is_worth_another_try():
    port = free_port()
    book = Logbook(f"postgresql+psycopg://vigie:hunter2@127.0.0.1:{port}/logbook?password=hunter3")
    with pytest.raises(TransportError) as away:
        book.append(entry())
    assert str(away.value).startswith(f"the logbook at 127.0.0.1:{port}/logbook cannot be reached: connection ")
    assert "hunter" not in str(away.value)
    assert away.value.permanent is False
    assert away.value.__cause__ is None
    with pytest.raises(TransportError):
        book.next_due()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(TransportError) as away:
        Logbook(f"sqlite:///{tmp_path}/none/logbook.db").next_due()
    assert (
        str(away.value) == f"the logbook at {tmp_path}/none/logbook.db cannot be reached: unable to open database file"
    )


def test_a_logbook_that_nobody_prepared_is_said(blank: str):
    book = Logbook(blank)
    with pytest.raises(TransportError, match=r"is not prepared \(.*\); '\./vigie up' prepares it") as away:
        book.next_due()
    assert away.value.permanent is True
    book.close()


def test_a_file_that_is_no_logbook_is_said(tmp_path: Path):
    file = tmp_path / "logbook.db"
    file.write_bytes(b"a letter to the client" * 100)
    book = Logbook(f"sqlite:///{file}")
    with pytest.raises(TransportError) as unreadable:
        book.next_due()
    assert str(unreadable.value) == f"the logbook at {file} cannot be read: file is not a database"
    assert unreadable.value.permanent is True
    book.close()


def test_a_logbook_locked_by_another_is_worth_another_try(address: str, open_book: Callable[..., Logbook]):
    book = open_book(patience=0.1)
    if address.startswith("sqlite"):
        other = sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(address.replace("+psycopg", ""))
        other.execute("LOCK TABLE entry")
    with closing(other):
        with pytest.raises(TransportError) as busy:
            book.append(entry())
        assert str(busy.value).endswith(" is busy: locked by another process for more than 0.1 s")
        assert busy.value.permanent is False
    assert book.append(entry()) == 1


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_reading_goes_on_while_another_writes(address: str, book: Logbook):
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert book.entries() == []


def test_an_error_never_shows_what_was_written(book: Logbook):
    broken = entry(text="hunter2", actor="hunter2").model_copy(update={"kind": None})
    with pytest.raises(RuntimeError, match=r"the logbook at .* refused what we asked of it: ") as refused:
        book.append(broken)
    shown = "".join(traceback.format_exception(refused.value))
    assert "entry.kind" in shown or 'column "kind"' in shown
    assert "SQL: INSERT INTO entry" in shown
    assert "hunter2" not in shown


@pytest.mark.needs("postgres")
@pytest.mark.parametrize("address", ["postgres"], indirect=True)
def test_a_connection_cut_while_idle_is_not_noticed(address: str, book: Logbook):
    book.append(entry())
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as other:
        cut = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'vigie' AND datname = current_database()"
        )
        assert cut.fetchall() == [(True,)]
    assert book.append(entry(at=NOON)) == 1
