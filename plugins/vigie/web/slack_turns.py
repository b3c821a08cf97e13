"""An incident that is resolved or reopened in Slack: a form asks why, so that no single press does it."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import HTTPException

from vigie.core.errors import TransportError
from vigie.core.incident import Incident
from vigie.tasks.incident_facts import IncidentFacts
from vigie.tasks.posts import known_rota
from vigie.web.control_room import ControlRoom
from vigie.web.deeds import REASON_LIMIT, carry_out, told
from vigie.web.slack_form import notice, turn_form
from vigie.web.slack_press import Turn

log = logging.getLogger("vigie.web.slack")

UNKNOWN = "This incident is not in the logbook."


def ask_why(room: ControlRoom, turn: Turn, incident_id: str, trigger: str) -> str:
    """Show the form; a sentence where it is not shown, with the page's address if Slack is why."""
    incident = room.logbook().incident(incident_id)
    if incident is None:
        log.warning("Slack's button names an incident that is not in the logbook: %.40r", incident_id)
        return UNKNOWN
    if (incident.status == "resolved") == (turn == "resolve"):
        return told("already", incident, room.lexicon())
    about = _about(room)
    try:
        room.open_in_slack(trigger, turn_form(turn, incident, about.language(incident), REASON_LIMIT))
    except TransportError as refused:
        log.warning("the form to %s %s was not shown: %s", turn, incident.id, refused)
        return f"Slack did not open the form. Do it on the page: {about.incident_url(incident)}/{turn}"
    return ""


def take_turn(room: ControlRoom, turn: Turn, incident_id: str, by: str, why: str) -> dict[str, Any] | None:
    """Do it: what the form does next, None to close it."""
    if not why.strip():
        return {"response_action": "errors", "errors": {"why": "Write a reason."}}
    try:
        said, incident = carry_out(turn, room, incident_id, by=by, via="slack", text=why)
    except HTTPException as refused:
        return {"response_action": "errors", "errors": {"why": str(refused.detail)}}
    if incident is None:
        return _shown(room, None, UNKNOWN)
    text = told(said, incident, room.lexicon())
    return _shown(room, incident, text) if text else None


def _shown(room: ControlRoom, incident: Incident | None, text: str) -> dict[str, Any]:
    language = _about(room).language(incident) if incident else "en"
    return {"response_action": "update", "view": notice(incident.id if incident else "Vigie", text, language)}


def _about(room: ControlRoom) -> IncidentFacts:
    return IncidentFacts(room.library(), known_rota(room.library()))
