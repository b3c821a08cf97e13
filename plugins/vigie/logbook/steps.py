"""The steps of procedures: opened, answered, escalated, ended, each in one transaction with what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from vigie.core.entry import Entry
from vigie.core.message import Outbound
from vigie.core.open_step import OpenStep, StepStatus
from vigie.core.step_escalation import StepDecision
from vigie.logbook.entries import append_entries
from vigie.logbook.incident_row import work_on
from vigie.logbook.outbox import queue_messages
from vigie.logbook.schema import step as table
from vigie.logbook.schema import unanswered
from vigie.logbook.step_row import columns_of, number_of, step_of
from vigie.logbook.store import Store

Say = Callable[[OpenStep], Sequence[Outbound]]
"""What is said of a step, once it has its name."""


class StepOutcome(NamedTuple):
    """What came of an attempt to change a step, and the step as it stands now."""

    done: bool
    step: OpenStep | None


def _place(dag_id: str, run_id: str, task_id: str) -> ColumnElement[bool]:
    return and_(table.c.dag_id == dag_id, table.c.run_id == run_id, table.c.task_id == task_id)


def _find(connection: Connection, held: ColumnElement[bool]) -> OpenStep | None:
    row = connection.execute(select(table).where(held)).mappings().first()
    return None if row is None else step_of(row)


class Steps(Store):
    """The steps of every client's procedures."""

    def open_step(self, step: OpenStep, entry: Entry, say: Say = lambda _: ()) -> OpenStep:
        """Put a step to people, or note that an action begins; the step with its name.

        A step that was there already is opened anew: ``asked`` grows, and what was answered is forgotten.
        """
        place = _place(step.dag_id, step.run_id, step.task_id)

        def work(connection: Connection) -> OpenStep:
            known = _find(connection, place)
            if known is None:
                connection.execute(insert(table).values(columns_of(step)))
            else:
                again = step.model_copy(update={"asked": known.asked + 1})
                connection.execute(update(table).where(place).values(columns_of(again)))
            found = _find(connection, place)
            assert found is not None  # noqa: S101 (it was written above)
            append_entries(connection, [entry])
            queue_messages(connection, say(found))
            return found

        return self._write(work)

    def answer_step(
        self,
        step: OpenStep,
        by: str,
        at: datetime,
        answer: str,
        *,
        answers: Mapping[str, JsonValue],
        entry: Entry,
        outbounds: Sequence[Outbound] = (),
    ) -> StepOutcome:
        """End a question with an answer; not one that has been answered, closed or asked anew meanwhile.

        It is work on the step's incident.
        """
        changes = {"status": "answered", "answer": answer, "answers": dict(answers), **_ended(by, at)}
        held = and_(unanswered(table), table.c.asked == step.asked)
        return self._change(step, held, changes, [entry], outbounds, works=by)

    def first_answer(
        self,
        step: OpenStep,
        by: str,
        answer: str,
        *,
        answers: Mapping[str, JsonValue],
        entry: Entry,
        outbounds: Sequence[Outbound] = (),
    ) -> StepOutcome:
        """Note the first of two people's answers; the question stays open."""
        changes = {"first_by": by, "first_answer": answer, "answers": dict(answers)}
        held = and_(
            unanswered(table),
            table.c.asked == step.asked,
            table.c.first_by.is_not_distinct_from(step.first_by),
            table.c.first_answer.is_not_distinct_from(step.first_answer),
        )
        return self._change(step, held, changes, [entry], outbounds, works=by)

    def end_step(
        self,
        step: OpenStep,
        status: Literal["done", "failed", "closed"],
        by: str,
        at: datetime,
        *,
        entry: Entry,
        answers: Mapping[str, JsonValue] | None = None,
        outbounds: Sequence[Outbound] = (),
    ) -> StepOutcome:
        """End a step otherwise than by an answer: an action's result, or that nobody needs it any more."""
        changes: dict[str, Any] = {"status": status, **_ended(by, at)}
        if answers is not None:
            changes["answers"] = dict(answers)
        held = and_(table.c.status.in_(["open", "doing"]), table.c.asked == step.asked)
        return self._change(step, held, changes, [entry], outbounds)

    def begin_action(self, step: OpenStep) -> bool:
        """Note that an answered step's action begins now."""
        return self._change(step, table.c.status == "answered", {"status": "doing", "gone_on": True}, (), ()).done

    def step_goes_on(self, step: OpenStep) -> bool:
        """Note that the run has taken the answer; False where it had."""
        return self._change(step, table.c.gone_on.is_(False), {"gone_on": True}, (), ()).done

    def decide_step(
        self,
        step: OpenStep,
        decision: StepDecision,
        at: datetime,
        outbounds: Sequence[Outbound] = (),
        entries: Sequence[Entry] = (),
    ) -> bool:
        """Record what the desk decided, with the messages that follow from it, in one transaction.

        False, and nothing written, where the step is no longer as it was read: it was answered, asked anew, or
        another desk has decided.
        """
        changes: dict[str, Any] = {
            "pages": decision.pages, "next_action_at": decision.next_action_at, "exhausted": decision.exhausted
        }  # fmt: skip
        if decision.pages > step.pages:
            changes["paged_at"] = at
        if decision.end:
            changes |= {"status": "closed", **_ended("desk", at)}
        held = and_(
            table.c.status == step.status,
            table.c.asked == step.asked,
            table.c.pages == step.pages,
            table.c.next_action_at.is_not_distinct_from(step.next_action_at),
        )
        return self._change(step, held, changes, entries, outbounds).done

    def put_step_off(self, step: OpenStep, until: datetime) -> None:
        """Look at a step again later: deciding about it failed, and it must keep nobody waiting."""
        self._change(step, table.c.next_action_at.is_not(None), {"next_action_at": until}, (), ())

    def wake_steps(self, incident_id: str, at: datetime) -> int:
        """Let the desk look at an incident's open steps at once; how many there are."""
        statement = update(table).where(unanswered(table), table.c.incident == incident_id).values(next_action_at=at)
        return int(self._write(lambda connection: connection.execute(statement).rowcount))

    def due_steps(self, now: datetime, limit: int = 100) -> list[OpenStep]:
        """Steps whose next action is due, the longest overdue first."""
        in_turn = (table.c.next_action_at, table.c.number)
        return self._steps(table.c.next_action_at <= now, *in_turn, limit=limit)

    def step(self, step_id: str) -> OpenStep | None:
        """The step of this name."""
        with self._reading() as connection:
            return _find(connection, table.c.number == number_of(step_id))

    def step_at(self, dag_id: str, run_id: str, task_id: str) -> OpenStep | None:
        """The step of a task of a run."""
        with self._reading() as connection:
            return _find(connection, _place(dag_id, run_id, task_id))

    def steps(
        self,
        *,
        incident: str | None = None,
        run_id: str | None = None,
        status: StepStatus | None = None,
        limit: int = 500,
    ) -> list[OpenStep]:
        """Steps, the first opened first."""
        held: list[ColumnElement[bool]] = [table.c.number.is_not(None)]
        if incident is not None:
            held.append(table.c.incident == incident)
        if run_id is not None:
            held.append(table.c.run_id == run_id)
        if status is not None:
            held.append(unanswered(table) if status == "open" else table.c.status == status)
        return self._steps(and_(*held), table.c.opened_at, table.c.number, limit=limit)

    def answers_of(self, dag_id: str, run_id: str) -> dict[str, JsonValue]:
        """What the ended steps of a run have given, by name; the later one's where two give the same."""
        held = and_(table.c.dag_id == dag_id, table.c.run_id == run_id, table.c.status.in_(["answered", "done"]))
        given: dict[str, JsonValue] = {}
        for each in self._steps(held, table.c.ended_at, table.c.number, limit=500):
            given |= each.answers
        return given

    def _steps(self, held: ColumnElement[bool], *order: Any, limit: int) -> list[OpenStep]:
        query = select(table).where(held).order_by(*order).limit(limit)
        with self._reading() as connection:
            return [step_of(row) for row in connection.execute(query).mappings()]

    def _change(
        self,
        step: OpenStep,
        held: ColumnElement[bool],
        changes: Mapping[str, Any],
        entries: Sequence[Entry],
        outbounds: Sequence[Outbound],
        *,
        works: str | None = None,
    ) -> StepOutcome:
        """Change it where it is as ``held`` says; ``works`` is who works on its incident by that (at the first entry)."""
        number = table.c.number == number_of(step.id)
        statement = update(table).where(number, held).values(**changes)

        def work(connection: Connection) -> StepOutcome:
            done = connection.execute(statement).rowcount == 1
            if done:
                if works is not None and step.incident is not None:
                    work_on(connection, step.incident, works, entries[0].at)
                append_entries(connection, entries)
                queue_messages(connection, outbounds)
            return StepOutcome(done, _find(connection, number))

        return self._write(work)


def _ended(by: str, at: datetime) -> dict[str, Any]:
    return {"ended_by": by, "ended_at": at, "next_action_at": None}
