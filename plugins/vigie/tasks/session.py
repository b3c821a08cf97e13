"""A session: one thread per mailbox or file server, shared by all watches on it in this process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from vigie.core.errors import TransportError
from vigie.core.look import Look
from vigie.core.watch import Watch
from vigie.logbook.book import Logbook
from vigie.tasks.back_off import BACK_OFF, pause_after
from vigie.tasks.clock import utc_now
from vigie.tasks.look_record import LogbookAwayError, LookRecord
from vigie.tasks.look_round import LookRound
from vigie.tasks.mishap import reason_of

LOGBOOK_BACK = timedelta(seconds=2)
NOBODY_WATCHES = timedelta(seconds=60)

TELLING_WAITS = 5.0
"""Seconds that somebody who wants to say *blind* waits for a look that is being recorded."""

KEPT_FOR = 50.0
"""Seconds for which a watch counts as watching after its session's last sign of life, where a keeper notes these signs.
The rounds go once a minute: so they tell of a watch whose session has ended, whatever ended it, within two minutes."""

log = logging.getLogger(__name__)


class Session(threading.Thread):
    """Looks, records, waits, for as long as anybody watches.

    What it sees and how far it has read are recorded in one transaction by ``record`` (this process writes one at a
    time). When the other side fails it tries again with back-off and jitter, less and less often where it wants to be
    left alone; after the shortest ``blind_after`` of its watches, at once where only a person can fix it, it says that
    it is blind. ``is_kept`` says that a keeper looks after this thread. What one watch raises, in whatever phase, makes that watch blind; an error of ours in between makes all
    of them blind, and is tried again. Where the thread itself is ended, its last act is to say so.
    """

    def __init__(
        self,
        round_: LookRound,
        logbook: Logbook,
        record: Callable[[Look], object],
        back_off: tuple[float, ...] = BACK_OFF,
        clock: Callable[[], datetime] = utc_now,
        *,
        is_kept: bool = False,
    ) -> None:
        super().__init__(name=f"session:{round_.source}", daemon=True)
        self.source = round_.source
        self.last_sign = time.monotonic()
        """When it last went on, by the monotonic clock: a look that never returns gives no sign."""
        self._round = round_
        self._back_off = back_off
        self._clock = clock
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._changes: list[Watch | str] = []
        self._watches: dict[str, Watch] = {}
        self._apart: dict[str, tuple[Watch, str]] = {}
        """The watches that the round refuses, and why: they are tried again at each look."""
        self._telling = threading.Lock()
        """Held while a look is recorded: the keeper must not say *blind* of one that has just come back."""
        self._ended = False
        self._well = False
        self._failing_since: datetime | None = None
        self._failures = 0
        self._rests_until: datetime | None = None
        self._reason = ""
        self._book = LookRecord(self.source, logbook, record, timedelta(seconds=KEPT_FOR) if is_kept else None)
        self._sight = self._book.sight

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

    @property
    def is_asked_to_end(self) -> bool:
        """Whether its end is nobody's business."""
        return self._ended

    def run(self) -> None:
        """Look until ``end``."""
        try:
            while not self._ended:
                try:
                    self._wait(self.go_on())
                except Exception:
                    log.exception("%s: a look and what had to be told of it failed; it is tried again", self.source)
                    self._news.wait(LOGBOOK_BACK.total_seconds())
        except BaseException as killed:
            self.tell_blind(f"its thread was ended: {reason_of(killed)}")
            log.exception("%s: the session was ended", self.source)
        finally:
            self._round.close()

    def go_on(self) -> datetime:
        """Step, or say that an error of ours made us blind; when to go on (UTC).

        The thread does nothing else; whoever moves ``clock`` himself calls it without starting the thread.
        """
        began = self._clock()
        try:
            return self.step()
        except Exception as bug:
            log.exception("%s: an error of ours", self.source)
            self._round.close()
            return self._failed(TransportError(reason_of(bug), permanent=True), began)

    def step(self) -> datetime:
        """Look once and record it, or note that the source does not answer; when to look again (UTC).

        Raises what is an error of ours.
        """
        self._well, self.last_sign = False, time.monotonic()
        began = self._clock()
        try:
            self._take_changes()
            if not self._watches and not self._apart:
                return began + NOBODY_WATCHES
            if self._rests_until is not None and began < self._rests_until:
                return self._resting(began)
            look, again = self._round.look(began)
            self.last_sign = time.monotonic()
            apart = {name: why for name, (_, why) in self._apart.items()}
            with self._telling:
                recorded = self._book.commit(look, self._all, apart)
            self._round.recorded(recorded)
        except LogbookAwayError as away:
            log.warning("%s: %s; nothing is lost, the look is repeated", self.source, away.__cause__)
            return self._clock() + LOGBOOK_BACK
        except TransportError as failed:
            return self._failed(failed, began)
        self._well, self._failing_since = True, None
        self._failures, self._rests_until = 0, None
        return again

    def _wait(self, until: datetime) -> None:
        """Wait for the time, for news of the source, or for a change of the watches."""
        while not self._ended and not self._news.is_set():
            self.last_sign = time.monotonic()
            left = (until - self._clock()).total_seconds()
            if left <= 0:
                return
            if not self._well:
                self._news.wait(min(left, 10.0))
                continue
            try:
                if self._round.wait(min(left, 1.0), self._news):
                    return
            except TransportError as failed:
                self._well, until = False, self._failed(failed, self._clock())
            except Exception as bug:
                log.exception("%s: an error of ours while it waited", self.source)
                self._round.close()
                self._well, until = False, self._failed(TransportError(reason_of(bug)), self._clock())

    def _take_changes(self) -> None:
        with self._lock:
            changes, self._changes = self._changes, []
            self._news.clear()
        try:
            for watch, _ in list(self._apart.values()):
                self._take(watch)
            while changes:
                self._take(changes[0])
                del changes[0]
        except TransportError as away:
            raise LogbookAwayError from away
        finally:
            with self._lock:
                self._changes = changes + self._changes

    def _take(self, change: Watch | str) -> None:
        if isinstance(change, str):
            self._watches.pop(change, None)
            self._apart.pop(change, None)
            self._book.left(change)
            try:
                self._round.leave(change)
            except Exception:
                log.exception("%s: %s has left, and its round says", self.source, change)
            return
        if not self._watches and not self._apart:
            self._sight.recall()
        if change.id not in self._apart:
            self._book.watch_sight.joined(change.id)
        try:
            self._round.join(change)
        except TransportError:
            raise
        except Exception as wrong:
            log.exception("%s: %s cannot be looked for", self.source, change.id)
            self._watches.pop(change.id, None)
            self._apart[change.id] = (change, reason_of(wrong))
            return
        self._apart.pop(change.id, None)
        self._watches[change.id] = change

    @property
    def _all(self) -> dict[str, Watch]:
        return self._watches | {name: watch for name, (watch, _) in self._apart.items()}

    def _failed(self, failed: TransportError, began: datetime) -> datetime:
        """Note that the source did not answer to what began then; when to step again. A time-out may have passed."""
        now = self._clock()
        self._failing_since = self._failing_since or began
        self._reason = str(failed)
        log.warning("%s: %s", self.source, failed)
        pause = timedelta(seconds=pause_after(self._failures, failed.retry_after, self._back_off))
        self._failures += 1
        self._rests_until = None if failed.retry_after is None else now + pause
        return self._blind_or_soon(now, now + pause, at_once=failed.permanent)

    def _resting(self, now: datetime) -> datetime:
        """The source wants to be left alone: it is, and only our patience may end meanwhile."""
        return self._blind_or_soon(now, self._rests_until or now)

    def _blind_or_soon(self, now: datetime, again: datetime, *, at_once: bool = False) -> datetime:
        """Say that we are blind where that is due, and of a watch that came later too; when to step again."""
        watches = self._all
        patience = min((watch.blind_after for watch in watches.values()), default=timedelta(minutes=2))
        ends = (self._failing_since or now) + patience
        blind = self._sight.since is not None
        if (not blind and (at_once or now >= ends)) or (blind and not self._sight.covers(watches)):
            self._sight.tell(self._reason, watches, self._failing_since or now, now)
        return again if self._sight.since is not None else min(again, max(ends, now + timedelta(seconds=0.1)))

    def tell_blind(self, reason: str, silent_for: float = 0.0) -> None:
        """Say that nobody looks, if there was no sign for so many seconds: the thread has ended, or hangs. Raises nothing."""
        if not self._telling.acquire(timeout=TELLING_WAITS):
            log.error("%s: %s, and a look is being recorded all the time", self.source, reason)
            return
        try:
            watches = self._all | {each.id: each for each in self._changes if not isinstance(each, str)}
            if time.monotonic() - self.last_sign >= silent_for and not self._sight.covers(watches):
                now = self._clock()
                self._sight.tell(reason, watches, now, now)
        finally:
            self._telling.release()
