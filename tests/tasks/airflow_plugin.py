"""Our plugin in the Airflow of the tests, as where ``plugins/`` is Airflow's plugins folder."""

from __future__ import annotations

import pytest
from airflow import plugins_manager

from vigie_plugin import VigiePlugin


@pytest.fixture(scope="session")
def vigie_plugin() -> None:
    """Airflow knows our timetable."""
    known = plugins_manager._get_plugins()[0]
    if not any(isinstance(plugin, VigiePlugin) for plugin in known):
        known.append(VigiePlugin())
        plugins_manager.get_timetables_plugins.cache_clear()
