"""Where a step runs: its task, its run, its incident; and what its text may say of them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException

from vigie.core.client import PLATFORM, Client
from vigie.core.entry import Entry
from vigie.core.errors import VigieError
from vigie.core.incident import Incident
from vigie.core.open_step import PROCEDURE, OpenStep
from vigie.core.procedure import SHARED, Procedure
from vigie.logbook.book import Logbook
from vigie.tasks import connections
from vigie.tasks.clock import utc_now
from vigie.tasks.incident_facts import IncidentFacts
from vigie.tasks.posts import known_rota
from vigie.tasks.run_incident import RunRefused, incident_of_run, refusal_entry
from vigie.tasks.site import library


class StepPlace:
    """One task of one run of a procedure. ``procedure`` is the text that runs now."""

    def __init__(self, context: Context, procedure: Procedure) -> None:
        run, instance = context["dag_run"], context["ti"]
        self.procedure = procedure
        self.dag_id, self.run_id, self.task_id = str(run.dag_id), str(run.run_id), str(instance.task_id)
        self.tries = int(instance.try_number or 1)
        self._conf, self._by = run.conf, getattr(run, "triggering_user_name", None)
        self.now = utc_now()

    @cached_property
    def logbook(self) -> Logbook:
        """The logbook."""
        return connections.logbook()

    @cached_property
    def incident(self) -> Incident | None:
        """The incident that the run is about, as it was when first asked for.

        Raises AirflowFailException, and enters it, where the run names one that it may not touch.
        """
        try:
            return incident_of_run(self.logbook, self.dag_id, self.run_id, self._conf)
        except RunRefused as refused:
            line = refusal_entry(self.dag_id, self.run_id, self._conf, str(refused), self._by, self.now)
            self.logbook.append(line)
            raise AirflowFailException(str(refused)) from None

    @property
    def incident_id(self) -> str | None:
        """The name of that incident."""
        return self.incident.id if self.incident else None

    @property
    def client(self) -> str:
        """Whose step it is: the incident's client, also of a procedure that all share."""
        if self.incident is not None:
            return self.incident.client
        return PLATFORM if self.procedure.client == SHARED else self.procedure.client

    @cached_property
    def client_file(self) -> Client | None:
        """The client; None for the platform and where its file cannot be read."""
        try:
            return library().client(self.client)
        except VigieError:
            return None

    @cached_property
    def known(self) -> OpenStep | None:
        """What the logbook has of this step already."""
        return self.logbook.step_at(self.dag_id, self.run_id, self.task_id)

    @property
    def over(self) -> bool:
        """Whether the incident has ended otherwise than by its procedure."""
        found = self.incident
        return found is not None and found.status == "resolved" and found.resolved_by != PROCEDURE

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The facts of the incident, and what earlier steps were given."""
        answers = self.logbook.answers_of(self.dag_id, self.run_id)
        about: dict[str, Any] = {}
        if self.incident is not None:
            about = IncidentFacts(library(), known_rota(library())).facts(self.incident, "message")
        return about | {"answers": answers}

    def entry(self, kind: str, text: str, **data: Any) -> Entry:
        """A line of the logbook about this step."""
        return Entry(
            at=self.now,
            client=self.client,
            incident=self.incident.id if self.incident else None,
            kind=kind,
            actor=PROCEDURE,
            text=text,
            data={
                "dag_id": self.dag_id,
                "run_id": self.run_id,
                "task_id": self.task_id,
                "digest": self.procedure.digest,
                **data,
            },
        )
