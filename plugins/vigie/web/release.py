"""A message that the wall holds because nobody knows its recipient: a second person reads it and lets it go."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict

from vigie.core.entry import Entry
from vigie.core.incident import Incident
from vigie.web.api import guard
from vigie.web.control_room import ControlRoom, RoomDep
from vigie.web.incidents import incident_to_act_on, own_form
from vigie.web.permissions import may_read
from vigie.web.place import mount
from vigie.web.refusals import enter_refusal
from vigie.web.sign_in import ApiUserDep, PageUserDep

router = APIRouter()


class Held(BaseModel):
    """Which message: its key."""

    model_config = ConfigDict(extra="forbid")

    message: str


class Released(BaseModel):
    """What came of it: whether it goes out now because of this request; ``text`` tells a person why not."""

    released: bool
    text: str


def let_go(room: ControlRoom, incident: Incident, key: str, user: BaseUser) -> Released:
    """Release a held message of this incident, once.

    Raises HTTPException 404 where the incident has no such message, 403 where this person wrote it.
    """
    book, by = room.logbook(), user.get_name()
    message = book.outbound(key)
    if message is None or message.incident != incident.id:
        owner = book.incident(message.incident) if message is not None and message.incident else None
        if owner is not None and not may_read(user, owner):
            enter_refusal(room, user, f"a message of {owner.id}", wanted="act on")
        raise HTTPException(404, f"{incident.id} has no such message.")
    if by == message.variables.get("by"):
        raise HTTPException(403, "You sent this message; a second person has to release it.")
    entry = Entry(
        at=room.now(), client=message.client, incident=incident.id, kind="message.released", actor=by,
        text=f"{message.purpose} to {message.recipient} by {message.channel}",
    )  # fmt: skip
    if book.release(key, by, room.now(), entry):
        return Released(released=True, text="")
    after = book.outbound(key) or message
    who = after.variables.get("released_by")
    told = f"Already released by {room.lexicon().actor(str(who))}." if who else "This message is not held."
    return Released(released=False, text=told)


@router.post("/incidents/{incident_id}/release")
def release(
    request: Request,
    room: RoomDep,
    user: PageUserDep,
    form: Annotated[dict[str, str], Depends(own_form)],
    incident_id: str,
) -> RedirectResponse:
    """Release it, then show the incident."""
    let_go(room, incident_to_act_on(room, user, incident_id), form.get("message", ""), user)
    return RedirectResponse(f"{mount(request)}/incidents/{quote(incident_id, safe='')}", status_code=303)


@router.post("/api/incidents/{incident_id}/release", dependencies=[Depends(guard)])
def release_by_program(room: RoomDep, user: ApiUserDep, incident_id: str, held: Held) -> Released:
    """The same for programs."""
    return let_go(room, incident_to_act_on(room, user, incident_id), held.message, user)
