"""A small site whose flux files the tests write and read."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from tests.scenarios.site import write_site
from tests.tasks.airflow_plugin import vigie_plugin

__all__ = ["vigie_plugin"]

Read = Callable[[str, str], ModuleType]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIGIE_SITE", str(tmp_path / "site"))
    monkeypatch.setenv("VIGIE_MODE", "development")
    return write_site(tmp_path / "site")


@pytest.fixture
def read(site: Path) -> Read:
    """Write a file of the site and import it, as Airflow's processor does."""

    def write_and_read(name: str, text: str) -> ModuleType:
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("a_dag_file", path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return write_and_read
