"""Where Slack calls when somebody presses a button. No sign-in here: the request's signature says that it is Slack."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import anyio
import anyio.to_thread
import httpx
from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import PlainTextResponse

from vigie.core.client import Person
from vigie.core.errors import VigieError
from vigie.tasks.step_answers import StepAnswers
from vigie.web.airflow_answer import Answerer
from vigie.web.control_room import ControlRoom, RoomDep
from vigie.web.deeds import carry_out, told
from vigie.web.slack_press import Press, StepPress, may_answer_at, read_press
from vigie.web.slack_signature import is_slacks

log = logging.getLogger("vigie.web.slack")
router = APIRouter()

PATIENCE = timedelta(seconds=2.5)
"""Slack shows its user an error after 3 s without an answer."""


class Reply(NamedTuple):
    """What is answered to Slack at once, and what is told to the one who pressed, if anything."""

    status: int
    text: str = ""
    tell: str = ""
    url: str = ""


@router.post("/slack/actions")
async def slack_actions(request: Request, room: RoomDep, background: BackgroundTasks) -> PlainTextResponse:
    """Acknowledge or resolve, as the person of the rota whose Slack account it is."""
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        with anyio.fail_after(PATIENCE.total_seconds()):
            reply = await anyio.to_thread.run_sync(answer, room, body, headers, abandon_on_cancel=True)
    except TimeoutError:
        log.warning("a button pressed in Slack was not done within %s; Slack tells its user", PATIENCE)
        reply = Reply(503, "Vigie did not answer in time; press again.")
    if reply.tell:
        background.add_task(tell, reply.url, reply.tell)
    return PlainTextResponse(reply.text, status_code=reply.status, background=background)


def answer(room: ControlRoom, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Check, read, do. Nothing of the body is read before its signature is found right."""
    try:
        if not is_slacks(body, headers, room.signing_secret, room.now()):
            log.warning("a request to the address for Slack's buttons was not signed by Slack, or too old")
            return Reply(401, "The signature is wrong or too old.")
        try:
            press = read_press(body)
        except ValueError as wrong:
            log.warning("Slack sent something that is no press of a button: %s", type(wrong).__name__)
            return Reply(400, "This is not a press of a button.")
        return _do(room, press)
    except VigieError as trouble:
        log.error("a button pressed in Slack could not be done: %s", trouble)  # noqa: TRY400 (it is told whole)
        return Reply(503, "Vigie's logbook or vault cannot be reached; press again.")


def _do(room: ControlRoom, press: Press) -> Reply:
    person = room.person_of_slack(press.user.id)
    by = person.id if person else f"slack:{press.user.id}"
    sentences = []
    for deed, incident_id in press.deeds:
        said, incident = carry_out(deed, room.logbook(), incident_id, by=by, at=room.now(), via="slack")
        if incident is None:
            log.warning("Slack's button names an incident that is not in the logbook: %.40r", incident_id)
            sentences.append("This incident is not in the logbook.")
        elif not (said == "already" and incident.acknowledged_by == by):
            sentences.append(told(said, incident, room.lexicon()))
    sentences += [_answer(room, person, each) for each in press.answers]
    text = "\n".join(sentence for sentence in sentences if sentence)
    if text and not may_answer_at(press.response_url, room.slack_host()):
        log.warning("Slack's response_url points elsewhere; the answer is not sent")
        return Reply(200)
    return Reply(200, tell=text, url=press.response_url)


def _answer(room: ControlRoom, person: Person | None, press: StepPress) -> str:
    """Answer a step as a person of the rota: an answer may start an action, and a client's people may be in a channel."""
    step = room.logbook().step(press.step)
    if step is None or press.option >= len(step.options):
        log.warning("Slack's button names a step that is not in the logbook: %.40r", press.step)
        return "This step is not in the logbook."
    if person is None:
        return (
            "Vigie does not know your Slack account and cannot take your answer; the rota names accounts as 'slack:'."
        )
    seen, by = step.model_copy(update={"asked": press.asked}), Answerer(person.id)
    told = StepAnswers(room.logbook(), room.library()).give(
        seen, step.options[press.option], {}, by=person.id, at=room.now(), via="Slack",
        take=lambda at, said, _: room.answer_in_airflow(at, said, {}, by),
    )  # fmt: skip
    return told.text


def tell(url: str, text: str) -> None:
    """Tell only the one who pressed. Where that fails nobody is worse off: the message itself shows who has it."""
    body = {"response_type": "ephemeral", "replace_original": False, "text": text}
    try:
        httpx.post(url, json=body, timeout=5, follow_redirects=False).raise_for_status()
    except httpx.HTTPError as failed:
        log.warning("an answer to a button pressed in Slack was not taken: %s", type(failed).__name__)
