"""The steps of a procedure as Airflow tasks: to read, to answer, the two ends, and other procedures."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException

from vigie.core.open_step import PROCEDURE, OpenStep
from vigie.core.step_answer import RESOLVE, STILL_OPEN
from vigie.documents.procedure_page import DONE
from vigie.tasks import connections
from vigie.tasks.asked_step import AskedStep, skip_unless_led_here
from vigie.tasks.clock import utc_now
from vigie.tasks.run_incident import RunRefused, incident_of_run, note_opening
from vigie.tasks.runs import start_run
from vigie.tasks.site import library
from vigie.tasks.step_answers import StepAnswers
from vigie.tasks.step_place import StepPlace
from vigie.tasks.step_wording import StepWording


class ReadStep(AskedStep):
    """A step to read and do, answered *Done*."""


class QuestionStep(AskedStep):
    """A step that ends in a question: each answer leads to its own step."""


class EscalateStep(AskedStep):
    """The end *Escalate*: pages the next people of the policy at once, and shows what to do meanwhile."""

    def _before(self, place: StepPlace) -> None:
        """Escalate the incident, once; also one that its procedure had resolved. An earlier try that died may have done it."""
        done = place.known is not None or (place.tries > 1 and place.incident and place.incident.status == "open")
        if place.incident is not None and not done:
            if place.incident.status == "resolved":
                why = f"{place.procedure.title} escalates"
                place.logbook.reopen(place.incident.id, by=PROCEDURE, at=place.now, via=PROCEDURE, why=why)
            place.logbook.escalate(place.incident.id, by=PROCEDURE, at=place.now, via=PROCEDURE)

    def _asked(self, place: StepPlace) -> OpenStep:
        """The step. Of a run that belongs to no incident it calls people itself, and at once."""
        asked = super()._asked(place)
        return asked if place.incident is not None else asked.model_copy(update={"next_action_at": place.now})


class CloseStep(AskedStep):
    """The end *Close*: what to do last, and whether the incident is resolved.

    It is answered *Resolve* or *Still open*; *Done* where there is no incident, or the procedure has resolved it. An
    incident that is left open is noted in the thread, and people are called again for it in time.
    """

    def execute(self, context: Context) -> Any:
        """Ask what fits the incident as it is now; an answer of an earlier try counts as it was asked."""
        place = StepPlace(context, self.procedure)
        known = place.known if place.tries > 1 else None
        self.options = list(known.options) if known and known.status == "answered" else _ends(place)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Note the answer as it was asked for."""
        place = StepPlace(context, self.procedure)
        self.options = list(place.known.options) if place.known else _ends(place)
        return super().execute_complete(context, event)

    def _asked(self, place: StepPlace) -> OpenStep:
        asked = super()._asked(place)
        if RESOLVE not in asked.options:
            return asked
        question = StepWording(library(), place.now).say(asked, "is_it_resolved")
        return asked.model_copy(update={"text": f"{asked.text}\n\n**{question}**".strip()})

    def _go_on(self, context: Context, place: StepPlace, step: OpenStep) -> Any:
        # Done with the answer already, unless the process that took it has died in between.
        StepAnswers(place.logbook, library()).end_incident(
            step, step.answer or "", step.ended_by or PROCEDURE, place.now
        )
        return super()._go_on(context, place, step)


def _ends(place: StepPlace) -> list[str]:
    unresolved = place.incident is not None and place.incident.status != "resolved"
    return [RESOLVE, STILL_OPEN] if unresolved else [DONE]


class OpenProcedureStep(BaseOperator):
    """An answer that leads to another file: opens that procedure for the same incident."""

    def __init__(self, *, procedure_dag_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.procedure_dag_id = procedure_dag_id

    def execute(self, context: Context) -> str:
        """Start its run, once."""
        run, logbook = context["dag_run"], connections.logbook()
        skip_unless_led_here(self, logbook, run.dag_id, run.run_id)
        try:
            incident = incident_of_run(logbook, str(run.dag_id), str(run.run_id), run.conf)
        except RunRefused as refused:
            raise AirflowFailException(str(refused)) from None
        run_id = f"{incident.id if incident else run.run_id}.{self.procedure_dag_id.rpartition('.')[2]}"
        conf: dict[str, object] = {"incident": incident.id, "client": incident.client} if incident else {}
        if incident is not None:
            note_opening(logbook, self.procedure_dag_id, run_id, incident.id, utc_now(), incident.client)
        start_run(self.procedure_dag_id, run_id, conf, f"from {run.dag_id}")
        return run_id
