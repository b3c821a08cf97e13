"""A procedure: the page that people read at 3 a.m. and the steps that lead them through it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from vigie.core.approval import Approval
from vigie.core.client import some_time
from vigie.core.duration import Duration
from vigie.core.severity import Severity

ESCALATE = "escalate"
CLOSE = "close"
"""The two ends that every procedure has, by the anchors of their headings."""

SHARED = "_shared"
"""In the place of a client: the procedures that every client may use."""

InputKind = Literal["text", "number", "date", "time", "yes_no", "one_of"]
"""What may be filled in: ``time`` is HH:MM, ``one_of`` has its ``options``."""


class Choice(BaseModel):
    """An answer to a step's question. ``target`` is the anchor of a step, or ``<file>.md`` of another procedure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    target: str
    line: int


class Input(BaseModel):
    """Something that a person fills in at a step; later steps read it as ``answers.<name>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    kind: InputKind
    line: int
    options: tuple[str, ...] = ()
    required: bool = True


class Action(BaseModel):
    """A fenced block of a step: the name of a registered action and its parameters, facts in them not yet filled in.

    ``on_failure`` is where people go when it fails: a target as a Choice's, always given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    parameters: dict[str, str]
    line: int
    on_failure: str = ESCALATE


class Step(BaseModel):
    """One ``###`` heading: text to read, then a question (``choices``), an ``action``, or simply *Done*.

    ``text`` is Markdown that may hold facts (``{{ facts.job }}``); the ``inputs`` and the ``checklist`` are not in it.
    With ``four_eyes``, a second person confirms what the first one answered, or lets the action begin.
    ``piece`` names the shared procedure that this step was taken from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    anchor: str
    title: str
    text: str
    line: int
    choices: tuple[Choice, ...] = ()
    action: Action | None = None
    inputs: tuple[Input, ...] = ()
    checklist: tuple[str, ...] = ()
    four_eyes: bool = False
    piece: str = ""


class Procedure(BaseModel):
    """A runbook read from Markdown. ``path`` is relative to the site, ``digest`` the SHA-256 of its text.

    ``approval`` is that of this very text, None for a draft. ``outdated`` says that its file holds a newer text,
    which waits for approval. ``as_page`` says that it is not led through: its one step is the whole page, because nobody
    has approved it, or because it cannot be read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    path: str
    digest: str
    title: str
    client: str
    severity: Severity
    owner: str
    reviewed: date
    escalate_after: Annotated[Duration, AfterValidator(some_time)] = timedelta(minutes=15)
    review_every: Duration | None = None
    meaning: str
    impact: str
    steps: tuple[Step, ...]
    escalate: str
    close: str
    source: str
    approval: Approval | None = None
    outdated: bool = False
    as_page: bool = False

    @property
    def dag_id(self) -> str:
        """The procedure's DAG in Airflow: ``procedure.<client>.<name>``."""
        return f"procedure.{self.client}.{self.name}"

    @property
    def status(self) -> Literal["draft", "approved"]:
        """Whether somebody has approved this very text."""
        return "approved" if self.approval else "draft"

    @property
    def revision(self) -> str:
        """The version, short enough to be read aloud: the first eight digits of the digest."""
        return self.digest[:8]

    @property
    def review_due_on(self) -> date | None:
        """The day on which somebody must have read it through again, None where its head asks for no review."""
        if self.review_every is None:
            return None
        approved = self.approval.reviewed_on if self.approval else None
        return max(self.reviewed, approved or self.reviewed) + self.review_every


def review_due(procedure: Procedure, now: datetime) -> bool:
    """Whether the procedure's owner is to read it through again."""
    due = procedure.review_due_on
    return due is not None and now.date() >= due
