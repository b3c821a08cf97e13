"""The life of an incident: taken, handed on, ended, and back again. Who asks for it, the logbook records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from vigie.core.incident import Incident
from vigie.core.open_step import PROCEDURE

FLAPPING = 3
"""The third return within ``FLAPPING_WITHIN`` makes an incident a flapping one."""

FLAPPING_WITHIN = timedelta(hours=1)

NOT_PEOPLE = frozenset({PROCEDURE, "desk", "rounds"})
"""Who acts and is nobody: what these do is no sign that a person works on an incident."""


def acknowledged(incident: Incident, by: str, at: datetime) -> Incident:
    """Taken by a person at this instant (UTC): nobody more is called."""
    return _changed(
        incident,
        status="acknowledged",
        acknowledged_at=at,
        acknowledged_by=by,
        active_at=at,
        recalled_at=None,
        exhausted="",
        unreached=0,
        handed_on_by=None,
        next_action_at=at,
    )


def escalated(incident: Incident, by: str, at: datetime) -> Incident:
    """Handed on to the next people, who are called at once; also one for which nobody was to be called."""
    holder = incident.acknowledged_by or (None if by in NOT_PEOPLE else by) or incident.handed_on_by
    return _changed(
        incident,
        status="open",
        page=True,
        acknowledged_at=None,
        acknowledged_by=None,
        paged_at=None,
        recalled_at=None,
        handed_on_by=None if holder in NOT_PEOPLE else holder,
        next_action_at=at,
    )


def resolved(incident: Incident, by: str, at: datetime) -> Incident:
    """Ended at this instant (UTC). Until ``hold`` is over it may come back, and who is outside is not told."""
    return _changed(
        incident,
        status="resolved",
        resolved_at=at,
        resolved_by=by,
        recalled_at=None,
        exhausted="",
        all_clear_at=at + incident.hold,
        next_action_at=at,
    )


def reopened(incident: Incident, at: datetime, *, returned: bool) -> Incident:
    """Back at this instant (UTC), with its owner; ``returned`` says that a watch saw it, else a person undid its end.

    A procedure that had it owns it no longer: its run has ended. Within ``hold`` the calls go on where they were,
    later they begin anew.
    """
    owner = None if incident.acknowledged_by in NOT_PEOPLE else incident.acknowledged_by
    returns = incident.returns
    if returned:
        returns = (*(each for each in returns if at - each < FLAPPING_WITHIN), at)
    changes: dict[str, Any] = {
        "status": "acknowledged" if owner else "open",
        "acknowledged_by": owner,
        "acknowledged_at": incident.acknowledged_at if owner else None,
        "resolved_at": None,
        "resolved_by": None,
        "all_clear_at": None,
        "reopenings": incident.reopenings + 1,
        "reopened_at": at,
        "returns": returns,
        "exhausted": "",
        "unreached": 0,
        "flapping_at": (incident.flapping_at or at) if len(returns) >= FLAPPING else None,
        "next_action_at": at,
    }
    if not returned:
        changes["active_at"] = at
    if not comes_back(incident, at):
        changes |= {"level": 0, "paged_at": None}
    return _changed(incident, **changes)


def comes_back(incident: Incident, at: datetime) -> bool:
    """Whether what is seen at this instant (UTC) belongs to an incident that has ended: it is within its ``hold``."""
    return incident.resolved_at is not None and at - incident.resolved_at <= incident.hold


def worked_on(incident: Incident, by: str, at: datetime) -> Incident:
    """Somebody notes something or answers a step: who has the incident works on it, and nobody else is called for now.

    Its revision stays: people see nothing of it. The same incident where nobody is at work, or nothing is left to do.
    """
    if by in NOT_PEOPLE or incident.status == "resolved":
        return incident
    changes: dict[str, Any] = {"active_at": at}
    if incident.status == "acknowledged":
        changes |= {"recalled_at": None, "exhausted": "", "unreached": 0, "next_action_at": at}
    return incident.model_copy(update=changes)


def not_reached(incident: Incident, number: int, at: datetime) -> Incident:
    """The call of this number reached nobody: the next people are called at once.

    The last resort goes on once more at once, with everybody of the rota, and then waits as always. The same incident
    where that call is not the one that it waits for.
    """
    calling = incident.status == "open" or incident.recalled_at is not None
    if not calling or not incident.page or incident.pages != number or (incident.exhausted and incident.unreached):
        return incident
    unreached = incident.unreached + 1 if incident.exhausted else 0
    return incident.model_copy(update={"paged_at": None, "next_action_at": at, "unreached": unreached})


def forgotten_at(incident: Incident, patience: timedelta, now: datetime) -> datetime:
    """When an incident that somebody has counts as forgotten: nobody worked on it for ``patience``. ``now`` is UTC.

    That it came back is no work, and work in the future was noted by a clock that went wrong.
    """
    known = (incident.opened_at, incident.acknowledged_at, incident.active_at)
    return max((at for at in known if at is not None and at <= now), default=now - patience) + patience


def unsteady(incident: Incident) -> bool:
    """Whether an incident that has ended came back within the hour before: it may do so again."""
    ended, returns = incident.resolved_at, incident.returns
    return ended is not None and bool(returns) and ended - returns[-1] < FLAPPING_WITHIN


def _changed(incident: Incident, **changes: Any) -> Incident:
    return incident.model_copy(update={**changes, "revision": incident.revision + 1})
