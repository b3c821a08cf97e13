"""A prepared logbook for each test, and watches of mail."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.scenarios.site import write_site

from vigie.core.respond import Respond
from vigie.core.watch import MailWatch
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("prepared") / "logbook.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def book(prepared_file: Path, tmp_path: Path) -> Iterator[Logbook]:
    file = tmp_path / "logbook.db"
    shutil.copy(prepared_file, file)
    opened = Logbook(f"sqlite:///{file}")
    yield opened
    opened.close()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small site, and the one that flux files and checks find."""
    monkeypatch.setenv("VIGIE_SITE", str(tmp_path / "site"))
    return write_site(tmp_path / "site")


def mail_watch(task_id: str = "batch_ko", **changes: object) -> MailWatch:
    fields: dict[str, object] = {
        "client": "nordwind",
        "flux": "end_of_day",
        "task_id": task_id,
        "mailbox": "nordwind_ops",
        "subject": r"\[KO\] (?P<job>\w+)",
        "resolves": r"\[OK\] (?P<job>\w+)",
        "dedup_key": "{job}",
        "blind_after": timedelta(seconds=0.2),
        "respond": Respond(severity="critical", template="mail_ko"),
    }
    return MailWatch.model_validate(fields | changes)


def mail(subject: str, number: int = 1) -> bytes:
    head = f"From: batch@nordwind.example\nSubject: {subject}\nMessage-ID: <{number}@nordwind.example>\n"
    return f"{head}\nThe batch speaks.\n".encode()


def eventually(true: Callable[[], object], within: float = 10) -> None:
    """Wait for a condition; AssertionError where it does not come in time."""
    deadline = time.monotonic() + within
    pause = 0.005
    while not true():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(pause)  # between two questions of a condition, never instead of one
        pause = min(pause * 1.5, 0.1)
