"""The four processes of Airflow on one machine, and what must be done before they start."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from vigie.cli.child import rotate, tail
from vigie.cli.component import Component
from vigie.cli.family import marking
from vigie.cli.probe import AirflowHealth, ApiServerProbe, HeartbeatProbe
from vigie.cli.remedy import RemedyError
from vigie.cli.settings import Settings

DESK_SLOTS = 2


def airflow_components(settings: Settings, environment: Mapping[str, str]) -> list[Component]:
    """API server, scheduler, DAG processor, triggerer.

    The scheduler must start when the API server is healthy: the first task that it starts, the desk, would else fail at
    an API that is not there yet, and begin again after ten seconds.

    Scheduler and triggerer do not serve logs: Airflow's log server listens on all interfaces and cannot be told
    otherwise, and on one machine the API server reads the files themselves. That also saves 170 MB.
    """
    health = AirflowHealth(settings.airflow_url)
    airflow = [sys.executable, "-m", "airflow"]

    def component(name: str, *arguments: str, stage: int = 20, **more: float) -> Component:
        heartbeat = HeartbeatProbe(health, name.replace("-", "_"))
        probe = ApiServerProbe(health, settings.airflow_url) if name == "api-server" else heartbeat
        return Component(
            name=name,
            argv=[*airflow, name, *arguments],
            env=environment,
            log=settings.logs / f"{name}.log",
            probe=probe,
            stage=stage,
            **more,
        )

    # At the first SIGTERM the scheduler waits for running tasks and the triggerer for its runner, which does not
    # listen any more. At the second both sign off in the database and go: after a SIGKILL instead, the next ones
    # would wait for the missing heartbeat before they take over tasks and watches.
    return [
        component("api-server", stage=10),  # stopped after the others, which report their last results to it
        component("scheduler", "--skip-serve-logs", insist_after=3, grace=6),
        component("dag-processor"),
        component("triggerer", "--skip-serve-logs", insist_after=1),
    ]


def pools(settings: Settings) -> dict[str, dict[str, object]]:
    """Airflow's pools: the desk never waits for a check, and checks never take more than half of the slots."""
    return {
        "desk": {"slots": DESK_SLOTS, "description": "The desk only.", "include_deferred": False},
        "checks": {
            "slots": max(1, settings.parallelism // 2),
            "description": "The checks of all fluxes: half of all slots.",
            "include_deferred": False,
        },
    }


def prepare_airflow(settings: Settings, environment: Mapping[str, str]) -> bool:
    """Bring Airflow's database up to this version and create the pools, in a process of its own.

    Skipped, as it takes some seconds, if it was done before for this version, database and pools: returns whether it
    ran. Raises RemedyError with the end of its log if it fails.
    """
    settings.airflow_home.mkdir(parents=True, exist_ok=True)
    pool_file = settings.run / "pools.json"
    pool_file.parent.mkdir(parents=True, exist_ok=True)
    pool_file.write_text(json.dumps(pools(settings)), "utf-8")
    database = environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    wanted = hashlib.sha256(f"{version('apache-airflow')} {database} {pools(settings)}".encode()).hexdigest()
    done = settings.airflow_home / "prepared"
    lost = database.startswith("sqlite:///") and not Path(database.removeprefix("sqlite:///")).exists()
    if not lost and done.exists() and done.read_text("utf-8") == wanted:
        return False
    done.unlink(missing_ok=True)
    log = settings.logs / "prepare.log"
    rotate(log)
    with log.open("ab") as output:
        ended = subprocess.run(
            [sys.executable, "-m", "vigie.cli.prepare", str(pool_file)],
            env={**environment, **marking(settings.state, "prepare")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if ended.returncode:
        raise RemedyError(
            f"Airflow's database could not be prepared (exit code {ended.returncode}). The end of the log:{tail(log)}",
            f"Read {log}, remove the cause, and start again.",
        )
    done.write_text(wanted, "utf-8")
    return True
