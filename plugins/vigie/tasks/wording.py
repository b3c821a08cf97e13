"""From what the desk decided to what is said: the outbox rows of a decision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from vigie.core.client import Person
from vigie.core.duration import format_duration
from vigie.core.entry import Entry
from vigie.core.escalation import Act, Decision
from vigie.core.incident import Incident
from vigie.core.message import Message, Outbound
from vigie.core.thread_words import say
from vigie.documents.last_words import RESOLVED
from vigie.documents.library import Library
from vigie.tasks import drafts
from vigie.tasks.posts import Posts, with_note, words
from vigie.tasks.site import public_url


class Wording(Posts):
    """Says what a decision means, in the words of the client's templates."""

    def __init__(self, library: Library, now: datetime) -> None:
        super().__init__(library, now)
        self._drafts: list[Entry] = []

    @property
    def failures(self) -> list[Entry]:
        """Entries that tell the owner of a template that it failed, and that a procedure is a draft."""
        return [*self._messages.failures, *self._drafts]

    def outbounds(self, incident: Incident, decision: Decision) -> list[Outbound]:
        """All that a decision has to say among ourselves; the client's contacts are told by ``tasks/all_clear.py``."""
        if decision.recall:
            incident = incident.model_copy(update={"recalled_at": self._now})
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
            yield self._edit(incident, f"tell/{incident.revision}")
            if incident.status != "open":
                yield from self._taken_off(incident, decision.pages)
            if act.note:
                key = f"note/{incident.status}/{_stamp(incident)}/slack"
                yield self._thread(incident, key, self._note_words(incident))
        elif act.what == "end":
            yield from self._end(incident)
        elif act.what == "back":
            yield from self._back(incident)
        elif act.what == "flapping":
            yield from self._flapping(incident)
        elif act.what == "recall":
            yield from self._recall(incident)
        elif act.what == "open_procedure":
            yield self._procedure(incident)
            mails, entries = drafts.used(self._library, incident, self._now)
            self._drafts += entries
            yield from mails

    def _edit(self, incident: Incident, key: str) -> Outbound:
        """The incident's message, as it stands now."""
        return self._slack(
            incident,
            key,
            purpose="update",
            message=self._rendered(incident, RESOLVED if incident.status == "resolved" else "update"),
            buttons=self._buttons(incident),
            edits=f"{incident.id}/page/1/slack",
        )

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
            message=with_note(message, self._fault(incident, self._about.language(incident))),
            buttons=self._buttons(incident),
            mentions=self._mentions(incident, people),
            reply_to=f"{incident.id}/page/1/slack" if again else None,
            broadcast=again,
        )
        for person in people:
            mail = self._mail(incident, f"page/{number}/mail/{person.id}", "page", person, number)
            noted = with_note(mail.message, self._fault(incident, person.language))
            yield mail.model_copy(update={"message": noted})

    def _mentions(self, incident: Incident, people: list[Person]) -> tuple[str, ...]:
        """Who is mentioned in a call; everybody in the channel where the rota is at fault and knows nobody in Slack."""
        known = tuple(person.slack for person in people if person.slack)
        return known if known or (people and not self.plan(incident).fault) else ("channel",)

    def _fault(self, incident: Incident, language: str) -> str:
        """What is wrong with the rota, as each call says it: a fall-back speaks."""
        plan = self.plan(incident)
        return say(language, plan.fault, policy=plan.policy.id) if plan.fault else ""

    def _end(self, incident: Incident) -> Iterator[Outbound]:
        """The end, to those who were called since they were last told of one, and to the owner who knows it is back."""
        told = {name for name, (_, last) in self._called(incident).items() if last > incident.cleared}
        told |= {incident.acknowledged_by or ""} if incident.reopenings else set()
        prefix = f"resolved/{incident.reopenings}" if incident.reopenings else "resolved"
        for name in sorted(told & set(self._rota.people)):
            yield self._mail(incident, f"{prefix}/mail/{name}", "resolved", self._rota.people[name], 1)

    def _back(self, incident: Incident) -> Iterator[Outbound]:
        """It is back: in the thread, and by mail where the last mail about it told its end."""
        by_person = incident.reopened_at not in incident.returns
        owner = self._rota.people.get(incident.acknowledged_by or "")
        sentence = ("reopened" if by_person else "back") + ("" if incident.acknowledged_by else "_free")
        mentions = (owner.slack,) if owner and owner.slack else ()
        said = self._came(incident, sentence, self._about.language(incident))
        yield self._thread(incident, f"back/{incident.reopenings}/slack", words(said), mentions=mentions)
        if owner and (by_person or len(incident.returns) == 1):
            said = self._came(incident, sentence, owner.language)
            yield self._plain_mail(incident, f"back/{incident.reopenings}/mail/{owner.id}", owner, said)

    def _came(self, incident: Incident, sentence: str, language: str) -> str:
        who = self._about.name(incident.acknowledged_by, incident)
        return say(language, sentence, time=self._about.clock(incident.reopened_at, incident), who=who)

    def _flapping(self, incident: Incident) -> Iterator[Outbound]:
        """It comes and goes: told once, in the thread and to its owner."""
        key = f"flapping/{int((incident.flapping_at or self._now).timestamp())}"
        owner, times = self._rota.people.get(incident.acknowledged_by or ""), len(incident.returns)
        said = say(self._about.language(incident), "flapping", times=times)
        mentions = (owner.slack,) if owner and owner.slack else ()
        yield self._thread(incident, f"{key}/slack", words(said), mentions=mentions, broadcast=True)
        if owner:
            said = say(owner.language, "flapping", times=times)
            yield self._plain_mail(incident, f"{key}/mail/{owner.id}", owner, said)

    def _recall(self, incident: Incident) -> Iterator[Outbound]:
        """The call begins again although somebody has it: its message can be taken once more, and the thread says why."""
        stamp = int(self._now.timestamp())
        since = max(filter(None, (incident.acknowledged_at, incident.active_at)), default=incident.opened_at)
        waited = format_duration_between(since, self._now)
        who = self._about.name(incident.acknowledged_by, incident)
        said = say(self._about.language(incident), "recall", waited=waited, who=who)
        yield self._edit(incident, f"tell/{incident.revision}/recall/{stamp}")
        yield self._thread(incident, f"recall/{stamp}/slack", words(said))

    def _thread(self, incident: Incident, key: str, message: Message, **fields: object) -> Outbound:
        root = f"{incident.id}/page/1/slack"
        return self._slack(incident, key, purpose="note", message=message, reply_to=root, **fields)

    def _note_words(self, incident: Incident) -> Message:
        language = self._about.language(incident)
        taken = incident.status == "acknowledged"
        who = self._about.name(incident.acknowledged_by if taken else incident.resolved_by, incident)
        if taken:
            return words(say(language, "taken", who=who, time=self._about.clock(incident.acknowledged_at, incident)))
        lasted = format_duration_between(incident.opened_at, incident.resolved_at or self._now)
        sentence = "resolved_itself" if incident.resolved_by == incident.watch else "resolved_by"
        time = self._about.clock(incident.resolved_at, incident)
        return words(say(language, sentence, time=time, lasted=lasted, who=who))

    def _procedure(self, incident: Incident) -> Outbound:
        # One run for each incident: what comes back must not send and do everything again by itself.
        return Outbound(
            key=f"{incident.id}/procedure/1",
            incident=incident.id,
            client=incident.client,
            channel="procedure",
            purpose="procedure",
            recipient=self._about.procedure_dag(incident),
            message=Message(subject=f"{incident.id}: {incident.title}", text=""),
            variables={"run_id": f"{incident.id}.1"},
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
        return self._thread(incident, key, words(say(self._about.language(incident), sentence, **facts)))


def _stamp(incident: Incident) -> int:
    at = incident.resolved_at or incident.acknowledged_at or incident.opened_at
    return int(at.timestamp())


def format_duration_between(start: datetime, end: datetime) -> str:
    """How long something lasted, to the minute once it lasted two."""
    lasted = end - start
    seconds = int(lasted.total_seconds())
    return format_duration(lasted) if seconds < 120 else f"{seconds // 60} min"
