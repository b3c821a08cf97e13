"""A small HTTP server that answers as Airflow's REST API does, as far as the rounds ask it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from airflow.sdk import Connection


@dataclass
class AirflowStandIn:
    """What it says; ``asked`` are the paths that were asked for."""

    port: int = 0
    paused: dict[str, bool] = field(default_factory=dict)
    homes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The bundle and the file of a DAG, or of a file that does not load, where they are not the usual ones."""
    read_at: dict[str, str] = field(default_factory=dict)
    """When Airflow last read the file of a DAG, as its API says it; never, where it says nothing."""
    watchers: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Each watch that the triggerer has, and the DAGs that it belongs to: each on an asset of its own."""
    token: str = "a-token"
    tasks: dict[str, set[str]] = field(default_factory=dict)
    broken: list[tuple[str, str]] = field(default_factory=list)
    password: str = "open"
    status: int = 200
    html: bool = False
    asked: list[str] = field(default_factory=list)
    states: dict[tuple[str, str, str], str] = field(default_factory=dict)
    stranded: set[tuple[str, str, str]] = field(default_factory=set)
    runs: dict[tuple[str, str], str] = field(default_factory=dict)
    answers: dict[tuple[str, str, str, int], dict[str, Any]] = field(default_factory=dict)
    changed: list[tuple[str, Any]] = field(default_factory=list)

    def connection(self, password: str = "") -> Connection:
        return Connection(
            conn_id="vigie_airflow",
            conn_type="http",
            host=f"http://127.0.0.1:{self.port}",
            login="rounds",
            password=password or self.password,
        )

    def answer(self, path: str, asked: dict[str, list[str]]) -> tuple[int, Any]:
        if self.status != 200:
            return self.status, {"detail": "no"}
        parts = path.removeprefix("/api/v2/").split("/")
        if path == "/api/v2/dags":
            return 200, self._page("dags", [self._dag(name) for name in self.paused], asked)
        if path == "/api/v2/assets":
            assets = [
                {"name": name, "watchers": [{"name": name}], "scheduled_dags": [{"dag_id": each} for each in dags]}
                for name, dags in self.watchers
            ]
            return 200, self._page("assets", assets, asked)
        if path == "/api/v2/importErrors":
            errors = [
                {"filename": name, "stack_trace": trace, "bundle_name": self.homes.get(name, ("dags-folder", name))[0]}
                for name, trace in self.broken
            ]
            return 200, self._page("import_errors", errors, asked)
        if path == "/api/v2/dags/~/dagRuns/~/hitlDetails":
            waiting: Iterable[tuple[str, str, str]] = (
                [key for key, state in self.states.items() if state == "awaiting_input" and key not in self.stranded]
                if asked["response_received"] == ["false"]
                else self.stranded
            )
            details = [
                {"task_instance": dict(zip(("dag_id", "dag_run_id", "task_id"), key, strict=True))} for key in waiting
            ]
            return 200, self._page("hitl_details", details, asked)
        if len(parts) == 10 and parts[8] == "tries":
            given = self.answers.get((parts[1], parts[3], parts[5], int(parts[9])))
            return (200, given) if given else (404, {"detail": "not found"})
        if len(parts) == 6 and parts[4] == "taskInstances":
            state = self.states.get((parts[1], parts[3], parts[5]))
            return (404, {"detail": "not found"}) if state is None else (200, {"state": state or None})
        if len(parts) == 4 and parts[2] == "dagRuns":
            state = self.runs.get((parts[1], parts[3]))
            return (404, {"detail": "not found"}) if state is None else (200, {"state": state})
        if len(parts) == 4 and parts[3] in self.tasks.get(parts[1], set()):
            return 200, {"task_id": parts[3]}
        return 404, {"detail": "not found"}

    def _dag(self, name: str) -> dict[str, Any]:
        own = name.startswith(("duty.", "procedure."))
        usual = ("vigie", "duty.py") if own else ("dags-folder", f"{name.replace('.', '/')}.py")
        bundle, file = self.homes.get(name, usual)
        tags = [] if own else [{"name": "flux", "dag_id": name}]
        return {
            "dag_id": name,
            "is_paused": self.paused[name],
            "bundle_name": bundle,
            "relative_fileloc": file,
            "tags": tags,
            "last_parsed_time": self.read_at.get(name),
        }

    def _page(self, name: str, everything: list[dict[str, Any]], asked: dict[str, list[str]]) -> dict[str, Any]:
        start = int(asked.get("offset", ["0"])[0])
        return {name: everything[start : start + int(asked["limit"][0])], "total_entries": len(everything)}


@contextmanager
def airflow_stand_in() -> Iterator[AirflowStandIn]:
    said = AirflowStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said.asked.append(self.path)
            if self.path.endswith("/clearTaskInstances"):
                said.changed.append((unquote(self.path), given))
                self._say(200, {"task_instances": [], "total_entries": 0})
            elif given == {"username": "rounds", "password": said.password}:
                self._say(201, {"access_token": said.token})
            else:
                self._say(401, {"detail": "no"})

        def do_PATCH(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said.changed.append((unquote(urlsplit(self.path).path), given))
            self.do_GET()

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            said.asked.append(unquote(url.path))
            if self.headers["Authorization"] != f"Bearer {said.token}":
                self._say(401, {"detail": "no"})
            else:
                self._say(*said.answer(unquote(url.path), parse_qs(url.query)))

        def _say(self, status: int, what: object) -> None:
            body = b"<html>" if said.html else json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        said.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield said
        server.shutdown()
        thread.join(10)
