"""What an answer to a step comes to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.open_step import OpenStep
from vigie.core.procedure import Input, InputKind
from vigie.core.step_answer import BEGIN, DO_NOT_BEGIN, TEXT_LIMIT, judge_answer


def step(**other: Any) -> OpenStep:
    fields: dict[str, Any] = {
        "client": "nordwind",
        "incident": "INC-1",
        "dag_id": "d",
        "run_id": "r",
        "task_id": "t",
        "procedure": "EOD is KO",
        "title": "Read the log",
        "options": ("A lock", "Else"),
        "opened_at": datetime(2026, 11, 24, 12, tzinfo=UTC),
    }
    return OpenStep(**{**fields, **other})


def field(kind: InputKind = "text", **other: Any) -> Input:
    return Input(**({"name": "run", "label": "Run", "kind": kind, "line": 3} | other))


def test_an_answer_is_one_of_those_that_are_asked_for() -> None:
    assert judge_answer(step(), "A lock", {}, "anna").result == "done"
    verdict = judge_answer(step(), "Gone", {}, "anna")
    assert (verdict.result, verdict.text) == ("refused", "'Gone' is not an answer to 'Read the log'.")


def test_what_must_be_filled_in_is_asked_for_all_at_once() -> None:
    asked = step(inputs=(field(), field("number", name="count", label="How many")))
    verdict = judge_answer(asked, "A lock", {"run": " ", "count": "many"}, "anna")
    assert (verdict.result, verdict.text) == ("refused", "Fill in 'Run'. 'How many' is a number.")


@pytest.mark.parametrize(
    ("kind", "given_text", "value"),
    [
        ("text", " EOD 7 ", "EOD 7"),
        ("number", "7", 7),
        ("number", "7,5", 7.5),
        ("number", 3, 3),
        ("date", "2026-11-24", "2026-11-24"),
        ("time", "6:30", "06:30"),
        ("yes_no", True, True),
        ("yes_no", "no", False),
        ("one_of", "B", "B"),
    ],
)
def test_it_is_kept_as_what_it_is(kind: InputKind, given_text: object, value: object) -> None:
    asked = step(inputs=(field(kind, options=("A", "B")),))
    assert judge_answer(asked, "A lock", {"run": given_text}, "anna").answers == {"run": value}


@pytest.mark.parametrize(
    ("kind", "given_text", "sentence"),
    [
        ("text", "x" * (TEXT_LIMIT + 1), "'Run' is a text of at most 2000 characters."),
        ("number", "nan", "'Run' is a number."),
        ("number", "inf", "'Run' is a number."),
        ("number", "", "Fill in 'Run'."),
        ("date", "24.11.2026", "'Run' is a day, written 2026-11-24."),
        ("time", "24:00", "'Run' is a time, written 06:30."),
        ("yes_no", "perhaps", "'Run' is yes or no."),
        ("one_of", "C", "'Run' is one of: A, B."),
    ],
)
def test_what_is_none_is_refused_with_what_to_write(kind: InputKind, given_text: object, sentence: str) -> None:
    asked = step(inputs=(field(kind, options=("A", "B")),))
    verdict = judge_answer(asked, "A lock", {"run": given_text}, "anna")
    assert (verdict.result, verdict.text) == ("refused", sentence)


def test_what_may_stay_empty_may() -> None:
    verdict = judge_answer(step(inputs=(field(required=False),)), "A lock", {"run": None}, "anna")
    assert (verdict.result, verdict.answers) == ("done", {})


def test_the_boxes_that_were_not_ticked_are_kept() -> None:
    asked = step(checklist=("Saved", "Told", "Called"))
    verdict = judge_answer(asked, "A lock", {"check_1": True, "check_2": "on"}, "anna")
    assert (verdict.result, verdict.unticked) == ("done", ("Called",))


def test_four_eyes_need_a_second_and_different_person() -> None:
    asked = step(four_eyes=True)
    assert judge_answer(asked, "A lock", {}, "anna").result == "first"
    waiting = asked.model_copy(update={"first_by": "anna", "first_answer": "A lock"})
    own = judge_answer(waiting, "A lock", {}, "anna")
    assert own.result == "refused"
    assert own.text == "You answered 'A lock'; a second, different person must confirm it."
    assert judge_answer(waiting, "Else", {}, "anna").result == "refused"
    assert judge_answer(waiting, "A lock", {}, "bruno").result == "done"


def test_another_answer_needs_somebody_to_confirm_it_in_turn() -> None:
    waiting = step(four_eyes=True, first_by="anna", first_answer="A lock")
    assert judge_answer(waiting, "Else", {}, "bruno").result == "first"
    filled = waiting.model_copy(update={"inputs": (field(),), "answers": {"run": "7"}})
    assert judge_answer(filled, "A lock", {"run": "8"}, "bruno").result == "first"
    assert judge_answer(filled, "A lock", {"run": "7"}, "bruno").result == "done"


def test_a_second_person_lets_an_action_begin_and_anybody_may_refuse_it() -> None:
    asked = step(options=(BEGIN, DO_NOT_BEGIN), four_eyes=True, first_by="anna", first_answer=BEGIN)
    own = judge_answer(asked, BEGIN, {}, "anna")
    assert own.text == "You did the step before this one; a second, different person must confirm it."
    assert judge_answer(asked, BEGIN, {}, "bruno").result == "done"
    assert judge_answer(asked, DO_NOT_BEGIN, {}, "anna").result == "done"


@given(
    kind=st.sampled_from(["text", "number", "date", "time", "yes_no", "one_of"]),
    value=st.text() | st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.text()),
)
def test_anything_at_all_is_an_answer_or_a_sentence(kind: InputKind, value: object) -> None:
    verdict = judge_answer(step(inputs=(field(kind, options=("A",)),)), "A lock", {"run": value}, "anna")
    assert (verdict.result == "refused") == bool(verdict.text)
