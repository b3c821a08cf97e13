"""A procedure's step, answered in Slack by a person of the rota: by a button, or in a form that a button opens.

Only the rota's people answer: an answer may start an action, and a client's own people may be in a channel.
"""

from __future__ import annotations

import logging
from typing import Any

from vigie.core.client import Person
from vigie.core.errors import TransportError
from vigie.core.open_step import OpenStep
from vigie.tasks.step_answers import StepAnswers, Told
from vigie.tasks.step_wording import StepWording
from vigie.web.airflow_answer import Answerer
from vigie.web.control_room import ControlRoom
from vigie.web.slack_form import errors, form, notice
from vigie.web.slack_press import Asked, FormSent, StepPress

log = logging.getLogger("vigie.web.slack")

NOT_KNOWN = "This step is not in the logbook."


def answer_step(room: ControlRoom, person: Person, press: StepPress) -> str:
    """Answer by a button; a sentence for who pressed, empty where all is well."""
    step = _step(room, press.step)
    if step is None or press.option >= len(step.options):
        return NOT_KNOWN
    return _give(room, person, step, press.asked, step.options[press.option], {}).text


def open_form(room: ControlRoom, person: Person, wanted: Asked, trigger: str) -> str:
    """Show the step's form; a sentence where it is not shown, with the page's address if Slack is why."""
    step = _step(room, wanted.step)
    if step is None:
        return NOT_KNOWN
    late = StepAnswers(room.logbook(), room.library()).late(step, wanted.asked, person.id)
    if late:
        return late.text or f"You answered '{step.title}' already: {step.answer}."
    wording = StepWording(room.library(), room.now())
    try:
        room.open_in_slack(trigger, form(step, wording.language(step)))
    except TransportError as refused:
        log.warning("the form of %s was not shown: %s", step.id, refused)
        return f"Slack did not open the form. Fill it in on the page: {wording.place(step)}"
    return ""


def take_form(room: ControlRoom, person: Person, sent: FormSent) -> dict[str, Any] | None:
    """Answer by a form that was sent: what its modal does next, None to close it."""
    step = _step(room, sent.asked.step) if sent.asked else None
    if step is None or sent.asked is None:
        return _shown("Vigie", NOT_KNOWN)
    state = sent.view.state
    option, given = state.option(step), state.given(step)
    told = _give(room, person, step, sent.asked.asked, option, given)
    if told.result == "refused" and (told.wrong or not option):
        return errors(step, told.wrong, told.text if told.wrong else "Choose one of the answers.")
    return _shown(step.title, told.text) if told.text else None


def _give(room: ControlRoom, person: Person, step: OpenStep, asked: int, option: str, given: dict[str, object]) -> Told:
    seen, by = step.model_copy(update={"asked": asked}), Answerer(person.id)
    return StepAnswers(room.logbook(), room.library()).give(
        seen, option, given, by=person.id, at=room.now(), via="Slack",
        take=lambda at, said, _: room.answer_in_airflow(at, said, given, by),
    )  # fmt: skip


def _step(room: ControlRoom, name: str) -> OpenStep | None:
    step = room.logbook().step(name)
    if step is None:
        log.warning("Slack's button names a step that is not in the logbook: %.40r", name)
    return step


def _shown(title: str, text: str) -> dict[str, Any]:
    return {"response_action": "update", "view": notice(title, text)}
