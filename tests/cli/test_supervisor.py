from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psutil
import pytest
from tests.cli.supervised import FOREVER, STUBBORN_FAMILY, component, is_alive, nobody_left, until

from vigie.cli import family
from vigie.cli.component import Event, Health, State
from vigie.cli.readiness import Readiness
from vigie.cli.record import RunRecord, recorded
from vigie.cli.remedy import RemedyError
from vigie.cli.settings import CHECKOUT, Settings
from vigie.cli.supervisor import Supervisor


class Room:
    """A supervisor with its state folder, and all that it told."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.events: list[Event] = []
        self.supervisor = Supervisor(Settings(state=state), on_event=self.events.append)

    def told(self, name: str, kind: str) -> list[str]:
        return [event.text for event in self.events if (event.name, event.kind) == (name, kind)]

    def pid(self, name: str) -> int:
        (found,) = [status.pid for status in self.supervisor.status() if status.name == name]
        assert found
        return found


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path / "state")
    room.supervisor.start()
    yield room
    room.supervisor.stop()
    assert nobody_left(room.state)


def test_what_dies_is_started_again(room: Room) -> None:
    room.supervisor.add(component(room.state, "server", FOREVER))
    room.supervisor.wait_healthy(10)
    first = room.pid("server")
    os.kill(first, signal.SIGKILL)
    until(lambda: room.told("server", "died"))
    until(lambda: len(room.told("server", "started")) == 2)
    room.supervisor.wait_healthy(10)
    assert room.pid("server") != first
    assert room.told("server", "died") == ["killed by SIGKILL; starts again at once"]
    assert [(status.state, status.restarts) for status in room.supervisor.status()] == [(State.RUNNING, 1)]


def test_what_dies_again_and_again_is_started_ever_more_slowly_and_its_log_is_told(room: Room) -> None:
    code = "import sys; print('no such flux'); sys.exit(7)"
    room.supervisor.add(component(room.state, "broken", code, probe=lambda started: Health.UNHEALTHY))
    with pytest.raises(RemedyError) as hopeless:
        room.supervisor.wait_healthy(30)
    log = room.state / "logs" / "broken.log"
    assert str(hopeless.value) == (
        "The component broken ended 4 times without ever being healthy. The end of its log:\n    no such flux\n"
        f"  Remedy: Read {log}, remove the cause, and start again."
    )
    delays = [text.rpartition("starts again ")[2] for text in room.told("broken", "died")]
    assert delays == ["at once", "in 1 s", "in 2 s", "in 4 s"]
    assert log.with_name("broken.log.1").read_text("utf-8") == "no such flux\n"


def test_what_is_not_healthy_in_time_is_told(room: Room) -> None:
    room.supervisor.add(component(room.state, "slow", FOREVER, probe=lambda started: Health.UNHEALTHY))
    with pytest.raises(RemedyError, match=r"^The component slow is not healthy after 0 s\. The end of its log:\n"):
        room.supervisor.wait_healthy(0.3)


def test_the_children_of_a_dead_component_do_not_go_on_beside_the_new_one(room: Room, tmp_path: Path) -> None:
    orphan_file = tmp_path / "orphan"
    room.supervisor.add(component(room.state, "scheduler", STUBBORN_FAMILY, str(orphan_file)))
    orphan = until(lambda: int(orphan_file.read_text("utf-8")))
    room.supervisor.kill("scheduler")
    until(lambda: room.told("scheduler", "died"))
    assert not is_alive(orphan)
    assert room.told("scheduler", "died") == ["killed by SIGKILL, 1 of its processes ended; starts again at once"]


def test_a_stop_leaves_nobody_even_those_who_hide(tmp_path: Path) -> None:
    room = Room(tmp_path / "state")
    room.supervisor.start()
    orphan_file = tmp_path / "orphan"
    room.supervisor.add(component(room.state, "deaf", STUBBORN_FAMILY, str(orphan_file)))
    orphan = until(lambda: int(orphan_file.read_text("utf-8")))
    server = room.pid("deaf")
    room.supervisor.stop()
    assert not is_alive(orphan)
    assert not is_alive(server)
    assert nobody_left(room.state)
    assert not (room.state / "run" / "status.json").exists()


def test_the_dead_are_buried(room: Room) -> None:
    zombie_maker = (
        "import os, signal\nif os.fork() == 0:\n  if os.fork() == 0: os._exit(0)\n  os._exit(0)\nsignal.pause()"
    )
    room.supervisor.add(component(room.state, "parent", zombie_maker))
    room.supervisor.wait_healthy(10)
    room.supervisor.kill("parent")
    until(lambda: room.told("parent", "died"))
    me = psutil.Process()
    until(lambda: not [child for child in me.children() if child.status() == psutil.STATUS_ZOMBIE])


def test_a_stop_goes_through_the_stages_from_above_and_kills_who_does_not_listen(tmp_path: Path) -> None:
    room = Room(tmp_path / "state")
    room.supervisor.start()
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); [signal.pause() for _ in iter(int, 1)]"
    room.supervisor.add(component(room.state, "vault", FOREVER, stage=0))
    room.supervisor.add(component(room.state, "scheduler", deaf, stage=20, grace=0.3))
    room.supervisor.add(component(room.state, "api", FOREVER, stage=10))
    until(lambda: "deaf" in (room.state / "logs" / "scheduler.log").read_text("utf-8"))
    room.supervisor.stop()
    assert [event.name for event in room.events if event.kind == "stopped"] == ["scheduler", "api", "vault"]


def test_a_second_signal_is_for_those_who_wait_too_long(tmp_path: Path) -> None:
    room = Room(tmp_path / "state")
    room.supervisor.start()
    patient = (
        "import signal, sys\n"
        "def first(*_):\n"
        "    signal.signal(signal.SIGTERM, lambda *_: (print('signed off', flush=True), sys.exit(0)))\n"
        "signal.signal(signal.SIGTERM, first)\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()"
    )
    room.supervisor.add(component(room.state, "triggerer", patient, insist_after=0.2, grace=10.0))
    log = room.state / "logs" / "triggerer.log"
    until(lambda: "ready" in log.read_text("utf-8"))
    room.supervisor.stop()
    assert log.read_text("utf-8") == "ready\nsigned off\n"


def test_what_hangs_is_restarted(room: Room, tmp_path: Path) -> None:
    stuck = tmp_path / "stuck"

    def probe(started: datetime) -> Health:
        return Health.UNHEALTHY if stuck.exists() else Health.HEALTHY

    room.supervisor.add(component(room.state, "triggerer", FOREVER, probe=probe, hung_after=0.2))
    room.supervisor.wait_healthy(10)
    stuck.touch()
    until(lambda: room.told("triggerer", "restarted"))
    assert room.told("triggerer", "restarted") == ["hung: running, but unhealthy for too long"]
    stuck.unlink()


def test_not_to_know_is_no_reason_to_restart(room: Room) -> None:
    health = Health.HEALTHY
    room.supervisor.add(component(room.state, "scheduler", FOREVER, probe=lambda started: health, hung_after=0.1))
    room.supervisor.wait_healthy(10)
    health = Health.UNKNOWN
    until(lambda: room.told("scheduler", "unknown"))
    assert [(status.health, status.restarts) for status in room.supervisor.status()] == [(Health.UNKNOWN, 0)]


def test_a_probe_that_raises_does_not_know_and_the_others_are_asked(room: Room) -> None:
    def broken(started: datetime) -> Health:
        raise KeyError("metadatabase")

    room.supervisor.add(component(room.state, "server", FOREVER))
    room.supervisor.wait_healthy(10)
    room.supervisor.add(component(room.state, "scheduler", FOREVER, probe=broken, hung_after=0.1))
    room.supervisor.add(component(room.state, "triggerer", FOREVER))
    until(lambda: room.told("triggerer", "healthy"))
    assert {each.name: each.health for each in room.supervisor.status()}["scheduler"] is not Health.HEALTHY
    room.supervisor.require_alive()


class Killed(BaseException):
    """What no handler of errors expects."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("number", "work"),
    [(0, "Supervisor._look_after"), (1, "_asked")],
    ids=["the one that restarts", "the one that asks"],
)
def test_a_supervisor_one_of_whose_threads_is_ended_is_no_supervisor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, work: str
) -> None:
    """Whoever waits for it hears so, and what it ran is ended: `up` then ends, which systemd or a person sees."""

    def ends(*_: object) -> None:
        raise Killed

    room = Room(tmp_path / "state")
    room.supervisor.start()
    room.supervisor.add(component(room.state, "server", FOREVER))
    room.supervisor.require_alive()
    monkeypatch.setattr(f"vigie.cli.supervisor.{work}", ends)
    until(lambda: not room.supervisor._threads[number].is_alive())
    with pytest.raises(RuntimeError, match=r"^the supervisor itself failed$"):
        room.supervisor.require_alive()
    with pytest.raises(RuntimeError, match=r"^the supervisor itself failed$"):
        room.supervisor.wait_healthy(0.1)
    room.supervisor.stop()
    assert nobody_left(room.state)


