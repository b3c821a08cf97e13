"""From what the desk decided to what is said: the outbox rows of a decision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

from vigie.core.boundary import channel_of
from vigie.core.client import PLATFORM, EscalationPolicy, EscalationStep, Person, Rota
from vigie.core.duration import format_duration
from vigie.core.entry import Entry
from vigie.core.errors import InvalidDocument
from vigie.core.escalation import Act, Decision
from vigie.core.incident import Incident
from vigie.core.message import Button, Message, Outbound
from vigie.core.thread_words import say
from vigie.documents.last_words import RESOLVED
from vigie.documents.library import Library
from vigie.documents.mrkdwn import literal
from vigie.tasks.incident_facts import PLATFORM_POLICY, IncidentFacts
from vigie.tasks.incident_messages import IncidentMessages
from vigie.tasks.site import public_url

NOBODY_KNOWN = Rota(
    people={},
    policies={
        PLATFORM_POLICY: EscalationPolicy(
            id="nobody is known",
            steps=(EscalationStep(page=("everybody in the channel",), delay=timedelta(minutes=10)),),
            repeat=100,
        )
    },
    platform_channel="platform",
)


def known_rota(library: Library) -> Rota:
    """The rota; where it cannot be read, one by which each page goes to everybody in the client's channel."""
    try:
        return library.rota()
    except InvalidDocument:
        return NOBODY_KNOWN


