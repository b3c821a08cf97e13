"""A step's question as people see it in Slack and by mail, and where it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from vigie.core.boundary import channel_of
from vigie.core.call_plan import call_plan
from vigie.core.client import PLATFORM, PLATFORM_POLICY, Client, EscalationPolicy, Person
from vigie.core.errors import VigieError
from vigie.core.message import Button, Message, Outbound
from vigie.core.open_step import OpenStep
from vigie.core.step_answer import BEGIN
from vigie.core.thread_words import label, say
from vigie.core.zone import ZoneInfo
from vigie.documents.library import Library
from vigie.documents.mrkdwn import literal, to_mrkdwn
from vigie.tasks.posts import known_rota
from vigie.tasks.site import public_url

ANSWER = "answer"
"""The beginning of the action of a button that answers a step."""

FILL_IN = "fill_in"
"""The action of a button that opens a step's form."""

LABEL_LIMIT = 75


class StepQuestion:
    """Writes the question of a step, at ``now`` (UTC). A broken table never takes the message away."""

    def __init__(self, library: Library, now: datetime) -> None:
        self._library = library
        self.now = now
        self.rota = known_rota(library)

    def policy(self, step: OpenStep) -> EscalationPolicy:
        """By whom the step is taken when nobody answers: the client's policy, else the platform's."""
        client = self._client(step)
        return call_plan(self.rota, client.policy if client else PLATFORM_POLICY).policy

    def language(self, step: OpenStep) -> str:
        """The language of the thread: the client's first."""
        client = self._client(step)
        return client.languages[0] if client else "en"

    def say(self, step: OpenStep, sentence: str, **facts: object) -> str:
        """A sentence of the thread, in its language."""
        return say(self.language(step), sentence, **facts)

    def name(self, who: str | None) -> str:
        """A person's name; what it is where it is nobody of the rota."""
        person = self.rota.people.get(who or "")
        return person.name if person else (who or "nobody")

    def question(self, step: OpenStep, above: str = "", below: str = "", language: str = "") -> Message:
        """The question, between a sentence above it and one below, in the thread's language or another one."""
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
        return Message(subject=self.subject(step), text=text, slack=slack or literal(step.title))

    def subject(self, step: OpenStep) -> str:
        """The procedure and the step."""
        return f"{step.procedure}: {step.title}"

    def buttons(self, step: OpenStep) -> tuple[Button, ...]:
        """Its answers, or what opens its form; and the link to its page."""
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

    def clock(self, step: OpenStep) -> str:
        """The time now, HH:MM in the client's zone."""
        client = self._client(step)
        return self.now.astimezone(ZoneInfo(client.zone if client else "UTC")).strftime("%H:%M")

    def slack(self, step: OpenStep, key: str, *, message: Message, **fields: Any) -> Outbound:
        """A message in the client's channel; in the platform's where the client's file is broken."""
        client = self._client(step)
        return Outbound(
            key=key,
            incident=step.incident,
            client=step.client if client else PLATFORM,
            channel="slack",
            recipient=self._channel(client),
            message=message,
            next_action_at=self.now,
            **fields,
        )

    def _channel(self, client: Client | None) -> str:
        if client is None:
            return self.rota.platform_channel
        return channel_of(client, self._library.clients().values(), self.rota)

    def mail(self, step: OpenStep, key: str, purpose: Any, person: Person, message: Message) -> Outbound:
        """A mail to a person, with the link to the step's page."""
        text = f"{message.text}\n\n{self.place(step)}"
        return Outbound(
            key=key,
            incident=step.incident,
            client=step.client,
            channel="mail",
            purpose=purpose,
            recipient=person.email,
            message=Message(subject=message.subject, text=text),
            next_action_at=self.now,
        )
