"""What is said of a procedure's step: its question in the thread, whom it waits for, who answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from vigie.core.client import PLATFORM, Client, EscalationPolicy, Person
from vigie.core.errors import VigieError
from vigie.core.message import Button, Message, Outbound
from vigie.core.open_step import OpenStep
from vigie.core.step_answer import BEGIN
from vigie.core.step_escalation import StepLevel
from vigie.core.thread_words import label, say
from vigie.core.zone import ZoneInfo
from vigie.documents.library import Library
from vigie.documents.mrkdwn import literal, to_mrkdwn
from vigie.tasks.incident_facts import PLATFORM_POLICY
from vigie.tasks.site import public_url
from vigie.tasks.wording import format_duration_between, known_rota

ANSWER = "answer"
"""The beginning of the action of a button that answers a step."""

FILL_IN = "fill_in"
"""The action of a button that opens a step's form."""

LABEL_LIMIT = 75
PAGES_EDITED = 10


class StepWording:
    """Says what happens to a step, at ``now`` (UTC). A broken table never takes the message away."""

    def __init__(self, library: Library, now: datetime) -> None:
        self._library = library
        self._now = now
        self._rota = known_rota(library)

    def policy(self, step: OpenStep) -> EscalationPolicy:
        """By whom the step is taken when nobody answers: the client's policy, else the platform's."""
        client = self._client(step)
        platform = self._rota.policies[PLATFORM_POLICY]
        return self._rota.policies.get(client.policy, platform) if client else platform

    def asked(self, step: OpenStep) -> list[Outbound]:
        """The question, with its answers as buttons, in the incident's thread."""
        said = [
            self._slack(
                step,
                _asked_key(step),
                purpose="note",
                message=self._question(step),
                buttons=self._buttons(step),
                reply_to=_root(step),
            )
        ]
        if step.asked > 1:
            before = step.model_copy(update={"asked": step.asked - 1})
            said += self._edits(before, self.say(step, "asked_again"))
        return said

    def escalated(self, step: OpenStep, level: StepLevel, number: int) -> list[Outbound]:
        """A page or a reminder: ``number`` counts them, from 1."""
        waited = format_duration_between(step.opened_at, self._now)
        page = level.what == "page"
        people = [self._rota.people[name] for name in level.people if name in self._rota.people]
        about = "unanswered" if page else "reminder"
        message = self._question(step, self.say(step, about, waited=waited))
        subject = self.say(step, "step_page", number=number, subject=message.subject)
        said = [
            self._slack(
                step,
                f"{_asked_key(step)}/page/{number}/slack",
                purpose="page" if page else "note",
                message=message.model_copy(update={"subject": subject}),
                buttons=self._buttons(step),
                mentions=tuple(each.slack for each in people if each.slack) if people else ("channel",),
                reply_to=_root(step) or _asked_key(step),
                broadcast=page,
            )
        ]
        if page:
            key = f"{_asked_key(step)}/page/{number}/mail"
            for each in people:
                above = say(each.language, about, waited=waited)
                message = self._question(step, above, language=each.language)
                said.append(self._mail(step, f"{key}/{each.id}", "page", each, message))
        return said

    def first(self, step: OpenStep, by: str, answer: str) -> list[Outbound]:
        """The first of two people has answered: the question says so, and keeps its buttons."""
        words = self.say(step, "first", who=self.name(by), answer=label(self.language(step), answer))
        return self._edits(step, words, keep=True, again=f"first/{int(self._now.timestamp() * 1000)}")

    def answered(self, step: OpenStep, by: str, answer: str, paged: Iterable[str] = ()) -> list[Outbound]:
        """The buttons go, everywhere, and who was paged hears that it is done. ``paged`` are the people of the pages."""
        given = label(self.language(step), answer)
        words = self.say(step, "answered", who=self.name(by), time=self._clock(step), answer=given)
        told = f"{step.title}: {words} {self.say(step, 'nobody_more')}"
        return [*self._edits(step, words), *self._told(step, told, by, paged)]

    def closed(self, step: OpenStep, words: str, paged: Iterable[str] = ()) -> list[Outbound]:
        """The question is no longer open; ``words`` say why."""
        return [
            *self._edits(step, words),
            self._slack(
                step, f"{_asked_key(step)}/closed/slack", purpose="note", message=_words(f"{step.title}: {words}"),
                reply_to=_root(step) or _asked_key(step),
            ),
            *self._mails(step, f"{step.title}: {words}", "", paged),
        ]  # fmt: skip

    def noted(self, step: OpenStep, what: str, words: str) -> Outbound:
        """A sentence about the step in the thread; ``what`` makes its key single."""
        key = f"{_asked_key(step)}/{what}"
        return self._slack(step, key, purpose="note", message=_words(f"{step.title}: {words}"), reply_to=_root(step))

    def by_mail(self, step: OpenStep, holder: str | None) -> Outbound | None:
        """The question as a mail to who has the incident, where Slack does not take it; None where that is nobody."""
        person = self._rota.people.get(holder or "")
        if person is None:
            return None
        question = self._question(step, language=person.language)
        return self._mail(step, f"{_asked_key(step)}/by_mail/{person.id}", "note", person, question)

    def run_ends(self, step: OpenStep) -> Outbound:
        """What ends the step's run in Airflow."""
        return Outbound(
            key=f"{_asked_key(step)}/end",
            incident=step.incident,
            client=step.client,
            channel="procedure",
            purpose="procedure",
            recipient=step.dag_id,
            message=Message(subject=f"{step.title}: no longer needed", text=""),
            variables={"run_id": step.run_id, "skip": step.task_id},
            next_action_at=self._now,
        )

    def language(self, step: OpenStep) -> str:
        """The language of the thread: the client's first."""
        client = self._client(step)
        return client.languages[0] if client else "en"

    def say(self, step: OpenStep, sentence: str, **facts: object) -> str:
        """A sentence of the thread, in its language."""
        return say(self.language(step), sentence, **facts)

    def name(self, who: str | None) -> str:
        """A person's name; what it is where it is nobody of the rota."""
        person = self._rota.people.get(who or "")
        return person.name if person else (who or "nobody")

    def _told(self, step: OpenStep, words: str, by: str, paged: Iterable[str]) -> Iterator[Outbound]:
        if step.pages == 0:
            return
        key = f"{_asked_key(step)}/answered/slack"
        yield self._slack(step, key, purpose="note", message=_words(words), reply_to=_root(step) or _asked_key(step))
        yield from self._mails(step, words, by, paged)

    def _mails(self, step: OpenStep, words: str, by: str, paged: Iterable[str]) -> Iterator[Outbound]:
        subject = self._subject(step)
        for name in dict.fromkeys(paged):
            person = self._rota.people.get(name)
            if person is not None and name != by:
                key = f"{_asked_key(step)}/ended/mail/{name}"
                yield self._mail(step, key, "note", person, Message(subject=subject, text=words))

    def _edits(self, step: OpenStep, words: str, *, keep: bool = False, again: str = "ended") -> list[Outbound]:
        """The question and the pages about it, with these words below; with ``keep`` their buttons stay."""
        targets = [_asked_key(step)]
        targets += [f"{targets[0]}/page/{number}/slack" for number in range(1, min(step.pages, PAGES_EDITED) + 1)]
        links = tuple(button for button in self._buttons(step) if button.url)
        return [
            self._slack(
                step,
                f"{target}/{again}",
                purpose="update",
                message=self._question(step, below=words),
                buttons=self._buttons(step) if keep else links,
                edits=target,
            )
            for target in targets
        ]

    def _question(self, step: OpenStep, above: str = "", below: str = "", language: str = "") -> Message:
        four = ""
        if step.four_eyes:
            four = say(language or self.language(step), "second_begins" if BEGIN in step.options else "four_eyes")
        parts = [above, step.text, *(f"- {each}" for each in step.checklist), four, below]
        text = "\n\n".join(part for part in parts if part)
        slack = "\n\n".join(
            part
            for part in (
                literal(above), to_mrkdwn(step.text), literal("\n".join(step.checklist)), literal(four), literal(below)
            )
            if part
        )  # fmt: skip
        return Message(subject=self._subject(step), text=text, slack=slack or literal(step.title))

    def _subject(self, step: OpenStep) -> str:
        return f"{step.procedure}: {step.title}"

    def _buttons(self, step: OpenStep) -> tuple[Button, ...]:
        place, language = self.place(step), self.language(step)
        opens = Button(label=say(language, "open_step"), action="open_step", url=place)
        if step.has_form:
            named = f"{step.id}:{step.asked}"
            return (
                Button(label=say(language, "fill_in"), action=FILL_IN, value=named, style="primary"),
                opens,
            )
        answers = tuple(
            Button(
                label=label(language, option)[:LABEL_LIMIT],
                action=f"{ANSWER}:{number}",
                value=f"{step.id}:{step.asked}:{number}",
            )
            for number, option in enumerate(step.options)
        )
        return (*answers, opens)

    def place(self, step: OpenStep) -> str:
        """Where the step is answered on a page: the incident's, else Airflow's own."""
        if step.incident:
            return public_url(f"/vigie/incidents/{step.incident}#{step.id}")
        run = f"/dags/{quote(step.dag_id, safe='')}/runs/{quote(step.run_id, safe='')}"
        return public_url(f"{run}/required_actions")

    def _client(self, step: OpenStep) -> Client | None:
        try:
            return self._library.client(step.client)
        except VigieError:
            return None

    def _clock(self, step: OpenStep) -> str:
        client = self._client(step)
        return self._now.astimezone(ZoneInfo(client.zone if client else "UTC")).strftime("%H:%M")

    def _slack(self, step: OpenStep, key: str, *, message: Message, **fields: Any) -> Outbound:
        client = self._client(step)
        return Outbound(
            key=key,
            incident=step.incident,
            client=step.client if client else PLATFORM,
            channel="slack",
            recipient=client.slack_channel if client else self._rota.platform_channel,
            message=message,
            next_action_at=self._now,
            **fields,
        )

    def _mail(self, step: OpenStep, key: str, purpose: Any, person: Person, message: Message) -> Outbound:
        text = f"{message.text}\n\n{self.place(step)}"
        return Outbound(
            key=key,
            incident=step.incident,
            client=step.client,
            channel="mail",
            purpose=purpose,
            recipient=person.email,
            message=Message(subject=message.subject, text=text),
            next_action_at=self._now,
        )


def _asked_key(step: OpenStep) -> str:
    return f"{step.id}/asked/{step.asked}"


def _root(step: OpenStep) -> str | None:
    return f"{step.incident}/page/1/slack" if step.incident else None


def _words(text: str) -> Message:
    return Message(subject="", text=text, slack=literal(text))
