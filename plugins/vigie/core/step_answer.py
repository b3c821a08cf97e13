"""An answer to a step, judged: whether it is one, is complete, and needs a second person."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pydantic import JsonValue

from vigie.core.open_step import OpenStep
from vigie.core.procedure import CLOSE, Input

TEXT_LIMIT = 2000
"""Characters of what is filled in."""

BEGIN = "Begin"
DO_NOT_BEGIN = "Do not begin"
"""The answers to an action of four eyes."""

RESOLVE = "Resolve"
STILL_OPEN = "Still open"
"""The answers to the end of a procedure whose incident is not resolved."""

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_YES = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer comes to. ``refused`` says why in ``text``; ``first`` waits for a second person.

    ``wrong`` says by an input's name what is wrong with it.
    """

    result: Literal["refused", "first", "done"]
    text: str = ""
    answers: dict[str, JsonValue] = field(default_factory=dict)
    unticked: tuple[str, ...] = ()
    wrong: dict[str, str] = field(default_factory=dict)


def judge_answer(step: OpenStep, option: str, given: Mapping[str, object], by: str) -> Verdict:
    """Judge. ``given`` holds the inputs by their names, and ``check_1``… for the boxes of the checklist.

    Of two people who answer one after the other, the second confirms by giving the same answer; another answer takes
    the place of the first one and needs somebody to confirm it in turn.
    """
    if option not in step.options:
        return Verdict("refused", f"'{option[:80]}' is not an answer to '{step.title}'.")
    answers, wrong = _filled_in(step.inputs, given)
    if wrong and option != DO_NOT_BEGIN:
        return Verdict("refused", " ".join(wrong.values()), wrong=wrong)
    boxes = enumerate(step.checklist, 1)
    unticked = tuple(what for number, what in boxes if not _ticked(given.get(f"check_{number}")))
    if not step.four_eyes or option == DO_NOT_BEGIN:
        return Verdict("done", answers=answers, unticked=unticked)
    if step.first_by == by:
        said = f"You answered '{step.first_answer}'" if option == step.first_answer else "You answered already"
        if BEGIN in step.options:
            said = "You did the step before this one"
        return Verdict("refused", f"{said}; a second, different person must confirm it.")
    if step.first_by is None or option != step.first_answer or (step.inputs and answers != step.answers):
        return Verdict("first", answers=answers, unticked=unticked)
    return Verdict("done", answers=answers, unticked=unticked)


def ends_incident(step: OpenStep, option: str) -> bool:
    """Whether this answer resolves the step's incident: the step is the end of its procedure, which asks that."""
    return step.task_id == CLOSE and step.options == (RESOLVE, STILL_OPEN) and option == RESOLVE


def _ticked(value: object) -> bool:
    return value is True or (isinstance(value, str) and _YES.get(value.strip().lower(), False))


def _filled_in(inputs: tuple[Input, ...], given: Mapping[str, object]) -> tuple[dict[str, JsonValue], dict[str, str]]:
    answers: dict[str, JsonValue] = {}
    wrong: dict[str, str] = {}
    for each in inputs:
        value = given.get(each.name)
        text = "" if value is None else str(value).strip()
        if not text:
            if each.required:
                wrong[each.name] = f"Fill in '{each.label}'."
            continue
        read = _read(each, text)
        if read is None:
            wrong[each.name] = f"'{each.label}' is {_WANTED[each.kind].format(options=', '.join(each.options))}."
        else:
            answers[each.name] = read
    return answers, wrong


_WANTED = {
    "text": f"a text of at most {TEXT_LIMIT} characters",
    "number": "a number",
    "date": "a day, written 2026-11-24",
    "time": "a time, written 06:30",
    "yes_no": "yes or no",
    "one_of": "one of: {options}",
}


def _read(each: Input, text: str) -> JsonValue:
    """The value; None where the text is none."""
    if each.kind == "number":
        return _number(text)
    if each.kind == "date":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            return None
    if each.kind == "time":
        found = _TIME.fullmatch(text)
        return f"{int(found[1]):02}:{found[2]}" if found else None
    if each.kind == "yes_no":
        return _YES.get(text.lower())
    if each.kind == "one_of":
        return text if text in each.options else None
    return text if len(text) <= TEXT_LIMIT else None


def _number(text: str) -> JsonValue:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
