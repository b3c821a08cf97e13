"""The sessions of this process, and the triggers that share them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import CancelledError, ThreadPoolExecutor
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
from vigie.tasks.site import library

AnyWatch = MailWatch | MissingMailWatch | FileWatch | ReturnPath
WATCH: TypeAdapter[AnyWatch] = TypeAdapter(AnyWatch)

FindConnection = Callable[[str], Connection]


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
        lambda client, table: library().sites(client, table),
        days=_days,
        at_once=at_once,
    )


def _days(watch: DatedWatch) -> WorkingDays:
    return library().calendars.working_days(watch.client, watch.calendar)


def _place(watch: AnyWatch) -> tuple[str, str]:
    """What a session is known by: all watches of one folder share it, of whatever kind they are."""
    return ("mail" if isinstance(watch, MailboxWatch) else "files", watch.source)


class Sessions:
    """One session per source, and one thread that writes for all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str], tuple[Session, dict[str, object]]] = {}
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="logbook-writer")

    def join(self, watch: AnyWatch, find: FindConnection, logbook: Logbook) -> tuple[Session, object]:
        """Let the watch's session look for it; the first watch of a source starts the session.

        Returns the session and a token to leave with: where a changed rule joins before the old one has left,
        the old one's leaving must not end the new one.
        """
        place = _place(watch)
        token = object()
        with self._lock:
            session, members = self._open.get(place, (None, {}))
            if session is None or not session.is_alive():

                def record(look: Look) -> object:
                    return self._writer.submit(logbook.record, look).result()

                session, members = Session(round_for(watch, find, logbook), logbook, record), {}
                self._open[place] = (session, members)
                session.start()
            members[watch.id] = token
            session.join_watch(watch)
            return session, token

    def leave(self, watch: AnyWatch, session: Session, token: object) -> None:
        """End the watch; the last one of a source ends its session."""
        place = _place(watch)
        with self._lock:
            here, members = self._open.get(place, (None, {}))
            if here is not session or members.get(watch.id) is not token:
                return
            del members[watch.id]
            session.leave_watch(watch.id)
            if not members:
                del self._open[place]
                session.end()


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
            while session.is_alive():  # noqa: ASYNC110 (a thread has no event of this loop)
                await asyncio.sleep(5)
        finally:
            SESSIONS.leave(watch, session, token)
        raise RuntimeError(f"the session of {watch.source} ended by itself")
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
