"""The one task that is always running: it holds its slot for an hour, and acts within a tenth of a second."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context

from vigie.core.errors import Refused, TransportError
from vigie.core.message import Channel
from vigie.core.ports import Messenger
from vigie.logbook.book import Logbook
from vigie.tasks import connections
from vigie.tasks.clock import utc_now
from vigie.tasks.desk import Desk
from vigie.tasks.rounds_pulse import RoundsPulse
from vigie.tasks.runs import ProcedureMessenger
from vigie.tasks.site import library

POLL = 0.1
"""Seconds between two looks for something due: three reads in indexes, half a percent of a core."""

POLL_AWAY = 1.0
"""Seconds until the logbook is asked again when it could not be read."""

SHIFT_LASTS = timedelta(hours=1)
"""After this the run ends and the next one begins: a fresh process, and a run in Airflow's grid for each hour."""

CREDENTIALS_LAST = timedelta(minutes=5)
"""After this a messenger is made anew from its connection, so that a changed secret takes effect."""

BEAT = "desk"
BEAT_EVERY = timedelta(seconds=5)


class DeskOperator(BaseOperator):
    """Acts on everything due as soon as it is due, until its hour is over.

    It never defers: waking up in the triggerer and resuming on a worker takes Airflow about a second, and the first
    call of a quiet night would wait for it (decision 16).
    """

    def __init__(self, *, lasts: timedelta = SHIFT_LASTS, **operator: Any) -> None:
        super().__init__(**operator)
        self.lasts = lasts

    def execute(self, context: Context) -> None:
        """Hold the desk until its time is over. An error of the desk itself is red, and Airflow starts it again after a second."""
        until, supervisor = utc_now() + self.lasts, os.getppid()
        logbook = self._logbook(until)
        if logbook is None:
            return
        desk = Desk(logbook, library(), LazyMessengers(), f"desk@{socket.gethostname()}:{os.getpid()}")
        rounds = RoundsPulse(logbook, utc_now())
        beaten: datetime | None = None
        while (now := utc_now()) < until:
            if os.getppid() != supervisor:
                # Whoever speaks to Airflow for this task is dead: it could open no procedure, and Airflow starts another.
                raise RuntimeError("the desk's supervisor has ended; another desk takes over")
            pause = POLL
            try:
                if beaten is None:
                    # Its first sign of life says that it has acted, not that its process began.
                    desk.act(now)
                    now = utc_now()
                if beaten is None or now - beaten >= BEAT_EVERY:
                    logbook.beat(BEAT, now)
                    beaten = now
                rounds.look(now)
                due = logbook.next_due()
                if due is not None and due <= now and desk.act(now):
                    continue
            except TransportError as away:
                self.log.warning("the desk cannot reach the logbook: %s", away)
                pause = POLL_AWAY
            time.sleep(pause)

    def _logbook(self, until: datetime) -> Logbook | None:
        """The logbook, asked for until the vault and the logbook answer; None when the hour is over before."""
        while utc_now() < until:
            try:
                return connections.logbook()
            except Refused:
                raise
            except TransportError as away:
                self.log.warning("the desk cannot open the logbook: %s", away)
                time.sleep(POLL_AWAY)
        return None


class LazyMessengers(dict[Channel, Messenger]):
    """The messengers, each made when it is first needed: a vault without Slack's token must not silence the mail.

    Each is made again after ``CREDENTIALS_LAST``: the desk lives for an hour, and a token may be replaced meanwhile.
    """

    def __init__(self) -> None:
        super().__init__()
        self._made_at: dict[Channel, datetime] = {}

    def __getitem__(self, channel: Channel) -> Messenger:
        """The messenger of this channel. Raises TransportError where its connection cannot be read."""
        made_at = self._made_at.get(channel)
        if made_at is not None and utc_now() - made_at >= CREDENTIALS_LAST:
            self.pop(channel, None)
        return super().__getitem__(channel)

    def __missing__(self, channel: Channel) -> Messenger:
        makers: dict[Channel, Callable[[], Messenger]] = {
            "slack": connections.slack_messenger,
            "mail": connections.smtp_messenger,
            "procedure": ProcedureMessenger,
        }
        messenger = makers[channel]()
        self[channel] = messenger
        self._made_at[channel] = utc_now()
        return messenger
