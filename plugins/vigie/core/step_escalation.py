"""What to do about a step that nobody answers: the question stays open, and more people are asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from vigie.core.client import EscalationPolicy
from vigie.core.incident import Incident
from vigie.core.open_step import PROCEDURE, OpenStep


class StepLevel(NamedTuple):
    """One level: ``page`` calls these people, ``remind`` only speaks to them in the thread; then ``wait``."""

    what: Literal["page", "remind"]
    people: tuple[str, ...]
    wait: timedelta


class StepDecision(NamedTuple):
    """What the desk does about a step now, and when it has to think again. ``reason`` goes into the logbook.

    ``end`` says that nobody needs the step any more: it is closed, and its run ends.
    """

    pages: int
    next_action_at: datetime | None
    level: StepLevel | None
    reason: str
    end: bool = False


def levels(step: OpenStep, policy: EscalationPolicy, holder: str | None) -> tuple[StepLevel, ...]:
    """Every level, in its order: the next people of the policy, a reminder, the owner, reminders.

    ``holder`` has the incident and knows of the step: the policy goes on after the holder's own place in it.
    """
    own = next((place for place, each in enumerate(policy.steps) if holder in each.page), -1)
    in_turn = (*policy.steps[own + 1 :], *policy.steps[: own + 1])
    found: list[StepLevel] = []
    known = [holder] if holder else []
    for each in in_turn:
        people = tuple(name for name in dict.fromkeys(each.page) if name not in known)
        if people:
            found.append(StepLevel("page", people, each.delay))
            known += people
    found.append(StepLevel("remind", tuple(known), step.escalate_after))
    if step.owner:
        found.append(StepLevel("page", (step.owner,), step.escalate_after))
        known += [step.owner] if step.owner not in known else []
    last = StepLevel("remind", tuple(known), step.escalate_after)
    return (*found, *[last] * policy.repeat)


def decide_step(step: OpenStep, incident: Incident | None, policy: EscalationPolicy, now: datetime) -> StepDecision:
    """Decide. ``now`` is UTC.

    A step whose incident has ended is no longer needed, unless the procedure itself has ended it and only its last
    words are left. While nobody has the incident, its own pages go out and none about the step.
    """
    if step.status != "open":
        return StepDecision(step.pages, None, None, f"{step.title}: {step.status}")
    if incident is not None and incident.status == "resolved":
        if incident.resolved_by == PROCEDURE:
            return StepDecision(step.pages, None, None, "the procedure has resolved the incident; nobody is paged")
        return StepDecision(step.pages, None, None, "the incident has ended; the step is no longer needed", end=True)
    holder = incident.acknowledged_by if incident else None
    ladder = levels(step, policy, holder)
    due = _due(step, ladder)
    if now < due:
        return StepDecision(step.pages, due, None, "not yet")
    if incident is not None and incident.status == "open":
        later = now + step.escalate_after
        return StepDecision(step.pages, later, None, "nobody has the incident, whose own pages go out")
    if step.pages >= len(ladder):
        return StepDecision(step.pages, None, None, f"nobody answered '{step.title}'; its escalation is at its end")
    level = ladder[step.pages]
    verb = "page" if level.what == "page" else "reminder to"
    reason = f"'{step.title}' is unanswered: {verb} {', '.join(level.people) or 'everybody'}"
    return StepDecision(step.pages + 1, now + level.wait, level, reason)


def _due(step: OpenStep, ladder: tuple[StepLevel, ...]) -> datetime:
    if step.pages == 0 or step.paged_at is None:
        return step.opened_at + step.escalate_after
    return step.paged_at + ladder[min(step.pages, len(ladder)) - 1].wait
