"""Steps that Airflow no longer asks are closed, and only those."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.logbook.samples import NOON, entry
from tests.logbook.test_steps import step
from tests.tasks.airflow_stand_in import AirflowStandIn, airflow_stand_in

from vigie.core.look import Look, WatchState
from vigie.core.message import Message, Outbound
from vigie.core.open_step import OpenStep
from vigie.core.signal import Signal
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.airflow_api import AirflowApi
from vigie.tasks.clock import told_by, utc_now
from vigie.tasks.connections import with_logbook
from vigie.tasks.runs import ProcedureMessenger
from vigie.tasks.step_rounds import StepRounds
from vigie.tasks.wait_trigger import WaitTrigger, green

LATER = NOON + timedelta(minutes=2)


@pytest.fixture
def airflow() -> Iterator[AirflowStandIn]:
    with airflow_stand_in() as said:
        yield said


def place(of: OpenStep) -> tuple[str, str, str]:
    return (of.dag_id, of.run_id, of.task_id)


def opened(book: Logbook, task_id: str) -> OpenStep:
    return book.open_step(step(task_id=task_id, client="nordwind"), entry())


def walk(book: Logbook, site: Path, airflow: AirflowStandIn, after: timedelta = LATER - NOON) -> list[str]:
    api = AirflowApi(airflow.connection())
    closed = StepRounds(book, Library(site), api).walk(NOON + after)
    api.close()
    return [each.task_id for each in closed]


def test_only_what_is_no_longer_asked_is_closed(book: Logbook, site: Path, airflow: AirflowStandIn) -> None:
    states = {"waits": "awaiting_input", "answered": "queued", "new": "", "failed": "failed", "marked": "success"}
    for name, state in states.items():
        airflow.states[place(opened(book, name))] = state
    deleted = opened(book, "deleted")
    assert walk(book, site, airflow) == ["failed", "marked", "deleted"]
    assert [each.task_id for each in book.steps(status="open")] == ["waits", "answered", "new"]
    told = [line.text for line in book.entries(kind_prefix="procedure.step_closed")]
    assert told == [
        "Read the log: No longer asked: Airflow has it as 'failed'.",
        "Read the log: No longer asked: Airflow has it as 'success'.",
        "Read the log: No longer asked: its run was deleted.",
    ]
    assert f"{deleted.id}/asked/1/closed/slack" in [each.key for each in book.outbox()]
    assert walk(book, site, airflow) == []


def test_a_step_that_was_only_just_noted_is_left_alone(book: Logbook, site: Path, airflow: AirflowStandIn) -> None:
    opened(book, "young")
    assert walk(book, site, airflow, timedelta(seconds=59)) == []
    assert airflow.changed == []


def test_an_answer_that_airflow_has_and_did_not_go_on_with_is_taken_up(
    book: Logbook, site: Path, airflow: AirflowStandIn
) -> None:
    stranded = opened(book, "read-the-log")
    ended = opened(book, "ended")
    book.end_step(ended, "closed", "rounds", NOON, entry=entry())
    airflow.stranded = {place(stranded), place(ended), ("somebody.else", "r", "t")}
    assert walk(book, site, airflow, timedelta(seconds=1)) == []
    assert airflow.changed == [
        (
            f"/api/v2/dags/{stranded.dag_id}/clearTaskInstances",
            {
                "dry_run": False,
                "dag_run_id": stranded.run_id,
                "task_ids": ["read-the-log"],
                "only_failed": False,
                "include_downstream": False,
            },
        )
    ]
    told = [line.text for line in book.entries(kind_prefix="procedure.step_taken_up")]
    assert told == ["Read the log: Airflow had its answer and did not go on; it is taken up now."]


def test_many_waiting_steps_are_read_page_by_page(book: Logbook, site: Path, airflow: AirflowStandIn) -> None:
    for number in range(150):
        airflow.states["d", "r", f"t{number}"] = "awaiting_input"
    api = AirflowApi(airflow.connection())
    assert len(api.waiting_steps()) == 150
    api.close()


def test_what_airflow_knows_of_a_run_and_of_a_lost_answer(airflow: AirflowStandIn) -> None:
    airflow.runs["d", "r"] = "running"
    airflow.answers["d", "r", "t", 1] = {"response_received": True, "chosen_options": ["Yes"]}
    airflow.answers["d", "r", "t", 2] = {"response_received": False}
    api = AirflowApi(airflow.connection())
    assert (api.run_state("d", "r"), api.run_state("d", "gone")) == ("running", None)
    found = api.answer_of("d", "r", "t", 1)
    assert found is not None
    assert found["chosen_options"] == ["Yes"]
    assert api.answer_of("d", "r", "t", 2) is None
    assert api.answer_of("d", "r", "t", 3) is None
    assert api.task_state("d", "r", "t") is None
    api.close()


def test_the_run_of_a_step_that_nobody_needs_is_ended(airflow: AirflowStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    airflow.states["procedure.nordwind.p", "INC-1.1", "read"] = "awaiting_input"
    account = {"conn_type": "http", "host": f"http://127.0.0.1:{airflow.port}", "login": "rounds", "password": "open"}
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_AIRFLOW", json.dumps(account))
    ending = Outbound(
        key="STEP-1/asked/1/end", incident="INC-1", client="nordwind", channel="procedure", purpose="procedure",
        recipient="procedure.nordwind.p", message=Message(subject="s", text=""),
        variables={"run_id": "INC-1.1", "skip": "read"},
    )  # fmt: skip
    assert ProcedureMessenger().send(ending) == "INC-1.1"
    assert airflow.changed == [
        ("/api/v2/dags/procedure.nordwind.p/dagRuns/INC-1.1/taskInstances/read", {"new_state": "skipped"})
    ]
    airflow.states.clear()
    assert ProcedureMessenger().send(ending) == "INC-1.1"  # it is gone: nobody needs it all the more


# Waiting until a check is green.


def _ko(book: Logbook, event: str, key: str) -> str:
    signal = Signal(
        event=event, client="nordwind", flux="f", watch="nordwind.f.w", dedup_key="d", key=key, seen_at=NOON,
        title="KO", severity="high",
    )  # fmt: skip
    found = book.record(Look(source="s", at=NOON, signals=(signal,)))
    return (found.opened or found.resolved)[0]


def test_a_check_is_green_when_its_incident_is_over_or_its_watch_is_well(book: Logbook) -> None:
    incident = _ko(book, "trigger", "1")
    state = WatchState(watch="nordwind.f.w", client="nordwind", flux="f", kind="mail", source="s", looked_at=NOON)
    assert green(book, incident, "", NOON) == ""
    assert green(book, "", "nordwind.f.w", NOON) == ""
    book.record(Look(source="s", at=NOON, states=(state,)))
    assert green(book, "", "nordwind.f.w", NOON) == ""  # it has looked, and the incident is open
    _ko(book, "resolve", "2")
    assert green(book, incident, "", NOON) == f"{incident} is resolved"
    assert green(book, "", "nordwind.f.w", NOON) == "nordwind.f.w has looked and all is well"
    assert green(book, "", "nordwind.f.w", LATER) == ""  # it has not looked since


def test_the_trigger_gives_up_in_time(book: Logbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = {"conn_type": "sqlite", "host": str(tmp_path / "logbook.db")}
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_LOGBOOK", json.dumps(where))
    incident = _ko(book, "trigger", "1")
    now = utc_now().isoformat()
    trigger = WaitTrigger(now, now, incident=incident)
    name, kwargs = trigger.serialize()
    assert name == "vigie.tasks.wait_trigger.WaitTrigger"

    async def first() -> object:
        async with asyncio.timeout(20):
            async for event in WaitTrigger(**kwargs).run():
                return event.payload
        raise AssertionError("it ended without an event")

    assert asyncio.run(first()) == {"ok": False, "text": "it is not green within the time"}


def test_another_clock_and_logbook_hold_within_and_not_after(book: Logbook) -> None:
    with told_by(lambda: NOON), with_logbook(book):
        assert utc_now() == NOON
    assert utc_now() > NOON
