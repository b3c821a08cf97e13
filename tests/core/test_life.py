"""The life of an incident, step by step: who has it, when it is due, and what an end and a return leave of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.core.test_escalation import OPENED, incident

from vigie.core.incident import Incident
from vigie.core.life import (
    acknowledged,
    comes_back,
    escalated,
    forgotten_at,
    not_reached,
    reopened,
    resolved,
    unsteady,
    worked_on,
)

MINUTE = timedelta(minutes=1)


def ended(minute: int = 0, **state: Any) -> Incident:
    return resolved(incident(**state), "w", OPENED + minute * MINUTE)


def test_an_end_is_due_at_once_and_its_all_clear_when_it_has_not_come_back() -> None:
    over = ended(5, pages=1)
    assert (over.status, over.resolved_by, over.resolved_at) == ("resolved", "w", OPENED + 5 * MINUTE)
    assert (over.next_action_at, over.all_clear_at) == (OPENED + 5 * MINUTE, OPENED + 15 * MINUTE)
    assert over.revision == 2


def test_it_comes_back_to_its_owner() -> None:
    taken = acknowledged(incident(pages=2, level=2), "bruno", OPENED)
    back = reopened(resolved(taken, "w", OPENED + MINUTE), OPENED + 4 * MINUTE, returned=True)
    assert (back.status, back.acknowledged_by, back.acknowledged_at) == ("acknowledged", "bruno", OPENED)
    assert (back.resolved_at, back.resolved_by, back.all_clear_at) == (None, None, None)
    assert (back.reopenings, back.reopened_at, back.next_action_at) == (1, OPENED + 4 * MINUTE, OPENED + 4 * MINUTE)
    assert back.active_at == OPENED  # that it came back is no sign that somebody works on it


def test_a_person_who_reopens_it_works_on_it() -> None:
    back = reopened(ended(1), OPENED + 4 * MINUTE, returned=False)
    assert (back.status, back.active_at, back.returns) == ("open", OPENED + 4 * MINUTE, ())


def test_a_procedure_owns_nothing_that_has_ended() -> None:
    back = reopened(ended(acknowledged_by="procedure"), OPENED, returned=True)
    assert (back.status, back.acknowledged_by) == ("open", None)


def test_within_hold_the_calls_go_on_and_later_they_begin_anew() -> None:
    over = ended(0, pages=2, level=2, paged_at=OPENED)
    soon, late = OPENED + 10 * MINUTE, OPENED + 11 * MINUTE
    assert (comes_back(over, soon), comes_back(over, late)) == (True, False)
    assert (reopened(over, soon, returned=False).level, reopened(over, late, returned=False).level) == (2, 0)
    assert reopened(over, late, returned=False).paged_at is None


@pytest.mark.parametrize(("minutes", "flapping"), [([0, 20, 59], True), ([0, 20, 60], False), ([0, 1], False)])
def test_the_third_return_within_an_hour_is_flapping(minutes: list[int], flapping: bool) -> None:
    back = incident()
    for minute in minutes:
        at = OPENED + minute * MINUTE
        back = reopened(resolved(back, "w", at), at, returned=True)
    assert (back.flapping_at is not None) is flapping


def test_it_is_flapping_since_its_third_return_until_it_is_calm() -> None:
    back = incident()
    for minute in (0, 5, 10, 15):
        back = reopened(resolved(back, "w", OPENED), OPENED + minute * MINUTE, returned=True)
    assert back.flapping_at == OPENED + 10 * MINUTE
    calm = reopened(resolved(back, "w", OPENED), OPENED + 200 * MINUTE, returned=True)
    assert calm.flapping_at is None


def test_who_hands_it_on_is_known() -> None:
    taken = acknowledged(incident(page=False), "anna", OPENED)
    on = escalated(taken, "procedure", OPENED + MINUTE)
    assert (on.status, on.page, on.handed_on_by, on.paged_at) == ("open", True, "anna", None)
    assert escalated(on, "procedure", OPENED).handed_on_by == "anna"
    assert escalated(incident(), "bruno", OPENED).handed_on_by == "bruno"
    assert acknowledged(on, "bruno", OPENED).handed_on_by is None


def test_a_note_or_an_answer_is_work_on_it() -> None:
    taken = acknowledged(incident(), "anna", OPENED)
    called = taken.model_copy(update={"recalled_at": OPENED, "exhausted": "duty"})
    worked = worked_on(called, "bruno", OPENED + MINUTE)
    assert (worked.active_at, worked.recalled_at, worked.exhausted) == (OPENED + MINUTE, None, "")
    assert (worked.acknowledged_by, worked.next_action_at) == ("anna", OPENED + MINUTE)
    assert worked.revision == called.revision
    assert forgotten_at(worked, 60 * MINUTE, OPENED + MINUTE) == OPENED + 61 * MINUTE


def test_work_in_the_future_was_noted_by_a_clock_that_went_wrong() -> None:
    taken = acknowledged(incident(), "anna", OPENED)
    ahead = worked_on(taken, "bruno", OPENED + timedelta(days=300))
    assert forgotten_at(ahead, 60 * MINUTE, OPENED + MINUTE) == OPENED + 60 * MINUTE
    all_ahead = acknowledged(incident(opened_at=OPENED + timedelta(days=1)), "anna", OPENED + timedelta(days=1))
    assert forgotten_at(all_ahead, 60 * MINUTE, OPENED) == OPENED


def test_work_on_what_nobody_has_ends_no_call() -> None:
    free = worked_on(incident(), "anna", OPENED + MINUTE)
    assert (free.active_at, free.status, free.next_action_at) == (OPENED + MINUTE, "open", OPENED)


@pytest.mark.parametrize("by", ["procedure", "desk", "rounds"])
def test_what_no_person_does_is_no_work(by: str) -> None:
    taken = acknowledged(incident(), "anna", OPENED)
    assert worked_on(taken, by, OPENED + MINUTE) is taken


def test_a_call_that_reached_nobody_is_followed_at_once() -> None:
    called = incident(pages=2, level=2, paged_at=OPENED)
    after = not_reached(called, 2, OPENED + MINUTE)
    assert (after.paged_at, after.next_action_at, after.unreached) == (None, OPENED + MINUTE, 0)
    assert not_reached(called, 1, OPENED) is called  # an earlier one
    taken = acknowledged(called, "anna", OPENED)
    assert not_reached(taken, 2, OPENED) is taken


def test_a_last_resort_that_reached_nobody_is_followed_once_and_not_for_ever() -> None:
    last = incident(pages=5, level=5, exhausted="duty", paged_at=OPENED)
    once = not_reached(last, 5, OPENED)
    assert (once.unreached, once.paged_at) == (1, None)
    again = once.model_copy(update={"pages": 6, "paged_at": OPENED})
    assert not_reached(again, 6, OPENED) is again


def test_what_came_back_within_the_hour_before_its_end_may_do_so_again() -> None:
    over = ended(50, returns=(OPENED,))
    assert (unsteady(over), unsteady(ended(60, returns=(OPENED,))), unsteady(ended(5))) == (True, False, False)
