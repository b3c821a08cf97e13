from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.client import EscalationPolicy, EscalationStep, LastResort
from vigie.core.escalation import Act, Decision, changed_by, decide, next_people
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
    last_resort=LastResort(page=("petra",)),
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
    return before.model_copy(update=changed_by(decision, before, now))


def walk(
    open_incident: Incident, policy: EscalationPolicy, now: datetime, calls: int
) -> list[tuple[timedelta, tuple[str, ...]]]:
    """Nobody ever answers: who is paged when, for so many calls. It never ends."""
    paged: list[tuple[timedelta, tuple[str, ...]]] = []
    while len(paged) < calls:
        decision = decide(open_incident, policy, now)
        paged += [(now - OPENED, act.people) for act in decision.acts if act.what == "page"]
        open_incident = recorded(open_incident, decision, now)
        assert decision.next_action_at is not None
        now = decision.next_action_at
    return paged[:calls]


def test_nobody_answers_and_it_never_ends():
    assert walk(incident(), NIGHT, OPENED, 7) == [
        (0 * MINUTE, ("amina",)),
        (10 * MINUTE, ("bruno", "chen")),
        (30 * MINUTE, ("amina",)),
        (40 * MINUTE, ("bruno", "chen")),
        (60 * MINUTE, ("petra",)),  # the last resort
        (75 * MINUTE, ("petra",)),
        (90 * MINUTE, ("petra",)),
    ]


def test_the_first_page_does_not_wait():
    assert decide(incident(), NIGHT, OPENED) == Decision(
        1, OPENED + 10 * MINUTE, (Act("page", people=("amina",)),), "page 1: amina", level=1
    )


def called(level: int, **state: Any) -> Incident:
    """Nobody answered the first calls; the last one was at ``OPENED``."""
    known = {"pages": level, "level": level, "paged_at": OPENED, "called_at": OPENED, "told": 1}
    return incident(**(known | state))


def test_the_second_person_is_paged_when_the_delay_of_the_first_is_over_and_not_before():
    assert decide(called(1), NIGHT, OPENED + 10 * MINUTE - timedelta(microseconds=1)).pages == 1
    assert decide(called(1), NIGHT, OPENED + 10 * MINUTE) == Decision(
        2, OPENED + 30 * MINUTE, (Act("page", people=("bruno", "chen")),), "page 2: bruno, chen", level=2
    )


def test_news_while_waiting_changes_the_message_and_not_the_hour_of_the_next_page():
    assert decide(called(1, revision=2, count=2), NIGHT, OPENED + 3 * MINUTE) == Decision(
        1, OPENED + 10 * MINUTE, (Act("tell"),), "changed while waiting for an answer", level=1
    )
    assert decide(called(1), NIGHT, OPENED + 3 * MINUTE).acts == ()


def test_a_desk_that_was_away_pages_at_once_and_counts_the_delay_from_then():
    late = OPENED + timedelta(hours=3)
    decision = decide(called(1), NIGHT, late)
    assert (decision.pages, decision.next_action_at) == (2, late + 20 * MINUTE)
    assert decision.acts == (Act("page", people=("bruno", "chen")),)


def test_the_end_of_the_policy_is_its_last_resort():
    assert decide(called(4), NIGHT, OPENED + 20 * MINUTE) == Decision(
        5, OPENED + 35 * MINUTE, (Act("page", people=("petra",)),), "page 5: petra", level=5, exhausted="night"
    )
    after = decide(called(5, exhausted="night"), NIGHT, OPENED + 15 * MINUTE)
    assert (after.pages, after.level, after.exhausted) == (6, 5, "night")
    assert after.next_action_at == OPENED + 30 * MINUTE


def test_a_policy_that_was_changed_meanwhile_goes_on_where_it_can():
    longer, shorter = NIGHT.model_copy(update={"repeat": 3}), NIGHT.model_copy(update={"repeat": 0})
    assert decide(called(4), longer, OPENED + 20 * MINUTE).acts == (Act("page", people=("amina",)),)
    assert decide(called(4), shorter, OPENED + 20 * MINUTE).acts == (Act("page", people=("petra",)),)
    back = decide(called(5, exhausted="night"), longer, OPENED + 20 * MINUTE)
    assert (back.level, back.exhausted) == (6, "")


