"""A rehearsal of a procedure: a fake human goes every way through it, and the actions do nothing but note it.

No Airflow, no server, no message that leaves. What runs is real all the same: the reading, the texts with their facts,
the templates of its messages, the parameters of its actions, and the judge of its answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from vigie.core.action import CHANNEL, Open, Parameters, Send
from vigie.core.errors import InvalidDocument
from vigie.core.open_step import OpenStep
from vigie.core.procedure import CLOSE, ESCALATE, SHARED, Input, Procedure, Step
from vigie.core.step_answer import judge_answer
from vigie.core.walk import Walk, walks
from vigie.core.way import Way, ways
from vigie.documents.library import Library
from vigie.documents.procedure_text import filled, parameters_of

DONE = "Done"
FACT = re.compile(r"\bfacts\.([A-Za-z_]\w*)", re.ASCII)
UNKNOWN = re.compile(r"‹[^›]* \?›")

_GIVEN: Mapping[str, Any] = {
    "text": "as the log says",
    "number": 17,
    "date": "2026-11-24",
    "time": "06:30",
    "yes_no": True,
}
_INCIDENT: Mapping[str, Any] = {
    "flux": "a_flux",
    "watch": "a_watch",
    "title": "[KO] a job <ORA-00054>",
    "severity": "high",
    "incident": "INC-1",
    "status": "acknowledged",
    "purpose": "message",
    "count": 1,
    "opened_at": "02:00",
    "seen_at": "02:00",
    "acknowledged_at": "02:03",
    "resolved_at": "02:40",
    "who": "Camille Moreau",
    "procedure": {"title": "This procedure", "url": "https://vigie.example/p"},
    "links": {"incident": "https://vigie.example/i"},
    "mail": {"subject": "[KO] a job", "sender": "batch@client.example", "message_id": "<1@client.example>"},
    "missing": [{"site": "A-1", "name": "Site A", "path": "outbound/A-1.csv", "due": "06:00"}],
    "expected": 3,
    "arrived": 2,
    "group": {"warehouse": "north"},
    "business_date": "2026-11-24",
    "due": "06:00",
    "source": "a_mailbox/INBOX",
    "reason": "connection refused",
    "watches": ["a_watch"],
    "since": "02:00",
    "next_update": "03:00",
}


@dataclass
class Rehearsal:
    """What came of it. ``coverage`` counts, of steps, answers and failures, those gone and those there are."""

    procedure: Procedure
    walks: list[Walk] = field(default_factory=list)
    ran: list[Parameters] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def coverage(self) -> dict[str, tuple[int, int]]:
        gone = {way for walk in self.walks for way in walk}
        every = list(ways(self.procedure))
        counted = {"steps": (len({way.step for way in gone}), len(self.procedure.steps))}
        for name, kind in (("answers", "answer"), ("failures", "failure")):
            counted[name] = (sum(way.kind == kind for way in gone), sum(way.kind == kind for way in every))
        return counted


def rehearse(library: Library, procedure: Procedure) -> Rehearsal:
    """Go every way through the procedure."""
    rehearsal = Rehearsal(procedure)
    facts = _facts(library, procedure)
    for walk in walks(procedure):
        told = len(rehearsal.problems)
        _Walker(library, rehearsal, {**facts, "answers": {}}).go(walk)
        if len(rehearsal.problems) == told:
            rehearsal.walks.append(walk)
    rehearsal.problems = list(dict.fromkeys(rehearsal.problems))
    rehearsal.remarks = list(dict.fromkeys(rehearsal.remarks))
    return rehearsal


def _facts(library: Library, procedure: Procedure) -> dict[str, Any]:
    """An incident that has every fact that the procedure or one of its templates asks for."""
    sources = [
        procedure.source,
        *(file.source for name in library.template_files() if (file := library.template(name))),
    ]
    named = {name for source in sources for name in FACT.findall(source)}
    client = procedure.client if procedure.client == SHARED else library.client(procedure.client).name
    return {**_INCIDENT, "client": client, "facts": {name: f"the {name}" for name in sorted(named)}}


class _Walker:
    """The fake human on one walk, and the twins of the actions."""

    def __init__(self, library: Library, rehearsal: Rehearsal, facts: dict[str, Any]) -> None:
        self._library = library
        self._rehearsal = rehearsal
        self._procedure = rehearsal.procedure
        self._facts = facts

    def go(self, walk: Walk) -> None:
        steps = {step.anchor: step for step in self._procedure.steps}
        for way in walk:
            step = steps[way.step]
            self._read(step.text, step.title)
            for box in step.checklist:
                self._read(box, step.title)
            if step.action is None:
                self._answer(step, way)
            else:
                self._act(step, way)
        end = walk[-1].target
        if end in {CLOSE, ESCALATE}:
            self._read(self._procedure.close if end == CLOSE else self._procedure.escalate, end)
        else:
            self._open(end.removesuffix(".md"), walk[-1].line)

    def _read(self, text: str, where: str) -> None:
        """Read a text as people see it: in Airflow, on our page, in Slack."""
        shown = [filled(text, self._facts, form) for form in ("markdown", "html", "slack")]
        if text.strip() and not all(each.strip() for each in shown):
            self._problem(f"{where}: its text is empty once it is filled in.")
        for unknown in UNKNOWN.findall(shown[1]):
            self._rehearsal.remarks.append(f"{where}: on one way people read '{unknown}' here.")

    def _answer(self, step: Step, way: Way) -> None:
        option = way.label or DONE
        given: dict[str, object] = {each.name: _value(each) for each in step.inputs}
        given |= {f"check_{number}": True for number, _ in enumerate(step.checklist, 1)}
        asked = OpenStep(
            client=self._procedure.client,
            incident="INC-1",
            dag_id=self._procedure.dag_id,
            run_id="INC-1.1",
            task_id=step.anchor,
            procedure=self._procedure.name,
            title=step.title,
            options=tuple(choice.label for choice in step.choices) or (DONE,),
            inputs=step.inputs,
            checklist=step.checklist,
            four_eyes=step.four_eyes,
            opened_at=datetime(2026, 11, 24, 2, tzinfo=UTC),
        )
        verdict = judge_answer(asked, option, given, "the first person")
        if step.four_eyes and verdict.result == "first":
            seen = {"first_by": "the first person", "first_answer": option, "answers": verdict.answers}
            verdict = judge_answer(asked.model_copy(update=seen), option, given, "the second person")
        if verdict.result != "done":
            self._problem(f"{step.title}: '{option}' is not taken: {verdict.text}")
        self._facts["answers"] |= verdict.answers

    def _act(self, step: Step, way: Way) -> None:
        action = step.action
        if action is None:
            raise AssertionError(step.anchor)
        try:
            parameters = parameters_of(action, self._facts, self._procedure.path)
            if isinstance(parameters, Send):
                self._send(parameters)
        except InvalidDocument as failed:
            self._problem(str(failed))
            return
        if isinstance(parameters, Open):
            self._open(parameters.procedure, action.line)
        self._rehearsal.ran.append(parameters)
        saved = getattr(parameters, "save", None)
        if saved and way.kind == "next":
            self._facts["answers"] |= {saved: "the result"}

    def _send(self, parameters: Send) -> None:
        """Write the message in the language of its reader."""
        if self._procedure.client == SHARED:
            clients = list(self._library.clients().values())
        else:
            clients = [self._library.client(self._procedure.client)]
        for client in clients:
            contact = None if parameters.to == CHANNEL else client.contacts[parameters.to]
            language = (contact.language if contact else None) or client.languages[0]
            self._rehearsal.messages.append(
                self._library.render(parameters.template, client.id, language, self._facts).subject
            )

    def _open(self, name: str, line: int) -> None:
        try:
            self._library.procedure(self._procedure.client, name)
        except InvalidDocument as broken:
            self._problem(f"{self._procedure.path}:{line}: it opens a procedure that cannot be read: {broken}")

    def _problem(self, text: str) -> None:
        self._rehearsal.problems.append(text)


def _value(asked: Input) -> object:
    return asked.options[0] if asked.kind == "one_of" else _GIVEN[asked.kind]
