"""What an anomaly leads to."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from vigie.core.severity import Severity


class Respond(BaseModel):
    """How Vigie answers an anomaly of a watch.

    ``template`` names the message, ``procedure`` the runbook, ``group_by`` the attributes of a site that put
    several missing files into one incident (Alertmanager's ``group_by``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    severity: Severity
    template: str
    procedure: str | None = None
    group_by: tuple[str, ...] = ()
