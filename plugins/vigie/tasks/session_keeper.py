"""The keeper of the sessions of a process: it finds those that have ended, or hang, and starts others."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from vigie.core.errors import TransportError
from vigie.core.watch import Watch
from vigie.logbook.book import Logbook
from vigie.tasks.clock import utc_now
from vigie.tasks.session import KEPT_FOR, Session

KEEPER_PAUSE = 10.0
"""Seconds between two rounds of the keeper."""

RESTARTS = (1.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds between the end of a session and the start of the next one; the last one repeats."""

STEADY = 300.0
"""A session that lived for so many seconds ended by a new cause: the next one starts soon."""

HANGS_AFTER = 300.0
"""Seconds after which a look that gives no sign is told as blind. It goes on: a thread cannot be ended from outside."""

log = logging.getLogger(__name__)


class Place:
    """One source, whoever watches it, and the session that looks for them now."""

    def __init__(self, make: Callable[[], Session], logbook: Logbook, back_off: tuple[float, ...] = RESTARTS) -> None:
        self.logbook = logbook
        self._make = make
        self._back_off = back_off
        self._members: dict[str, tuple[Watch, object]] = {}
        self._lock = threading.Lock()
        self._restarts = 0
        self._restart_at: float | None = None
        self.session = make()
        self._started_at = time.monotonic()
        self.session.start()

    @property
    def watches(self) -> list[str]:
        """The ids of the watches that are looked for here."""
        return list(self._members)

    def join(self, watch: Watch, token: object) -> None:
        """Look for this watch too. A session that has ended is replaced at once: somebody asks for it anew."""
        with self._lock:
            self._members[watch.id] = (watch, token)
            if self.session.is_alive():
                self.session.join_watch(watch)
            else:
                self._replace()

    def leave(self, watch: Watch, token: object) -> bool:
        """End the watch, unless another has taken its place; whether nobody is left, and the session ends."""
        with self._lock:
            if self._members.get(watch.id, (None, None))[1] is not token:
                return False
            del self._members[watch.id]
            self.session.leave_watch(watch.id)
            if not self._members:
                self.session.end()
            return not self._members

    def look_after(self) -> bool:
        """Replace a session that has ended, tell of one that hangs; whether it lives and looks. By one thread only."""
        session = self.session
        if not self._members:
            return False
        if not session.is_alive():
            self._ended(session, time.monotonic())
            return False
        hangs = time.monotonic() - session.last_sign > HANGS_AFTER
        if hangs:
            session.tell_blind(f"a look has not come back for {HANGS_AFTER / 60:.0f} minutes", HANGS_AFTER)
        return not hangs

    def _ended(self, session: Session, now: float) -> None:
        # Without the lock, for to tell it may take a while, and the triggers' event loop must not wait.
        if self._restart_at is None:
            session.tell_blind("its thread has ended")
            if now - self._started_at > STEADY:
                self._restarts = 0
            pause = self._back_off[min(self._restarts, len(self._back_off) - 1)]
            self._restart_at = now + pause
            log.error("%s: the session has ended; another one begins in %g s", session.source, pause)
        if now < self._restart_at:
            return
        with self._lock:
            if self._members and self.session is session:
                self._replace()

    def _replace(self) -> None:
        session = self._make()
        for watch, _ in self._members.values():
            session.join_watch(watch)
        session.start()
        self.session, self._started_at, self._restart_at = session, time.monotonic(), None
        self._restarts += 1


class SessionKeeper(threading.Thread):
    """Goes from session to session, and notes in the logbook which of them live.

    A watch counts as watching for ``KEPT_FOR`` after the last note: where the whole process is gone, or this thread, the
    board says *late* and the rounds tell it. This thread itself is looked after by the triggers of the watches.
    """

    def __init__(
        self,
        places: Callable[[], list[Place]],
        turn: Callable[[], AbstractContextManager[None]],
        pause: float = KEEPER_PAUSE,
    ) -> None:
        super().__init__(name="session-keeper", daemon=True)
        self._places = places
        self._turn = turn
        self._pause = pause
        self._ending = threading.Event()

    def run(self) -> None:
        """Go round until ``end``."""
        try:
            while not self._ending.wait(self._pause):
                try:
                    self.go_round()
                except Exception:
                    log.exception("the keeper of the sessions could not finish its round")
        except BaseException:
            log.exception("the keeper of the sessions was ended")

    def end(self) -> None:
        """End after the round in hand."""
        self._ending.set()

    def go_round(self) -> None:
        """Look after every session once. What one of them raises keeps nobody else from being looked after."""
        alive: dict[Logbook, list[str]] = {}
        for place in self._places():
            try:
                if place.look_after():
                    alive.setdefault(place.logbook, []).extend(place.watches)
            except Exception:
                log.exception("%s: its session cannot be looked after", place.session.source)
        for logbook, watches in alive.items():
            try:
                with self._turn():
                    logbook.keep_looking(watches, utc_now() + timedelta(seconds=KEPT_FOR))
            except TransportError as away:
                log.warning("the logbook cannot be told which watches look: %s", away)
