"""The desk's part for the steps of procedures: whom nobody answers is asked again, while the question stays open."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from vigie.core.entry import Entry
from vigie.core.message import Outbound
from vigie.core.open_step import OpenStep
from vigie.core.step_escalation import StepDecision, decide_step
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.error_notes import ErrorNotes
from vigie.tasks.step_answers import StepAnswers
from vigie.tasks.step_wording import StepWording

AGAIN = timedelta(seconds=30)


class StepDesk:
    """Decides about each step that is due, and records it with what is said, once."""

    def __init__(self, logbook: Logbook, library: Library, notes: ErrorNotes) -> None:
        self._logbook = logbook
        self._library = library
        self._notes = notes

    def act(self, now: datetime) -> int:
        """Decide about everything due at ``now`` (UTC); how much was done. One that fails keeps no other waiting."""
        done = 0
        for step in self._logbook.due_steps(now):
            put_off = partial(self._logbook.put_step_off, step, now + AGAIN)
            done += self._notes.guarded(step.id, partial(self._take, step, now), now, put_off=put_off)
        return done

    def _take(self, step: OpenStep, now: datetime) -> bool:
        wording = StepWording(self._library, now)
        incident = self._logbook.incident(step.incident) if step.incident else None
        decision = decide_step(step, incident, wording.policy(step), now)
        said = self._said(step, decision, wording, now)
        return self._logbook.decide_step(step, decision, now, said, _entries(step, decision, now))

    def _said(self, step: OpenStep, decision: StepDecision, wording: StepWording, now: datetime) -> list[Outbound]:
        if decision.end:
            words = wording.say(step, "ended")
            paged = StepAnswers(self._logbook, self._library).paged(step, now)
            return [*wording.closed(step, words, paged), wording.run_ends(step)]
        if decision.level is not None:
            return wording.escalated(step, decision.level, decision.pages)
        return []


def _entries(step: OpenStep, decision: StepDecision, now: datetime) -> list[Entry]:
    if decision.level is None and not decision.end:
        return []
    kind = "procedure.step_closed" if decision.end else "procedure.step_escalated"
    where = {"dag_id": step.dag_id, "run_id": step.run_id, "task_id": step.task_id, "step": step.id}
    return [
        Entry(
            at=now, client=step.client, incident=step.incident, kind=kind, actor="desk", text=decision.reason,
            data={**where, "level": decision.pages},
        )
    ]  # fmt: skip
