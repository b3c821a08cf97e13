"""A step that people answer, as an Airflow task: it parks, and the logbook keeps who, what and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.branch import BranchMixIn
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from vigie.core.errors import TransportError
from vigie.core.open_step import OpenStep
from vigie.core.procedure import Procedure, Step
from vigie.documents.procedure_page import DONE
from vigie.documents.procedure_text import filled
from vigie.logbook.book import Logbook
from vigie.tasks import connections
from vigie.tasks.airflow_api import AirflowApi
from vigie.tasks.site import library
from vigie.tasks.step_answers import StepAnswers
from vigie.tasks.step_form import boxes, fields
from vigie.tasks.step_place import StepPlace
from vigie.tasks.step_wording import StepWording

ASKED_AGAIN: dict[str, Any] = {"retries": 3, "retry_delay": timedelta(seconds=1)}
"""Airflow 3.3.2 fails a step that is answered before its scheduler has heard that it parked (within about half a
second). The next try takes the answer from the logbook, or from Airflow's record of the lost try."""


class AskedStep(HITLOperator, BranchMixIn):
    """A step that people answer. ``targets`` gives the task of each answer; empty where all lead to the next step.

    Its text is the page's: Airflow's own Jinja must not touch it. Airflow's ``assigned_users`` stays empty: anybody
    of the client's team may answer, and the logbook says who did.
    """

    template_fields = ()
    inherits_from_skipmixin = True

    def __init__(
        self, *, procedure: Procedure, step: Step, targets: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        options = list(targets) if targets else [DONE]
        super().__init__(
            subject=f"{procedure.title}: {step.title}",
            body=step.text,
            options=options,
            params={**fields(step.inputs), **boxes(step.checklist)},
            **ASKED_AGAIN | kwargs,
        )
        self.procedure = procedure
        self.step = step
        self.targets = dict(targets or {})

    def execute(self, context: Context) -> Any:
        """Note that the step is open, and park: no worker and no trigger waits with it."""
        place = StepPlace(context, self.procedure)
        lost = _lost_answer(place)
        if lost is not None and lost.answer in self.options:
            return self._go_on(context, place, lost)
        skip_unless_led_here(self, place.logbook, place.dag_id, place.run_id)
        if place.over:
            self.log.info("%s has ended; this step is no longer needed", place.incident_id)
            raise AirflowSkipException(f"{place.incident_id} has ended; this step is no longer needed")
        asked = self._asked(place)
        self._before(place)
        if not _still_stands(place, asked):
            place.logbook.open_step(asked, self._opened(place), StepWording(library(), place.now).asked)
        self.body = "\n\n".join(part for part in (asked.text, self._four_eyes()) if part)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Note the answer and who gave it, and go on; an answer that does not do is asked for again."""
        place = StepPlace(context, self.procedure)
        step = place.known
        if step is None:  # the logbook was set back meanwhile
            step = place.logbook.open_step(self._asked(place), self._opened(place))
        if step.status == "open":
            option, given, who = _given(event)
            told = StepAnswers(place.logbook, library()).give(step, option, given, by=who, at=place.now, via="Airflow")
            if told.result in {"refused", "first"}:
                self._say_why(place, told.step, told.text, told.result == "refused")
                return super().execute(context)  # the same question, without the answer
            step = told.step
        if step.status == "closed":
            raise AirflowSkipException("the step was closed: it is no longer needed")
        return self._go_on(context, place, step)

    def _go_on(self, context: Context, place: StepPlace, step: OpenStep) -> Any:
        answer = step.answer or ""
        if answer not in self.options:
            # Only a new try can ask with other answers: Airflow keeps those of this one.
            raise AirflowException(f"The procedure has changed; '{answer}' is no answer any more. It is asked again.")
        place.logbook.step_goes_on(step)
        if self.targets:
            self.do_branch(context, self.targets[answer])
        return {"answer": answer, "by": step.ended_by}

    def leads_to(self, step: OpenStep) -> str | None:
        """The one task to which the ended step leads; None where it leads to all that come after it."""
        return self.targets.get(step.answer or "") if self.targets else None

    def _before(self, place: StepPlace) -> None:
        """What happens when the step opens."""

    def _asked(self, place: StepPlace) -> OpenStep:
        step, procedure = self.step, self.procedure
        return OpenStep(
            client=place.client,
            incident=place.incident.id if place.incident else None,
            dag_id=place.dag_id,
            run_id=place.run_id,
            task_id=place.task_id,
            procedure=procedure.title,
            title=step.title,
            text=filled(step.text, place.facts, "markdown"),
            options=tuple(self.options),
            inputs=step.inputs,
            checklist=step.checklist,
            four_eyes=step.four_eyes,
            owner=procedure.owner,
            escalate_after=procedure.escalate_after,
            opened_at=place.now,
            next_action_at=place.now + procedure.escalate_after,
        )

    def _opened(self, place: StepPlace) -> Any:
        return place.entry("procedure.step_opened", self.subject)

    def _four_eyes(self) -> str:
        return "**Four eyes**: a second, different person must give the same answer." if self.step.four_eyes else ""

    def _say_why(self, place: StepPlace, step: OpenStep, why: str, refused: bool) -> None:
        self.log.warning("asked again: %s", why)
        if refused:
            words = StepWording(library(), place.now)
            said = words.noted(step, f"refused/{int(place.now.timestamp() * 1000)}", why)
            place.logbook.queue(said, place.entry("procedure.step_refused", f"{step.title}: {why}", step=step.id))


def skip_unless_led_here(task: BaseOperator, logbook: Logbook, dag_id: str, run_id: str) -> None:
    """Raise AirflowSkipException where no answer led to this task.

    Airflow does not skip a branch that a later one may still lead to (``skip_all_except`` keeps what comes after the
    chosen one), and its trigger rules do not know which branch was chosen: where in the end none leads here, it would
    run, because the first question succeeded.
    """
    before = [each for each in task.upstream_list if isinstance(each, AskedStep)]
    if not before:
        return
    for each in before:
        step = logbook.step_at(dag_id, run_id, each.task_id)
        if step is None:
            continue
        if step.status in {"answered", "done", "failed"} and each.leads_to(step) in {None, task.task_id}:
            return
    raise AirflowSkipException("no answer led here")


def _still_stands(place: StepPlace, asked: OpenStep) -> bool:
    """Whether the question is open already, word for word: an earlier try died while it parked. It is not told twice."""
    known = place.known
    return (
        known is not None
        and place.tries > 1
        and known.status == "open"
        and (known.text, known.options, known.inputs, known.checklist)
        == (asked.text, asked.options, asked.inputs, asked.checklist)
    )


def _given(event: Mapping[str, Any]) -> tuple[str, dict[str, Any], str]:
    """The answer, what was filled in, and who gave it, from Airflow's event."""
    who = event.get("responded_by_user") or {}
    chosen = event.get("chosen_options") or [""]
    return str(chosen[0]), dict(event.get("params_input") or {}), str(who.get("name") or who.get("id") or "nobody")


def _lost_answer(place: StepPlace) -> OpenStep | None:
    """The step, answered at an earlier try that Airflow lost; None where it was not, or where the run took the answer.

    A step that somebody clears by hand is asked anew: its answer had been taken.
    """
    step = place.known
    if step is None or place.tries < 2:
        return None
    if step.status == "answered":
        return None if step.gone_on else step
    if step.status != "open":
        return None
    try:
        api = AirflowApi(connections.find(connections.AIRFLOW))
        event = api.answer_of(place.dag_id, place.run_id, place.task_id, place.tries - 1)
        api.close()
    except TransportError:
        return None  # it is asked again, which is no worse than to fail
    if event is None:
        return None
    option, given, who = _given(event)
    told = StepAnswers(place.logbook, library()).give(step, option, given, by=who, at=place.now, via="Airflow")
    return told.step if told.step.status == "answered" else None
