"""The sessions of this process, and the triggers that share them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from airflow.sdk import Connection
from airflow.triggers.base import BaseEventTrigger, TriggerEvent
from pydantic import TypeAdapter

from vigie.core.errors import TransportError
from vigie.core.file_watch import FileWatch
from vigie.core.look import Look
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.watch import DatedWatch, MailboxWatch, MailWatch, ReturnPath
from vigie.core.working_days import WorkingDays
from vigie.logbook.book import Logbook
from vigie.tasks import connections
from vigie.tasks.file_round import FileRound
from vigie.tasks.look_round import LookRound
from vigie.tasks.mail_round import MailRound
from vigie.tasks.session import Session
from vigie.tasks.session_keeper import KEEPER_PAUSE, RESTARTS, Place, SessionKeeper
from vigie.tasks.site import library

AnyWatch = MailWatch | MissingMailWatch | FileWatch | ReturnPath
WATCH: TypeAdapter[AnyWatch] = TypeAdapter(AnyWatch)

FindConnection = Callable[[str], Connection]

TURN_COMES = 60.0
"""Seconds that a session waits for its turn to write before it takes the logbook for one that is away."""

log = logging.getLogger(__name__)


def round_for(watch: AnyWatch, find: FindConnection, logbook: Logbook, *, at_once: bool = False) -> LookRound:
    """The round that looks for this watch. ``find`` is asked at each new connection: a credential may change."""
    if isinstance(watch, MailboxWatch):
        mailbox, folder = watch.mailbox, watch.folder
        return MailRound(watch.source, lambda: connections.mailbox(find(mailbox), folder), logbook, days=_days)
    where = watch.where
    return FileRound(
        watch.source,
        lambda: connections.drop_zone(find(where)),
        logbook,
        lambda client, table: library().site_table(client, table),
        days=_days,
        at_once=at_once,
    )


def _days(watch: DatedWatch) -> WorkingDays:
    return library().calendars.working_days(watch.client, watch.calendar)


def _place(watch: AnyWatch) -> tuple[str, str]:
    """What a session is known by: all watches of one folder share it, of whatever kind they are."""
    return ("mail" if isinstance(watch, MailboxWatch) else "files", watch.source)


class Sessions:
    """One session per source, and a keeper who looks after all of them. They write one at a time."""

    def __init__(self, back_off: tuple[float, ...] = RESTARTS, keeper_pause: float = KEEPER_PAUSE) -> None:
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._open: dict[tuple[str, str], Place] = {}
        self._back_off = back_off
        self._keeper_pause = keeper_pause
        self._keeper: SessionKeeper | None = None

    def join(self, watch: AnyWatch, find: FindConnection, logbook: Logbook) -> tuple[Session, object]:
        """Let the watch's session look for it; the first watch of a source starts the session.

        Returns the session and a token to leave with: where a changed rule joins before the old one has left,
        the old one's leaving must not end the new one.
        """
        token = object()
        with self._lock:
            place = self._open.get(_place(watch))
            if place is None:
                place = Place(lambda: self._session(watch, find, logbook), logbook, self._back_off)
            place.join(watch, token)
            self._open[_place(watch)] = place
            session = place.session
        self.keep()
        return session, token

    def _session(self, watch: AnyWatch, find: FindConnection, logbook: Logbook) -> Session:
        def record(look: Look) -> object:
            with self._turn():
                return logbook.record(look)

        return Session(round_for(watch, find, logbook), logbook, record, is_kept=True)

    @contextmanager
    def _turn(self, within: float = TURN_COMES) -> Iterator[None]:
        """Our turn to write; a thread that is ended while it writes gives it back."""
        if not self._writing.acquire(timeout=within):
            raise TransportError("the logbook is busy: another look is being written")
        try:
            yield
        finally:
            self._writing.release()

    def leave(self, watch: AnyWatch, session: Session, token: object) -> None:
        """End the watch; the last one of a source ends its session."""
        with self._lock:
            place = self._open.get(_place(watch))
            if place is not None and place.leave(watch, token):
                del self._open[_place(watch)]

    def keep(self) -> None:
        """See to it that the keeper lives. Every watch's trigger asks this every few seconds."""
        with self._lock:
            if self._open and (self._keeper is None or not self._keeper.is_alive()):
                if self._keeper is not None:
                    log.error("the keeper of the sessions has ended; another one begins")
                self._keeper = SessionKeeper(self.places, self._turn, self._keeper_pause)
                self._keeper.start()

    def places(self) -> list[Place]:
        """The sources that somebody watches, each with its session."""
        with self._lock:
            return list(self._open.values())

    def close(self) -> None:
        """End every session and the keeper, and wait for them."""
        with self._lock:
            places, self._open = list(self._open.values()), {}
            keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.end()
            keeper.join(10)
        for place in places:
            place.session.end()
        for place in places:
            place.session.join(10)


SESSIONS = Sessions()


class WatchTrigger(BaseEventTrigger):
    """A watch, as Airflow's triggerer runs it: for as long as the flux is loaded and not paused.

    It never fires: what it finds is in the logbook, where nothing can be stranded (watch-design, point 3).
    """

    def __init__(self, watch: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow has no types there
        self.watch = watch

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and the rule; a changed rule is another trigger, and replaces this one."""
        return (f"{type(self).__module__}.{type(self).__qualname__}", {"watch": self.watch})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Join the session of the watch, and stay until Airflow ends the trigger."""
        watch = WATCH.validate_python(self.watch)
        loop = asyncio.get_running_loop()

        def find(conn_id: str) -> Connection:
            lookup: Coroutine[Any, Any, Connection] = connections.find_async(conn_id)
            try:
                return asyncio.run_coroutine_threadsafe(lookup, loop).result(60)
            except (TimeoutError, CancelledError, RuntimeError) as failed:
                # RuntimeError: the loop is closed, because this process is ending.
                lookup.close()
                raise TransportError(f"no answer to the question for the connection '{conn_id}': {failed!r}") from None

        logbook = await self._logbook()
        session, token = SESSIONS.join(watch, find, logbook)
        try:
            while True:
                await asyncio.sleep(5)
                SESSIONS.keep()
        finally:
            SESSIONS.leave(watch, session, token)
        yield  # pragma: no cover  (makes this an asynchronous generator)

    async def _logbook(self) -> Logbook:
        pause = 1.0
        while True:
            try:
                return await connections.logbook_async()
            except TransportError as away:
                self.log.warning("the logbook's address cannot be read: %s", away)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)
