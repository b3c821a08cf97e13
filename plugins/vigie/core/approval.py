"""An approval: somebody read this very text of a procedure and stands for it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Change = Literal["editorial", "substantial"]
"""What an approval lets in: other words for the same deeds, or other deeds (which counts as a review too)."""


class Approval(BaseModel):
    """One line of ``approvals.yaml``. ``procedure`` is ``<client>/<name>``, ``digest`` the SHA-256 of its text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    procedure: str
    digest: str
    by: str
    at: datetime
    change: Change

    @property
    def reviewed_on(self) -> date | None:
        """The day on which the whole text was read through, None where only words were looked at."""
        return self.at.date() if self.change == "substantial" else None
