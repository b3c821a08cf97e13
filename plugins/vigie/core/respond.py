"""What an anomaly leads to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from vigie.core.duration import Duration, format_duration
from vigie.core.severity import Severity

STORM_AFTER = 10

HOLD = timedelta(minutes=10)
"""How long after its end an incident that comes back is the same one."""

LONGEST_HOLD = timedelta(hours=24)
"""The longest that an author may write: the client's contacts wait for it."""


class Respond(BaseModel):
    """How Vigie answers an anomaly of a watch.

    ``template`` names the message, ``procedure`` the runbook, ``group_by`` the attributes of a site that put
    several missing files into one incident (Alertmanager's ``group_by``). After ``storm_after`` incidents of the watch
    within five minutes, what follows is one incident more, however many keys it has. Without ``page`` the incident is
    told in the client's channel, and nobody is called. What comes back within ``hold`` of its end is the same incident,
    and the client's contacts are told the end when ``hold`` is over.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    severity: Severity
    template: str
    procedure: str | None = None
    group_by: tuple[str, ...] = ()
    storm_after: int = Field(default=STORM_AFTER, ge=1, le=100_000)
    page: bool = True
    hold: Duration = HOLD

    @field_validator("hold")
    @classmethod
    def _not_for_ever(cls, hold: timedelta) -> timedelta:
        if hold > LONGEST_HOLD:
            raise ValueError(f"write at most '24 h' (found '{format_duration(hold)}')")
        return hold

    @field_validator("group_by", mode="before")
    @classmethod
    def _columns(cls, written: Any) -> Any:
        if isinstance(written, str):
            raise ValueError(f"write the columns as a list: ['{written}']")  # noqa: TRY004 (pydantic tells only these)
        return written
