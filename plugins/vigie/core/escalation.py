"""What to do about an incident now: the pure heart of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from vigie.core.client import EscalationPolicy
from vigie.core.incident import Incident


class Act(NamedTuple):
    """One thing to do.

    ``page`` asks these people to act; ``warn`` tells the channel and calls nobody; ``tell`` changes the incident's message in place, and where ``note`` is true
    also answers in its thread and writes to those who were paged; ``open_procedure`` starts the procedure's run;
    ``all_clear`` writes the end to the client's contacts who were told of the incident.
    """

    what: Literal["page", "warn", "tell", "open_procedure", "all_clear"]
    people: tuple[str, ...] = ()
    note: bool = False


class Decision(NamedTuple):
    """What the desk does now, and when it has to think again. ``reason`` goes into the logbook."""

    pages: int
    next_action_at: datetime | None
    acts: tuple[Act, ...]
    reason: str


def decide(incident: Incident, policy: EscalationPolicy, now: datetime) -> Decision:
    """Decide. ``now`` is UTC.

    While nobody acknowledges, each step of the policy pages its people and waits its delay; after the last step the
    policy starts again, ``repeat`` times. An acknowledgement ends the paging, opens the procedure and is told.
    An incident that was resolved before anybody was paged or took it is not told (Alertmanager: resolved within
    group_wait). One that pages nobody is told in the channel, once, and kept up to date there.
    """
    if incident.status == "resolved":
        if incident.pages == 0 and incident.acknowledged_at is None:
            return Decision(0, None, (), "resolved before anybody was paged")
        return _ended(incident, now)
    if incident.status == "acknowledged":
        acts: tuple[Act, ...] = (Act("tell", note=True),)
        if incident.procedure:
            acts += (Act("open_procedure"),)
        return Decision(incident.pages, None, acts, f"acknowledged by {incident.acknowledged_by}")
    return _paging(incident, policy, now)


def _ended(incident: Incident, now: datetime) -> Decision:
    """Told at once among ourselves, and to the client's contacts when it has not come back for ``hold``."""
    acts = (Act("tell", note=True),) if incident.told != incident.revision else ()
    if incident.all_clear_at is None:
        return Decision(incident.pages, None, acts, "resolved")
    if now < incident.all_clear_at:
        return Decision(incident.pages, incident.all_clear_at, acts, "resolved")
    return Decision(incident.pages, None, (*acts, Act("all_clear")), "resolved" if acts else "it has not come back")


def _paging(incident: Incident, policy: EscalationPolicy, now: datetime) -> Decision:
    pages = incident.pages
    if not incident.page:
        act = Act("tell") if pages else Act("warn")
        return Decision(max(1, pages), None, (act,), "told in the channel; nobody is paged for it")
    waiting_until = _waiting_until(incident, policy)
    if waiting_until is not None and now < waiting_until:
        return Decision(pages, waiting_until, (Act("tell"),), "changed while waiting for an answer")
    if pages >= len(policy.steps) * (1 + policy.repeat):
        return Decision(
            pages, None, (Act("tell"),), f"nobody answered {pages} pages; the policy '{policy.id}' is at its end"
        )
    step = policy.steps[pages % len(policy.steps)]
    people = ", ".join(step.page)
    return Decision(pages + 1, now + step.delay, (Act("page", people=step.page),), f"page {pages + 1}: {people}")


def _waiting_until(incident: Incident, policy: EscalationPolicy) -> datetime | None:
    if incident.pages == 0 or incident.paged_at is None:
        return None
    return incident.paged_at + policy.steps[(incident.pages - 1) % len(policy.steps)].delay
