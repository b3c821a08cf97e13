from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.logbook.samples import MINUTE, NOON, entry, outbound

from vigie.core.open_step import OpenStep
from vigie.core.procedure import Input
from vigie.core.step_escalation import StepDecision, StepLevel
from vigie.logbook.book import Logbook

LOCK = "A lock"


def step(**other: Any) -> OpenStep:
    fields: dict[str, Any] = {
        "client": "maison-lumiere",
        "incident": "INC-1",
        "dag_id": "procedure.maison-lumiere.relaunch",
        "run_id": "INC-1.1",
        "task_id": "read-the-log",
        "procedure": "Relaunch a job",
        "title": "Read the log",
        "options": (LOCK, "Anything else"),
        "opened_at": NOON,
        "next_action_at": NOON + 15 * MINUTE,
    }
    return OpenStep(**{**fields, **other})


def opened(book: Logbook, **other: Any) -> OpenStep:
    return book.open_step(step(**other), entry(kind="procedure.step_opened"))


def answer(book: Logbook, of: OpenStep, by: str = "anna", said: str = LOCK, **other: Any) -> bool:
    return book.answer_step(
        of, by, NOON + MINUTE, said, answers={}, entry=entry(kind="procedure.step_answered"), **other
    ).done


def test_a_step_comes_back_as_it_was_opened(book: Logbook):
    asked = step(
        inputs=(Input(name="run", label="The run's number", kind="one_of", line=4, options=("1", "2")),),
        checklist=("The log is saved",),
        four_eyes=True,
        owner="anna",
        text="Read *it*.",
    )
    found = book.open_step(asked, entry(kind="procedure.step_opened"), lambda made: [outbound(f"{made.id}/asked/1")])
    assert found == asked.model_copy(update={"id": "STEP-1"})
    assert book.step("STEP-1") == found
    assert book.step_at(asked.dag_id, asked.run_id, asked.task_id) == found
    assert [each.key for each in book.due_messages(NOON)] == ["STEP-1/asked/1"]
    assert [line.kind for line in book.entries()] == ["procedure.step_opened"]
    assert book.step("STEP-x") is None


def test_a_step_that_is_asked_again_forgets_its_answer(book: Logbook):
    first = opened(book)
    assert answer(book, first)
    again = opened(book)
    assert (again.id, again.asked, again.status, again.answer) == (first.id, 2, "open", None)
    assert not answer(book, first)  # a button of the first time
    assert answer(book, again)


def test_the_first_answer_wins(book: Logbook):
    asked = opened(book)
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda number: answer(book, asked, by=f"person {number}"), range(8)))
    assert sum(won) == 1
    found = book.step(asked.id)
    assert found is not None
    assert (found.status, found.answer, found.ended_by) == ("answered", LOCK, f"person {won.index(True)}")
    assert [line.kind for line in book.entries(kind_prefix="procedure.step_answered")] == ["procedure.step_answered"]


def test_an_answer_at_the_very_moment_of_the_page_and_only_one_of_two_desks_pages(book: Logbook):
    asked = opened(book)
    paging = StepDecision(1, NOON + 25 * MINUTE, StepLevel("page", ("bruno",), 10 * MINUTE), "page")
    at = NOON + 15 * MINUTE
    assert book.decide_step(asked, paging, at, [outbound("page")])
    assert not book.decide_step(asked, paging, at, [outbound("page of another desk")])
    paged = book.step(asked.id)
    assert paged is not None
    assert (paged.pages, paged.paged_at, paged.next_action_at) == (1, at, NOON + 25 * MINUTE)
    assert answer(book, paged, outbounds=[outbound("told")])
    second = StepDecision(2, None, None, "page 2")
    assert not book.decide_step(paged, second, at, [outbound("page of an answered step")])
    assert [each.key for each in book.outbox()] == ["page", "told"]


def test_the_desk_hears_of_what_is_due(book: Logbook):
    asked = opened(book)
    assert book.next_due() == NOON + 15 * MINUTE
    assert book.due_steps(NOON) == []
    assert book.due_steps(NOON + 15 * MINUTE) == [asked]
    assert book.wake_steps("INC-1", NOON + MINUTE) == 1
    assert [each.id for each in book.due_steps(NOON + MINUTE)] == [asked.id]
    book.put_step_off(asked, NOON + 2 * MINUTE)
    assert book.next_due() == NOON + 2 * MINUTE
    book.end_step(asked, "closed", "desk", NOON, entry=entry())
    assert book.next_due() is None
    assert book.wake_steps("INC-1", NOON) == 0


def test_four_eyes_keep_the_first_answer(book: Logbook):
    asked = opened(book, four_eyes=True)
    given = {"answers": {"run": 7}, "entry": entry(kind="procedure.step_first_answer")}
    assert book.first_answer(asked, "anna", LOCK, **given).done
    assert not book.first_answer(asked, "bruno", LOCK, **given).done  # decided on what was no longer so
    found = book.step(asked.id)
    assert found is not None
    assert (found.status, found.first_by, found.first_answer, found.answers) == ("open", "anna", LOCK, {"run": 7})


def test_what_the_steps_of_a_run_have_given(book: Logbook):
    first, second = opened(book), opened(book, task_id="relaunch")
    book.answer_step(first, "anna", NOON, LOCK, answers={"run": 7, "who": "anna"}, entry=entry())
    assert book.answers_of(first.dag_id, "INC-1.1") == {"run": 7, "who": "anna"}
    book.answer_step(second, "anna", NOON + MINUTE, LOCK, answers={"run": 8}, entry=entry())
    assert book.answers_of(first.dag_id, "INC-1.1") == {"run": 8, "who": "anna"}
    assert book.answers_of(first.dag_id, "INC-2.1") == {}


def test_an_action_begins_and_ends_once(book: Logbook):
    doing = opened(book, status="doing", options=(), next_action_at=None)
    ended = book.end_step(doing, "failed", "procedure", NOON, entry=entry(), answers={"code": 1})
    assert ended.done
    assert ended.step is not None
    assert (ended.step.status, ended.step.answers) == ("failed", {"code": 1})
    assert not book.end_step(doing, "done", "procedure", NOON, entry=entry()).done
    asked = opened(book, task_id="begin", options=("Begin",))
    assert not book.begin_action(asked)
    assert answer(book, asked, said="Begin")
    assert book.begin_action(asked)
    assert not book.begin_action(asked)


def test_the_run_takes_an_answer_once(book: Logbook):
    asked = opened(book)
    assert answer(book, asked)
    assert book.step_goes_on(asked)
    assert not book.step_goes_on(asked)


def test_steps_are_listed_by_incident_run_and_status(book: Logbook):
    first, other = opened(book), opened(book, incident="INC-2", run_id="INC-2.1")
    answer(book, other)
    assert [each.id for each in book.steps()] == [first.id, other.id]
    assert [each.id for each in book.steps(status="open")] == [first.id]
    assert [each.id for each in book.steps(incident="INC-2")] == [other.id]
    assert [each.id for each in book.steps(run_id="INC-1.1", status="open")] == [first.id]
