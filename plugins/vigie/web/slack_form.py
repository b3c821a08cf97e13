"""A step's form as a modal in Slack (https://docs.slack.dev/reference/views/modal-views), and what was filled in.

The modal keeps nothing but the step's name and how often it had been asked: whatever counts is read from the logbook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from vigie.core.incident import Incident
from vigie.core.open_step import OpenStep
from vigie.core.procedure import Input
from vigie.core.step_answer import DO_NOT_BEGIN, TEXT_LIMIT
from vigie.core.thread_words import label, say
from vigie.documents.mrkdwn import to_mrkdwn

FORM: Literal["vigie_step"] = "vigie_step"
"""The ``callback_id`` of a step's form."""

TURN_FORM: Literal["vigie_turn"] = "vigie_turn"
"""The ``callback_id`` of the form that asks why an incident is resolved or reopened."""

_WHY = "why"

_TITLE, _LABEL, _OPTION, _SECTION, _HINT = 24, 2000, 75, 3000, 2000  # Slack's limits
_SECTIONS = 5
_BOXES = 10  # of one element
_CHOICES = 100
_ANSWER, _VALUE, _CHECK = "answer", "value", "check_"
_FEW = 10  # answers that Slack shows as radio buttons

Json = dict[str, Any]


class _Choice(BaseModel):
    value: str = Field(max_length=150)


class _Given(BaseModel):
    """What Slack tells of one element: of all its forms, the one that is set."""

    value: str | None = Field(default=None, max_length=3000)
    selected_option: _Choice | None = None
    selected_options: list[_Choice] = Field(default=[], max_length=_BOXES)
    selected_date: str | None = Field(default=None, max_length=40)
    selected_time: str | None = Field(default=None, max_length=40)

    @property
    def text(self) -> str | None:
        """The value as text, None where nothing was filled in."""
        chosen = self.selected_option.value if self.selected_option else None
        return next((each for each in (self.value, chosen, self.selected_date, self.selected_time) if each), None)


class FormState(BaseModel):
    """The state of a modal that was sent: what is filled in, by block and element."""

    values: dict[str, dict[str, _Given]] = Field(default={}, max_length=100)

    def option(self, step: OpenStep) -> str:
        """The answer that was chosen; empty where there is none. A step of one answer does not ask for it."""
        if len(step.options) == 1:
            return step.options[0]
        number = self._text(_ANSWER) or ""
        return (
            step.options[int(number)] if re.fullmatch("[0-9]{1,3}", number) and int(number) < len(step.options) else ""
        )

    def given(self, step: OpenStep) -> dict[str, object]:
        """What is filled in, by the names that an answer is judged by. What the step does not ask for is not read."""
        found: dict[str, object] = {}
        for each in step.inputs:
            text = self._text(each.name)
            if text is not None:
                found[each.name] = _chosen(each, text)
        ticked = {
            choice.value
            for block, elements in self.values.items()
            if block.startswith(f"{_CHECK}block_")
            for element in elements.values()
            for choice in element.selected_options
        }
        boxes = (f"{_CHECK}{number}" for number in range(1, len(step.checklist) + 1))
        return found | {name: True for name in boxes if name in ticked}

    @property
    def reason(self) -> str:
        """Why an incident is resolved or reopened; empty where nothing was written."""
        return self._text(_WHY) or ""

    def _text(self, block: str) -> str | None:
        element = self.values.get(block, {}).get(_VALUE)
        return element.text if element else None


def form(step: OpenStep, language: str = "en") -> Json:
    """The modal that asks for a step, in the client's language."""
    inputs = (_input(step, each, language) for each in step.inputs)
    blocks = [*_text_blocks(step), *_answer(step, language), *inputs, *_boxes(step, language)]
    words = say(language, "answer") if len(step.options) > 1 else label(language, step.options[0])
    return _view(step.title, blocks, language) | {
        "callback_id": FORM,
        "private_metadata": f"{step.id}:{step.asked}",
        "submit": _plain(words, _TITLE),
    }


def turn_form(turn: Literal["resolve", "reopen"], incident: Incident, language: str, limit: int) -> Json:
    """The modal that asks why an incident is resolved or reopened. ``limit`` is how many characters the reason has."""
    title, asks = ("end_title", "end_asks") if turn == "resolve" else ("reopen_title", "reopen_asks")
    reason = {"type": "plain_text_input", "multiline": True, "max_length": limit}
    blocks: list[Json] = [
        {"type": "section", "text": _plain(incident.title, _SECTION)},
        _asked(_WHY, say(language, asks), reason),
    ]
    return _view(say(language, title, incident=incident.id), blocks, language) | {
        "callback_id": TURN_FORM,
        "private_metadata": f"{turn}:{incident.id}",
        "submit": _plain(say(language, turn), _TITLE),
    }


