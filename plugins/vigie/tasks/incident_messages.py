"""What a template says of an incident, or what is said in its place where it cannot."""

from __future__ import annotations

from datetime import datetime

from vigie.core.doubtful import doubts_in, junk_in
from vigie.core.entry import Entry
from vigie.core.errors import VigieError
from vigie.core.incident import Incident
from vigie.core.message import Message
from vigie.core.thread_words import say
from vigie.documents.last_words import RESOLVED, last_words
from vigie.documents.library import Library
from vigie.documents.plain_message import plain_message
from vigie.tasks.doubtful_message import told_as_doubtful
from vigie.tasks.incident_facts import IncidentFacts
from vigie.tasks.message_remark import with_remark
from vigie.tasks.procedure_standing import standing


class IncidentMessages:
    """Renders the template of an incident, at ``now`` (UTC).

    A template that fails costs nobody the message: a built-in one goes out, and ``failures`` tells the template's
    owner (product rule 4).
    """

    def __init__(self, library: Library, about: IncidentFacts, now: datetime) -> None:
        self._library = library
        self._about = about
        self._now = now
        self._known: dict[tuple[str, int, str, str], Message] = {}
        self.failures: list[Entry] = []

    def of(self, incident: Incident, purpose: str, language: str) -> Message:
        """The message for this purpose (docs/authors/templates.md) in this language. At the end it says the end."""
        key = (incident.id, incident.revision, purpose, language)
        if key not in self._known:
            message, doubts = self._rendered(incident, purpose, language), doubts_in(incident.facts)
            if doubts and purpose != RESOLVED:
                message = told_as_doubtful(message, doubts, language)
            if (folder := junk_in(incident.facts)) and purpose != RESOLVED:
                message = with_remark(message, say(language, "in_junk", folder=folder))
            if purpose == "page" and standing(self._library, incident) == "page":
                message = with_remark(message, say(language, "draft_procedure"))
            self._known[key] = message
        return self._known[key]

    def _rendered(self, incident: Incident, purpose: str, language: str) -> Message:
        facts = self._about.facts(incident, purpose)
        if purpose == RESOLVED:
            message, failure = last_words(self._library, incident.template, incident.client, language, facts)
            if failure:
                self._failed(incident, failure)
            return message
        try:
            return self._library.render(incident.template, incident.client, language, facts)
        except VigieError as failed:
            self._failed(incident, str(failed))
            return plain_message(incident.title, facts, str(failed))

    def _failed(self, incident: Incident, why: str) -> None:
        self.failures.append(
            Entry(
                at=self._now,
                client=incident.client,
                incident=incident.id,
                kind="template.failed",
                actor="desk",
                text=why[:1000],
                key=f"template|{incident.template}|{incident.id}",
            )
        )