class Wording:
    """Says what a decision means, in the words of the client's templates."""

    def __init__(self, library: Library, now: datetime) -> None:
        self._library = library
        self._now = now
        self._rota = known_rota(library)
        self._about = IncidentFacts(library, self._rota)
        self._messages = IncidentMessages(library, self._about, now)

    def policy(self, incident: Incident) -> EscalationPolicy:
        """By whom this incident is taken: the platform's on-call for what is blind, else the client's policy."""
        name = PLATFORM_POLICY if incident.audience == "platform" else self._about.client(incident).policy
        # A policy that the rota lacks is told by ./vigie check; at night somebody is paged all the same.
        return self._rota.policies.get(name) or self._rota.policies[PLATFORM_POLICY]

    @property
    def failures(self) -> list[Entry]:
        """Entries that tell the owner of a template that it failed."""
        return self._messages.failures

    def outbounds(self, incident: Incident, decision: Decision) -> list[Outbound]:
        """All that a decision has to say among ourselves; the client's contacts are told by ``tasks/all_clear.py``."""
        return [outbound for act in decision.acts for outbound in self._said(incident, decision, act)]

    def _said(self, incident: Incident, decision: Decision, act: Act) -> Iterator[Outbound]:
        if act.what == "page":
            people = [self._rota.people[name] for name in act.people if name in self._rota.people]
            yield from self._page(incident, decision.pages, people)
        elif act.what == "warn":
            yield self._slack(
                incident,
                "page/1/slack",
                purpose="note",
                message=self._rendered(incident, "warning"),
                buttons=self._buttons(incident),
            )
        elif act.what == "tell":
            yield self._slack(
                incident,
                f"tell/{incident.revision}",
                purpose="update",
                message=self._rendered(incident, RESOLVED if incident.status == "resolved" else "update"),
                buttons=self._buttons(incident),
                edits=f"{incident.id}/page/1/slack",
            )
            if incident.status != "open":
                yield from self._taken_off(incident, decision.pages)
            if act.note:
                yield from self._note(incident, decision)
        elif act.what == "open_procedure":
            yield self._procedure(incident)

    def _taken_off(self, incident: Incident, pages: int) -> Iterator[Outbound]:
        """The later pages in the thread lose the button that nobody needs any more."""
        message = self._rendered(incident, RESOLVED if incident.status == "resolved" else "page")
        for page in range(2, min(pages, 10) + 1):
            yield self._slack(
                incident,
                f"tell/{incident.status}/{page}",
                purpose="update",
                message=message.model_copy(update={"subject": f"[page {page}] {message.subject}"}),
                buttons=tuple(button for button in self._buttons(incident) if button.url),
                edits=f"{incident.id}/page/{page}/slack",
            )

    def _page(self, incident: Incident, number: int, people: list[Person]) -> Iterator[Outbound]:
        again = number > 1
        message = self._rendered(incident, "page")
        if again:
            message = message.model_copy(update={"subject": f"[page {number}] {message.subject}"})
        yield self._slack(
            incident,
            f"page/{number}/slack",
            purpose="page",
            message=message,
            buttons=self._buttons(incident),
            mentions=tuple(person.slack for person in people if person.slack) if people else ("channel",),
            reply_to=f"{incident.id}/page/1/slack" if again else None,
            broadcast=again,
        )
        for person in people:
            yield self._mail(incident, f"page/{number}/mail/{person.id}", "page", person, number)

    def _note(self, incident: Incident, decision: Decision) -> Iterator[Outbound]:
        yield self._slack(
            incident,
            f"note/{incident.status}/{_stamp(incident)}/slack",
            purpose="note",
            message=self._note_words(incident),
            reply_to=f"{incident.id}/page/1/slack",
        )
        if incident.status == "resolved" and incident.page:
            steps = self.policy(incident).steps
            paged = dict.fromkeys(name for page in range(decision.pages) for name in steps[page % len(steps)].page)
            for name in paged:
                if name in self._rota.people:
                    yield self._mail(incident, f"resolved/mail/{name}", "resolved", self._rota.people[name], 1)

    def _note_words(self, incident: Incident) -> Message:
        language = self._about.language(incident)
        taken = incident.status == "acknowledged"
        who = self._about.name(incident.acknowledged_by if taken else incident.resolved_by, incident)
        if incident.status == "acknowledged":
            return _words(say(language, "taken", who=who, time=self._about.clock(incident.acknowledged_at, incident)))
        lasted = format_duration_between(incident.opened_at, incident.resolved_at or self._now)
        sentence = "resolved_itself" if incident.resolved_by == incident.watch else "resolved_by"
        time = self._about.clock(incident.resolved_at, incident)
        return _words(say(language, sentence, time=time, lasted=lasted, who=who))

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

    def _mail(self, incident: Incident, key: str, purpose: str, person: Person, number: int) -> Outbound:
        message = self._rendered(incident, purpose, person)
        first = self._first_mail(incident, person)
        if number > 1:
            message = message.model_copy(update={"subject": f"[page {number}] {message.subject}"})
        return Outbound(
            key=f"{incident.id}/{key}",
            incident=incident.id,
            client=incident.client,
            channel="mail",
            purpose="page" if purpose == "page" else "resolved",
            recipient=person.email,
            message=message,
            reply_to=None if first == f"{incident.id}/{key}" else first,
            next_action_at=self._now,
        )

    def _first_mail(self, incident: Incident, person: Person) -> str:
        """The key of the first page that this person got by mail: what follows answers it."""
        steps = self.policy(incident).steps
        number = next((number for number, step in enumerate(steps, 1) if person.id in step.page), 1)
        return f"{incident.id}/page/{number}/mail/{person.id}"

    def _procedure(self, incident: Incident) -> Outbound:
        run_id = f"{incident.id}.1"
        return Outbound(
            key=f"{incident.id}/procedure/1",
            incident=incident.id,
            client=incident.client,
            channel="procedure",
            purpose="procedure",
            recipient=self._about.procedure_dag(incident),
            message=Message(subject=f"{incident.id}: {incident.title}", text=""),
            variables={"run_id": run_id},
            next_action_at=self._now,
        )

    def procedure_refused(
        self,
        incident: Incident,
        reason: str,
        *,
        what: Literal["not_started", "stopped"] = "not_started",
        key: str = "refused",
    ) -> Outbound:
        """What is said in the incident's thread where its procedure does not start, or stops: follow the page."""
        page = public_url(f"/vigie/procedures/{incident.client}/{incident.procedure}")
        return self.note(incident, f"procedure/{key}/slack", what, reason=reason, page=page)

    def note(self, incident: Incident, key: str, sentence: str, **facts: str) -> Outbound:
        """A sentence of ours in the incident's thread; ``key`` makes it single there."""
        message = _words(say(self._about.language(incident), sentence, **facts))
        return self._slack(incident, key, purpose="note", message=message, reply_to=f"{incident.id}/page/1/slack")

    def _buttons(self, incident: Incident) -> tuple[Button, ...]:
        found, language = [], self._about.language(incident)
        if incident.status == "open":
            found.append(Button(label=say(language, "take"), action="acknowledge", value=incident.id, style="primary"))
        elif incident.status == "acknowledged":
            found.append(Button(label=say(language, "resolve"), action="resolve", value=incident.id))
        if incident.procedure:
            words, url = say(language, "open_procedure"), self._about.procedure_url(incident)
            found.append(Button(label=words, action="open_procedure", url=url))
        words, url = say(language, "open_incident"), self._about.incident_url(incident)
        found.append(Button(label=words, action="open_incident", url=url))
        return tuple(found)

    def _rendered(self, incident: Incident, purpose: str, person: Person | None = None) -> Message:
        return self._messages.of(incident, purpose, person.language if person else self._about.language(incident))


def _words(text: str) -> Message:
    return Message(subject="", text=text, slack=literal(text))


def _stamp(incident: Incident) -> int:
    at = incident.resolved_at or incident.acknowledged_at or incident.opened_at
    return int(at.timestamp())


def format_duration_between(start: datetime, end: datetime) -> str:
    """How long something lasted, to the minute once it lasted two."""
    lasted = end - start
    seconds = int(lasted.total_seconds())
    return format_duration(lasted) if seconds < 120 else f"{seconds // 60} min"
