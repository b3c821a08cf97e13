"""An incident: one or more detections with the same key, with a life."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from vigie.core.severity import Severity

Status = Literal["open", "acknowledged", "resolved"]


class Incident(BaseModel):
    """The state of an incident as the logbook keeps it. Every instant is UTC.

    ``pages`` counts the steps of the policy already taken, ``paged_at`` is the last of them; ``count`` the detections;
    ``revision`` grows with each change, so that two who decide at once do not both act. Without ``page`` the channel
    is told, and nobody is called.
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
