"""A session: one thread per mailbox or file server, shared by all watches on it in this process."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from vigie.core.errors import Refused, TransportError
from vigie.core.look import Look
from vigie.core.sight import blind, sight_again
from vigie.core.watch import Watch
from vigie.logbook.book import Logbook
from vigie.tasks.clock import utc_now
from vigie.tasks.look_round import LookRound, states

BACK_OFF = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds between tries while the other side does not answer; the last one repeats."""

log = logging.getLogger(__name__)


class LogbookAwayError(Exception):
    """The look cannot be recorded: nothing moves until it can."""


class Session(threading.Thread):
    """Looks, records, waits, for as long as anybody watches.

    What it sees and how far it has read are recorded in one transaction by ``record`` (the one writer of this
    process). When the other side fails it tries again with back-off and jitter; after the shortest ``blind_after``
    of its watches, at once where the credential is refused, it says that it is blind.
    """

    def __init__(self, round_: LookRound, logbook: Logbook, record: Callable[[Look], object]) -> None:
        super().__init__(name=f"session:{round_.source}", daemon=True)
        self.source = round_.source
        self._round = round_
        self._logbook = logbook
        self._record = record
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._arrivals: list[Watch] = []
        self._departures: list[str] = []
        self._watches: dict[str, Watch] = {}
        self._ended = False
        self._failing_since: datetime | None = None
        self._failures = 0
        self._blind_since: datetime | None = None

    def join_watch(self, watch: Watch) -> None:
        """Look for this watch too, from the next look on."""
        with self._lock:
            self._arrivals.append(watch)
        self._news.set()

    def leave_watch(self, watch_id: str) -> None:
        """Look for it no longer, from the next look on."""
        with self._lock:
            self._departures.append(watch_id)
        self._news.set()

    def end(self) -> None:
        """End after the look in hand."""
        self._ended = True
        self._news.set()

    def run(self) -> None:
        """Look until ``end``."""
        try:
            while not self._ended:
                try:
                    self._look_and_wait()
                except LogbookAwayError as away:
                    log.warning("%s: %s; nothing is lost, the look is repeated", self.source, away.__cause__)
                    self._pause(2.0)
                except TransportError as failed:
                    self._failed(failed, utc_now())
        finally:
            self._round.close()

    def _look_and_wait(self) -> None:
        self._take_changes()
        if not self._watches:
            self._pause(60.0)
            return
        look, again = self._round.look(utc_now())
        self._commit(self._with_sight(look))
        self._round.recorded(look)
        self._failing_since, self._failures = None, 0
        while not self._ended and not self._news.is_set():
            left = (again - utc_now()).total_seconds()
            if left <= 0 or self._round.wait(min(left, 1.0), self._news):
                return

    def _take_changes(self) -> None:
        with self._lock:
            arrivals, departures = self._arrivals, self._departures
            self._arrivals, self._departures = [], []
            self._news.clear()
        for gone in departures:
            self._watches.pop(gone, None)
            self._round.leave(gone)
        try:
            for watch in arrivals:
                self._round.join(watch)
                self._watches[watch.id] = watch
                self._recall_blindness(watch.id)
        except TransportError as away:
            with self._lock:
                self._arrivals = arrivals + self._arrivals
            raise LogbookAwayError from away

    def _recall_blindness(self, watch_id: str) -> None:
        """A session before this one may have gone blind: then ours is the look that ends it."""
        for state in self._logbook.watch_states():
            if state.watch == watch_id and state.sight == "blind" and self._blind_since is None:
                self._blind_since = state.looked_at or utc_now()

    def _with_sight(self, look: Look) -> Look:
        if self._blind_since is None:
            return look
        beat = look.states or states(self._watches, self.source, look.at, look.at + timedelta(seconds=150))
        again = sight_again(self.source, self._blind_since, look.at)
        return look.model_copy(update={"signals": (again, *look.signals), "states": beat})

    def _commit(self, look: Look) -> None:
        try:
            self._record(look)
        except TransportError as away:
            raise LogbookAwayError from away
        if any(signal.event == "resolve" and signal.audience == "platform" for signal in look.signals):
            self._blind_since = None

    def _failed(self, failed: TransportError, now: datetime) -> None:
        self._failing_since = self._failing_since or now
        log.warning("%s: %s", self.source, failed)
        patience = min((watch.blind_after for watch in self._watches.values()), default=timedelta(minutes=2))
        if self._blind_since is None and (isinstance(failed, Refused) or now - self._failing_since >= patience):
            self._go_blind(str(failed), now)
        pause = BACK_OFF[min(self._failures, len(BACK_OFF) - 1)] * random.uniform(0.8, 1.2)
        self._failures += 1
        if self._blind_since is None:
            pause = min(pause, max(0.1, (self._failing_since + patience - now).total_seconds()))
        self._pause(pause)

    def _go_blind(self, reason: str, now: datetime) -> None:
        since = self._failing_since or now
        told = blind(self.source, reason, tuple(sorted(self._watches)), since, now)
        blinded = tuple(
            state.model_copy(update={"sight": "blind", "detail": reason, "looked_at": None, "look_by": None})
            for state in states(self._watches, self.source, now, now)
        )
        try:
            self._record(Look(source=self.source, at=now, states=blinded, signals=(told,)))
        except TransportError:
            log.exception("%s is blind, and the logbook cannot be told", self.source)
            return
        self._blind_since = since

    def _pause(self, seconds: float) -> None:
        self._news.wait(seconds)
        if not self._arrivals and not self._departures:
            self._news.clear()
