"""An incident in the words that templates and people use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from vigie.core.client import PLATFORM, PLATFORM_POLICY, Client, Rota
from vigie.core.errors import VigieError
from vigie.core.incident import Incident
from vigie.core.open_step import PROCEDURE
from vigie.core.thread_words import say
from vigie.core.zone import ZoneInfo
from vigie.documents.library import Library
from vigie.tasks.site import public_url


class IncidentFacts:
    """What may be said of an incident: names instead of ids, the clock of the client's zone, addresses of pages."""

    def __init__(self, library: Library, rota: Rota) -> None:
        self._library = library
        self._rota = rota

    def client(self, incident: Incident) -> Client:
        """The incident's client. Where its file is broken tonight, the platform's people are told instead of nobody."""
        try:
            return self._library.client(incident.client)
        except VigieError:
            return Client(
                id=incident.client,
                name=incident.client,
                zone="UTC",
                languages=("en",),
                slack_channel=self._rota.platform_channel,
                policy=PLATFORM_POLICY,
            )

    def language(self, incident: Incident) -> str:
        """The language in which the incident is told to everybody."""
        return "en" if incident.client == PLATFORM else self.client(incident).languages[0]

    def name(self, who: str | None, incident: Incident) -> str:
        """A person's name; what it is where it is nobody of the rota, in the language of the incident."""
        person = self._rota.people.get(who or "")
        if who == PROCEDURE:
            return say(self.language(incident), "the_procedure")
        return person.name if person else (who or "nobody")

    def clock(self, at: datetime | None, incident: Incident) -> str:
        """HH:MM in the client's zone; UTC for what is the platform's."""
        zone = "UTC" if incident.client == PLATFORM else self.client(incident).zone
        return at.astimezone(ZoneInfo(zone)).strftime("%H:%M") if at else ""

    def incident_url(self, incident: Incident) -> str:
        """The incident's page."""
        return public_url(f"/vigie/incidents/{incident.id}")

    def procedure_url(self, incident: Incident) -> str:
        """The procedure's page; once somebody has the incident, the run that leads through it."""
        if incident.status == "acknowledged" and not incident.reopenings:  # its run ended with it
            return public_url(f"/dags/{self.procedure_dag(incident)}/runs/{incident.id}.1")
        return public_url(f"/vigie/procedures/{incident.client}/{incident.procedure}")

    def facts(self, incident: Incident, purpose: str) -> dict[str, Any]:
        """What a template may use; see docs/authors/templates.md."""
        known: dict[str, Any] = {
            **incident.facts,
            "client": self.client(incident).name if incident.client != PLATFORM else "Platform",
            "flux": incident.flux,
            "watch": incident.watch,
            "title": incident.title,
            "severity": incident.severity,
            "incident": incident.id,
            "status": incident.status,
            "count": incident.count,
            "purpose": purpose,
            "opened_at": self.clock(incident.opened_at, incident),
            "seen_at": self.clock(incident.opened_at, incident),
            "acknowledged_at": self.clock(incident.acknowledged_at, incident),
            "resolved_at": self.clock(incident.resolved_at, incident),
            "ended_by_hand": incident.status == "resolved" and incident.resolved_by != incident.watch,
            "who": self._who(incident),
            "links": {"incident": self.incident_url(incident)},
            "procedure": None,
        }
        if incident.procedure:
            known["procedure"] = {"title": self.procedure_title(incident), "url": self.procedure_url(incident)}
        return known

    def _who(self, incident: Incident) -> str:
        ended_itself = incident.resolved_by == incident.watch
        who = incident.acknowledged_by if ended_itself else incident.resolved_by or incident.acknowledged_by
        return self.name(who, incident) if who else ""

    def procedure_dag(self, incident: Incident) -> str:
        """The DAG of the incident's procedure: the client's own, or one that all share."""
        try:
            return self._library.procedure(incident.client, incident.procedure or "").dag_id
        except VigieError:
            return f"procedure.{incident.client}.{incident.procedure}"

    def procedure_title(self, incident: Incident) -> str:
        """The title of the incident's procedure; its name where its file is broken."""
        try:
            return self._library.procedure(incident.client, incident.procedure or "").title
        except VigieError:
            return incident.procedure or ""
