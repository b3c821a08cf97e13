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
    """Ended at this instant (UTC). The client's contacts are told when ``hold`` is over: it may come back."""
    return _changed(
        incident,
        status="resolved",
        resolved_at=at,
        resolved_by=by,
        recalled_at=None,
        exhausted="",
        all_clear_at=at + incident.hold if incident.audience == "client" else None,
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


def _changed(incident: Incident, **changes: Any) -> Incident:
    return incident.model_copy(update={**changes, "revision": incident.revision + 1})
