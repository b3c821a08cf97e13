"""Blind in one watch: its source answers, and it cannot look, or not at everything. The others look all the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from vigie.core.client import PLATFORM
from vigie.core.look import Look
from vigie.core.sight import blind, sight_again
from vigie.core.signal import Signal
from vigie.core.watch import Watch
from vigie.logbook.book import Logbook
from vigie.tasks.look_round import SOON, blinded, states

TOLD_ANEW = timedelta(minutes=1)
"""At most so often another reason changes the incident of a blind watch."""


class _Told(NamedTuple):
    since: datetime
    reason: str
    at: datetime


class WatchSight:
    """Which watches of a source were told as blind, each by an incident of its own, for the platform's on-call.

    Nothing of it comes right by waiting (a table without a column, an error in Vigie), so it is told at once; it ends
    with the first look of that watch that is whole.
    """

    def __init__(self, logbook: Logbook) -> None:
        self._logbook = logbook
        self._told: dict[str, _Told] = {}
        self._new: set[str] = set()

    def joined(self, watch_id: str) -> None:
        """Somebody before us may have told that this watch is blind."""
        self._new.add(watch_id)

    def left(self, watch_id: str) -> None:
        """It is not looked for any more; the rounds end what was told."""
        self._new.discard(watch_id)
        self._told.pop(watch_id, None)

    def seen(self, look: Look, watches: Mapping[str, Watch]) -> Look:
        """The look with what has to be told of its ailing watches. Raises TransportError where the logbook is away."""
        self._recall()
        ailing = {name: reason for name, reason in look.ailing.items() if name in watches}
        well = self._told.keys() & watches.keys() - ailing.keys()
        said: list[Signal] = [
            self._signal(name, reason, look.at)
            for name, reason in ailing.items()
            if self._is_news(name, reason, look.at)
        ]
        said += [sight_again(name, self._told[name].since, look.at) for name in sorted(well)]
        if not ailing and not well:
            return look
        there = {state.watch for state in look.states}
        more = {name: watches[name] for name in (*ailing, *well) if name not in there}
        beats = (*look.states, *states(more, look.source, look.at, look.at + SOON))
        return look.model_copy(update={"states": blinded(beats, ailing), "signals": (*look.signals, *said)})

    def recorded(self, look: Look) -> None:
        """The look is in the logbook, and so is what it told."""
        for signal in look.signals:
            if signal.client != PLATFORM or signal.dedup_key != "blind":
                continue
            if signal.event == "resolve":
                self._told.pop(signal.watch, None)
            elif signal.watch in look.ailing:
                before = self._told.get(signal.watch)
                self._told[signal.watch] = _Told(
                    before.since if before else signal.seen_at, look.ailing[signal.watch], signal.seen_at
                )

    def _is_news(self, name: str, reason: str, now: datetime) -> bool:
        told = self._told.get(name)
        return told is None or (told.reason != reason and now - told.at >= TOLD_ANEW)

    def _signal(self, name: str, reason: str, now: datetime) -> Signal:
        told = self._told.get(name)
        signal = blind(name, reason, (name,), told.since if told else now, now)
        if told is None:
            return signal
        which = hashlib.sha256(reason.encode("utf-8", "replace")).hexdigest()[:16]
        return signal.model_copy(update={"event": "update", "key": f"{signal.key}|{which}|{now.isoformat()}"})

    def _recall(self) -> None:
        """What somebody before us told and nobody ended: ours is the look that ends it."""
        if not self._new:
            return
        for incident in self._logbook.incidents(client=PLATFORM):
            if incident.dedup_key == "blind" and incident.watch in self._new:
                reason = str(incident.facts.get("reason", ""))
                self._told[incident.watch] = _Told(incident.opened_at, reason, incident.opened_at)
        self._new = set()
