"""The same for programs, as JSON. A token in the Authorization header needs no form token; a cookie does."""

from __future__ import annotations

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict

from vigie.core.entry import Entry
from vigie.core.incident import Incident, Status
from vigie.core.look import WatchState
from vigie.core.message import Outbound
from vigie.core.noticed_files import Noticed
from vigie.core.occurrence import Occurrence
from vigie.core.open_step import OpenStep
from vigie.core.seen_mail import SeenMail
from vigie.web.control_room import RoomDep
from vigie.web.csrf import HEADER, FormTokens, comes_from_us
from vigie.web.deeds import Deed, Said, carry_out, told
from vigie.web.expected import shown_to as shown_now
from vigie.web.incident_list import on_the_board
from vigie.web.incidents import incident_for, incident_to_act_on
from vigie.web.mails import WAITING, readers, shown_to
from vigie.web.permissions import readable
from vigie.web.sign_in import ApiUserDep, BearerDep, has_bearer

router = APIRouter(prefix="/api")


class IncidentRecord(BaseModel):
    """An incident and all that belongs to it."""

    incident: Incident
    entries: list[Entry]
    messages: list[Outbound]
    steps: list[OpenStep]


class ExpectedLine(BaseModel):
    """The sites of a watch that share a window and a fate; ``occurrence`` is that of the first of them."""

    occurrence: Occurrence
    due_on_site: str
    zones: str
    sites: tuple[str, ...]
    number: int


class Expectations(BaseModel):
    """What is awaited and how the last 24 hours ended; of the last days, the files that somebody should see."""

    lines: list[ExpectedLine]
    noticed: list[Noticed]


class Answer(BaseModel):
    """What came of an act; ``text`` tells it to a person.

    ``said`` is ``done``, ``already``, ``resolved`` or, of ``reopen``, ``newer``: ``incident`` is then the one that is
    open for the same key.
    """

    said: Said
    text: str
    incident: Incident


class Note(BaseModel):
    """The body of a note; of ``resolve`` and ``reopen``, why."""

    model_config = ConfigDict(extra="forbid")

    text: str = ""


@router.get("/incidents")
def incidents(room: RoomDep, user: ApiUserDep, status: Status | None = None) -> list[Incident]:
    """The incidents of the list; with ``status``, all of that status."""
    if status is None:
        return list(on_the_board(room.logbook(), user, room.now()))
    return list(readable(user, room.logbook().incidents(statuses=(status,))))


@router.get("/incidents/{incident_id}")
def incident(room: RoomDep, user: ApiUserDep, incident_id: str) -> IncidentRecord:
    """One incident, its entries and its messages."""
    found = incident_for(room, user, incident_id)
    book = room.logbook()
    return IncidentRecord(
        incident=found,
        entries=book.entries(incident=incident_id),
        messages=book.outbox(incident=incident_id),
        steps=book.steps(incident=incident_id),
    )


@router.get("/watches")
def watches(room: RoomDep, user: ApiUserDep) -> list[WatchState]:
    """Every watch: what it sees, when it looked, when it must look again."""
    return list(readable(user, room.logbook().watch_states()))


@router.get("/expected")
def expected(room: RoomDep, user: ApiUserDep, client: str = "") -> Expectations:
    """What the page *Expected* says."""
    shown = shown_now(user, room, client)
    lines = [
        ExpectedLine(
            occurrence=line.first, due_on_site=line.due, zones=line.zones, sites=line.sites, number=line.number
        )
        for line in shown.lines
    ]
    return Expectations(lines=lines, noticed=list(shown.noticed))


@router.get("/mail")
def mail(room: RoomDep, user: ApiUserDep) -> list[SeenMail]:
    """The mails that no rule claims and nobody has settled, the oldest first."""
    book = room.logbook()
    return shown_to(user, book.unsettled_mails(limit=WAITING), readers(book))


def guard(request: Request, room: RoomDep, user: ApiUserDep, bearer: BearerDep) -> None:
    """Refuse (HTTPException 403) what another site's page may have sent with the user's cookie."""
    by_cookie = not has_bearer(bearer)
    if not comes_from_us(request, room.public_url(), must_say=by_cookie):
        raise HTTPException(403, "This request did not come from one of Vigie's pages; nothing was done.")
    token = request.headers.get(HEADER, "")
    if by_cookie and not FormTokens(room.secret_key()).accepts(token, user.get_id(), room.now()):
        raise HTTPException(403, f"Send the page's token in {HEADER}, or sign in with an Authorization header.")


@router.post("/incidents/{incident_id}/{deed}", dependencies=[Depends(guard)])
def act(room: RoomDep, user: ApiUserDep, incident_id: str, deed: Deed, note: Note | None = None) -> Answer:
    """Acknowledge, resolve, reopen or note. Doing it twice changes nothing; ``said`` then is ``already`` or ``resolved``."""
    incident_to_act_on(room, user, incident_id)
    text = note.text if note else ""
    said, after = carry_out(deed, room, incident_id, by=user.get_name(), via="api", text=text)
    if after is None:
        raise HTTPException(404, f"There is no incident {incident_id[:40]}.")
    return Answer(said=said, text=told(said, after, room.lexicon()), incident=after)
