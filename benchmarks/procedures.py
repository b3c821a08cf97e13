"""Procedures: what 250 of them cost to parse, and how long the next step takes while many runs wait for people.

`PYTHONPATH=plugins .vigie/env/bin/python benchmarks/procedures.py`
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import procedure_site
from bench_room import BenchRoom, add_options
from bench_site import CHECKOUT, BenchSite
from report import Report, spread

WITHIN = 900.0
_MODULES = {
    "markdown": ["vigie.authoring.procedure_dags", "vigie.tasks.authored_bundle"],
    "factory": ["dagfactory"],
    "plain": ["airflow.providers.standard.operators.empty"],
}
FIRST, NEXT = "what-does-it-say", "relaunch"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser, fluxes=1)
    parser.add_argument("--procedures", type=int, default=250)
    parser.add_argument("--times", type=int, default=3, help="how often each is parsed; the median counts (default: 3)")
    parser.add_argument("--open", type=int, nargs="*", default=[1, 50, 200], help="runs that wait (default: 1 50 200)")
    parser.add_argument("--answers", type=int, default=20, help="answers at each number of runs (default: 20)")
    parser.add_argument("--no-parse", action="store_true")
    parser.add_argument("--no-latency", action="store_true")
    options = parser.parse_args()
    options.mailboxes = 1
    report = Report("procedures", options.json)
    if not options.no_parse:
        _parse(report, options.procedures, options.times)
    if options.no_parse:
        report.no_goal("how long the next step takes is compared from run to run.")
    if not options.no_latency:
        _latency(report, options)
    report.finish()
    return 0


# What they cost to parse.


def _parse(report: Report, number: int, times: int) -> None:
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as name:
        folder = Path(name)
        factory = _dag_factory(folder / "dag-factory")
        kinds = [
            ("Vigie, Markdown, one DAG file", "markdown", sys.executable),
            ("plain DAG files", "plain", sys.executable),
        ]
        if factory:
            kinds.append(("dag-factory, YAML, one loader", "factory", str(factory)))
            kinds.append(("plain DAG files, in dag-factory's environment", "plain", str(factory)))
        site = BenchSite(folder / "markdown", fluxes=0, mailboxes=1, storm_after=100_000)
        site.write()
        for old in (folder / "markdown" / "dags").rglob("*.py"):
            old.unlink()
        # The one DAG file that makes them all comes with Vigie.
        shutil.copy(CHECKOUT / "plugins/vigie/dags/procedures.py", folder / "markdown" / "dags")
        procedure_site.write_markdown(folder / "markdown", site.clients[0], number)
        procedure_site.write_plain(folder / "plain", number)
        procedure_site.write_factory(folder / "factory", number)
        rows: list[list[object]] = []
        for label, kind, python in kinds:
            found = [_child(python, folder, kind) for _ in range(times)]
            middle = _median(found)
            report.figures[f"parse/{label}"] = found
            whole = middle["parse"] + middle["serialise"]
            rows.append(
                [label, middle["dags"], middle["tasks"], f"{middle['parse']:.2f}", f"{middle['serialise']:.2f}",
                 f"{whole:.2f}", f"{middle['kb_a_dag']:.1f}", f"{middle['grown_mb']:.0f}", f"{middle['rss_mb']:.0f}"]
            )  # fmt: skip
        ours, plain = (_median(report.figures[f"parse/{label}"]) for label, _, _ in kinds[:2])
        report.goal(
            "parsing beside plain DAG files",
            1.2,
            (ours["parse"] + ours["serialise"]) / (plain["parse"] + plain["serialise"]),
            " times",
        )
        report.table(
            f"{number} procedures, parsed and serialised, seconds of CPU (median of {times})",
            ["", "DAGs", "tasks", "parse s", "serialise s", "both s", "kB a DAG", "grown MB", "RSS MB"],
            rows,
        )


def _median(found: list[dict[str, Any]]) -> dict[str, Any]:
    return sorted(found, key=lambda each: each["parse"] + each["serialise"])[len(found) // 2]


def _dag_factory(folder: Path) -> Path | None:
    """The Python of an environment of its own with dag-factory and the same Airflow; None where it cannot be made."""
    uv = CHECKOUT / ".vigie" / "uv" / "bin" / "uv"
    python = folder / "bin" / "python"
    wanted = ["dag-factory", "apache-airflow==3.3.2", "apache-airflow-providers-standard"]
    for command in (
        [str(uv), "venv", "-q", "--python", sys.executable, str(folder)],
        [str(uv), "pip", "install", "-q", "--python", str(python), *wanted],
    ):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            print(f"no dag-factory: {done.stderr.strip()[-400:]}", flush=True)
            return None
    asked = "import importlib.metadata as m; print('dag-factory', m.version('dag-factory'))"
    print(subprocess.run([str(python), "-c", asked], check=True, capture_output=True, text=True).stdout, flush=True)
    return python


def _child(python: str, folder: Path, kind: str) -> dict[str, Any]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "VIGIE"))}
    environment = own | {
        "AIRFLOW_HOME": str(folder / "home"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / kind / "dags"),
        "PYTHONPATH": str(CHECKOUT / "plugins") if kind == "markdown" else "",
        "VIGIE_SITE": str(folder / kind),
    }
    command = [python, str(CHECKOUT / "benchmarks" / "parse_dags.py"), str(folder / kind / "dags"), *_MODULES[kind]]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


# How long the next step takes.


def _latency(report: Report, options: argparse.Namespace) -> None:
    with BenchRoom(options) as room:
        client = room.site.clients[0]
        procedure_site.write_markdown(room.site.folder, client, 1)
        dag_id = f"procedure.{client}.p000"
        api = Airflow(room)
        api.wait_for_dag(dag_id)
        rows: list[list[object]] = []
        running: list[str] = []
        numbers = count(1)
        for number in options.open:
            begun = time.monotonic()
            while len(running) < number + options.answers:
                running.append(api.start(dag_id, f"bench.{next(numbers):04}"))
            wanted = len(running)
            _wait(lambda wanted=wanted: len(_asking(room)) >= wanted)
            opened = time.monotonic() - begun
            time.sleep(30)  # the scheduler and the desk come to rest
            taken = []
            for _ in range(options.answers):
                run = running.pop(0)
                at = datetime.now(UTC)
                api.answer(dag_id, run, FIRST, "A timeout")
                _wait(lambda run=run: room.logbook.step_at(dag_id, run, NEXT) is not None)
                step = room.logbook.step_at(dag_id, run, NEXT)
                assert step
                taken.append((step.opened_at - at).total_seconds())
                time.sleep(1)
            figures = spread(taken)
            report.figures[f"latency/{number}"] = {"seconds": taken, "opened": opened}
            rows.append(
                [number, f"{opened:.0f}", figures["n"], *(f"{figures[of]:.2f}" for of in ("p50", "p90", "max"))]
            )
            print(rows[-1], flush=True)
        report.table(
            "From an answer (accepted by Airflow) to the next step, open for people",
            ["runs that wait beside", "s until all had asked", "n", "p50 s", "p90 s", "max s"],
            rows,
        )


def _asking(room: BenchRoom) -> list[str]:
    """The runs whose first step waits."""
    return [step.run_id for step in room.logbook.steps(status="open", limit=5000) if step.task_id == FIRST]


class Airflow:
    """The room's REST API, as its administrator."""

    def __init__(self, room: BenchRoom) -> None:
        self._http = httpx.Client(base_url=room.settings.airflow_url, timeout=60, trust_env=False)
        passwords = json.loads((room.settings.state / "accounts.json").read_text("utf-8"))
        account = {"username": "admin", "password": passwords["admin"]}
        token = self._http.post("/auth/token", json=account).raise_for_status().json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def wait_for_dag(self, dag_id: str) -> None:
        _wait(lambda: self._http.get(f"/api/v2/dags/{dag_id}").status_code == 200)

    def start(self, dag_id: str, run_id: str) -> str:
        body = {"dag_run_id": run_id, "logical_date": None, "conf": {}}

        def started() -> bool:
            # Airflow on SQLite answers 500 now and then while many runs begin; the same id again is the same run.
            answer = self._http.post(f"/api/v2/dags/{dag_id}/dagRuns", json=body)
            if answer.is_server_error:
                time.sleep(1)
                return False
            return answer.status_code == httpx.codes.CONFLICT or bool(answer.raise_for_status())

        _wait(started)
        return run_id

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str) -> None:
        place = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
        self._http.patch(place, json={"chosen_options": [option], "params_input": {}}).raise_for_status()


def _wait(look: Any) -> None:
    end = time.monotonic() + WITHIN
    while not look():
        if time.monotonic() > end:
            raise TimeoutError("it did not happen")
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
