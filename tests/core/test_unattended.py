"""The invariant: what would fall silent, and what would not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.core.test_escalation import OPENED, incident
from tests.core.test_step_escalation import NOON, step
from tests.logbook.samples import outbound

from vigie.core.unattended import Unattended, unattended_call, unattended_incident, unattended_step

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("status", ["open", "acknowledged"])
def test_an_incident_that_calls_people_needs_a_next_action(status: Any) -> None:
    silent = incident(status=status, next_action_at=None)
    assert unattended_incident(silent, OPENED) == Unattended("INC-1", "it has no next action")
    assert unattended_incident(incident(status=status), OPENED) is None
    assert unattended_incident(incident(status=status), OPENED + 600 * MINUTE) is None  # a late desk is told as such


def test_one_that_has_ended_or_calls_nobody_needs_none() -> None:
    assert unattended_incident(incident(status="resolved", next_action_at=None), OPENED) is None
    assert unattended_incident(incident(page=False, next_action_at=None), OPENED) is None


def test_a_next_action_that_no_policy_could_have_planned_is_none() -> None:
    near, far = OPENED + timedelta(days=1), OPENED + timedelta(days=1, seconds=1)
    assert unattended_incident(incident(next_action_at=near), OPENED) is None
    found = unattended_incident(incident(next_action_at=far), OPENED)
    assert found is not None
    assert found.why == "its next action is planned for 2026-11-24 21:00 UTC, which is too far away"


def test_an_open_step_needs_one_too() -> None:
    assert unattended_step(step(), NOON) == Unattended("", "it has no next action")
    assert unattended_step(step(next_action_at=NOON), NOON) is None
    assert unattended_step(step(status="answered"), NOON) is None
    patient = step(escalate_after=timedelta(days=3), next_action_at=NOON + timedelta(days=3))
    assert unattended_step(patient, NOON) is None


def test_a_call_is_sent_within_a_quarter_of_an_hour_or_tried_again() -> None:
    waits = outbound("INC-1/page/1/slack", next_action_at=OPENED + 16 * MINUTE)
    assert unattended_call(waits, OPENED) is not None
    assert unattended_call(waits, OPENED + MINUTE) is None
    assert unattended_call(waits.model_copy(update={"status": "sent"}), OPENED) is None
    assert unattended_call(waits.model_copy(update={"purpose": "note"}), OPENED) is None