@pytest.mark.parametrize(("repeat", "pages"), [(0, 2), (1, 4), (3, 8)])
def test_a_policy_is_walked_once_and_then_repeated(repeat: int, pages: int):
    policy = NIGHT.model_copy(update={"repeat": repeat})
    people = [each for _, each in walk(incident(), policy, OPENED, pages + 3)]
    assert people[pages:] == [("petra",)] * 3
    assert ("petra",) not in people[:pages]


def test_where_even_the_last_resort_reached_nobody_everybody_of_the_rota_is_called():
    lost = called(5, exhausted="night", unreached=1, paged_at=None)
    assert decide(lost, NIGHT, OPENED, ("amina", "zoe")).acts == (Act("page", people=("amina", "zoe")),)
    assert decide(lost, NIGHT, OPENED).acts == (Act("page", people=("petra",)),)


def test_who_handed_it_on_is_not_the_next_one():
    on = called(1, handed_on_by="amina", paged_at=None)
    assert decide(on, NIGHT, OPENED).acts == (Act("page", people=("bruno", "chen")),)
    alone = EscalationPolicy(id="alone", steps=NIGHT.steps[:1], last_resort=LastResort(page=("amina", "petra")))
    assert decide(on, alone, OPENED).acts == (Act("page", people=("amina", "petra")),)
    assert next_people(on, alone) == ("amina", "petra")


def test_a_page_without_an_hour_is_answered_by_the_next():
    assert decide(incident(pages=1), NIGHT, OPENED).pages == 2


def taken(**state: Any) -> Incident:
    known = {"status": "acknowledged", "acknowledged_by": "bruno", "acknowledged_at": OPENED, "active_at": OPENED}
    return incident(**({"pages": 2, "level": 2, "paged_at": OPENED, "called_at": OPENED} | known | state))


def test_a_call_in_the_future_was_noted_by_a_clock_that_went_wrong_and_nobody_waits_for_it():
    called = incident(pages=1, level=1, paged_at=OPENED + timedelta(days=300), told=1)
    decision = decide(called, NIGHT, OPENED + MINUTE)
    assert [act.people for act in decision.acts] == [("bruno", "chen")]
    assert decision.next_action_at == OPENED + 21 * MINUTE


def test_what_was_taken_in_the_future_is_called_for_again_by_the_clock_as_it_is():
    ahead = OPENED + timedelta(days=300)
    taken = incident(status="acknowledged", acknowledged_by="amina", acknowledged_at=ahead, active_at=ahead, told=1)
    assert decide(taken, NIGHT, OPENED).next_action_at == OPENED + 60 * MINUTE


def test_an_acknowledgement_ends_the_paging_and_opens_the_procedure():
    assert decide(taken(procedure="relaunch-job"), NIGHT, OPENED + 12 * MINUTE) == Decision(
        2,
        OPENED + 60 * MINUTE,
        (Act("tell", note=True), Act("open_procedure")),
        "acknowledged by bruno",
        level=2,
    )


def test_an_acknowledgement_without_a_procedure_is_told_once():
    assert decide(taken(), NIGHT, OPENED).acts == (Act("tell", note=True),)
    assert decide(taken(told=1), NIGHT, OPENED).acts == ()


def test_what_was_taken_and_forgotten_is_called_again_from_the_first_step_and_stays_theirs():
    due = OPENED + 60 * MINUTE
    assert decide(taken(told=1), NIGHT, due - timedelta(microseconds=1)).next_action_at == due
    begun = decide(taken(told=1), NIGHT, due)
    assert begun == Decision(
        3, due + 10 * MINUTE, (Act("recall"), Act("page", people=("amina",))), "page 3: amina", level=1, recall=True
    )
    after = recorded(taken(told=1), begun, due)
    assert (after.status, after.acknowledged_by, after.recalled_at) == ("acknowledged", "bruno", due)
    second = decide(after, NIGHT, due + 10 * MINUTE)
    assert (second.acts, second.recall) == ((Act("page", people=("bruno", "chen")),), False)


