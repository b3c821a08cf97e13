"""What a person does to an incident: take it, resolve it, note something. One way for pages, programs and Slack."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from fastapi import HTTPException

from vigie.core.incident import Incident
from vigie.logbook.book import Logbook
from vigie.web.lexicon import Lexicon

Deed = Literal["acknowledge", "resolve", "note"]
DEEDS: tuple[Deed, ...] = get_args(Deed)
Said = Literal["done", "already", "resolved", "unknown", "newer"]
NOTE_LIMIT = 4000
"""Characters of a note."""


def carry_out(
    deed: Deed, book: Logbook, incident_id: str, *, by: str, at: datetime, via: str, text: str = ""
) -> tuple[Said, Incident | None]:
    """Do it, and say what came of it. Doing it twice changes nothing. ``at`` is UTC.

    Raises HTTPException 422 for a note that says nothing or too much.
    """
    if deed == "note":
        return _note(book, incident_id, by=by, at=at, text=text)
    act = book.acknowledge if deed == "acknowledge" else book.resolve
    outcome = act(incident_id, by, at, via)
    return outcome.result, outcome.incident


def _note(book: Logbook, incident_id: str, *, by: str, at: datetime, text: str) -> tuple[Said, Incident | None]:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise HTTPException(422, "The note is empty; write what the next reader must know.")
    if len(text) > NOTE_LIMIT:
        raise HTTPException(422, f"The note has {len(text)} characters; shorten it to {NOTE_LIMIT}.")
    if not book.note(incident_id, by, at, text):
        return "unknown", None
    return "done", book.incident(incident_id)


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
    return ""
