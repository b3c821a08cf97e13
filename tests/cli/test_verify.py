"""`./vigie verify`: what it says of a record that holds, and of one that does not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.cli import verify
from vigie.cli.remedy import RemedyError
from vigie.core.entry import Entry
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate

NIGHT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Logbook:
    monkeypatch.setenv("VIGIE_STATE", str(tmp_path))
    address = f"sqlite:///{tmp_path / 'logbook.db'}"
    migrate(address)
    made = Logbook(address)
    made.append(*(Entry(at=NIGHT, client="nordwind", kind="k", actor="a", text=str(number)) for number in range(3)))
    return made


def test_a_record_that_holds(book: Logbook, capsys: pytest.CaptureFixture[str]) -> None:
    head = book.head()
    assert verify.main(["--head", str(head)]) == 0
    assert capsys.readouterr().out == f"The record holds, 3 entries. Its head is {head}.\n"


def test_a_record_that_was_rewritten(book: Logbook, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = book.head()
    book.prune(NIGHT.replace(hour=1), NIGHT)
    with closing(sqlite3.connect(tmp_path / "logbook.db")) as connection:
        connection.execute("DROP TRIGGER entry_no_update")
        connection.execute("DROP TRIGGER entry_no_delete")
        connection.execute("UPDATE entry SET text = 'nothing happened' WHERE seq = 1")
        connection.execute("DELETE FROM entry WHERE seq = 3")
        connection.commit()
    assert verify.main(["--head", str(head)]) == 1
    assert capsys.readouterr().out == (
        "entry 1 was changed after it was written\n"
        "entry 3 is not there as it was sent: the record was rewritten, or its end removed\n"
        "\n"
        "2 entries are not what they were.\n"
    )


def test_a_pruned_entry_is_told_and_is_no_fault(book: Logbook, capsys: pytest.CaptureFixture[str]) -> None:
    book.prune(NIGHT.replace(hour=3), NIGHT.replace(hour=4))
    assert verify.main([]) == 0
    assert "entry 1 was pruned: its text is gone, its digest holds\n" in capsys.readouterr().out


def test_a_head_that_is_none(book: Logbook) -> None:
    with pytest.raises(RemedyError) as refused:
        verify.main(["--head", "41"])
    assert str(refused.value) == (
        "'41' is no head of a record; write it as it was sent, 41:9f86….\n"
        "  Remedy: Take it from the daily mail, or from the heartbeat."
    )


def test_a_folder_without_a_logbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_STATE", str(tmp_path))
    with pytest.raises(RemedyError) as refused:
        verify.main([])
    assert str(refused.value) == (
        f"There is no logbook at {tmp_path}/logbook.db.\n"
        "  Remedy: Name its folder in VIGIE_STATE, or ask for --cluster where the vault names it."
    )
