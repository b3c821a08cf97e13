"""A line of the logbook."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue


class Entry(BaseModel):
    """Something that happened. Append-only; ``at`` is UTC; ``key``, where given, is single for ever.

    ``kind`` is a dotted word such as ``mail.seen``, ``occurrence.missing``, ``incident.opened``, ``page.sent``.
    ``actor`` is who did it: a person's id, ``watch:<id>``, ``desk``, ``rounds``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime
    client: str
    kind: str
    actor: str
    text: str
    flux: str | None = None
    watch: str | None = None
    incident: str | None = None
    key: str | None = None
    data: dict[str, JsonValue] = {}
    seq: int | None = None
