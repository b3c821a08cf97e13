"""An answer to a step, from wherever it comes: judged, taken once, recorded with all that is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from vigie.core.entry import Entry
from vigie.core.open_step import PROCEDURE, OpenStep
from vigie.core.step_answer import RESOLVE, STILL_OPEN, Verdict, ends_incident, judge_answer
from vigie.core.step_escalation import last_resort, levels
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.step_wording import StepWording

Take = Callable[[OpenStep, str, Verdict], str]
"""What makes an answer Airflow's; a sentence where Airflow did not take it."""


class Told(NamedTuple):
    """What came of an answer, and the step as it stands now. ``text`` is for who gave it; empty where all is well.

    ``wrong`` says by an input's name what is wrong with it.
    """

    result: Literal["done", "first", "refused", "late"]
    text: str
    step: OpenStep
    wrong: Mapping[str, str] = {}


class StepAnswers:
    """Takes answers: the first one wins, and the others are told."""

    def __init__(self, logbook: Logbook, library: Library) -> None:
        self._logbook = logbook
        self._library = library

    def give(
        self,
        step: OpenStep,
        option: str,
        given: Mapping[str, object],
        *,
        by: str,
        at: datetime,
        via: str,
        take: Take = lambda *_: "",
    ) -> Told:
        """Give an answer. ``step`` is as the one who answers has seen it; ``take`` hands the answer to Airflow.

        Whatever Airflow has taken already is recorded by the run itself when it goes on.
        """
        current = self._logbook.step(step.id) or step
        late = self.late(current, step.asked, by)
        if late:
            return late
        verdict = judge_answer(current, option, given, by)
        if verdict.result == "refused":
            return Told("refused", verdict.text, current, verdict.wrong)
        wording = StepWording(self._library, at)
        if verdict.result == "first":
            entry = _entry(current, "procedure.step_first_answer", by, at, f"{current.title}: {option}", via=via)
            said = wording.first(current, by, option)
            outcome = self._logbook.first_answer(
                current, by, option, answers=verdict.answers, entry=entry, outbounds=said
            )
            if not outcome.done:
                return self.give(step, option, given, by=by, at=at, via=via, take=take)
            return Told("first", "A second, different person must confirm it.", outcome.step or current)
        refused = take(current, option, verdict)
        if refused:
            return Told("late", refused, current)
        return self._done(current, option, verdict, by, at, via)

    def _done(self, step: OpenStep, option: str, verdict: Verdict, by: str, at: datetime, via: str) -> Told:
        text = f"{step.title}: {option}"
        if verdict.unticked:
            text += f" (not ticked: {', '.join(verdict.unticked)})"
        confirmed = {"first_by": step.first_by} if step.four_eyes else {}
        entry = _entry(
            step, "procedure.step_answered", by, at, text,
            answer=option, answers=verdict.answers, seconds=int((at - step.opened_at).total_seconds()), via=via,
            **confirmed,
        )  # fmt: skip
        said = StepWording(self._library, at).answered(step, by, option, self.paged(step, at))
        outcome = self._logbook.answer_step(step, by, at, option, answers=verdict.answers, entry=entry, outbounds=said)
        if not outcome.done:
            return self._again(outcome.step or step, step, option, verdict, by, at, via)
        self.end_incident(step, option, by, at)
        return Told("done", "", outcome.step or step)

    def end_incident(self, step: OpenStep, option: str, by: str, at: datetime) -> None:
        """Resolve the incident where this answer to the end of a procedure does so, or say that it stays open; once.

        An incident that was reopened since the answer stays as it is.
        """
        incident = self._logbook.incident(step.incident) if step.incident else None
        if incident is None:
            return
        if ends_incident(step, option):
            if not (step.ended_at and incident.reopened_at and incident.reopened_at >= step.ended_at):
                self._logbook.resolve(incident.id, by, at, PROCEDURE)
        elif option == STILL_OPEN and ends_incident(step, RESOLVE):
            self._logbook.queue(StepWording(self._library, at).left_open(step, by))

    def _again(
        self, now: OpenStep, seen: OpenStep, option: str, verdict: Verdict, by: str, at: datetime, via: str
    ) -> Told:
        """The desk may have paged between the reading and the writing: then the pages are told too."""
        if now.status == "open" and now.asked == seen.asked:
            return self._done(now, option, verdict, by, at, via)
        return self._late(now, by)

    def late(self, step: OpenStep, asked: int, by: str) -> Told | None:
        """What is told to somebody who comes too late for the question as it was asked then; None who does not."""
        return None if step.status == "open" and step.asked == asked else self._late(step, by)

    def paged(self, step: OpenStep, now: datetime) -> list[str]:
        """Who was paged about the step so far."""
        if not step.pages:
            return []
        incident = self._logbook.incident(step.incident) if step.incident else None
        holder = incident.acknowledged_by if incident else None
        policy = StepWording(self._library, now).policy(step)
        ladder = levels(step, policy, holder)
        if step.pages > len(ladder):
            ladder = (*ladder, *[last_resort(policy)] * (step.pages - len(ladder)))
        paged = (name for level in ladder[: step.pages] if level.what == "page" for name in level.people)
        return list(dict.fromkeys(paged))

    def _late(self, step: OpenStep, by: str) -> Told:
        wording = StepWording(self._library, step.ended_at or step.opened_at)
        if step.status == "answered":
            if step.ended_by == by:
                return Told("late", "", step)
            return Told("late", f"Already answered by {wording.name(step.ended_by)}: {step.answer}.", step)
        if step.status == "open":
            return Told("late", f"'{step.title}' was asked again; answer the new question.", step)
        return Told("late", f"'{step.title}' is no longer open.", step)


def _entry(step: OpenStep, kind: str, by: str, at: datetime, text: str, **data: Any) -> Entry:
    return Entry(
        at=at,
        client=step.client,
        incident=step.incident,
        kind=kind,
        actor=by,
        text=text,
        data={"dag_id": step.dag_id, "run_id": step.run_id, "task_id": step.task_id, "step": step.id, **data},
    )
