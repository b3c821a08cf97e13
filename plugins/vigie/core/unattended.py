"""The invariant: no unresolved incident that calls people, no open step and no call on its way is without a next action.

A warning that calls nobody (``page=False``) waits for the handover.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from vigie.core.client import A_DAY
from vigie.core.incident import Incident
from vigie.core.message import Outbound
from vigie.core.open_step import OpenStep

A_CALL_WAITS = timedelta(minutes=15)
"""A call that could not be sent is tried again sooner than this, whatever its channel asks for."""

NONE = "it has no next action"


class Unattended(NamedTuple):
    """Something that would fall silent: its name (of a call, the message's key), and why."""

    what: str
    why: str


def unattended_incident(incident: Incident, now: datetime) -> Unattended | None:
    """Why nobody would ever hear of this incident again; None where somebody will. ``now`` is UTC.

    No policy waits for longer than a day: a next action that is further away comes of a clock that went wrong.
    """
    if incident.status == "resolved" or not incident.page:
        return None
    return _judged(incident.id, incident.next_action_at, now, A_DAY)


def unattended_step(step: OpenStep, now: datetime) -> Unattended | None:
    """The same for a step: while it is open, people are asked."""
    if step.status != "open":
        return None
    return _judged(step.id, step.next_action_at, now, max(A_DAY, step.escalate_after))


def unattended_call(message: Outbound, now: datetime) -> Unattended | None:
    """The same for a call that is still to be sent."""
    if message.purpose != "page" or message.status not in {"queued", "claimed"}:
        return None
    return _judged(message.key, message.next_action_at or now, now, A_CALL_WAITS)


def _judged(what: str, planned: datetime | None, now: datetime, longest: timedelta) -> Unattended | None:
    if planned is None:
        return Unattended(what, NONE)
    if planned - now > longest:
        return Unattended(what, f"its next action is planned for {planned:%Y-%m-%d %H:%M} UTC, which is too far away")
    return None
