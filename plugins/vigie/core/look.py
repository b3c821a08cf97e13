"""One look of a session: all that it learnt, to be recorded in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from vigie.core.bounce import Bounce
from vigie.core.client import PLATFORM
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
    """What one look of a session found. ``at`` is UTC.

    ``ailing`` are the watches that could not look, or not at everything, while their source answered: the reason by
    the watch's id. It is not recorded as it is; whoever records the look first makes states and signals of it.
    """

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
    ailing: dict[str, str] = {}


def parts_of(look: Look) -> tuple[dict[str, Look], Look]:
    """A look in parts that can be recorded one by one: what each watch says, by its id, and what none says alone."""
    own: dict[str, dict[str, list[Any]]] = {}
    rest: dict[str, list[Any]] = {}
    for field in ("states", "signals", "entries", "cursors", "occurrences"):
        for one in getattr(look, field):
            place = rest if one.watch is None or _is_ours(one) else own.setdefault(one.watch, {})
            place.setdefault(field, []).append(one)
    shared = {"mails": look.mails, "bounces": look.bounces}
    empty = Look(source=look.source, at=look.at)
    parts = {
        watch: empty.model_copy(update={name: tuple(found) for name, found in part.items()})
        for watch, part in own.items()
    }
    return parts, empty.model_copy(update={**{name: tuple(found) for name, found in rest.items()}, **shared})


def _is_ours(one: object) -> bool:
    return isinstance(one, Signal) and one.client == PLATFORM
