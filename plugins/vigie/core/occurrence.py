"""One expected file: a site, a business date, a window, and how it ended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

OccurrenceStatus = Literal["pending", "early", "on_time", "late", "missing", "waived", "unexpected"]


class FileSeen(BaseModel):
    """A file as a listing showed it.

    ``modified_at`` is the server's time of it, ``unchanged_since`` when we first saw this size and time,
    ``absent_at`` the last look at which it was not there (None: not known). All UTC; ``size`` in bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    size: int
    modified_at: datetime
    unchanged_since: datetime
    absent_at: datetime | None = None


class Occurrence(BaseModel):
    """What must arrive for one site on one business date (the site's date at ``due``). Every instant is UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client: str
    flux: str
    watch: str
    site: str
    business_date: date
    path: str
    window_open: datetime
    due: datetime
    deadline: datetime
    status: OccurrenceStatus = "pending"
    labels: dict[str, str] = {}
    arrived_at: datetime | None = None
    looked_at: datetime | None = None

    @property
    def key(self) -> str:
        """The occurrence's name for ever: ``client.flux.watch|site|business date``."""
        return f"{self.watch}|{self.site}|{self.business_date.isoformat()}"
