"""Answering a procedure's step on the incident's page, and as a program."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, JsonValue

from vigie.core.open_step import OpenStep
from vigie.tasks.step_answers import StepAnswers, Told
from vigie.tasks.step_form import boxes, fields
from vigie.web.api import guard
from vigie.web.control_room import ControlRoom, RoomDep
from vigie.web.incidents import incident_for, incident_page, own_form
from vigie.web.permissions import may_act, may_answer, may_read_dag
from vigie.web.place import mount
from vigie.web.refusals import enter_refusal
from vigie.web.sign_in import ApiUserDep, PageUserDep

router = APIRouter()

_STATUS = {"refused": 422, "late": 409}


class StepAnswer(BaseModel):
    """The body of a program's answer: one of the step's options, and what is filled in, by name."""

    model_config = ConfigDict(extra="forbid")

    option: str
    inputs: dict[str, JsonValue] = {}


class StepTold(BaseModel):
    """What came of it. ``result`` is ``done``, ``first`` (a second person must confirm), ``refused`` or ``late``."""

    result: str
    text: str
    step: OpenStep


def _step_for(room: ControlRoom, user: BaseUser, incident_id: str, step_id: str) -> OpenStep:
    """The step. Raises HTTPException 404 where the incident has none of this name, 403 where the user may not act."""
    incident = incident_for(room, user, incident_id)
    step = room.logbook().step(step_id)
    if step is None or step.incident != incident.id:
        if step is not None and not may_read_dag(user, step.dag_id):
            enter_refusal(room, user, step.id, wanted="act on")
        raise HTTPException(404, f"{incident.id} has no step {step_id[:40]}.")
    if not (may_act(user, incident) and may_answer(user, step.dag_id)):
        enter_refusal(room, user, step.id, wanted="act on")
        raise HTTPException(403, f"Your role lets you read the procedures of {step.client}, not answer them.")
    return step


def _give(room: ControlRoom, user: BaseUser, step: OpenStep, option: str, given: dict[str, object], via: str) -> Told:
    return StepAnswers(room.logbook(), room.library()).give(
        step, option, given, by=user.get_name(), at=room.now(), via=via,
        take=lambda at, said, _: room.answer_in_airflow(at, said, given, user),
    )  # fmt: skip


def _asked_for(step: OpenStep, form: dict[str, str]) -> dict[str, object]:
    """What the step asks for and nothing else: Airflow keeps it, and the form's own token is a secret of this user."""
    names = {*fields(step.inputs), *boxes(step.checklist)}
    return {name: value for name, value in form.items() if name in names}


@router.post("/incidents/{incident_id}/steps/{step_id}", response_class=HTMLResponse)
def answer(
    request: Request,
    room: RoomDep,
    user: PageUserDep,
    form: Annotated[dict[str, str], Depends(own_form)],
    incident_id: str,
    step_id: str,
) -> Response:
    """Answer, then show the incident (303); what does not do is shown with the reason, and with what was filled in."""
    step = _step_for(room, user, incident_id, step_id)
    number, asked = form.get("option", ""), form.get("asked", "")
    if not number.isascii() or not number.isdigit() or int(number) >= len(step.options):
        raise HTTPException(422, "Choose one of the answers.")
    seen = step.model_copy(update={"asked": int(asked) if asked.isascii() and asked.isdigit() else 0})
    told = _give(room, user, seen, step.options[int(number)], _asked_for(step, form), "page")
    if told.text and told.result in _STATUS:
        page, _ = incident_page(request, room, user, incident_id, notice=told.text, typed=form)
        shown = page.whole()
        shown.status_code = _STATUS[told.result]
        return shown
    return RedirectResponse(f"{mount(request)}/incidents/{quote(incident_id, safe='')}#{step_id}", status_code=303)


@router.post("/api/incidents/{incident_id}/steps/{step_id}", dependencies=[Depends(guard)])
def answer_as_program(room: RoomDep, user: ApiUserDep, incident_id: str, step_id: str, body: StepAnswer) -> StepTold:
    """Answer a step. Doing it twice changes nothing; ``result`` then is ``late``."""
    step = _step_for(room, user, incident_id, step_id)
    told = _give(room, user, step, body.option, dict(body.inputs), "api")
    return StepTold(result=told.result, text=told.text, step=told.step)
