"""A procedure: the page that people read at 3 a.m. and the steps that lead them through it."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from vigie.core.duration import Duration
from vigie.core.severity import Severity

ESCALATE = "escalate"
CLOSE = "close"
"""The two ends that every procedure has, by the anchors of their headings."""


class Choice(BaseModel):
    """An answer to a step's question. ``target`` is the anchor of a step, or ``<file>.md`` of another procedure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    target: str
    line: int


class Action(BaseModel):
    """A fenced block of a step: the name of a registered action and its parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    parameters: dict[str, str]
    line: int


class Step(BaseModel):
    """One ``###`` heading: text to read, then a question (``choices``), an ``action``, or simply *Done*."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    anchor: str
    title: str
    text: str
    line: int
    choices: tuple[Choice, ...] = ()
    action: Action | None = None


class Procedure(BaseModel):
    """A runbook read from Markdown. ``path`` is relative to the site, ``digest`` the SHA-256 of its text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    path: str
    digest: str
    title: str
    client: str
    severity: Severity
    owner: str
    reviewed: date
    escalate_after: Duration = timedelta(minutes=15)
    meaning: str
    impact: str
    steps: tuple[Step, ...]
    escalate: str
    close: str
    source: str

    @property
    def dag_id(self) -> str:
        """The procedure's DAG in Airflow: ``procedure.<client>.<name>``."""
        return f"procedure.{self.client}.{self.name}"
