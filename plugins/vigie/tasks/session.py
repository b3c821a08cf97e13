"""A session: one thread per mailbox or file server, shared by all watches on it in this process."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from vigie.core.client import PLATFORM
from vigie.core.errors import TransportError
from vigie.core.look import Look
from vigie.core.sight import blind, sight_again
from vigie.core.watch import Watch
from vigie.logbook.book import Logbook
from vigie.tasks.clock import utc_now
from vigie.tasks.look_round import LookRound, states

BACK_OFF = (1.0, 2.0, 5.0, 10.0, 15.0)
"""Seconds between tries while the other side does not answer; the last one repeats."""

LONGEST_REST = 300.0
"""Seconds for which a source that wants to be left alone is left alone at most, unless it asks for more."""

LOGBOOK_BACK = timedelta(seconds=2)
NOBODY_WATCHES = timedelta(seconds=60)

log = logging.getLogger(__name__)


class LogbookAwayError(Exception):
    """The look cannot be recorded: nothing moves until it can."""


class Session(threading.Thread):
    """Looks, records, waits, for as long as anybody watches.

    What it sees and how far it has read are recorded in one transaction by ``record`` (the one writer of this
    process). When the other side fails it tries again with back-off and jitter, less and less often where it wants to be left
    alone; after the shortest ``blind_after`` of its watches, at once where only a person can mend it, it says
    that it is blind.
    """

    def __init__(
        self,
        round_: LookRound,
        logbook: Logbook,
        record: Callable[[Look], object],
        back_off: tuple[float, ...] = BACK_OFF,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(name=f"session:{round_.source}", daemon=True)
        self.source = round_.source
        self._round = round_
        self._logbook = logbook
        self._record = record
        self._back_off = back_off
        self._clock = clock
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._changes: list[Watch | str] = []
        self._watches: dict[str, Watch] = {}
        self._ended = False
        self._well = False
        self._failing_since: datetime | None = None
        self._failures = 0
        self._rests_until: datetime | None = None
        self._reason = ""
        self._blind_since: datetime | None = None
        self._told_blind: set[str] = set()

    def join_watch(self, watch: Watch) -> None:
        """Look for this watch too, from the next look on."""
        self._change(watch)

    def leave_watch(self, watch_id: str) -> None:
        """Look for it no longer, from the next look on."""
        self._change(watch_id)

    def _change(self, change: Watch | str) -> None:
        with self._lock:
            self._changes.append(change)
            self._news.set()

    def end(self) -> None:
        """End after the look in hand."""
        self._ended = True
        self._news.set()

    def run(self) -> None:
        """Look until ``end``."""
        try:
            while not self._ended:
                self._wait(self.step())
        finally:
            self._round.close()

    def step(self) -> datetime:
        """Look once and record it, or note that it failed; when to look again (UTC).

        The thread does nothing else; whoever moves ``clock`` himself calls it without starting the thread.
        """
        self._well = False
        began = self._clock()
        try:
            self._take_changes()
            if not self._watches:
                return began + NOBODY_WATCHES
            if self._rests_until is not None and began < self._rests_until:
                return self._resting(began)
            look, again = self._round.look(began)
            self._commit(self._with_sight(look))
        except LogbookAwayError as away:
            log.warning("%s: %s; nothing is lost, the look is repeated", self.source, away.__cause__)
            return self._clock() + LOGBOOK_BACK
        except TransportError as failed:
            return self._failed(failed, began)
        self._round.recorded(look)
        self._well, self._failing_since = True, None
        self._failures, self._rests_until = 0, None
        return again

    def _wait(self, until: datetime) -> None:
        """Wait for the time, for news of the source, or for a change of the watches."""
        while not self._ended and not self._news.is_set():
            left = (until - self._clock()).total_seconds()
            if left <= 0:
                return
            if not self._well:
                self._news.wait(left)
                continue
            try:
                if self._round.wait(min(left, 1.0), self._news):
                    return
            except TransportError as failed:
                self._well, until = False, self._failed(failed, self._clock())

    def _take_changes(self) -> None:
        with self._lock:
            changes, self._changes = self._changes, []
            self._news.clear()
        try:
            while changes:
                self._take(changes[0])
                del changes[0]
        except TransportError as away:
            with self._lock:
                self._changes = changes + self._changes
            raise LogbookAwayError from away

    def _take(self, change: Watch | str) -> None:
        if isinstance(change, str):
            self._watches.pop(change, None)
            self._told_blind.discard(change)
            self._round.leave(change)
            return
        if not self._watches:
            self._recall_blindness()
        self._round.join(change)
        self._watches[change.id] = change

    def _recall_blindness(self) -> None:
        """Somebody before us may have gone blind here: then ours is the look that ends it."""
        for incident in self._logbook.incidents(client=PLATFORM):
            if self._blind_since is None and (incident.watch, incident.dedup_key) == (self.source, "blind"):
                self._blind_since = incident.opened_at
                told = incident.facts.get("watches")
                self._told_blind = {str(watch) for watch in told} if isinstance(told, list) else set()

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
            self._told_blind = set()

    def _failed(self, failed: TransportError, began: datetime) -> datetime:
        """Note that the source did not answer to what began then; when to step again. A time-out may have passed."""
        now = self._clock()
        self._failing_since = self._failing_since or began
        self._reason = str(failed)
        log.warning("%s: %s", self.source, failed)
        pause = timedelta(seconds=self._pause(failed.retry_after))
        self._failures += 1
        self._rests_until = None if failed.retry_after is None else now + pause
        return self._blind_or_soon(now, now + pause, at_once=failed.permanent)

    def _resting(self, now: datetime) -> datetime:
        """The source wants to be left alone: it is, and only our patience may end meanwhile."""
        return self._blind_or_soon(now, self._rests_until or now)

    def _pause(self, retry_after: float | None) -> float:
        usual = self._back_off[min(self._failures, len(self._back_off) - 1)] * random.uniform(0.8, 1.2)
        if retry_after is None:
            return usual
        # Never earlier than asked; and the sessions that were sent away together do not come back together.
        rest = min(retry_after * 2.0 ** min(self._failures, 10), max(retry_after, LONGEST_REST))
        return max(usual, rest * random.uniform(1.0, 1.5))

    def _blind_or_soon(self, now: datetime, again: datetime, *, at_once: bool = False) -> datetime:
        """Say that we are blind where that is due, and of a watch that came later too; when to step again."""
        patience = min((watch.blind_after for watch in self._watches.values()), default=timedelta(minutes=2))
        ends = (self._failing_since or now) + patience
        if (self._blind_since is None and (at_once or now >= ends)) or (
            self._blind_since is not None and self._watches.keys() - self._told_blind
        ):
            self._go_blind(self._reason, now)
        return again if self._blind_since is not None else min(again, max(ends, now + timedelta(seconds=0.1)))

    def _go_blind(self, reason: str, now: datetime) -> None:
        since = self._blind_since or self._failing_since or now
        told = blind(self.source, reason, tuple(sorted(self._watches)), since, now)
        if self._blind_since is not None:
            told = told.model_copy(update={"event": "update", "key": f"{told.key}|{now.isoformat()}"})
        blinded = tuple(
            state.model_copy(update={"sight": "blind", "detail": reason, "looked_at": None, "look_by": None})
            for state in states(self._watches, self.source, now, now)
        )
        try:
            self._record(Look(source=self.source, at=now, states=blinded, signals=(told,)))
        except TransportError:
            log.exception("%s is blind, and the logbook cannot be told", self.source)
            return
        self._blind_since, self._told_blind = since, set(self._watches)
