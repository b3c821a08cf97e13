"""One look of a session: all that it learnt, to be recorded in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vigie.core.bounce import Bounce
from vigie.core.entry import Entry
from vigie.core.occurrence import Occurrence
from vigie.core.seen_mail import SeenMail
from vigie.core.signal import Signal


class Cursor(BaseModel):
    """How far a watch has read a folder: every mail up to ``uid`` of this ``uidvalidity`` (RFC 3501 2.3.1.1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    watch: str
    source: str
    uidvalidity: int
    uid: int


class WatchState(BaseModel):
    """When a watch last looked, with what sight, and when it must have looked again (``look_by``, UTC)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    watch: str
    client: str
    flux: str
    kind: str
    source: str
    sight: Literal["watching", "blind", "paused", "broken", "gone"] = "watching"
    detail: str = ""
    looked_at: datetime | None = None
    look_by: datetime | None = None


class Look(BaseModel):
    """What one look of a session found. ``at`` is UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    at: datetime
    states: tuple[WatchState, ...] = ()
    signals: tuple[Signal, ...] = ()
    entries: tuple[Entry, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    mails: tuple[SeenMail, ...] = ()
    bounces: tuple[Bounce, ...] = ()
