"""What Airflow itself knows of the fluxes: which are paused, broken or gone. Asked by REST, with an account."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import httpx
from airflow.sdk import Connection

from vigie.core.errors import Refused, TransportError


class BrokenFile(NamedTuple):
    """A DAG file that does not load: its path, the line where it fails, and why."""

    path: str
    line: int | None
    reason: str


class AirflowApi:
    """The public REST API, v2. Every method raises TransportError where it does not answer."""

    def __init__(self, connection: Connection) -> None:
        self._account = {"username": connection.login or "", "password": connection.password or ""}
        self._http = httpx.Client(base_url=_address(connection), timeout=10)
        self._signed_in = False

    def dags(self) -> dict[str, bool]:
        """Every DAG that is loaded, and whether it is paused."""
        found: dict[str, bool] = {}
        while True:
            answer = self._get("/api/v2/dags", {"limit": 100, "offset": len(found), "exclude_stale": True})
            for dag in answer["dags"]:
                found[dag["dag_id"]] = bool(dag["is_paused"])
            if not answer["dags"] or len(found) >= answer["total_entries"]:
                return found

    def broken_files(self) -> list[BrokenFile]:
        """Every file that does not load."""
        errors = self._get("/api/v2/importErrors", {"limit": 100})["import_errors"]
        return [_broken(error["filename"], error["stack_trace"]) for error in errors]

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    def _get(self, path: str, parameters: dict[str, Any]) -> dict[str, Any]:
        try:
            if not self._signed_in:
                self._sign_in()
            answer = self._http.get(path, params=parameters)
            answer.raise_for_status()
        except httpx.HTTPStatusError as failed:
            raise TransportError(f"Airflow answers {failed.response.status_code} to {path}") from None
        except httpx.HTTPError as failed:
            raise TransportError(
                f"Airflow does not answer at {self._http.base_url} ({type(failed).__name__})"
            ) from None
        return dict(answer.json())

    def _sign_in(self) -> None:
        answer = self._http.post("/auth/token", json=self._account)
        if answer.status_code in {401, 403}:
            raise Refused(f"Airflow refuses the account '{self._account['username']}'")
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self._signed_in = True


def _address(connection: Connection) -> str:
    host = connection.host or "localhost"
    if "://" in host:
        return host
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'http'}://{host}{port}"


def _broken(filename: str, trace: str) -> BrokenFile:
    lines = [line for line in trace.strip().splitlines() if line.strip()]
    reason = lines[-1].strip() if lines else "it does not load"
    # The last frame in the author's own file is where to look; SyntaxError names file and line in the same form.
    frames = [int(line) for path, line in re.findall(r'File "([^"]+)", line (\d+)', trace) if path.endswith(filename)]
    return BrokenFile(filename, frames[-1] if frames else None, reason[:500])
