"""The invariant as a query on the stored rows, and what puts it right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from tests.logbook.samples import MINUTE, NOON, entry, look, outbound, signal

from vigie.core.open_step import OpenStep
from vigie.logbook.book import Logbook

STEP = OpenStep(
    client="maison-lumiere", incident="INC-1", dag_id="d", run_id="r", task_id="t", procedure="p", title="t",
    opened_at=NOON, next_action_at=NOON,
)  # fmt: skip


@pytest.fixture
def night(book: Logbook) -> Logbook:
    """An incident, a warning, a step and a call, each with a next action."""
    book.record(look(signal("1"), signal("2", dedup_key="warning", page=False)))
    book.open_step(STEP, entry())
    book.queue(outbound("INC-1/page/1/slack"))
    return book


def torn(address: str, table: str, value: str | None) -> None:
    """What no code of ours does: somebody, or a clock, takes the next actions away."""
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET next_action_at = :value"), {"value": value})  # noqa: S608
    engine.dispose()


def test_what_has_a_next_action_is_attended(night: Logbook) -> None:
    assert night.unattended(NOON) == []
    assert night.unattended(NOON + timedelta(days=9)) == []


@pytest.mark.parametrize("far", [None, "2026-03-01T00:00:00.000000Z"])
def test_an_incident_and_a_step_without_one_are_found_and_put_right(
    night: Logbook, address: str, far: str | None
) -> None:
    torn(address, "incident", far)
    torn(address, "step", far)
    found = night.unattended(NOON)
    assert [each.what for each in found] == ["INC-1", "STEP-1"]

    night.attend(found, NOON + MINUTE)
    assert night.unattended(NOON + MINUTE) == []
    incident, step = night.incident("INC-1"), night.step("STEP-1")
    assert incident is not None
    assert step is not None
    assert incident.next_action_at == step.next_action_at == NOON + MINUTE
    told = night.entries(incident="INC-1", kind_prefix="rounds.attended")
    assert [each.text.partition(" (")[0] for each in told] == ["INC-1 was unattended", "STEP-1 was unattended"]


def test_a_call_that_a_wrong_clock_put_off_is_found_and_put_right(night: Logbook) -> None:
    late = NOON + timedelta(hours=2)
    night.claim("INC-1/page/1/slack", "desk", late)  # by a clock that was two hours fast
    found = night.unattended(NOON)
    assert [each.what for each in found] == ["INC-1/page/1/slack"]
    night.attend(found, NOON)
    (call,) = night.in_doubt(NOON - MINUTE)
    assert call.key == "INC-1/page/1/slack"


def test_what_has_ended_is_left_alone(night: Logbook, address: str) -> None:
    night.resolve("INC-1", "alice", NOON, "web")
    torn(address, "incident", None)
    assert night.unattended(NOON) == []
