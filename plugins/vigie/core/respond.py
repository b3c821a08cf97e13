"""What an anomaly leads to."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from vigie.core.severity import Severity

STORM_AFTER = 10


class Respond(BaseModel):
    """How Vigie answers an anomaly of a watch.

    ``template`` names the message, ``procedure`` the runbook, ``group_by`` the attributes of a site that put
    several missing files into one incident (Alertmanager's ``group_by``). After ``storm_after`` incidents of the watch
    within five minutes, what follows is one incident more, however many keys it has. Without ``page`` the incident is
    told in the client's channel, and nobody is called.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    severity: Severity
    template: str
    procedure: str | None = None
    group_by: tuple[str, ...] = ()
    storm_after: int = Field(default=STORM_AFTER, ge=1, le=100_000)
    page: bool = True
