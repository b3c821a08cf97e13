"""Nobody answers a step: who is asked next, and when; the question stays open all the while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.client import EscalationPolicy, EscalationStep, LastResort
from vigie.core.incident import Incident
from vigie.core.open_step import OpenStep
from vigie.core.step_escalation import decide_step, levels

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = EscalationPolicy(
    id="duty",
    steps=(
        EscalationStep(page=("anna",), delay=10 * MINUTE),
        EscalationStep(page=("bruno", "chloe"), delay=20 * MINUTE),
    ),
    repeat=1,
)


def step(**other: Any) -> OpenStep:
    fields: dict[str, Any] = {
        "client": "nordwind",
        "incident": "INC-1",
        "dag_id": "procedure.nordwind.eod-ko",
        "run_id": "INC-1.1",
        "task_id": "read",
        "procedure": "EOD is KO",
        "title": "Read the log",
        "owner": "olga",
        "opened_at": NOON,
    }
    return OpenStep(**{**fields, **other})


def incident(**other: Any) -> Incident:
    fields: dict[str, Any] = {
        "id": "INC-1",
        "client": "nordwind",
        "flux": "end_of_day",
        "watch": "w",
        "dedup_key": "d",
        "status": "acknowledged",
        "acknowledged_by": "anna",
        "severity": "high",
        "title": "[KO] EOD",
        "opened_at": NOON,
    }
    return Incident(**{**fields, **other})


def story(asked: OpenStep, about: Incident | None, policy: EscalationPolicy = POLICY) -> list[tuple[int, str]]:
    """The first twelve decisions that speak to people: the minute, and what. It never ends."""
    told: list[tuple[int, str]] = []
    now = asked.opened_at
    while len(told) < 12:
        decision = decide_step(asked, about, policy, now)
        if decision.level is not None:
            people = ",".join(decision.level.people)
            told.append((int((now - NOON) / MINUTE), f"{decision.level.what} {people}"))
        assert decision.next_action_at is not None
        if decision.pages > asked.pages:
            asked = asked.model_copy(update={"pages": decision.pages, "paged_at": now})
        asked = asked.model_copy(update={"exhausted": decision.exhausted})
        now = decision.next_action_at
    return told


def test_the_next_people_then_a_reminder_then_the_owner_then_reminders_then_everybody_for_ever() -> None:
    assert story(step(), incident()) == [
        (15, "page bruno,chloe"),
        (35, "remind anna,bruno,chloe"),
        (50, "page olga"),
        (65, "remind anna,bruno,chloe,olga"),
        *((minute, "page anna,bruno,chloe") for minute in range(80, 80 + 8 * 15, 15)),
    ]


def test_its_policys_last_resort_is_its_own() -> None:
    last = LastResort(page=("petra",), every=5 * MINUTE)
    told = story(step(), incident(), POLICY.model_copy(update={"last_resort": last}))
    assert told[4:7] == [(80, "page petra"), (85, "page petra"), (90, "page petra")]
    used_up = decide_step(step(pages=4, paged_at=NOON), incident(), POLICY, NOON + 15 * MINUTE)
    assert used_up.exhausted == "duty"


def test_while_people_are_called_again_for_the_incident_none_are_for_its_step() -> None:
    decision = decide_step(step(), incident(recalled_at=NOON), POLICY, NOON + 15 * MINUTE)
    assert (decision.level, decision.next_action_at) == (None, NOON + 30 * MINUTE)


def test_an_incident_that_calls_nobody_does_not_keep_its_step_from_calling() -> None:
    decision = decide_step(
        step(), incident(status="open", acknowledged_by=None, page=False), POLICY, NOON + 15 * MINUTE
    )
    assert decision.level is not None


def test_a_step_that_asks_for_people_at_once() -> None:
    assert decide_step(step(incident=None, next_action_at=NOON), None, POLICY, NOON).level is not None


def test_a_page_that_reached_nobody_is_followed_by_the_next() -> None:
    failed = decide_step(step(pages=1, paged_at=None), incident(), POLICY, NOON + 16 * MINUTE)
    assert (failed.pages, failed.level) == (2, levels(step(), POLICY, "anna")[1])


@pytest.mark.parametrize("ahead", [{"opened_at": NOON + timedelta(days=300)}, {"paged_at": NOON + timedelta(days=300)}])
def test_what_was_noted_in_the_future_keeps_nobody_waiting(ahead: dict[str, datetime]) -> None:
    asked = step(pages=0 if "opened_at" in ahead else 1, **ahead)
    for about in (incident(), incident(status="resolved", resolved_by="procedure")):
        decision = decide_step(asked, about, POLICY, NOON)
        assert decision.next_action_at is not None
        assert decision.next_action_at <= NOON + 60 * MINUTE
    assert decide_step(asked, incident(), POLICY, NOON).level is not None


def test_the_policy_goes_on_after_the_one_who_has_the_incident_and_begins_again() -> None:
    told = story(step(), incident(acknowledged_by="bruno"))
    assert told[:3] == [(15, "page anna"), (25, "page chloe"), (45, "remind bruno,anna,chloe")]


def test_somebody_outside_the_policy_has_it() -> None:
    assert story(step(), incident(acknowledged_by="zoe"))[:2] == [(15, "page anna"), (25, "page bruno,chloe")]


def test_a_run_that_belongs_to_no_incident_escalates_too() -> None:
    assert story(step(incident=None), None)[0] == (15, "page anna")


def test_the_step_says_how_long_it_may_wait() -> None:
    assert story(step(escalate_after=5 * MINUTE), incident())[0] == (5, "page bruno,chloe")


def test_without_an_owner_reminders_follow() -> None:
    assert [what for _, what in story(step(owner=""), incident())][:4] == [
        "page bruno,chloe",
        "remind anna,bruno,chloe",
        "remind anna,bruno,chloe",
        "page anna,bruno,chloe",
    ]


def test_while_nobody_has_the_incident_its_own_pages_go_out() -> None:
    decision = decide_step(step(), incident(status="open", acknowledged_by=None), POLICY, NOON + 15 * MINUTE)
    assert (decision.level, decision.pages, decision.next_action_at) == (None, 0, NOON + 30 * MINUTE)
    assert decision.reason == "nobody has the incident, whose own pages go out"


def test_the_incident_has_ended() -> None:
    decision = decide_step(step(), incident(status="resolved", resolved_by="w"), POLICY, NOON)
    assert decision.end
    assert decision.reason == "the incident has ended; the step is no longer needed"


def test_the_procedure_itself_has_ended_it_and_of_its_last_words_the_thread_is_reminded() -> None:
    over = incident(status="resolved", resolved_by="procedure")
    decision = decide_step(step(), over, POLICY, NOON)
    assert (decision.end, decision.level, decision.next_action_at) == (False, None, NOON + 60 * MINUTE)
    assert story(step(), over)[:3] == [(60, "remind anna"), (120, "remind anna"), (180, "remind anna")]
    nobodys = incident(status="resolved", resolved_by="procedure", acknowledged_by="procedure")
    assert story(step(), nobodys)[:1] == [(60, "remind olga")]


@pytest.mark.parametrize("status", ["answered", "closed", "done", "failed"])
def test_nothing_is_left_to_do_about_what_has_ended(status: Any) -> None:
    decision = decide_step(step(status=status), incident(), POLICY, NOON + 60 * MINUTE)
    assert (decision.level, decision.next_action_at, decision.end) == (None, None, False)


PEOPLE = st.sampled_from(["anna", "bruno", "chloe", "dora"])
POLICIES = st.builds(
    EscalationPolicy,
    id=st.just("p"),
    steps=st.lists(
        st.builds(
            EscalationStep,
            page=st.lists(PEOPLE, min_size=1, max_size=3).map(tuple),
            delay=st.integers(1, 60).map(lambda minutes: minutes * MINUTE),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    repeat=st.integers(0, 5),
)


@given(policy=POLICIES, holder=st.none() | PEOPLE)
def test_everybody_of_the_policy_is_reached_once_before_its_last_resort(
    policy: EscalationPolicy, holder: str | None
) -> None:
    everybody = {name for each in policy.steps for name in each.page}
    paged = [name for level in levels(step(), policy, holder) if level.what == "page" for name in level.people]
    assert sorted(paged) == sorted((everybody - {holder}) | {"olga"})
    told = story(step(), incident(acknowledged_by=holder), policy)
    assert [minute for minute, _ in told] == sorted({minute for minute, _ in told})
    assert told[0][0] == 15