def test_a_forgotten_one_is_called_for_until_somebody_works_on_it():
    people = [each for _, each in walk(taken(told=1), NIGHT, OPENED, 6)]
    assert people == [("amina",), ("bruno", "chen"), ("amina",), ("bruno", "chen"), ("petra",), ("petra",)]


def test_work_on_it_postpones_the_call():
    worked = taken(told=1, active_at=OPENED + 50 * MINUTE)
    decision = decide(worked, NIGHT, OPENED + 60 * MINUTE)
    assert (decision.acts, decision.next_action_at) == ((), OPENED + 110 * MINUTE)


def test_that_it_came_back_is_no_work():
    back = taken(told=1, reopened_at=OPENED + 59 * MINUTE, returns=(OPENED + 59 * MINUTE,))
    assert decide(back, NIGHT, OPENED + 60 * MINUTE).recall


def test_what_pages_nobody_waits_for_the_handover_also_when_it_was_taken():
    assert decide(taken(page=False, told=1), NIGHT, OPENED + 600 * MINUTE).next_action_at is None


def test_a_resolution_is_told_and_written_to_those_who_were_called():
    solved = incident(status="resolved", pages=3, level=3, paged_at=OPENED)
    assert decide(solved, NIGHT, OPENED) == Decision(3, None, (Act("tell", note=True), Act("end")), "resolved", level=3)


def test_a_resolution_before_any_page_is_not_told():
    assert decide(incident(status="resolved"), NIGHT, OPENED) == Decision(
        0, None, (), "resolved before anybody was paged"
    )


def test_a_resolution_before_any_page_is_told_where_somebody_had_taken_it():
    solved = incident(status="resolved", acknowledged_by="bruno", acknowledged_at=OPENED)
    assert decide(solved, NIGHT, OPENED).acts == (Act("tell", note=True), Act("end"))


def returned(minutes: int, *, owner: str | None = None, times: int = 1, **state: Any) -> Incident:
    """It was called for at ``OPENED``, ended, and is back after so many minutes."""
    back = OPENED + minutes * MINUTE
    known: dict[str, Any] = {"reopened_at": back, "returns": (back,) * times, "reopenings": times, "revision": 3}
    if times >= 3:
        known["flapping_at"] = back
    return taken(**known, acknowledged_by=owner, **state) if owner else called(1, **known, **state)


def test_what_comes_back_and_nobody_owns_is_called_at_once_and_its_step_keeps_its_time():
    back = returned(4)
    decision = decide(back, NIGHT, OPENED + 4 * MINUTE)
    assert (decision.acts, decision.next_action_at) == ((Act("page", people=("amina",)),), OPENED + 10 * MINUTE)
    after = recorded(back, decision, OPENED + 4 * MINUTE)
    assert (after.paged_at, after.called_at) == (OPENED, OPENED + 4 * MINUTE)
    assert decide(after, NIGHT, OPENED + 10 * MINUTE).acts == (Act("page", people=("bruno", "chen")),)


def test_what_comes_back_after_the_time_of_its_step_goes_on_to_the_next_one():
    assert decide(returned(12), NIGHT, OPENED + 12 * MINUTE).acts == (Act("page", people=("bruno", "chen")),)


def test_what_comes_back_to_its_owner_calls_nobody():
    back = returned(4, owner="bruno", procedure="relaunch-job")
    decision = decide(back, NIGHT, OPENED + 4 * MINUTE)
    assert [act.what for act in decision.acts] == ["tell", "back", "open_procedure"]
    assert decision.next_action_at == OPENED + 60 * MINUTE


