"""How to ask a component whether it does its work."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime
from typing import Any

import httpx

from vigie.cli.component import Health
from vigie.cli.settings import LOOPBACK

_TIMEOUT_S = 3.0
_FRESH_S = 0.5
_FIRST_STEPS_S = 0.5


def runs(started_at: datetime) -> Health:
    """For a component without a probe: it took its first steps, and would be dead if it had failed at once."""
    age = (datetime.now(UTC) - started_at).total_seconds()
    return Health.HEALTHY if age > _FIRST_STEPS_S else Health.UNHEALTHY


class HttpProbe:
    """Healthy when the address answers 2xx or 3xx."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, started_at: datetime) -> Health:
        try:
            answer = httpx.get(self._url, timeout=_TIMEOUT_S, trust_env=False)
        except httpx.HTTPError:
            return Health.UNHEALTHY
        return Health.HEALTHY if answer.status_code < httpx.codes.BAD_REQUEST else Health.UNHEALTHY


class PortProbe:
    """Healthy when something accepts a connection on a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __call__(self, started_at: datetime) -> Health:
        try:
            with socket.create_connection((LOOPBACK, self._port), timeout=_TIMEOUT_S):
                return Health.HEALTHY
        except OSError:
            return Health.UNHEALTHY


class AirflowHealth:
    """What the API server says of all components (``/api/v2/monitor/health``), asked once for all their probes."""

    def __init__(self, airflow_url: str) -> None:
        self._url = f"{airflow_url}/api/v2/monitor/health"
        self._lock = threading.Lock()
        self._asked = 0.0
        self._said: dict[str, Any] | None = None

    def __call__(self) -> dict[str, Any] | None:
        """The answer, at most half a second old; None if there was none."""
        with self._lock:
            if time.monotonic() - self._asked > _FRESH_S:
                try:
                    answer = httpx.get(self._url, timeout=_TIMEOUT_S, trust_env=False)
                    self._said = answer.raise_for_status().json()
                except (httpx.HTTPError, ValueError):
                    self._said = None
                self._asked = time.monotonic()
            return self._said


class ApiServerProbe:
    """Healthy when the API server answers, reaches its database, and answers tasks.

    The API for tasks (``/execution``) makes its routes at the first request (Cadwyn 7, ``_cadwyn_initialize``): four to
    nine seconds in which the whole server answers nobody, and the first task of all, the desk, waits. So the probe is
    the first one who asks.
    """

    def __init__(self, health: AirflowHealth, airflow_url: str) -> None:
        self._health = health
        self._tasks = HttpProbe(f"{airflow_url}/execution/health")

    def __call__(self, started_at: datetime) -> Health:
        said = self._health()
        if not said or said["metadatabase"]["status"] != "healthy":
            return Health.UNHEALTHY
        return self._tasks(started_at)


class HeartbeatProbe:
    """Healthy when Airflow's record of this component has a fresh heartbeat from after its start.

    The record of a component that was killed stays healthy for 30 s, so a heartbeat from before the start is no
    sign of life. Unknown when the API server, which tells it, does not answer.
    """

    def __init__(self, health: AirflowHealth, component: str) -> None:
        self._health = health
        self._component = component

    def __call__(self, started_at: datetime) -> Health:
        said = self._health()
        if said is None:
            return Health.UNKNOWN
        record = said.get(self._component) or {}
        beat = record.get(f"latest_{self._component}_heartbeat")
        alive = record.get("status") == "healthy" and beat and datetime.fromisoformat(beat) >= started_at
        return Health.HEALTHY if alive else Health.UNHEALTHY
