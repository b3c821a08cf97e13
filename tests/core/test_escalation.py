from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.client import EscalationPolicy, EscalationStep
from vigie.core.escalation import Act, Decision, decide
from vigie.core.incident import Incident

OPENED = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

NIGHT = EscalationPolicy(
    id="night",
    steps=(
        EscalationStep(page=("amina",), delay=10 * MINUTE),
        EscalationStep(page=("bruno", "chen"), delay=20 * MINUTE),
    ),
    repeat=1,
)


def incident(**state: Any) -> Incident:
    known = {
        "id": "INC-1",
        "client": "maison-lumiere",
        "flux": "store_replenishment",
        "watch": "maison-lumiere.store_replenishment.wms_ko",
        "dedup_key": "EOD_POS",
        "status": "open",
        "severity": "critical",
        "title": "[KO] EOD_POS",
        "opened_at": OPENED,
        "next_action_at": OPENED,
    }
    return Incident(**(known | state))


def recorded(before: Incident, decision: Decision, now: datetime) -> Incident:
    """What the logbook does with a decision."""
    paged = {"paged_at": now} if decision.pages > before.pages else {}
    return before.model_copy(update={"pages": decision.pages, "next_action_at": decision.next_action_at, **paged})


def walk(open_incident: Incident, policy: EscalationPolicy, now: datetime) -> list[tuple[timedelta, tuple[str, ...]]]:
    """Nobody ever answers: who is paged when, until the desk has nothing more to do."""
    paged = []
    for _ in range(1000):
        decision = decide(open_incident, policy, now)
        paged += [(now - OPENED, act.people) for act in decision.acts if act.what == "page"]
        open_incident = recorded(open_incident, decision, now)
        if decision.next_action_at is None:
            return paged
        now = decision.next_action_at
    raise AssertionError("the policy has no end")


def test_nobody_answers():
    assert walk(incident(), NIGHT, OPENED) == [
        (0 * MINUTE, ("amina",)),
        (10 * MINUTE, ("bruno", "chen")),
        (30 * MINUTE, ("amina",)),
        (40 * MINUTE, ("bruno", "chen")),
    ]


def test_the_first_page_does_not_wait():
    assert decide(incident(), NIGHT, OPENED) == Decision(
        1, OPENED + 10 * MINUTE, (Act("page", people=("amina",)),), "page 1: amina"
    )


def test_the_second_person_is_paged_when_the_delay_of_the_first_is_over_and_not_before():
    waiting = incident(pages=1, paged_at=OPENED)
    assert decide(waiting, NIGHT, OPENED + 10 * MINUTE - timedelta(microseconds=1)).pages == 1
    assert decide(waiting, NIGHT, OPENED + 10 * MINUTE) == Decision(
        2, OPENED + 30 * MINUTE, (Act("page", people=("bruno", "chen")),), "page 2: bruno, chen"
    )


def test_news_while_waiting_changes_the_message_and_not_the_hour_of_the_next_page():
    waiting = incident(pages=1, paged_at=OPENED, revision=2, count=2)
    assert decide(waiting, NIGHT, OPENED + 3 * MINUTE) == Decision(
        1, OPENED + 10 * MINUTE, (Act("tell"),), "changed while waiting for an answer"
    )


def test_a_desk_that_was_away_pages_at_once_and_counts_the_delay_from_then():
    late = OPENED + timedelta(hours=3)
    decision = decide(incident(pages=1, paged_at=OPENED), NIGHT, late)
    assert (decision.pages, decision.next_action_at) == (2, late + 20 * MINUTE)
    assert decision.acts == (Act("page", people=("bruno", "chen")),)


def test_the_end_of_the_policy():
    last = incident(pages=4, paged_at=OPENED)
    assert decide(last, NIGHT, OPENED + 20 * MINUTE) == Decision(
        4, None, (Act("tell"),), "nobody answered 4 pages; the policy 'night' is at its end"
    )


@pytest.mark.parametrize(("repeat", "pages"), [(0, 2), (1, 4), (3, 8)])
def test_a_policy_is_walked_once_and_then_repeated(repeat: int, pages: int):
    assert len(walk(incident(), NIGHT.model_copy(update={"repeat": repeat}), OPENED)) == pages


def test_a_page_without_an_hour_is_answered_by_the_next():
    assert decide(incident(pages=1), NIGHT, OPENED).pages == 2


