"""Blind: a mailbox or file server that cannot be watched at all, and what of that has been told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from vigie.core.client import PLATFORM
from vigie.core.look import Look
from vigie.core.sight import blind, sight_again
from vigie.core.watch import Watch
from vigie.logbook.book import Logbook
from vigie.tasks.look_round import SOON, blinded, states

log = logging.getLogger(__name__)


class SourceSight:
    """Since when a source is blind, and for which watches that was told.

    One incident per source: it opens when its session says that it cannot see, changes when further watches join, and
    ends with the first look that sees. ``record`` is the one writer of this process.
    """

    def __init__(self, source: str, logbook: Logbook, record: Callable[[Look], object]) -> None:
        self.since: datetime | None = None
        self._source = source
        self._logbook = logbook
        self._record = record
        self._told: set[str] = set()
        self._told_at: datetime | None = None

    def recall(self) -> None:
        """Find what somebody before us told and nobody ended: then ours is the look that ends it."""
        for incident in self._logbook.incidents(client=PLATFORM):
            if self.since is None and (incident.watch, incident.dedup_key) == (self._source, "blind"):
                self.since = incident.opened_at
                told = incident.facts.get("watches")
                self._told = {str(watch) for watch in told} if isinstance(told, list) else set()

    def forget(self, watch_id: str) -> None:
        """The watch has left."""
        self._told.discard(watch_id)

    def covers(self, watches: Mapping[str, Watch]) -> bool:
        """Whether it was told that these are blind."""
        return self.since is not None and not watches.keys() - self._told

    def with_sight(self, look: Look, watches: Mapping[str, Watch]) -> Look:
        """A look that saw something ends the blindness: the same look, with what says so."""
        if self.since is None:
            return look
        beat = look.states or states(watches, self._source, look.at, look.at + SOON)
        at = max(look.at, self._told_at or look.at)  # the look may have begun before we said that it does not come back
        again = sight_again(self._source, self.since, at)
        return look.model_copy(update={"at": at, "signals": (again, *look.signals), "states": beat})

    def recorded(self, look: Look) -> None:
        """The look is in the logbook, and so is what ended the blindness."""
        ends = {signal.watch for signal in look.signals if signal.event == "resolve" and signal.client == PLATFORM}
        if self._source in ends:
            self.since, self._told, self._told_at = None, set(), None

    def tell(self, reason: str, watches: Mapping[str, Watch], since: datetime, now: datetime) -> None:
        """Say that the source is blind, or blind for further watches. Raises nothing: whoever calls tries again."""
        if not watches:
            return
        first = self.since or since
        told = blind(self._source, reason, tuple(sorted(watches)), first, now)
        if self.since is not None:
            told = told.model_copy(update={"event": "update", "key": f"{told.key}|{now.isoformat()}"})
        unseen = blinded(states(watches, self._source, now, now), dict.fromkeys(watches, reason))
        try:
            self._record(Look(source=self._source, at=now, states=unseen, signals=(told,)))
        except Exception:
            log.exception("%s is blind, and the logbook cannot be told", self._source)
            return
        self.since, self._told, self._told_at = first, set(watches), now
