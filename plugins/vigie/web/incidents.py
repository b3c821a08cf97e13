"""The pages of incidents: the list, one incident, and its buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from vigie.core.incident import Incident
from vigie.tasks.procedure_standing import standing
from vigie.web.control_room import ControlRoom, RoomDep
from vigie.web.csrf import FIELD, FormTokens, comes_from_us
from vigie.web.deeds import REASON_LIMIT, Deed, Said, Turn, carry_out, told
from vigie.web.incident_list import on_the_board
from vigie.web.page import Live, Page
from vigie.web.permissions import may_act, may_answer, may_read
from vigie.web.place import mount
from vigie.web.refusals import enter_refusal
from vigie.web.sign_in import ApiUserDep, PageUserDep
from vigie.web.story import place, story

router = APIRouter()


def _list_page(request: Request, room: ControlRoom, user: BaseUser) -> tuple[Page, str]:
    incidents = on_the_board(room.logbook(), user, room.now())
    waiting = sum(incident.status == "open" for incident in incidents)
    acting = {incident.id for incident in incidents if may_act(user, incident)}
    page = Page(
        request, room, user, "incidents.html", incidents,
        incidents=incidents, acting=acting, words=room.lexicon(), title=_list_title(waiting),
    )  # fmt: skip
    return page, _list_title(waiting)


def _list_title(waiting: int) -> str:
    return f"({waiting}) Incidents" if waiting else "Incidents"


def incident_page(
    request: Request,
    room: ControlRoom,
    user: BaseUser,
    incident_id: str,
    said: Said = "done",
    *,
    notice: str = "",
    typed: Mapping[str, str] | None = None,
) -> tuple[Page, str]:
    """The page of an incident. ``typed`` is what was filled in already, where an answer did not do."""
    book, words = room.logbook(), room.lexicon()
    incident = incident_for(room, user, incident_id)
    entries = book.entries(incident=incident_id)
    messages = book.outbox(incident=incident_id)
    steps = book.steps(incident=incident_id)
    acting = may_act(user, incident)
    answering = {step.id: acting and may_answer(user, step.dag_id) for step in steps if step.status == "open"}
    page = Page(
        request, room, user, "incident.html", (incident, entries, messages, steps),
        steps=steps, answering=answering, typed=typed or {},
        incident=incident, story=story(entries, words), messages=messages, words=words, acting=acting, place=place,
        procedure_standing=standing(room.library(), incident),
        title=f"{incident.id} {incident.title}", notice=notice or told(said, incident, words),
    )  # fmt: skip
    return page, f"{incident.id} {incident.status}"


def incident_for(room: ControlRoom, user: BaseUser, incident_id: str) -> Incident:
    """The incident. Raises HTTPException 404 where there is none that this user may see."""
    incident = room.logbook().incident(incident_id)
    if incident is None or not may_read(user, incident):
        if incident is not None:
            enter_refusal(room, user, incident.id)
        raise HTTPException(404, f"There is no incident {incident_id[:40]}.")
    return incident


def incident_to_act_on(room: ControlRoom, user: BaseUser, incident_id: str) -> Incident:
    """The incident. Raises HTTPException 404 as ``incident_for``, 403 where this user may only read it."""
    incident = incident_for(room, user, incident_id)
    if not may_act(user, incident):
        enter_refusal(room, user, incident.id, wanted="act on")
        raise HTTPException(403, f"Your role lets you read incidents of {incident.client}, not act on them.")
    return incident


@router.get("/incidents", response_class=HTMLResponse)
def incidents(request: Request, room: RoomDep, user: PageUserDep) -> HTMLResponse:
    """Open and acknowledged first, then the resolved of the last 24 hours."""
    return _list_page(request, room, user)[0].whole()


@router.get("/live/incidents")
def live_incidents(request: Request, room: RoomDep, user: ApiUserDep, version: str = "") -> Live:
    """What has changed in the list."""
    page, title = _list_page(request, room, user)
    return page.live(title, version)


@router.get("/incidents/{incident_id}", response_class=HTMLResponse)
def incident(
    request: Request, room: RoomDep, user: PageUserDep, incident_id: str, outcome: Said = "done"
) -> HTMLResponse:
    """One incident: its facts, what happened, what was sent."""
    return incident_page(request, room, user, incident_id, outcome)[0].whole()


@router.get("/live/incidents/{incident_id}")
def live_incident(request: Request, room: RoomDep, user: ApiUserDep, incident_id: str, version: str = "") -> Live:
    """What has changed in one incident."""
    page, title = incident_page(request, room, user, incident_id)
    return page.live(title, version)


@router.get("/incidents/{incident_id}/{turn}", response_class=HTMLResponse)
def ask_why(request: Request, room: RoomDep, user: PageUserDep, incident_id: str, turn: Turn) -> HTMLResponse:
    """Ask for the reason before an incident is resolved or reopened: a second press on a page of its own."""
    found = incident_to_act_on(room, user, incident_id)
    if (found.status == "resolved") == (turn == "resolve"):
        return incident_page(request, room, user, incident_id, "already")[0].whole()
    page = Page(
        request, room, user, "turn.html", None,
        incident=found, turn=turn, words=room.lexicon(), limit=REASON_LIMIT, title=f"{turn.capitalize()} {found.id}",
    )  # fmt: skip
    return page.whole()


async def own_form(request: Request, room: RoomDep, user: PageUserDep) -> dict[str, str]:
    """The fields of a form of ours. Raises HTTPException 403 for a form of somebody else's page, or an old one."""
    if not comes_from_us(request, room.public_url(), must_say=True):
        raise HTTPException(403, "This request did not come from one of Vigie's pages; nothing was done.")
    form = await request.form(max_files=0, max_fields=80)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    if not FormTokens(room.secret_key()).accepts(fields.get(FIELD, ""), user.get_id(), room.now()):
        raise HTTPException(403, "This form is too old or not yours; nothing was done. Reload the page and try again.")
    return fields


@router.post("/incidents/{incident_id}/{deed}")
def act(
    request: Request,
    room: RoomDep,
    user: PageUserDep,
    form: Annotated[dict[str, str], Depends(own_form)],
    incident_id: str,
    deed: Deed,
) -> RedirectResponse:
    """Acknowledge, resolve, reopen or note, then show the incident (303, so that a reload does not do it again)."""
    incident_to_act_on(room, user, incident_id)
    said, after = carry_out(deed, room, incident_id, by=user.get_name(), via="page", text=form.get("text", ""))
    shown = after.id if after is not None and said == "newer" else incident_id
    outcome = "" if said == "done" else f"?outcome={said}"
    return RedirectResponse(f"{mount(request)}/incidents/{quote(shown, safe='')}{outcome}", status_code=303)