def test_what_comes_and_goes_is_told_as_flapping_and_calls_by_its_own_time_only():
    owned = decide(returned(4, owner="bruno", times=3, procedure="p"), NIGHT, OPENED + 4 * MINUTE)
    assert [act.what for act in owned.acts] == ["tell", "flapping", "open_procedure"]
    free = decide(returned(4, times=3), NIGHT, OPENED + 4 * MINUTE)
    assert [act.what for act in free.acts] == ["flapping", "tell"]
    assert free.next_action_at == OPENED + 10 * MINUTE


def test_the_end_of_what_came_back_lately_is_written_when_it_stays():
    over = incident(
        status="resolved", pages=2, level=1, resolved_at=OPENED + 20 * MINUTE, returns=(OPENED,),
        all_clear_at=OPENED + 30 * MINUTE, audience="platform",
    )  # fmt: skip
    first = decide(over, NIGHT, OPENED + 20 * MINUTE)
    assert (first.acts, first.next_action_at) == ((Act("tell", note=True),), OPENED + 30 * MINUTE)
    told = recorded(over, first, OPENED + 20 * MINUTE)
    last = decide(told, NIGHT, OPENED + 30 * MINUTE)
    assert (last.acts, last.next_action_at, last.reason) == ((Act("end"),), None, "it has not come back")
    assert recorded(told, last, OPENED).cleared == 2


def test_the_clients_contacts_are_told_the_end_when_it_has_not_come_back():
    over = incident(status="resolved", pages=1, all_clear_at=OPENED + 10 * MINUTE)
    first = decide(over, NIGHT, OPENED)
    assert first == Decision(1, OPENED + 10 * MINUTE, (Act("tell", note=True), Act("end")), "resolved", level=0)
    told = recorded(over, first, OPENED)
    last = decide(told, NIGHT, OPENED + 10 * MINUTE)
    assert last == Decision(1, None, (Act("all_clear"),), "it has not come back", level=0)
    away = decide(over, NIGHT, OPENED + 11 * MINUTE)
    assert (away.acts, away.next_action_at) == ((Act("tell", note=True), Act("end"), Act("all_clear")), None)


POLICIES = st.builds(
    EscalationPolicy,
    id=st.just("p"),
    steps=st.lists(
        st.builds(
            EscalationStep, page=st.just(("a",)), delay=st.integers(10, 5000).map(lambda s: timedelta(seconds=s))
        ),
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
    calm = walk(incident(), policy, OPENED, policy.levels + 3)
    now, state, paged = OPENED, incident(), []
    news = sorted(OPENED + timedelta(seconds=seconds) for seconds in changes)
    while len(paged) < len(calm):
        decision = decide(state, policy, now)
        paged += [(now - OPENED, act.people) for act in decision.acts if act.what == "page"]
        state = recorded(state, decision, now)
        assert state.next_action_at is not None
        coming = [at for at in [*news, state.next_action_at] if at >= now]
        news = [at for at in news if at > now]
        now = min(at for at in coming if at > now or at == state.next_action_at)
        if now != state.next_action_at:
            state = state.model_copy(update={"revision": state.revision + 1})
    assert paged == calm


def test_what_pages_nobody_is_told_in_the_channel_once_and_kept_up_to_date_there():
    told = incident(page=False)
    first = decide(told, NIGHT, OPENED)
    assert (first.pages, first.next_action_at, first.acts) == (1, None, (Act("warn"),))
    changed = recorded(told, first, OPENED)
    assert decide(changed, NIGHT, OPENED + 60 * MINUTE) == Decision(
        1, None, (Act("tell"),), "told in the channel; nobody is paged for it"
    )
    over = changed.model_copy(update={"status": "resolved", "revision": 2})
    assert decide(over, NIGHT, OPENED).acts == (Act("tell", note=True), Act("end"))


def test_what_paged_nobody_pages_once_a_person_escalates_it():
    escalated = incident(page=True, pages=1)  # what the logbook makes of it
    assert [act.what for act in decide(escalated, NIGHT, OPENED).acts] == ["page"]
