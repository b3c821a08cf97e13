"""Where Slack calls when somebody presses a button or sends a form. No sign-in here: the request's signature says that it is Slack."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import anyio
import anyio.to_thread
import httpx
from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from vigie.core.client import PLATFORM, Person
from vigie.core.entry import Entry
from vigie.core.errors import VigieError
from vigie.web.control_room import ControlRoom, RoomDep
from vigie.web.deeds import carry_out, told
from vigie.web.slack_form import notice
from vigie.web.slack_press import FormSent, Press, may_answer_at, read_press
from vigie.web.slack_signature import is_slacks
from vigie.web.slack_steps import answer_step, open_form, take_form
from vigie.web.slack_turns import UNKNOWN, ask_why, take_turn

log = logging.getLogger("vigie.web.slack")
router = APIRouter()

PATIENCE = timedelta(seconds=2.5)
"""Slack shows its user an error after 3 s without an answer."""


NOT_IN_THE_ROTA = (
    "Your Slack account ({account}) is nobody's in the rota, so nothing was done. "
    "Have it written to your entry there ('slack:'), or do it on the page, where your own sign-in counts."
)


class Reply(NamedTuple):
    """What is answered to Slack at once, and what is told to the one who pressed, if anything.

    ``action`` is what a modal does next.
    """

    status: int
    text: str = ""
    tell: str = ""
    url: str = ""
    action: dict[str, Any] | None = None


@router.post("/slack/actions")
async def slack_actions(request: Request, room: RoomDep, background: BackgroundTasks) -> Response:
    """Take, resolve, reopen or answer, as the person of the rota whose Slack account it is."""
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
    if reply.action:
        return JSONResponse(reply.action)
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
        return _sent(room, press) if isinstance(press, FormSent) else _do(room, press)
    except VigieError as trouble:
        log.error("a button pressed in Slack could not be done: %s", trouble)  # noqa: TRY400 (it is told whole)
        return Reply(503, "Vigie's logbook or vault cannot be reached; press again.")


def _do(room: ControlRoom, press: Press) -> Reply:
    person, by = _who(room, press.user.id)
    if person is None:
        return _answer(room, press, _stranger(room, press))
    sentences = []
    for incident_id in press.taken:
        said, incident = carry_out("acknowledge", room, incident_id, by=by, via="slack")
        if incident is None:
            log.warning("Slack's button names an incident that is not in the logbook: %.40r", incident_id)
            sentences.append(UNKNOWN)
        elif not (said == "already" and incident.acknowledged_by == by):
            sentences.append(told(said, incident, room.lexicon()))
    sentences += [ask_why(room, turn, incident_id, press.trigger_id) for turn, incident_id in press.turns]
    sentences += [answer_step(room, person, each) for each in press.answers]
    sentences += [open_form(room, person, each, press.trigger_id) for each in press.forms]
    return _answer(room, press, "\n".join(sentence for sentence in sentences if sentence))


def _answer(room: ControlRoom, press: Press, text: str) -> Reply:
    if text and not may_answer_at(press.response_url, room.slack_host()):
        log.warning("Slack's response_url points elsewhere; the answer is not sent")
        return Reply(200)
    return Reply(200, tell=text, url=press.response_url)


def _sent(room: ControlRoom, sent: FormSent) -> Reply:
    person, by = _who(room, sent.user.id)
    if person is None:
        return Reply(200, action={"response_action": "update", "view": notice("Vigie", _stranger(room, sent))})
    if sent.turn is not None:
        return Reply(200, action=take_turn(room, *sent.turn, by, sent.view.state.reason))
    return Reply(200, action=take_form(room, person, sent))


def _who(room: ControlRoom, slack_id: str) -> tuple[Person | None, str]:
    """The person of the rota, if it is one; and who it is in the logbook."""
    person = room.person_of_slack(slack_id)
    return person, person.id if person else f"slack:{slack_id}"


def _stranger(room: ControlRoom, pressed: Press | FormSent) -> str:
    """Refuse who is not in the rota: entered for each incident, and what they are told. A link asks for nothing."""
    wanted = pressed.wanted
    for about in wanted:
        step = room.logbook().step(about) if about.startswith("STEP-") else None
        incident = room.logbook().incident((step.incident or "") if step else about)
        client = incident.client if incident else (step.client if step else PLATFORM)
        text = f"pressed a button of {about} in Slack and is not in the rota; nothing was done"
        room.logbook().append(
            Entry(
                at=room.now(), client=client, incident=incident.id if incident else None, kind="slack.refused",
                actor=f"slack:{pressed.user.id}", text=text,
            )
        )  # fmt: skip
    log.warning("a button was pressed in Slack by %s, who is not in the rota", pressed.user.id)
    return NOT_IN_THE_ROTA.format(account=pressed.user.id) if wanted else ""


def tell(url: str, text: str) -> None:
    """Tell only the one who pressed. Where that fails nobody is worse off: the message itself shows who has it."""
    body = {"response_type": "ephemeral", "replace_original": False, "text": text}
    try:
        httpx.post(url, json=body, timeout=5, follow_redirects=False).raise_for_status()
    except httpx.HTTPError as failed:
        log.warning("an answer to a button pressed in Slack was not taken: %s", type(failed).__name__)
