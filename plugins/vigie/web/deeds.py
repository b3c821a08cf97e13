"""What a person does to an incident: take it, resolve it, reopen it, note something. One way for pages, programs, Slack."""

from __future__ import annotations

from typing import Literal, get_args

from fastapi import HTTPException

from vigie.core.incident import Incident
from vigie.tasks.wording import Wording
from vigie.web.control_room import ControlRoom
from vigie.web.lexicon import Lexicon

Deed = Literal["acknowledge", "resolve", "reopen", "note"]
DEEDS: tuple[Deed, ...] = get_args(Deed)

Turn = Literal["resolve", "reopen"]
"""The deeds that ask for a reason before they are done: both turn the life of an incident round."""

TURNS: frozenset[Turn] = frozenset(get_args(Turn))

Said = Literal["done", "already", "resolved", "unknown", "newer"]
NOTE_LIMIT = 4000
"""Characters of a note."""

REASON_LIMIT = 1000
"""Characters of a reason."""


def carry_out(
    deed: Deed, room: ControlRoom, incident_id: str, *, by: str, via: str, text: str = ""
) -> tuple[Said, Incident | None]:
    """Do it now, and say what came of it. Doing it twice changes nothing. ``text`` is the note, or the reason.

    A reason is posted in the incident's thread. Raises HTTPException 422 for a note that says nothing, and for one or a
    reason that says too much.
    """
    text = text.replace("\r\n", "\n").strip()
    book, at = room.logbook(), room.now()
    if deed == "note":
        return _note(room, incident_id, by=by, text=text)
    if deed == "acknowledge":
        outcome = book.acknowledge(incident_id, by, at, via)
        return outcome.result, outcome.incident
    if len(text) > REASON_LIMIT:
        raise HTTPException(422, f"The reason has {len(text)} characters; shorten it to {REASON_LIMIT}.")
    act = book.resolve if deed == "resolve" else book.reopen
    outcome = act(incident_id, by, at, via, text)
    if outcome.result == "done" and outcome.incident is not None and text:
        _post(room, outcome.incident, by, text)
    return outcome.result, outcome.incident


def _post(room: ControlRoom, incident: Incident, by: str, why: str) -> None:
    """The reason, in the incident's thread."""
    if incident.pages:
        key = f"reason/{incident.revision}/slack"
        wording = Wording(room.library(), room.now())
        room.logbook().queue(wording.note(incident, key, "reason", who=room.lexicon().actor(by), why=why))


def _note(room: ControlRoom, incident_id: str, *, by: str, text: str) -> tuple[Said, Incident | None]:
    if not text:
        raise HTTPException(422, "The note is empty; write what the next reader must know.")
    if len(text) > NOTE_LIMIT:
        raise HTTPException(422, f"The note has {len(text)} characters; shorten it to {NOTE_LIMIT}.")
    if not room.logbook().note(incident_id, by, room.now(), text):
        return "unknown", None
    return "done", room.logbook().incident(incident_id)


def told(said: Said, incident: Incident, lexicon: Lexicon) -> str:
    """A sentence for the person who pressed the button; empty where it was done."""
    if said in {"done", "unknown"}:
        return ""
    if said == "newer":
        return f"It has come back meanwhile, as {incident.id}."
    if incident.status == "resolved" and incident.resolved_at:
        time = lexicon.clock_time(incident.resolved_at, incident.client)
        return f"Already resolved by {lexicon.resolver(incident)} at {time}."
    if incident.acknowledged_at:
        time = lexicon.clock_time(incident.acknowledged_at, incident.client)
        return f"Already taken by {lexicon.actor(incident.acknowledged_by)} at {time}."
    return "It is open already." if said == "already" else ""
