"""The page of a procedure: what people read at 3 a.m., also when its file is broken."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from vigie.core.errors import InvalidDocument, VigieError
from vigie.core.procedure import SHARED, Procedure
from vigie.documents.procedures import LIMIT
from vigie.tasks.incident_facts import IncidentFacts
from vigie.tasks.posts import known_rota
from vigie.web.control_room import ControlRoom, RoomDep
from vigie.web.page import Page
from vigie.web.permissions import may_read, may_read_dag
from vigie.web.place import mount
from vigie.web.procedure_html import procedure_html
from vigie.web.refusals import enter_refusal
from vigie.web.sign_in import PageUserDep

router = APIRouter()

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


@router.get("/procedures/{client}/{name}", response_class=HTMLResponse)
def procedure(
    request: Request,
    room: RoomDep,
    user: PageUserDep,
    client: str,
    name: str,
    incident: Annotated[str, Query(pattern=r"^(INC-[0-9]{1,18})?$")] = "",
) -> HTMLResponse:
    """The procedure, its steps with anchors; ``incident`` is the one that the reader came from."""
    path = _path(room.library().root, client, name)
    if path is None or not may_read_dag(user, f"procedure.{path.parent.name}.{name}"):
        if path is not None:
            enter_refusal(room, user, f"the procedure {path.parent.name}/{name}")
        raise HTTPException(404, f"There is no procedure {client[:60]}/{name[:60]}.")
    words, incident = room.lexicon(), _readable(room, user, incident)
    try:
        found = room.library().procedure(client, name)
    except InvalidDocument as broken:
        text = path.read_bytes()[:LIMIT].decode("utf-8", "replace")
        page = Page(
            request, room, user, "procedure.html", None, title=name, name=name, incident=incident, words=words,
            procedure=None, text=text, problems=[str(problem) for problem in broken.problems],
        )  # fmt: skip
        return page.whole()
    if found.as_page:  # shown as its author wrote it, not as the one step that it is in Airflow
        found = (room.library().procedure_files.written(path) or found).model_copy(update={"as_page": True})
    facts = _facts(room, found, client, incident)
    why = _not_opened(room, found, incident) if facts is not None else ""
    html = Markup(procedure_html(found, f"{mount(request)}/procedures/{client}", facts))  # noqa: S704 (made by our renderer)
    page = Page(
        request, room, user, "procedure.html", None, title=found.title, incident=incident, words=words,
        procedure=found, html=html, why=why,
    )  # fmt: skip
    return page.whole()


def _readable(room: ControlRoom, user: BaseUser, name: str) -> str:
    """The incident's id; empty where there is none that this user may see. While the record is away nobody knows."""
    try:
        incident = room.logbook().incident(name) if name else None
    except VigieError:
        return ""
    if incident is None:
        return ""
    if may_read(user, incident):
        return incident.id
    enter_refusal(room, user, incident.id)
    return ""


def _facts(room: ControlRoom, procedure: Procedure, client: str, name: str) -> dict[str, Any] | None:
    """The facts of the incident that the reader came from, and what was filled in so far; None without one."""
    try:
        incident = room.logbook().incident(name) if name else None
        if incident is None or incident.client != client:
            return None
        about = IncidentFacts(room.library(), known_rota(room.library())).facts(incident, "message")
        return about | {"answers": room.logbook().answers_of(procedure.dag_id, f"{incident.id}.1")}
    except VigieError:
        return None  # the vault or the logbook is away: the page must be there to read all the same


def _not_opened(room: ControlRoom, procedure: Procedure, name: str) -> str:
    """Why the incident's run of this procedure is not open in Airflow; empty where it is, or nobody asked for it."""
    try:
        sent = room.logbook().outbox(incident=name)
    except VigieError:
        return ""
    return next(
        (each.reason for each in sent if each.channel == "procedure" and each.recipient == procedure.dag_id), ""
    )


def _path(root: Path, client: str, name: str) -> Path | None:
    """The procedure's file, the client's own before the shared one. Names are checked: they come from an address."""
    if not (_NAME.fullmatch(client) and _NAME.fullmatch(name)):
        return None
    folder = root / "include" / "procedures"
    return next(
        (path for path in (folder / client / f"{name}.md", folder / SHARED / f"{name}.md") if path.is_file()), None
    )
