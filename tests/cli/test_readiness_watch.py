"""The thread that says how far it is: with a real logbook, a real supervisor, and an Airflow that answers by HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.supervised import FOREVER, component, until
from tests.tasks.airflow_stand_in import AirflowStandIn, airflow_stand_in

from vigie.cli.component import Health
from vigie.cli.readiness import Readiness
from vigie.cli.readiness_watch import ReadinessWatch
from vigie.cli.record import RunRecord
from vigie.cli.settings import Settings
from vigie.cli.supervisor import Supervisor
from vigie.core.look import Look, WatchState
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.tasks.airflow_api import AirflowApi

BEGAN = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
NOW = BEGAN + timedelta(seconds=40)
FLUX, WATCH = "nordwind.end_of_day", "nordwind.end_of_day.batch_ko"


class Room:
    """What is asked, and the one who asks."""

    def __init__(self, folder: Path, airflow: AirflowStandIn) -> None:
        self.airflow = airflow
        self.state = folder / "state"
        address = f"sqlite:///{folder / 'logbook.db'}"
        migrate(address)
        self.book = Logbook(address)
        self.supervisor = Supervisor(Settings(state=self.state))
        self.supervisor.start()
        self.api = AirflowApi(airflow.connection())
        self.connections = {"vigie_slack"}
        self.dags = folder / "site" / "dags"
        self.asking = self.watch()
        own = ("duty.desk", "duty.rounds", "duty.mail_desk")
        airflow.paused = dict.fromkeys((*own, FLUX), False)
        airflow.read_at = dict.fromkeys((*own, FLUX), NOW.isoformat())
        airflow.watchers = [(WATCH, (FLUX,))]

    def watch(self) -> ReadinessWatch:
        files = {"dags/nordwind/end_of_day.py": FLUX}
        has = self.connections.__contains__
        return ReadinessWatch(self.supervisor, self.book, self.api, self.dags, files, has, BEGAN)

    def looked(self, at: datetime, **changes: object) -> None:
        fields: dict[str, object] = {
            "watch": WATCH, "client": "nordwind", "flux": "end_of_day", "kind": "KoMail", "source": "nordwind_ops",
            "looked_at": at, "look_by": at + timedelta(minutes=2),
        }  # fmt: skip
        state = WatchState.model_validate(fields | changes)
        self.book.record(Look(source="nordwind_ops", at=at, states=(state,)))

    def well(self, at: datetime = NOW) -> None:
        self.book.beat("desk", at)
        self.looked(at)

    def close(self) -> None:
        self.asking.end()
        if self.asking.ident:
            self.asking.join(10)
        self.supervisor.stop()
        self.api.close()
        self.book.close()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with airflow_stand_in() as airflow:
        room = Room(tmp_path, airflow)
        yield room
        room.close()


def test_it_goes_from_the_processes_to_the_desk_to_the_files_to_the_watches(room: Room) -> None:
    health = Health.UNHEALTHY
    room.supervisor.add(component(room.state, "triggerer", FOREVER, probe=lambda started: health))
    room.airflow.read_at[FLUX] = (BEGAN - timedelta(days=1)).isoformat()
    assert room.asking.look(NOW) == Readiness(("triggerer is unhealthy",))

    health = Health.HEALTHY
    room.supervisor.wait_healthy(10)
    assert room.asking.look(NOW) == Readiness(("duty.desk has not acted yet",))
    assert room.airflow.asked == []  # it is starting, and has better to do

    room.book.beat("desk", NOW)
    assert room.asking.look(NOW).awaited == (
        "dags/nordwind/end_of_day.py has not been loaded yet",
        f"{WATCH} has not looked yet",
    )
    room.airflow.read_at[FLUX] = NOW.isoformat()
    assert room.asking.look(NOW).awaited == (f"{WATCH} has not looked yet",)

    room.looked(NOW)
    assert room.asking.look(NOW).is_healthy


def test_a_look_before_the_start_is_none(room: Room) -> None:
    room.well(BEGAN - timedelta(seconds=1))
    assert room.asking.look(NOW).awaited == ("duty.desk has not acted yet",)
    room.book.beat("desk", NOW)
    assert room.asking.look(NOW).awaited == (f"{WATCH} has not looked yet",)


def test_a_flux_that_does_not_load_is_a_trouble_by_the_name_that_its_author_knows(room: Room) -> None:
    room.well()
    del room.airflow.paused[FLUX]
    room.airflow.broken = [
        (str(room.dags / "nordwind/end_of_day.py"), "Traceback\nNameError: name 'x' is not defined\n")
    ]
    found = room.asking.look(NOW)
    assert found == Readiness((), ("dags/nordwind/end_of_day.py does not load: NameError: name 'x' is not defined",))


def test_without_a_connection_to_call_with_it_is_not_healthy(room: Room) -> None:
    room.connections.clear()
    room.well()
    assert room.asking.look(NOW) == Readiness(
        (), ("nobody can be called: the vault has no vigie_slack and no vigie_smtp",)
    )


def test_once_healthy_only_the_logbook_is_asked_and_what_gets_ill_is_told(room: Room) -> None:
    room.well()
    assert room.asking.look(NOW).is_healthy
    asked = len(room.airflow.asked)
    assert room.asking.look(NOW + timedelta(seconds=30)).is_healthy
    assert room.asking.look(NOW + timedelta(minutes=3)).troubles == (
        "duty.desk does not act: nobody is called and no message leaves",
        f"{WATCH} should have looked",
    )
    room.well(NOW + timedelta(minutes=3))
    assert room.asking.look(NOW + timedelta(minutes=3)).is_healthy
    assert len(room.airflow.asked) == asked


def test_what_it_finds_stands_in_the_record_of_the_installation(room: Room) -> None:
    room.asking.start()
    until(lambda: room.supervisor.readiness == Readiness(("duty.desk has not acted yet",)))
    now = datetime.now(UTC)
    room.book.beat("desk", now)
    room.looked(now)
    until(lambda: room.supervisor.readiness == Readiness())
    until(lambda: (RunRecord(room.state).read() or {}).get("readiness") == {"awaited": [], "troubles": []})


@pytest.mark.parametrize("status", [500, 404])
def test_an_airflow_that_does_not_answer_is_awaited(room: Room, status: int) -> None:
    room.well()
    room.airflow.status = status
    room.asking.start()
    until(lambda: room.supervisor.readiness is not None)
    assert room.supervisor.readiness == Readiness((f"Airflow answers {status} to /api/v2/dags",))


def test_an_error_of_ours_is_no_health_and_ends_no_thread(room: Room) -> None:
    room.well()
    room.airflow.read_at[FLUX] = "yesterday"
    room.asking.start()
    until(lambda: room.supervisor.readiness is not None)
    assert room.supervisor.readiness is not None
    (said,) = room.supervisor.readiness.awaited
    assert said.startswith("whether all is healthy cannot be told: ValueError(")
    assert room.asking.is_alive()
