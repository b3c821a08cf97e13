"""A control room on a site of its own, at 02:00 in Berlin on a night in winter."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.scenarios.site import write_site

from vigie.testing.control_room import ControlRoom


@pytest.fixture
def room(tmp_path: Path) -> Iterator[ControlRoom]:
    with ControlRoom(tmp_path, site=write_site(tmp_path / "site"), at=datetime(2026, 11, 24, 1, 0, tzinfo=UTC)) as made:
        yield made


@pytest.fixture
def no_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands set variables of their process; here that process is the tests' own."""
    monkeypatch.setenv("AIRFLOW_HOME", os.environ["AIRFLOW_HOME"])
    monkeypatch.setenv("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
    monkeypatch.setenv("VIGIE_SITE", "")


@pytest.fixture
def nordwind(room: ControlRoom) -> ControlRoom:
    """The room, with the night batch of Nordwind on watch."""
    room.reads("dags/nordwind/end_of_day.py")
    return room


@pytest.fixture
def lumiere(room: ControlRoom) -> ControlRoom:
    """The room, with the stores of Maison Lumière on watch since their evening: 23:30 in Tokyo."""
    room.clock.strikes("23:30", "Asia/Tokyo")
    room.server("maison_lumiere_wms").make_folder("outbound")
    room.reads("dags/maison-lumiere/store_replenishment.py")
    return room
