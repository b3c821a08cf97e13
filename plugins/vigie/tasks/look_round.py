"""One look at one source for all the watches on it: fetch, ask the core, and hand over what to record."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from vigie.core.look import Look, WatchState
from vigie.core.watch import Watch


class LookRound(Protocol):
    """What a session, or an audit, does again and again. Every method may raise TransportError."""

    source: str

    def join(self, watch: Watch) -> None:
        """Look for this watch too, from where the logbook says it stood."""

    def leave(self, watch_id: str) -> None:
        """Look for it no longer."""

    def look(self, now: datetime) -> tuple[Look, datetime]:
        """Look once; what to record, and when to look again. ``recorded`` must follow before the next look."""

    def recorded(self, look: Look) -> None:
        """The look is in the logbook: go on from there."""

    def wait(self, seconds: float, called: threading.Event) -> bool:
        """Wait for news at most so long, or (about) until called; true where the source may have some."""

    def close(self) -> None:
        """End the connection; never raises."""


def states(watches: Mapping[str, Watch], source: str, now: datetime, look_by: datetime) -> tuple[WatchState, ...]:
    """The heartbeat of each watch of a source: it looked now, and must have looked again by ``look_by``."""
    return tuple(
        WatchState(
            watch=watch.id,
            client=watch.client,
            flux=watch.flux,
            kind=str(getattr(watch, "kind", "")),
            source=source,
            looked_at=now,
            look_by=look_by,
        )
        for watch in watches.values()
    )
