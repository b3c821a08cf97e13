"""One look at one source for all the watches on it: fetch, ask the core, and hand over what to record."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from vigie.core.look import Look, WatchState
from vigie.core.watch import Watch

PATIENCE = timedelta(seconds=90)
"""How long after a look was due the watch counts as one that does not look."""

SOON = timedelta(seconds=60) + PATIENCE
"""Until when a watch counts as watching whose next look is not known yet."""


class LookRound(Protocol):
    """What a session, or an audit, does again and again. Every method may raise TransportError."""

    source: str

    def join(self, watch: Watch) -> None:
        """Look for this watch too, from where the logbook says it stood."""

    def leave(self, watch_id: str) -> None:
        """Look for it no longer."""

    def look(self, now: datetime) -> tuple[Look, datetime]:
        """Look once; what to record, and when to look again. ``recorded`` must follow before the next look.

        What one watch raises is its own: the look goes on for the others, and names it as ``ailing``.
        """

    def recorded(self, look: Look) -> None:
        """The look is in the logbook, or those parts of it that could be recorded: go on from there."""

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


def blinded(beats: Iterable[WatchState], reasons: Mapping[str, str]) -> tuple[WatchState, ...]:
    """The states, blind those of the watches that have a reason. A blind watch keeps when it last looked."""
    unseen = {"sight": "blind", "looked_at": None, "look_by": None}
    return tuple(
        beat.model_copy(update={**unseen, "detail": reasons[beat.watch]}) if beat.watch in reasons else beat
        for beat in beats
    )