def test_a_restart_as_asked_and_a_removal(room: Room) -> None:
    room.supervisor.add(component(room.state, "server", FOREVER))
    first = room.pid("server")
    room.supervisor.restart("server")
    second = room.pid("server")
    assert not is_alive(first)
    assert is_alive(second)
    room.supervisor.remove("server")
    assert not is_alive(second)
    assert room.supervisor.status() == []


def test_a_name_is_given_once(room: Room) -> None:
    room.supervisor.add(component(room.state, "server", FOREVER))
    with pytest.raises(ValueError, match=r"^there is a component 'server' already$"):
        room.supervisor.add(component(room.state, "server", FOREVER))


def test_one_state_folder_has_one_supervisor(room: Room) -> None:
    second = Supervisor(Settings(state=room.state))
    with pytest.raises(RemedyError) as refused:
        second.start()
    assert str(refused.value) == (
        f"Vigie is running on {room.state} already (process {os.getpid()}).\n"
        "  Remedy: See it with ./vigie status, end it with ./vigie stop, or give this one a folder and ports of its "
        "own: --state DIR --port-base N."
    )
    second.stop()
    assert RunRecord(room.state).is_held()


def test_the_record_tells_how_it_is(room: Room) -> None:
    room.supervisor.addresses["pages"] = "http://127.0.0.1:1"
    room.supervisor.add(component(room.state, "server", FOREVER))
    room.supervisor.wait_healthy(10)
    record = RunRecord(room.state).read()
    assert record
    assert record["addresses"] == {"pages": "http://127.0.0.1:1"}
    assert recorded(record) == Readiness(("it is starting",))
    room.supervisor.note(Readiness(("duty.desk has not acted yet",), ("x is blind",)))
    assert recorded(RunRecord(room.state).read()) == Readiness(("duty.desk has not acted yet",), ("x is blind",))
    room.supervisor.note(Readiness())
    assert recorded(RunRecord(room.state).read()).is_healthy
    (told,) = record["components"]
    assert (told["name"], told["state"], told["health"], told["pid"]) == (
        "server",
        "running",
        "healthy",
        room.pid("server"),
    )


