"""An incident: one or more detections with the same key, with a life."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from vigie.core.duration import Duration
from vigie.core.respond import HOLD
from vigie.core.severity import Severity

Status = Literal["open", "acknowledged", "resolved"]


class Incident(BaseModel):
    """The state of an incident as the logbook keeps it. Every instant is UTC.

    ``count`` counts the detections; ``revision`` grows with each change that people see, so that two who decide at once
    do not both act, and ``told`` is the last revision that the desk has spoken of. Without ``page`` the channel is
    told, and nobody is called.

    Calls: ``pages`` numbers them for ever, ``called_at`` is the last one, ``called`` says by person the number of the
    first and of the last call. ``level`` counts the steps of the policy that the present call has used, ``paged_at``
    is when the last of them began. ``exhausted`` names the policy whose own steps are used up (its last resort calls
    now). ``unreached`` counts the calls in a row that reached nobody. ``handed_on_by`` is who had the incident and
    handed it on: the others are called first.

    Ownership: ``active_at`` is the last sign of work on it (taken, noted, a step answered), ``recalled_at`` since when
    people are called again although ``acknowledged_by`` has it.

    The end: ``hold`` is how long after it a new detection reopens this incident, and ``all_clear_at`` when the client's
    contacts are told. ``reopenings`` counts how often that happened, ``reopened_at`` is the last time; ``returns`` are
    those that a watch saw within the last hour, ``flapping_at`` since when they are too many. ``cleared`` is the last
    call whose people were told the end by mail.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    client: str
    flux: str
    watch: str
    dedup_key: str
    status: Status
    severity: Severity
    title: str
    template: str = ""
    procedure: str | None = None
    audience: Literal["client", "platform"] = "client"
    page: bool = True
    facts: dict[str, JsonValue] = {}
    count: int = 1
    pages: int = 0
    revision: int = 1
    opened_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    paged_at: datetime | None = None
    next_action_at: datetime | None = None
    told: int = 0
    level: int = 0
    called_at: datetime | None = None
    called: dict[str, tuple[int, int]] = {}
    exhausted: str = ""
    unreached: int = 0
    handed_on_by: str | None = None
    active_at: datetime | None = None
    recalled_at: datetime | None = None
    hold: Duration = HOLD
    all_clear_at: datetime | None = None
    reopenings: int = 0
    reopened_at: datetime | None = None
    returns: tuple[datetime, ...] = ()
    flapping_at: datetime | None = None
    cleared: int = 0
