"""By whom an incident is taken, with a rota as it should be and with every other one."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from vigie.core.call_plan import CHANNEL, call_plan
from vigie.core.client import EscalationPolicy, EscalationStep, LastResort, Person, Rota

MINUTE = timedelta(minutes=1)


def policy(name: str, *pages: tuple[str, ...], last: LastResort | None = None) -> EscalationPolicy:
    steps = tuple(EscalationStep(page=page, delay=10 * MINUTE) for page in pages)
    return EscalationPolicy(id=name, steps=steps, last_resort=last or LastResort())


def rota(*policies: EscalationPolicy, people: str = "anna bruno petra", unreadable: bool = False) -> Rota:
    return Rota(
        people={name: Person(id=name, name=name.title(), email=f"{name}@vigie.example") for name in people.split()},
        policies={each.id: each for each in policies},
        platform_channel="platform",
        unreadable=unreadable,
    )


PLATFORM = policy("platform_duty", ("petra",))


def test_the_last_resort_is_everybody_of_the_policy_and_of_the_platforms() -> None:
    plan = call_plan(rota(policy("duty", ("anna",), ("bruno", "anna")), PLATFORM), "duty")
    assert plan.policy.last_resort == LastResort(page=("anna", "bruno", "petra"), every=15 * MINUTE)
    assert (plan.fault, plan.everybody) == ("", ("anna", "bruno", "petra"))


def test_a_last_resort_that_is_written_is_kept() -> None:
    last = LastResort(page=("bruno",), every=5 * MINUTE)
    assert call_plan(rota(policy("duty", ("anna",), last=last), PLATFORM), "duty").policy.last_resort == last


def test_a_policy_that_is_missing_is_everybody_and_says_so() -> None:
    plan = call_plan(rota(PLATFORM), "duty")
    assert [step.page for step in plan.policy.steps] == [("anna", "bruno", "petra")]
    assert (plan.policy.id, plan.policy.levels, plan.fault) == ("duty", 1, "policy_missing")
    assert plan.policy.last_resort.page == ("anna", "bruno", "petra")


def test_steps_of_people_who_are_gone_are_skipped() -> None:
    torn = rota(policy("duty", ("zoe",), ("zoe", "bruno")), PLATFORM, unreadable=True)
    plan = call_plan(torn, "duty")
    assert [step.page for step in plan.policy.steps] == [("bruno",)]
    assert plan.fault == "rota_unreadable"
    nobody = call_plan(rota(policy("duty", ("zoe",)), PLATFORM), "duty")
    assert nobody.policy.steps[0].page == ("anna", "bruno", "petra")


def test_where_nobody_is_known_the_channel_is_called() -> None:
    plan = call_plan(rota(people="", unreadable=True), "duty")
    assert plan.policy.steps[0].page == plan.policy.last_resort.page == (CHANNEL,)


NAMES = st.lists(st.sampled_from(["anna", "bruno", "petra", "zoe", "yann"]), min_size=1, max_size=3).map(tuple)
POLICIES = st.builds(
    policy,
    st.sampled_from(["duty", "platform_duty", "other"]),
    NAMES,
    NAMES,
    last=st.none() | st.builds(LastResort, page=st.none() | NAMES),
)


@given(st.lists(POLICIES, max_size=3), st.sampled_from(["duty", "platform_duty", "gone"]), st.booleans())
def test_whatever_the_rota_each_call_of_a_plan_is_to_people_whom_it_knows(
    policies: list[EscalationPolicy], name: str, unreadable: bool
) -> None:
    known = rota(*policies, unreadable=unreadable)
    plan = call_plan(known, name)
    assert plan.policy.steps
    for page in (*(step.page for step in plan.policy.steps), plan.policy.last_resort.page, plan.everybody):
        assert page
        assert set(page) <= set(known.people)