def notice(title: str, text: str, language: str = "en") -> Json:
    """The modal that says why an answer did not count, or what is still wanting. It asks for nothing."""
    return _view(title, [{"type": "section", "text": _plain(text, _SECTION)}], language)


def errors(step: OpenStep, wrong: Mapping[str, str], text: str) -> Json:
    """What is answered to Slack where something does not do: each sentence at its field, else at the first one."""
    known = {each.name for each in step.inputs}
    at_fields = {name: said for name, said in wrong.items() if name in known}
    if not at_fields:
        first = _ANSWER if len(step.options) > 1 else next(iter([*known, f"{_CHECK}block_1"]))
        at_fields = {first: text}
    return {"response_action": "errors", "errors": at_fields}


def _view(title: str, blocks: list[Json], language: str) -> Json:
    close = _plain(say(language, "close"), _TITLE)
    return {"type": "modal", "title": _plain(title, _TITLE), "close": close, "blocks": blocks}


def _text_blocks(step: OpenStep) -> Iterator[Json]:
    text = to_mrkdwn(step.text)
    long = [f"{number}. {what}" for number, what in enumerate(step.checklist, 1) if len(what) > _OPTION]
    for start in range(0, min(len(text), _SECTION * _SECTIONS), _SECTION):
        said = {"type": "mrkdwn", "text": text[start : start + _SECTION], "verbatim": True}
        yield {"type": "section", "text": said}
    if len(step.title) > _TITLE:
        yield {"type": "context", "elements": [_plain(step.title, _HINT)]}
    for each in long:
        yield {"type": "section", "text": _plain(each, _SECTION)}


def _answer(step: OpenStep, language: str) -> Iterator[Json]:
    if len(step.options) > 1:
        kind = "radio_buttons" if len(step.options) <= _FEW else "static_select"
        names = tuple(label(language, option) for option in step.options)
        yield _asked(_ANSWER, say(language, "your_answer"), {"type": kind, "options": _options(names)})


def _input(step: OpenStep, each: Input, language: str) -> Json:
    # "Do not begin" needs nothing else; Slack would hold a form back whose other fields are empty.
    lenient = DO_NOT_BEGIN in step.options
    return _asked(each.name, each.label, _element(each, language), optional=lenient or not each.required)


def _element(each: Input, language: str) -> Json:
    if each.kind == "date":
        return {"type": "datepicker"}
    if each.kind == "time":
        return {"type": "timepicker"}
    if each.kind == "yes_no":
        return {"type": "radio_buttons", "options": _options((say(language, "yes"), say(language, "no")))}
    if each.kind == "one_of" and len(each.options) <= _CHOICES:
        return {"type": "static_select", "options": _options(each.options)}
    # Numbers too: Slack's own element for them refuses the comma that half of Europe writes.
    return {"type": "plain_text_input", "multiline": False, "max_length": TEXT_LIMIT}


def _chosen(each: Input, text: str) -> str:
    """What was meant: choices travel by their number, since Slack cuts what is long."""
    choices = ("yes", "no") if each.kind == "yes_no" else each.options if len(each.options) <= _CHOICES else ()
    return choices[int(text)] if re.fullmatch("[0-9]{1,3}", text) and int(text) < len(choices) else text


def _boxes(step: OpenStep, language: str) -> Iterator[Json]:
    for start in range(0, len(step.checklist), _BOXES):
        some = step.checklist[start : start + _BOXES]
        options = [
            {"text": _plain(what, _OPTION), "value": f"{_CHECK}{number}"} for number, what in enumerate(some, start + 1)
        ]
        words = say(language, "checklist" if start == 0 else "checklist_on")
        block_id = f"{_CHECK}block_{start // _BOXES + 1}"
        yield _asked(block_id, words, {"type": "checkboxes", "options": options}, optional=True)


def _asked(block_id: str, words: str, element: Json, *, optional: bool = False) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": _plain(words, _LABEL),
        "optional": optional,
        "element": element | {"action_id": _VALUE},
    }


def _options(names: tuple[str, ...]) -> list[Json]:
    return [{"text": _plain(name, _OPTION), "value": str(number)} for number, name in enumerate(names)]


def _plain(text: str, limit: int) -> Json:
    text = " ".join(text.split()) or "-"
    return {"type": "plain_text", "text": text if len(text) <= limit else text[: limit - 1] + "…"}
