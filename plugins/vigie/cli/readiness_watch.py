"""Asks again and again whether a mail that arrives now is called now, from the start of a control room to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from vigie.cli.component import Health
from vigie.cli.readiness import Loaded, Readiness, ailing, not_acting, not_callable, not_loaded, not_looking
from vigie.cli.supervisor import Supervisor
from vigie.core.client import PLATFORM
from vigie.core.errors import TransportError
from vigie.logbook.book import Logbook
from vigie.tasks.airflow_api import AirflowApi
from vigie.tasks.desk_pulse import DeskPulse
from vigie.tasks.own_dags import shown_path

STARTING_S = 1.0
"""Seconds between two questions while something comes by itself."""

TROUBLED_S = 15.0
"""The same where a person has to do something first: Airflow is asked for every flux each time."""

HEALTHY_S = 10.0
"""The same once all was healthy: only the logbook is asked."""

CALLERS = ("vigie_slack", "vigie_smtp")


class ReadinessWatch(threading.Thread):
    """Notes in the supervisor's record how far it is.

    ``files`` are the site's fluxes: path as people know it -> DAG. ``has`` says whether the vault has a connection.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        logbook: Logbook,
        api: AirflowApi,
        dags_folder: Path,
        files: Mapping[str, str],
        has: Callable[[str], bool],
        began: datetime,
    ) -> None:
        super().__init__(name="readiness", daemon=True)
        self._supervisor = supervisor
        self._logbook = logbook
        self._api = api
        self._dags = dags_folder
        self._files = files
        self._has = has
        self._began = began
        self._was_healthy = False
        self._ending = threading.Event()
        self._desk = DeskPulse(logbook, lambda subject, text: None)

    def run(self) -> None:
        """Ask until ``end``. What an error of ours hides is no health."""
        while not self._ending.is_set():
            try:
                found = self.look(datetime.now(UTC))
            except TransportError as away:
                found = Readiness((str(away),))
            except Exception as bug:  # noqa: BLE001 - told by what it notes
                found = Readiness((f"whether all is healthy cannot be told: {bug!r}",))
            self._supervisor.note(found)
            self._ending.wait(self._pause(found))

    def end(self) -> None:
        """End, at once unless a question is being answered."""
        self._ending.set()

    def look(self, now: datetime) -> Readiness:
        """How far it is at ``now`` (UTC). Raises TransportError where the logbook or Airflow does not answer."""
        ill = [
            f"{each.name} is {each.health}" for each in self._supervisor.status() if each.health is not Health.HEALTHY
        ]
        if ill:
            return Readiness(tuple(ill))
        if self._was_healthy:
            told = self._logbook.incidents(client=PLATFORM)
            return ailing(told, self._logbook.watch_states(), desk_is_well=self._desk.is_well(now), now=now)
        found = self._beginning()
        self._was_healthy = found.is_healthy
        return found

    def _beginning(self) -> Readiness:
        found = not_acting(self._logbook.beats(), self._began)
        if found.awaited:
            return found
        loaded = Loaded(
            self._api.dags(),
            {shown_path(each.path, each.bundle, self._dags): each.reason for each in self._api.broken_files()},
            self._api.watched(),
        )
        read = not_loaded(self._files, loaded, self._began)
        seen = not_looking(loaded, self._logbook.watch_states(), self._began)
        callers = not_callable({name: self._has(name) for name in CALLERS})
        return Readiness((*read.awaited, *seen.awaited), (*read.troubles, *seen.troubles, *callers.troubles))

    def _pause(self, found: Readiness) -> float:
        if self._was_healthy:
            return HEALTHY_S if found.is_healthy else STARTING_S
        return STARTING_S if found.awaited else TROUBLED_S
