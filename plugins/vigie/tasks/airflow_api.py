"""What Airflow itself knows: fluxes that are paused, broken or gone, steps that wait. By REST, with an account."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

import httpx

from vigie.core.errors import InvalidDocument, Refused, TransportError


class BrokenFile(NamedTuple):
    """A DAG file that does not load: its path, the line where it fails, and why; and the bundle that it lies in."""

    path: str
    line: int | None
    reason: str
    bundle: str = ""


class LoadedDag(NamedTuple):
    """A DAG that Airflow has loaded: whether it is paused, from which bundle and file, and whether it is a flux."""

    paused: bool
    bundle: str
    file: str
    flux: bool
    parsed_at: datetime | None = None
    """When Airflow last read its file (UTC)."""


class AirflowAccount(Protocol):
    """Where Airflow is, and the account that asks it: a connection of Airflow, or what has the same fields."""

    @property
    def host(self) -> str | None:
        """With or without the scheme before it."""

    @property
    def port(self) -> int | None:
        """None: it is part of the host, or the scheme's own."""

    @property
    def schema(self) -> str | None:
        """``http`` or ``https``, where the host does not say."""

    @property
    def login(self) -> str | None:
        """The account's name."""

    @property
    def password(self) -> str | None:
        """The account's password."""


class AirflowApi:
    """The public REST API, v2. Every method raises TransportError where it does not answer."""

    def __init__(self, connection: AirflowAccount) -> None:
        self._account = {"username": connection.login or "", "password": connection.password or ""}
        self._http = httpx.Client(base_url=_address(connection), timeout=10)
        self._signed_in = False

    def dags(self) -> dict[str, LoadedDag]:
        """Every DAG that is loaded, by its id."""
        found: dict[str, LoadedDag] = {}
        while True:
            answer = self._get("/api/v2/dags", {"limit": 100, "offset": len(found), "exclude_stale": True})
            for dag in answer["dags"]:
                flux = any(tag["name"] == "flux" for tag in dag.get("tags") or ())
                bundle, file = dag.get("bundle_name") or "", dag.get("relative_fileloc") or ""
                read = dag.get("last_parsed_time")
                parsed_at = datetime.fromisoformat(read) if read else None
                found[dag["dag_id"]] = LoadedDag(bool(dag["is_paused"]), bundle, file, flux, parsed_at)
            if not answer["dags"] or len(found) >= answer["total_entries"]:
                return found

    def broken_files(self) -> list[BrokenFile]:
        """Every file that does not load."""
        errors = self._get("/api/v2/importErrors", {"limit": 100})["import_errors"]
        return [
            self.broken_file(error["filename"], error["stack_trace"])._replace(bundle=error.get("bundle_name") or "")
            for error in errors
        ]

    def watched(self) -> dict[str, set[str]]:
        """What the triggerer is to look for: the id of each watch, and the DAGs whose watch it is."""
        found: dict[str, set[str]] = {}
        seen = 0
        while True:
            answer = self._get("/api/v2/assets", {"limit": 100, "offset": seen, "only_active": True})
            for asset in answer["assets"]:
                for watcher in asset["watchers"]:
                    found.setdefault(watcher["name"], set()).update(dag["dag_id"] for dag in asset["scheduled_dags"])
            seen += len(answer["assets"])
            if not answer["assets"] or seen >= answer["total_entries"]:
                return found

    @staticmethod
    def broken_file(filename: str, trace: str) -> BrokenFile:
        """What Airflow's record of a file that does not load says."""
        return _broken(filename, trace)

    def has_task(self, dag_id: str, task_id: str) -> bool:
        """Whether a loaded DAG has this task."""
        return self._answer(f"/api/v2/dags/{quote(dag_id, safe='')}/tasks/{quote(task_id, safe='')}", {}) is not None

    def task_state(self, dag_id: str, run_id: str, task_id: str) -> str | None:
        """The state of a task of a run (empty where it has none yet); None where there is no such task or run."""
        answer = self._answer(_place(dag_id, run_id, task_id), {})
        return None if answer is None else str(answer["state"] or "")

    def run_state(self, dag_id: str, run_id: str) -> str | None:
        """The state of a run; None where there is none."""
        answer = self._answer(f"/api/v2/dags/{quote(dag_id, safe='')}/dagRuns/{quote(run_id, safe='')}", {})
        return None if answer is None else str(answer["state"])

    def waiting_steps(self) -> set[tuple[str, str, str]]:
        """The DAG, run and task of every step that waits for people."""
        return self._parked(answered=False)

    def stranded_steps(self) -> set[tuple[str, str, str]]:
        """The DAG, run and task of every step that is parked although people have answered it.

        Airflow 3.3.2 reads whether the task is parked before it writes the answer; on SQLite, which has no row locks,
        the task may park between the two, and nothing wakes it then.
        """
        return self._parked(answered=True)

    def _parked(self, *, answered: bool) -> set[tuple[str, str, str]]:
        found: set[tuple[str, str, str]] = set()
        asked = {"response_received": answered, "state": "awaiting_input", "limit": 100}
        seen = 0
        while True:
            answer = self._get("/api/v2/dags/~/dagRuns/~/hitlDetails", asked | {"offset": seen})
            for detail in answer["hitl_details"]:
                task = detail["task_instance"]
                found.add((task["dag_id"], task["dag_run_id"], task["task_id"]))
            seen += len(answer["hitl_details"])
            if not answer["hitl_details"] or seen >= answer["total_entries"]:
                return found

    def answer_of(self, dag_id: str, run_id: str, task_id: str, try_number: int) -> dict[str, Any] | None:
        """The answer that people gave to a try of a step; None where they gave none."""
        place = f"{_place(dag_id, run_id, task_id)}/-1/hitlDetails/tries/{try_number}"
        answer = self._answer(place, {})
        return answer if answer and answer.get("response_received") else None

    def skip_task(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Mark a step skipped, so that its run ends; nothing where it is gone already. Raises TransportError."""
        self._answer(_place(dag_id, run_id, task_id), {}, method="PATCH", content={"new_state": "skipped"})

    def try_again(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Let a task of a run begin its next try, and no other task. Raises TransportError."""
        self._answer(
            f"/api/v2/dags/{quote(dag_id, safe='')}/clearTaskInstances",
            {},
            method="POST",
            content={
                "dry_run": False,
                "dag_run_id": run_id,
                "task_ids": [task_id],
                "only_failed": False,
                "include_downstream": False,
            },
        )

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    def _get(self, path: str, parameters: dict[str, Any]) -> dict[str, Any]:
        answer = self._answer(path, parameters)
        if answer is None:
            raise TransportError(f"Airflow answers 404 to {path}")
        return answer

    def _answer(
        self, path: str, parameters: dict[str, Any], method: str = "GET", content: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """What Airflow answers; None where it has no such thing."""
        try:
            if not self._signed_in:
                self._sign_in()
            answer = self._http.request(method, path, params=parameters, json=content)
            if answer.status_code == httpx.codes.UNAUTHORIZED:  # a token lasts for a day
                self._sign_in()
                answer = self._http.request(method, path, params=parameters, json=content)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            answer.raise_for_status()
            return dict(answer.json())
        except httpx.HTTPStatusError as failed:
            raise TransportError(f"Airflow answers {failed.response.status_code} to {path}") from None
        except httpx.HTTPError as failed:
            raise TransportError(
                f"Airflow does not answer at {self._http.base_url} ({type(failed).__name__})"
            ) from None
        except ValueError:
            raise TransportError(f"what answers at {self._http.base_url} is not Airflow: {path} gave no JSON") from None

    def _sign_in(self) -> None:
        answer = self._http.post("/auth/token", json=self._account)
        if answer.status_code in {401, 403}:
            raise Refused(f"Airflow refuses the account '{self._account['username']}'")
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self._signed_in = True


def _place(dag_id: str, run_id: str, task_id: str) -> str:
    dag, run, task = (quote(each, safe="") for each in (dag_id, run_id, task_id))
    return f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}"


def _address(connection: AirflowAccount) -> str:
    host = connection.host or "localhost"
    if "://" in host:
        return host
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'http'}://{host}{port}"


def _broken(filename: str, trace: str) -> BrokenFile:
    _, refused, told = trace.rpartition(f"{InvalidDocument.__name__}: ")
    if refused:
        # Vigie's own refusal says where, problem by problem; the traceback only shows the decorator.
        line = re.search(rf"{re.escape(filename)}:(\d+): ", told)
        return BrokenFile(filename, int(line[1]) if line else None, told.strip()[:500])
    lines = [line for line in trace.strip().splitlines() if line.strip()]
    reason = lines[-1].strip() if lines else "it does not load"
    # The last frame in the author's own file is where to look; SyntaxError names file and line in the same form.
    frames = [int(line) for path, line in re.findall(r'File "([^"]+)", line (\d+)', trace) if path.endswith(filename)]
    return BrokenFile(filename, frames[-1] if frames else None, reason[:500])
