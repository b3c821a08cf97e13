"""A step that was put to people: what the logbook keeps of it while it is open, and after."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from vigie.core.duration import Duration
from vigie.core.procedure import Input

StepStatus = Literal["open", "doing", "answered", "done", "failed", "closed"]
"""A question is *open*, then *answered*; an action is *doing*, then *done* or *failed*; *closed* is what nobody needs
any more."""

PROCEDURE = "procedure"
"""Who acts where a procedure acts by itself."""


class OpenStep(BaseModel):
    """A step of one run. Every instant is UTC.

    ``asked`` counts how often it was put to people (a button of an earlier time no longer counts), ``pages`` the levels
    of escalation already taken, ``paged_at`` the last of them. With ``four_eyes``, ``first_by`` and ``first_answer`` say
    who answered first, and what; of an action, who may not let it begin. ``gone_on`` says that the run has taken the
    answer. ``answers`` is what later steps may read. ``exhausted`` names the policy all of whose people were called in
    vain: its last resort calls now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    client: str
    incident: str | None
    dag_id: str
    run_id: str
    task_id: str
    procedure: str
    title: str
    text: str = ""
    options: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    checklist: tuple[str, ...] = ()
    four_eyes: bool = False
    owner: str = ""
    escalate_after: Duration = timedelta(minutes=15)
    status: StepStatus = "open"
    asked: int = 1
    first_by: str | None = None
    first_answer: str | None = None
    answers: dict[str, JsonValue] = {}
    pages: int = 0
    opened_at: datetime
    paged_at: datetime | None = None
    next_action_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    answer: str | None = None
    gone_on: bool = False
    exhausted: str = ""

    @property
    def has_form(self) -> bool:
        """Whether there is more to give than an answer."""
        return bool(self.inputs or self.checklist)
