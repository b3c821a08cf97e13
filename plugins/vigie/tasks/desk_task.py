"""The one task that is always running: it waits in the triggerer, and acts on a worker."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.triggers.base import BaseTrigger, TriggerEvent

from vigie.core.errors import TransportError
from vigie.core.message import Channel
from vigie.core.ports import Messenger
from vigie.logbook.book import Logbook
from vigie.tasks import connections
from vigie.tasks.clock import utc_now
from vigie.tasks.desk import Desk
from vigie.tasks.runs import ProcedureMessenger
from vigie.tasks.site import library
from vigie.tasks.wake import DESK

POLL = 0.5
LINGER = timedelta(seconds=20)
"""So long after its last act the desk stays on its worker: the next act then costs no start of a task."""

WATCH_LASTS = timedelta(hours=1)
HEARD_AFTER = timedelta(seconds=1)
"""Airflow 3.3.2 fails a task that is resumed before its scheduler has heard that it deferred: so long it may take."""

BEAT = "desk"
BEAT_EVERY = timedelta(seconds=5)


class DeskTrigger(BaseTrigger):
    """Fires when something is due in the logbook, or when the desk's hour is over (``until``, UTC ISO)."""

    def __init__(self, until: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow has no types there
        self.until = until

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and the end of the hour."""
        return (f"{type(self).__module__}.{type(self).__qualname__}", {"until": self.until})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Ask the logbook twice a second, and when a session of this process has found something.

        Its answer costs one indexed read, off the event loop.
        """
        until, began = datetime.fromisoformat(self.until), utc_now()
        logbook: Logbook | None = None
        beaten = datetime.min.replace(tzinfo=until.tzinfo)
        while (now := utc_now()) < until:
            try:
                logbook = logbook or await connections.logbook_async()
                due = await asyncio.to_thread(logbook.next_due)
                if now - beaten >= BEAT_EVERY:
                    await asyncio.to_thread(logbook.beat, BEAT, now)
                    beaten = now
            except TransportError as away:
                self.log.warning("the desk cannot read the logbook: %s", away)
                due = None
            if due is not None and due <= utc_now():
                await asyncio.sleep(max(0.0, (began + HEARD_AFTER - utc_now()).total_seconds()))
                yield TriggerEvent({"due": due.isoformat()})
                return
            await DESK.wait(POLL)
        yield TriggerEvent({"over": True})


class DeskOperator(BaseOperator):
    """Acts on everything due, lingers, and waits again, until its hour is over."""

    def execute(self, context: Context) -> None:
        """Begin the hour: act at once, for something may have become due while no desk was there."""
        self._work(context, utc_now() + WATCH_LASTS)

    def resume(self, context: Context, event: dict[str, Any], until: str) -> None:
        """Act on what the trigger saw; end where the hour is over."""
        if event.get("over"):
            return
        self._work(context, datetime.fromisoformat(until))

    def _work(self, context: Context, until: datetime) -> None:
        logbook = connections.logbook()
        name = f"desk@{socket.gethostname()}:{os.getpid()}"
        desk = Desk(logbook, library(), LazyMessengers(), name)
        linger_until = utc_now() + LINGER
        beaten = utc_now() - BEAT_EVERY
        while (now := utc_now()) < min(linger_until, until):
            if now - beaten >= BEAT_EVERY:
                logbook.beat(BEAT, now)
                beaten = now
            due = logbook.next_due()
            if due is not None and due <= now and desk.act(now):
                linger_until = utc_now() + LINGER
                continue
            time.sleep(0.1)  # the linger: one indexed read each tenth of a second, for twenty seconds
        self.defer(trigger=DeskTrigger(until.isoformat()), method_name="resume", kwargs={"until": until.isoformat()})


class LazyMessengers(dict[Channel, Messenger]):
    """The messengers, each made when it is first needed: a vault without Slack's token must not silence the mail."""

    def __missing__(self, channel: Channel) -> Messenger:
        makers: dict[Channel, Callable[[], Messenger]] = {
            "slack": connections.slack_messenger,
            "mail": connections.smtp_messenger,
            "procedure": ProcedureMessenger,
        }
        messenger = makers[channel]()
        self[channel] = messenger
        return messenger
