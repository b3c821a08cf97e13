"""The outbox rows of an incident: a post in its channel, a mail to one of our people, the buttons under both."""

from __future__ import annotations

import os
from datetime import datetime
from html import escape
from typing import Any, Literal

from vigie.core.boundary import channel_of
from vigie.core.call_plan import CallPlan, call_plan
from vigie.core.client import PLATFORM, PLATFORM_POLICY, EscalationPolicy, Person, Rota
from vigie.core.incident import Incident
from vigie.core.message import Button, Message, Outbound, Purpose
from vigie.documents.library import Library
from vigie.documents.mrkdwn import literal
from vigie.tasks.incident_buttons import buttons_of
from vigie.tasks.incident_facts import IncidentFacts
from vigie.tasks.incident_messages import IncidentMessages


def known_rota(library: Library) -> Rota:
    """The rota; where its files cannot be read whole, what can be read of it.

    Where that is nobody, the address of last resort (``VIGIE_PLATFORM_EMAIL``), if there is one.
    """
    rota = library.readable_rota()
    address = os.environ.get("VIGIE_PLATFORM_EMAIL", "")
    if rota.people or not address:
        return rota
    nobody_else = Person(id="platform", name=address, email=address)
    return rota.model_copy(update={"people": {nobody_else.id: nobody_else}})


class Posts:
    """Makes the rows, at ``now`` (UTC)."""

    def __init__(self, library: Library, now: datetime) -> None:
        self._library = library
        self._now = now
        self._rota = known_rota(library)
        self._about = IncidentFacts(library, self._rota)
        self._messages = IncidentMessages(library, self._about, now)

    def plan(self, incident: Incident) -> CallPlan:
        """By whom this incident is taken: the platform's people for a problem on our side, else the client's policy."""
        platform = incident.audience == "platform"
        return call_plan(self._rota, PLATFORM_POLICY if platform else self._about.client(incident).policy)

    def policy(self, incident: Incident) -> EscalationPolicy:
        """The plan's policy."""
        return self.plan(incident).policy

    def _slack(self, incident: Incident, key: str, *, message: Message, **fields: Any) -> Outbound:
        channel = self._rota.platform_channel
        if incident.client != PLATFORM:
            channel = channel_of(self._about.client(incident), self._library.clients().values(), self._rota)
        return Outbound(
            key=f"{incident.id}/{key}",
            incident=incident.id,
            client=incident.client,
            channel="slack",
            recipient=channel,
            message=message,
            next_action_at=self._now,
            **fields,
        )

    def _mail(
        self, incident: Incident, key: str, purpose: Literal["page", "resolved"], person: Person, number: int
    ) -> Outbound:
        """A mail in the words of the template; of a call, ``number`` says the how many-th it is."""
        message = self._rendered(incident, purpose, person)
        if number > 1:
            message = message.model_copy(update={"subject": f"[page {number}] {message.subject}"})
        return self._to(incident, key, purpose, person, message)

    def _plain_mail(self, incident: Incident, key: str, person: Person, said: str) -> Outbound:
        """A mail of one sentence of ours, with the incident's link."""
        text = f"{said}\n\n{self._about.incident_url(incident)}"
        return self._to(incident, key, "note", person, Message(subject=f"{incident.id}: {incident.title}", text=text))

    def _to(self, incident: Incident, key: str, purpose: Purpose, person: Person, message: Message) -> Outbound:
        """A mail in the thread that began with the first call of this person."""
        called = self._called(incident).get(person.id)
        first = f"{incident.id}/page/{called[0]}/mail/{person.id}" if called else None
        return Outbound(
            key=f"{incident.id}/{key}",
            incident=incident.id,
            client=incident.client,
            channel="mail",
            purpose=purpose,
            recipient=person.email,
            message=message,
            reply_to=None if first == f"{incident.id}/{key}" else first,
            next_action_at=self._now,
        )

    def _called(self, incident: Incident) -> dict[str, tuple[int, int]]:
        """Who was called, with the number of the first and the last call. An older Vigie did not write it down."""
        if incident.called or not incident.page:
            return incident.called
        steps, found = self.plan(incident).policy.steps, dict(incident.called)
        for number in range(1, incident.pages + 1):
            for name in steps[(number - 1) % len(steps)].page:
                found[name] = (found.get(name, (number, 0))[0], number)
        return found

    def _buttons(self, incident: Incident) -> tuple[Button, ...]:
        return buttons_of(incident, self._about)

    def _rendered(self, incident: Incident, purpose: str, person: Person | None = None) -> Message:
        return self._messages.of(incident, purpose, person.language if person else self._about.language(incident))


def words(text: str) -> Message:
    """A sentence of ours as a message."""
    return Message(subject="", text=text, slack=literal(text))


def with_note(message: Message, note: str) -> Message:
    """The message with a last paragraph of ours, in each of its forms; as it is where there is none."""
    if not note:
        return message
    return message.model_copy(
        update={
            "text": f"{message.text}\n\n{note}",
            "html": f"{message.html}<p>{escape(note)}</p>" if message.html else "",
            "slack": f"{message.slack}\n\n{literal(note)}" if message.slack else "",
        }
    )
