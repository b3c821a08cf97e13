"""`./vigie up`, `status`, `stop` as a person uses them: a whole Airflow, once."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cli.supervised import is_alive, nobody_left, until
from tests.e2e.small_site import write_site
from tests.servers.ports import free_port_base

from vigie.cli import family
from vigie.cli.readiness import Readiness
from vigie.cli.settings import CHECKOUT, Settings
from vigie.cli.up import said_of
from vigie.core.zone import IANA_VERSION

NAMES = ["vault", "api-server", "dag-processor", "triggerer", "scheduler"]


class Place:
    """An installation with a site of one flux."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.site = folder / "site"
        write_site(self.site)
        for path in self.site.glob("dags/*/*.py"):
            if path.stem != "night_batch":
                path.unlink()
        self.base = free_port_base()
        self.settings = Settings(state=self.state, site=self.site, port_base=self.base)

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "VIGIE_"))}
        return subprocess.run(
            [sys.executable, "-m", "vigie", command, "--state", str(self.state), *arguments],
            env=own | {"PYTHONPATH": str(CHECKOUT / "plugins"), "VIGIE_SITE": str(self.site)},
            capture_output=True,
            text=True,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return record

    def up(self) -> subprocess.CompletedProcess[str]:
        return self.run("up", "--detach", "--port-base", str(self.base))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.run("stop")
    family.end(place.state)


def test_up_status_kill_stop(place: Place) -> None:
    stopped = place.run("status")
    assert stopped.returncode == 1
    assert stopped.stdout.endswith(
        f"Time zones: IANA {IANA_VERSION}, from the package tzdata; the machine's own are not read.\n"
    )

    up = place.up()
    assert up.returncode == 0, up.stderr
    assert f"Pages: http://127.0.0.1:{place.base}\n" in up.stdout
    passwords = json.loads((place.state / "accounts.json").read_text("utf-8"))
    assert not [word for word in passwords.values() if word in up.stdout]  # not on a terminal

    status = place.status()
    assert [component["name"] for component in status["components"]] == NAMES
    # Its mailbox is in no vault, and nothing to call people by: it runs, and says that nobody would be called.
    assert not status["healthy"]
    blind, nobody = status["missing"]
    assert blind.startswith("maison-lumiere.night_batch.ko: blind, the vault has no connection 'maison_lumiere_ops'")
    assert nobody == "nobody can be called: the vault has no vigie_slack and no vigie_smtp"
    assert f"but not all is healthy:\n  - {blind}\n  - {nobody}\n" in up.stdout
    assert status["time_zones"] == IANA_VERSION
    shown = place.run("status")
    assert shown.returncode == 1
    assert f"Not all is healthy:\n  - {blind}\n  - {nobody}\n" in shown.stdout
    assert (
        f"Time zones: IANA {IANA_VERSION}, from the package tzdata; the machine's own are not read.\n" in shown.stdout
    )

    answer = httpx.post(
        f"{place.settings.airflow_url}/auth/token",
        json={"username": "vigie_airflow", "password": passwords["vigie_airflow"]},
    )
    token = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
    pools = httpx.get(f"{place.settings.airflow_url}/api/v2/pools", headers=token).json()["pools"]
    assert {pool["name"]: pool["slots"] for pool in pools if pool["name"] != "default_pool"} == {"desk": 2, "checks": 4}
    assert place.settings.logbook.exists()

    listening = {
        connection.laddr.ip
        for member in family.members(place.state)
        for connection in member.net_connections("tcp")
        if connection.status == "LISTEN"
    }
    assert listening == {"127.0.0.1"}

    scheduler = next(component["pid"] for component in status["components"] if component["name"] == "scheduler")
    os.kill(scheduler, signal.SIGKILL)
    until(lambda: "scheduler is unhealthy" in place.status()["missing"])
    until(lambda: place.status()["missing"] == [blind, nobody], within=60)
    assert {component["name"]: component["restarts"] for component in place.status()["components"]} == dict.fromkeys(
        NAMES, 0
    ) | {"scheduler": 1}

    pids = [member.pid for member in family.members(place.state)]
    assert len(pids) > len(NAMES)  # the workers of the scheduler, too
    stop = place.run("stop")
    assert stop.returncode == 0
    assert stop.stdout.endswith("Stopped; no process is left.\n")
    assert not [pid for pid in pids if is_alive(pid)]
    assert nobody_left(place.state)
    for port in place.settings.ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    assert place.run("stop").stdout == "Nothing ran; no process is left.\n"


WAITS = Readiness(("duty.desk has not acted yet",))
BLIND = Readiness((), ("nordwind.end_of_day.ko: blind, the vault has no connection 'nordwind_ops'",))


def test_it_is_healthy_once_and_each_change_is_said() -> None:
    seen = [WAITS, WAITS, BLIND, BLIND, Readiness(), Readiness(), WAITS, Readiness()]
    said = list(said_of(seen, time.monotonic() - 20))
    assert [word.first for word in said] == [True, False, False, False]
    assert said[0].text.startswith("Running after 20.")
    assert said[0].text.endswith(f" s, but not all is healthy:\n  - {BLIND.troubles[0]}")
    assert [word.text for word in said[1:]] == [
        "All is healthy again.",
        "Not all is healthy:\n  - duty.desk has not acted yet",
        "All is healthy again.",
    ]


def test_what_a_start_waits_for_is_said_each_half_minute() -> None:
    (said, *more) = said_of([WAITS, WAITS], time.monotonic() - 31)
    assert (said.text, said.first) == ("not healthy yet: duty.desk has not acted yet", False)
    assert more == []


def test_a_port_in_use_is_refused_and_nothing_stays(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", place.base + 1))
        taken.listen()
        up = place.run("up", "--port-base", str(place.base))
    assert up.returncode == 2
    assert up.stderr.startswith(f"On 127.0.0.1, port {place.base + 1} (the embedded vault) is in use by ")
    assert up.stderr.endswith(
        f"  Remedy: Stop what uses it, or choose other ports: ./vigie up --port-base {place.base + 1000}.\n"
    )
    assert nobody_left(place.state)


def test_ctrl_c_during_the_start_leaves_nothing(place: Place) -> None:
    starting = subprocess.Popen(
        [sys.executable, "-m", "vigie", "up", "--state", str(place.state), "--port-base", str(place.base)],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT / "plugins"), "VIGIE_SITE": str(place.site)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starting.stdout
    for line in starting.stdout:
        if "vault" in line and "started" in line:
            break
    starting.send_signal(signal.SIGINT)
    out, _ = starting.communicate(timeout=40)
    assert starting.returncode == 0
    assert out.endswith("Stopped; no process is left.\n")
    assert nobody_left(place.state)
