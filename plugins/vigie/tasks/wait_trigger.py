"""Waiting for the end of an action, without a worker: until a check is green, or a run of a DAG has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from vigie.core.errors import TransportError
from vigie.logbook.book import Logbook
from vigie.tasks import connections
from vigie.tasks.airflow_api import AirflowApi
from vigie.tasks.clock import utc_now

EACH = 3.0
HEARD_AFTER = timedelta(seconds=1)
"""Airflow 3.3.2 fails a task that is resumed before its scheduler has heard that it deferred: so long it may take."""


def green(logbook: Logbook, incident_id: str, watch_id: str, since: datetime) -> str:
    """What says that a check is green, as a sentence; empty where nothing does.

    The incident is resolved; or its watch has looked after ``since`` and has nothing unresolved.
    """
    if incident_id and not watch_id:
        incident = logbook.incident(incident_id)
        return f"{incident_id} is resolved" if incident is None or incident.status == "resolved" else ""
    state = next((each for each in logbook.watch_states() if each.watch == watch_id), None)
    if state is None or state.sight != "watching" or state.looked_at is None or state.looked_at < since:
        return ""
    unresolved = [each for each in logbook.incidents(client=state.client) if each.watch == watch_id]
    return "" if unresolved else f"{watch_id} has looked and all is well"


class WaitTrigger(BaseTrigger):
    """Fires with ``{"ok", "text"}``. Instants are UTC ISO; ``until`` is when to give up."""

    def __init__(
        self, until: str, since: str, incident: str = "", watch: str = "", dag_id: str = "", run_id: str = ""
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow has no types there
        self.until, self.since = until, since
        self.incident, self.watch = incident, watch
        self.dag_id, self.run_id = dag_id, run_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and what is waited for."""
        names = ("until", "since", "incident", "watch", "dag_id", "run_id")
        return (f"{type(self).__module__}.{type(self).__qualname__}", {name: getattr(self, name) for name in names})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every few seconds; a logbook or an Airflow that is away is asked again."""
        await asyncio.sleep(HEARD_AFTER.total_seconds())
        until = datetime.fromisoformat(self.until)
        while True:
            try:
                found = await self._look()
            except TransportError as away:
                self.log.warning("cannot look: %s", away)
                found = None
            if found is not None:
                yield TriggerEvent(found)
                return
            if utc_now() >= until:
                what = f"{self.dag_id} has not ended" if self.dag_id else "it is not green"
                yield TriggerEvent({"ok": False, "text": f"{what} within the time"})
                return
            await asyncio.sleep(EACH)

    async def _look(self) -> dict[str, Any] | None:
        if self.dag_id:
            connection = await connections.find_async(connections.AIRFLOW)
            return await asyncio.to_thread(self._run_ended, AirflowApi(connection))
        logbook = await connections.logbook_async()
        since = datetime.fromisoformat(self.since)
        said = await asyncio.to_thread(green, logbook, self.incident, self.watch, since)
        return {"ok": True, "text": said} if said else None

    def _run_ended(self, api: AirflowApi) -> dict[str, Any] | None:
        state = api.run_state(self.dag_id, self.run_id)
        api.close()
        if state in {"success", "failed"}:
            return {"ok": state == "success", "text": f"{self.dag_id} {self.run_id}: {state}"}
        return None
