"""A prepared logbook for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scenarios.site import write_site
from tests.tasks.airflow_plugin import vigie_plugin

from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate

__all__ = ["vigie_plugin"]


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
    monkeypatch.setenv("VIGIE_MODE", "development")
    return write_site(tmp_path / "site")
