"""What is said of a procedure's step: its question in the thread, whom it waits for, who answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vigie.core.message import Message, Outbound
from vigie.core.open_step import OpenStep
from vigie.core.step_escalation import StepLevel
from vigie.core.thread_words import label, say
from vigie.documents.mrkdwn import literal
from vigie.tasks.step_question import StepQuestion
from vigie.tasks.wording import format_duration_between

PAGES_EDITED = 10


class StepWording(StepQuestion):
    """Says what happens to a step, at ``now`` (UTC). A broken table never takes the message away."""

    def asked(self, step: OpenStep) -> list[Outbound]:
        """The question, with its answers as buttons, in the incident's thread."""
        said = [
            self.slack(
                step,
                _asked_key(step),
                purpose="note",
                message=self.question(step),
                buttons=self.buttons(step),
                reply_to=_root(step),
            )
        ]
        if step.asked > 1:
            before = step.model_copy(update={"asked": step.asked - 1})
            said += self._edits(before, self.say(step, "asked_again"))
        return said

    def escalated(self, step: OpenStep, level: StepLevel, number: int) -> list[Outbound]:
        """A page or a reminder: ``number`` counts them, from 1."""
        waited = format_duration_between(step.opened_at, self.now)
        page = level.what == "page"
        people = [self.rota.people[name] for name in level.people if name in self.rota.people]
        about = "unanswered" if page else "reminder"
        message = self.question(step, self.say(step, about, waited=waited))
        subject = self.say(step, "step_page", number=number, subject=message.subject)
        said = [
            self.slack(
                step,
                f"{_asked_key(step)}/page/{number}/slack",
                purpose="page" if page else "note",
                message=message.model_copy(update={"subject": subject}),
                buttons=self.buttons(step),
                mentions=tuple(each.slack for each in people if each.slack) if people else ("channel",),
                reply_to=_root(step) or _asked_key(step),
                broadcast=page,
            )
        ]
        if page:
            key = f"{_asked_key(step)}/page/{number}/mail"
            for each in people:
                above = say(each.language, about, waited=waited)
                message = self.question(step, above, language=each.language)
                said.append(self.mail(step, f"{key}/{each.id}", "page", each, message))
        return said

    def first(self, step: OpenStep, by: str, answer: str) -> list[Outbound]:
        """The first of two people has answered: the question says so, and keeps its buttons."""
        words = self.say(step, "first", who=self.name(by), answer=label(self.language(step), answer))
        return self._edits(step, words, keep=True, again=f"first/{int(self.now.timestamp() * 1000)}")

    def answered(self, step: OpenStep, by: str, answer: str, paged: Iterable[str] = ()) -> list[Outbound]:
        """The buttons go, everywhere, and who was paged hears that it is done. ``paged`` are the people of the pages."""
        given = label(self.language(step), answer)
        words = self.say(step, "answered", who=self.name(by), time=self.clock(step), answer=given)
        told = f"{step.title}: {words} {self.say(step, 'nobody_more')}"
        return [*self._edits(step, words), *self._told(step, told, by, paged)]

    def closed(self, step: OpenStep, words: str, paged: Iterable[str] = ()) -> list[Outbound]:
        """The question is no longer open; ``words`` say why."""
        return [
            *self._edits(step, words),
            self.slack(
                step, f"{_asked_key(step)}/closed/slack", purpose="note", message=_words(f"{step.title}: {words}"),
                reply_to=_root(step) or _asked_key(step),
            ),
            *self._mails(step, f"{step.title}: {words}", "", paged),
        ]  # fmt: skip

    def noted(self, step: OpenStep, what: str, words: str) -> Outbound:
        """A sentence about the step in the thread; ``what`` makes its key single."""
        key = f"{_asked_key(step)}/{what}"
        return self.slack(step, key, purpose="note", message=_words(f"{step.title}: {words}"), reply_to=_root(step))

    def left_open(self, step: OpenStep, by: str) -> Outbound:
        """The procedure has ended, and its incident has not."""
        words = self.say(step, "left_open", who=self.name(by))
        key = f"{_asked_key(step)}/left_open"
        return self.slack(step, key, purpose="note", message=_words(words), reply_to=_root(step))

    def by_mail(self, step: OpenStep, holder: str | None) -> Outbound | None:
        """The question as a mail to who has the incident, where Slack does not take it; None where that is nobody."""
        person = self.rota.people.get(holder or "")
        if person is None:
            return None
        question = self.question(step, language=person.language)
        return self.mail(step, f"{_asked_key(step)}/by_mail/{person.id}", "note", person, question)

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
            next_action_at=self.now,
        )

    def _told(self, step: OpenStep, words: str, by: str, paged: Iterable[str]) -> Iterator[Outbound]:
        if step.pages == 0:
            return
        key = f"{_asked_key(step)}/answered/slack"
        yield self.slack(step, key, purpose="note", message=_words(words), reply_to=_root(step) or _asked_key(step))
        yield from self._mails(step, words, by, paged)

    def _mails(self, step: OpenStep, words: str, by: str, paged: Iterable[str]) -> Iterator[Outbound]:
        subject = self.subject(step)
        for name in dict.fromkeys(paged):
            person = self.rota.people.get(name)
            if person is not None and name != by:
                key = f"{_asked_key(step)}/ended/mail/{name}"
                yield self.mail(step, key, "note", person, Message(subject=subject, text=words))

    def _edits(self, step: OpenStep, words: str, *, keep: bool = False, again: str = "ended") -> list[Outbound]:
        """The question and the pages about it, with these words below; with ``keep`` their buttons stay."""
        targets = [_asked_key(step)]
        targets += [f"{targets[0]}/page/{number}/slack" for number in range(1, min(step.pages, PAGES_EDITED) + 1)]
        links = tuple(button for button in self.buttons(step) if button.url)
        return [
            self.slack(
                step,
                f"{target}/{again}",
                purpose="update",
                message=self.question(step, below=words),
                buttons=self.buttons(step) if keep else links,
                edits=target,
            )
            for target in targets
        ]


def _asked_key(step: OpenStep) -> str:
    return f"{step.id}/asked/{step.asked}"


def _root(step: OpenStep) -> str | None:
    return f"{step.incident}/page/1/slack" if step.incident else None


def _words(text: str) -> Message:
    return Message(subject="", text=text, slack=literal(text))
