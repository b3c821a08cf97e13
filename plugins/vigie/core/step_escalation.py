"""What to do about a step that nobody answers: the question stays open, more people are asked, and it never falls silent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from vigie.core.client import EscalationPolicy
from vigie.core.incident import Incident
from vigie.core.open_step import PROCEDURE, OpenStep

LAST_WORDS_EVERY = timedelta(hours=1)
"""How often a step is recalled in the thread whose procedure has resolved the incident: nobody is called for it."""


class StepLevel(NamedTuple):
    """One level: ``page`` calls these people, ``remind`` only speaks to them in the thread; then ``wait``."""

    what: Literal["page", "remind"]
    people: tuple[str, ...]
    wait: timedelta


class StepDecision(NamedTuple):
    """What the desk does about a step now, and when it has to think again. ``reason`` goes into the logbook.

    ``end`` says that nobody needs the step any more: it is closed, and its run ends. ``exhausted`` names the policy all
    of whose people were called in vain.
    """

    pages: int
    next_action_at: datetime | None
    level: StepLevel | None
    reason: str
    end: bool = False
    exhausted: str = ""


def levels(step: OpenStep, policy: EscalationPolicy, holder: str | None) -> tuple[StepLevel, ...]:
    """Every level before the last resort, in its order: the next people of the policy, a reminder, the owner, reminders.

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
    words are left: of these the thread is reminded. While the incident's own pages go out, none does about the step.
    After its levels the policy's last resort calls until somebody answers.
    """
    if step.status != "open":
        return StepDecision(step.pages, None, None, f"{step.title}: {step.status}")
    if incident is not None and incident.status == "resolved":
        if incident.resolved_by == PROCEDURE:
            return _last_words(step, incident, now)
        return StepDecision(step.pages, None, None, "the incident has ended; the step is no longer needed", end=True)
    holder = incident.acknowledged_by if incident else None
    ladder = levels(step, policy, holder)
    due = _due(step, ladder, policy, now)
    if now < due:
        return _kept(step, due, "not yet")
    if incident is not None and incident.page and (incident.status == "open" or incident.recalled_at is not None):
        later = now + step.escalate_after
        return _kept(step, later, "nobody has the incident, whose own pages go out")
    if step.pages >= len(ladder):
        return _speaks(step, last_resort(policy), now, exhausted=policy.id)
    return _speaks(step, ladder[step.pages], now)


def last_resort(policy: EscalationPolicy) -> StepLevel:
    """Whom a step calls again and again when all others were called in vain."""
    return StepLevel("page", policy.last_resort.page or policy.people, policy.last_resort.every)


def _last_words(step: OpenStep, incident: Incident, now: datetime) -> StepDecision:
    """The procedure has resolved the incident: what is left of it is not worth a call, and is not forgotten either."""
    due = min(step.paged_at or step.opened_at, now) + max(step.escalate_after, LAST_WORDS_EVERY)
    if now < due:
        return _kept(step, due, "the procedure has resolved the incident; nobody is paged")
    holder = incident.acknowledged_by
    known = (holder,) if holder and holder != PROCEDURE else (step.owner,) if step.owner else ()
    return _speaks(step, StepLevel("remind", known, LAST_WORDS_EVERY), now)


def _speaks(step: OpenStep, level: StepLevel, now: datetime, exhausted: str = "") -> StepDecision:
    verb = "page" if level.what == "page" else "reminder to"
    reason = f"'{step.title}' is unanswered: {verb} {', '.join(level.people) or 'everybody'}"
    return StepDecision(step.pages + 1, now + level.wait, level, reason, exhausted=exhausted)


def _kept(step: OpenStep, due: datetime, reason: str) -> StepDecision:
    return StepDecision(step.pages, due, None, reason, exhausted=step.exhausted)


def _due(step: OpenStep, ladder: tuple[StepLevel, ...], policy: EscalationPolicy, now: datetime) -> datetime:
    """When the next level begins. Before the first one the step itself may ask for it sooner (*Escalate*).

    What was noted in the future was noted by a clock that went wrong: nobody waits for that.
    """
    if (step.paged_at or step.opened_at) > now:
        return now
    if step.pages == 0:
        usual = step.opened_at + step.escalate_after
        return min(usual, step.next_action_at or usual)
    if step.paged_at is None:
        return step.opened_at
    wait = ladder[step.pages - 1].wait if step.pages <= len(ladder) else policy.last_resort.every
    return step.paged_at + wait
