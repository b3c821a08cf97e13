"""By whom an incident is taken tonight: a policy as far as the rota can be used, and never by nobody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal, NamedTuple

from vigie.core.client import PLATFORM_POLICY, EscalationPolicy, EscalationStep, LastResort, Rota

CHANNEL = "everybody in the channel"
"""Who is called where the rota knows nobody."""

Fault = Literal["", "policy_missing", "rota_unreadable"]
"""What is wrong with a plan; it stands in each call, as a sentence of ``thread_words``."""

FALL_BACK_DELAY = timedelta(minutes=10)


class CallPlan(NamedTuple):
    """A policy all of whose people the rota knows, its last resort by name, and what is wrong with it.

    ``everybody`` is called where even the last resort reaches nobody.
    """

    policy: EscalationPolicy
    everybody: tuple[str, ...]
    fault: Fault = ""


def call_plan(rota: Rota, name: str) -> CallPlan:
    """The plan of the policy of this name.

    Where the rota lacks it, or knows nobody of it, everybody of the rota is called: somebody must hear it, and each
    call says what is missing.
    """
    everybody = tuple(rota.people) or (CHANNEL,)
    fault: Fault = "rota_unreadable" if rota.unreadable else ""
    written = rota.policies.get(name)
    steps = _steps(written, rota) if written else ()
    if written is None or not steps:
        step = EscalationStep(page=everybody, delay=FALL_BACK_DELAY)
        last = LastResort(page=everybody)
        policy = EscalationPolicy(id=name, steps=(step,), repeat=0, last_resort=last)
        return CallPlan(policy, everybody, fault or "policy_missing")
    platform = rota.policies.get(PLATFORM_POLICY)
    named = written.last_resort.page or (*written.people, *(platform.people if platform else ()))
    last = written.last_resort.model_copy(update={"page": _known(named, rota) or everybody})
    return CallPlan(written.model_copy(update={"steps": steps, "last_resort": last}), everybody, fault)


def _steps(policy: EscalationPolicy, rota: Rota) -> tuple[EscalationStep, ...]:
    """Its steps, with those of their people whom the rota knows; a step of nobody is skipped."""
    known = [(step, _known(step.page, rota)) for step in policy.steps]
    return tuple(step.model_copy(update={"page": people}) for step, people in known if people)


def _known(names: Iterable[str], rota: Rota) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(names) if name in rota.people)
