"""The steps of a procedure as Airflow tasks: people answer them, the logbook keeps who, what and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLBranchOperator, HITLOperator
from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowException

from vigie.core.entry import Entry
from vigie.core.errors import VigieError
from vigie.core.incident import Incident
from vigie.core.message import Outbound
from vigie.tasks import connections
from vigie.tasks.clock import utc_now
from vigie.tasks.runs import start_run
from vigie.tasks.site import library
from vigie.tasks.wording import Wording

DONE = "Done"

ASKED_AGAIN: dict[str, Any] = {"retries": 3, "retry_delay": timedelta(seconds=1)}
"""Airflow 3.3.2 fails a step that is answered before its scheduler has heard that it parked (within about half a
second). It is then asked again, rather than that the whole run is lost."""


def _incident_of(context: Context) -> str | None:
    incident = (context["dag_run"].conf or {}).get("incident")
    return str(incident) if incident else None


def _note(context: Context, client: str, kind: str, actor: str, text: str, **data: Any) -> None:
    run, instance = context["dag_run"], context["ti"]
    connections.logbook().append(
        Entry(
            at=utc_now(),
            client=client,
            incident=_incident_of(context),
            kind=kind,
            actor=actor,
            text=text,
            key=f"{run.dag_id}|{run.run_id}|{instance.task_id}|{instance.try_number}|{kind}",
            data={"dag_id": run.dag_id, "run_id": run.run_id, "task_id": instance.task_id, **data},
        )
    )


class ReadStep(HITLOperator):
    """A step to read and do, answered *Done*. Its text is the page's: Airflow's own Jinja must not touch it."""

    template_fields = ()

    def __init__(self, *, client: str, options: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(options=options or [DONE], **ASKED_AGAIN | kwargs)
        self.client = client

    def execute(self, context: Context) -> Any:
        """Note that the step is open, and park: no worker and no trigger waits with it."""
        _note(context, self.client, "procedure.step_opened", "procedure", self.subject)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Note the answer and who gave it."""
        answer = super().execute_complete(context, event)
        _note_answer(context, self.client, self.subject, event)
        return answer


class QuestionStep(HITLBranchOperator):
    """A step that ends in a question: each answer leads to its own step."""

    template_fields = ()

    def __init__(self, *, client: str, **kwargs: Any) -> None:
        super().__init__(**ASKED_AGAIN | kwargs)
        self.client = client

    def execute(self, context: Context) -> Any:
        """Note that the question is open, and park."""
        _note(context, self.client, "procedure.step_opened", "procedure", self.subject)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Note the answer and who gave it, and take its branch."""
        _note_answer(context, self.client, self.subject, event)
        return super().execute_complete(context, event)


def _note_answer(context: Context, client: str, subject: str, event: dict[str, Any]) -> None:
    who = (event.get("responded_by_user") or {}).get("name") or "nobody"
    chosen = ", ".join(event.get("chosen_options") or ())
    _note(context, client, "procedure.step_answered", str(who), f"{subject}: {chosen}", answer=chosen)


class EscalateStep(ReadStep):
    """The end *Escalate*: pages the next people of the policy at once, and shows what to do meanwhile."""

    def execute(self, context: Context) -> Any:
        """Escalate the incident, unless it has ended, and park."""
        incident = _incident_of(context)
        if incident:
            connections.logbook().escalate(incident, by="procedure", at=utc_now(), via="procedure")
        return super().execute(context)


class SendStep(BaseOperator):
    """The action ``send``: puts a message of a template into the desk's outbox.

    ``to`` is a contact of the client, or ``channel`` for the client's Slack channel.
    """

    def __init__(self, *, client: str, template: str, to: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.client = client
        self.template = template
        self.to = to

    def execute(self, context: Context) -> str:
        """Queue the message; the same step of the same run queues it once, however often it is tried."""
        name = _incident_of(context)
        incident = connections.logbook().incident(name) if name else None
        if incident is None:
            raise AirflowException(
                "This run belongs to no incident, so there is nothing to write about. "
                'Open a procedure from an incident, or give the run the conf {"incident": "INC-…"}.'
            )
        outbound = self._outbound(context, incident)
        connections.logbook().queue(outbound, None)
        return outbound.key

    def _outbound(self, context: Context, incident: Incident) -> Outbound:
        now, client = utc_now(), library().client(incident.client)
        wording = Wording(library(), now)
        contact = client.contacts.get(self.to)
        language = (contact.language if contact else None) or client.languages[0]
        facts = wording.facts(incident, "message")
        try:
            message = library().render(self.template, client.id, language, facts)
        except VigieError as failed:
            # A message to a client is no page: rather none than a wrong one, and the step is red with the reason.
            raise AirflowException(str(failed)) from None
        run = context["dag_run"]
        return Outbound(
            key=f"{run.run_id}/{context['ti'].task_id}",
            incident=incident.id,
            client=client.id,
            channel="mail" if contact else "slack",
            purpose="message",
            recipient=contact.email if contact else client.slack_channel,
            message=message,
            reply_to=None if contact else f"{incident.id}/page/1/slack",
            next_action_at=now,
        )


class OpenProcedureStep(BaseOperator):
    """An answer that leads to another file: opens that procedure for the same incident."""

    def __init__(self, *, procedure_dag_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.procedure_dag_id = procedure_dag_id

    def execute(self, context: Context) -> str:
        """Start its run, once."""
        name = _incident_of(context) or context["dag_run"].run_id
        run_id = f"{name}.{self.procedure_dag_id.rpartition('.')[2]}"
        start_run(
            self.procedure_dag_id, run_id, dict(context["dag_run"].conf or {}), f"from {context['dag_run'].dag_id}"
        )
        return run_id


class CloseStep(ReadStep):
    """The end *Close*: what to do last, answered *Done*."""