def test_a_component_that_gets_ill_is_no_health_whatever_was_noted_before(room: Room) -> None:
    health = Health.HEALTHY
    room.supervisor.add(component(room.state, "triggerer", FOREVER, probe=lambda started: health))
    room.supervisor.wait_healthy(10)
    room.supervisor.note(Readiness())
    health = Health.UNKNOWN
    until(lambda: room.told("triggerer", "unknown"))
    assert recorded(RunRecord(room.state).read()) == Readiness(("triggerer is unknown",))


def test_what_does_not_run_is_not_healthy(tmp_path: Path) -> None:
    assert recorded(RunRecord(tmp_path).read()) == Readiness(("nothing runs",))


def test_a_program_that_cannot_be_run_says_so_in_its_log(room: Room) -> None:
    missing = component(room.state, "missing", "")
    room.supervisor.add(type(missing)(name="missing", argv=["/no/such/program"], log=missing.log, env=missing.env))
    until(lambda: room.told("missing", "died"))
    kept = [*missing.log.parent.glob("missing.log*")]
    assert "/no/such/program cannot be run: No such file or directory" in [
        line for log in kept for line in log.read_text("utf-8").splitlines()
    ]


SUPERVISING_PROGRAM = """
import json, sys
from pathlib import Path
from tests.cli.supervised import STUBBORN_FAMILY, component
from vigie.cli.settings import Settings
from vigie.cli.supervisor import Supervisor

state = Path(sys.argv[1])
supervisor = Supervisor(Settings(state=state))
supervisor.start()
supervisor.add(component(state, "scheduler", STUBBORN_FAMILY, str(state / "orphan")))
print(json.dumps([status.pid for status in supervisor.status()]), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A supervising program about to be killed."""
    state = tmp_path / "state"
    program = subprocess.Popen(
        [sys.executable, "-c", SUPERVISING_PROGRAM, str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'plugins'}", "PATH": os.defpath},
    )
    yield state, program
    program.kill()
    program.communicate()
    family.end(state)


def test_a_killed_supervisor_takes_everybody_with_it(killed: tuple[Path, subprocess.Popen[str]]) -> None:
    state, program = killed
    assert program.stdout
    (server,) = json.loads(program.stdout.readline())
    orphan = until(lambda: int((state / "orphan").read_text("utf-8")))
    program.kill()
    until(lambda: not is_alive(server))
    until(lambda: not is_alive(orphan))


def test_the_next_start_ends_what_a_killed_one_left(killed: tuple[Path, subprocess.Popen[str]]) -> None:
    state, program = killed
    assert program.stdout
    program.stdout.readline()
    orphan = until(lambda: int((state / "orphan").read_text("utf-8")))
    for child in psutil.Process(program.pid).children():
        if "guardian.py" in " ".join(child.cmdline()):  # without its guardian ...
            child.suspend()
            guardian = child
    program.kill()
    program.wait()
    assert is_alive(orphan)  # ... what hides stays
    room = Room(state)
    room.supervisor.start()
    assert not is_alive(orphan)
    room.supervisor.stop()
    guardian.kill()
    assert not RunRecord(state).is_held()