def test_an_acknowledgement_ends_the_paging_and_opens_the_procedure():
    taken = incident(status="acknowledged", acknowledged_by="bruno", pages=2, paged_at=OPENED, procedure="relaunch-job")
    assert decide(taken, NIGHT, OPENED + 12 * MINUTE) == Decision(
        2, None, (Act("tell", note=True), Act("open_procedure")), "acknowledged by bruno"
    )


def test_an_acknowledgement_without_a_procedure_is_told():
    taken = incident(status="acknowledged", acknowledged_by="bruno", pages=1)
    assert decide(taken, NIGHT, OPENED).acts == (Act("tell", note=True),)


def test_a_resolution_is_told_to_those_who_were_paged():
    solved = incident(status="resolved", pages=3, paged_at=OPENED)
    assert decide(solved, NIGHT, OPENED) == Decision(3, None, (Act("tell", note=True),), "resolved")


def test_a_resolution_before_any_page_is_not_told():
    assert decide(incident(status="resolved"), NIGHT, OPENED) == Decision(
        0, None, (), "resolved before anybody was paged"
    )


def test_a_resolution_before_any_page_is_told_where_somebody_had_taken_it():
    solved = incident(status="resolved", acknowledged_by="bruno", acknowledged_at=OPENED)
    assert decide(solved, NIGHT, OPENED) == Decision(0, None, (Act("tell", note=True),), "resolved")


def test_the_clients_contacts_are_told_the_end_when_it_has_not_come_back():
    over = incident(status="resolved", pages=1, all_clear_at=OPENED + 10 * MINUTE)
    first = decide(over, NIGHT, OPENED)
    assert first == Decision(1, OPENED + 10 * MINUTE, (Act("tell", note=True),), "resolved")
    told = recorded(over, first, OPENED).model_copy(update={"told": over.revision})
    assert decide(told, NIGHT, OPENED + 10 * MINUTE) == Decision(1, None, (Act("all_clear"),), "it has not come back")
    away = decide(over, NIGHT, OPENED + 11 * MINUTE)
    assert (away.acts, away.next_action_at) == ((Act("tell", note=True), Act("all_clear")), None)


POLICIES = st.builds(
    EscalationPolicy,
    id=st.just("p"),
    steps=st.lists(
        st.builds(EscalationStep, page=st.just(("a",)), delay=st.integers(0, 5000).map(lambda s: timedelta(seconds=s))),
        min_size=1,
        max_size=4,
    ).map(tuple),
    repeat=st.integers(0, 3),
)


@examples(100)
@given(POLICIES, st.lists(st.integers(0, 9000), max_size=20))
def test_however_often_the_incident_changes_the_same_people_are_paged_at_the_same_hours(
    policy: EscalationPolicy, changes: list[int]
):
    calm = walk(incident(), policy, OPENED)
    assert len(calm) == len(policy.steps) * (1 + policy.repeat)
    now, state, paged = OPENED, incident(), []
    news = sorted(OPENED + timedelta(seconds=seconds) for seconds in changes)
    while True:
        decision = decide(state, policy, now)
        paged += [(now - OPENED, act.people) for act in decision.acts if act.what == "page"]
        state = recorded(state, decision, now)
        coming = [at for at in [*news, state.next_action_at] if at and at >= now]
        news = [at for at in news if at > now]
        if state.next_action_at is None:
            break
        now = min(at for at in coming if at > now or at == state.next_action_at)
    assert paged == calm


def test_what_pages_nobody_is_told_in_the_channel_once_and_kept_up_to_date_there():
    told = incident(page=False)
    first = decide(told, NIGHT, OPENED)
    assert (first.pages, first.next_action_at, first.acts) == (1, None, (Act("warn"),))
    changed = recorded(told, first, OPENED)
    assert decide(changed, NIGHT, OPENED + 60 * MINUTE) == Decision(
        1, None, (Act("tell"),), "told in the channel; nobody is paged for it"
    )
    over = changed.model_copy(update={"status": "resolved"})
    assert decide(over, NIGHT, OPENED).acts == (Act("tell", note=True),)


def test_what_paged_nobody_pages_once_a_person_escalates_it():
    escalated = incident(page=True, pages=1)  # what the logbook makes of it
    assert [act.what for act in decide(escalated, NIGHT, OPENED).acts] == ["page"]
