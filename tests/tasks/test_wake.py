"""Waking the desk's trigger from the thread of a session."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.sdk import Connection
from tests.tasks.samples import eventually, mail, mail_watch

from vigie.demo.imap_server import ImapServer
from vigie.logbook.book import Logbook
from vigie.tasks import desk_task
from vigie.tasks.clock import utc_now
from vigie.tasks.sessions import Sessions
from vigie.tasks.wake import Wake


def test_a_call_ends_every_wait() -> None:
    wake = Wake()

    async def wait() -> list[bool]:
        caller = threading.Thread(target=lambda: (eventually(lambda: len(wake._waiting) == 2), wake.call()))
        caller.start()
        return list(await asyncio.gather(wake.wait(30), wake.wait(30)))

    begun = time.monotonic()
    assert asyncio.run(wait()) == [True, True]
    assert time.monotonic() - begun < 10
    assert wake._waiting == {}


def test_without_a_call_it_is_the_time_that_ends_it() -> None:
    wake = Wake()
    wake.call()  # nobody waits: forgotten
    assert asyncio.run(wake.wait(0.01)) is False
    assert wake._waiting == {}


def test_a_loop_that_has_ended_is_not_in_the_way() -> None:
    wake, loop = Wake(), asyncio.new_event_loop()
    loop.close()
    wake._waiting[asyncio.Event()] = loop
    wake.call()


def test_what_a_session_finds_wakes_the_desk(
    book: Logbook, imap_server: ImapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"conn_type": "sqlite", "host": str(tmp_path / "logbook.db")}
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_LOGBOOK", json.dumps(place))
    monkeypatch.setattr(desk_task, "POLL", 60)
    mailbox = Connection(
        conn_id="nordwind_ops",
        conn_type="imap",
        host="127.0.0.1",
        port=imap_server.port,
        login=imap_server.user,
        password=imap_server.password,
        extra=json.dumps({"use_ssl": False}),
    )
    sessions, watch = Sessions(), mail_watch()
    session, token = sessions.join(watch, lambda _: mailbox, book)
    eventually(lambda: [state.sight for state in book.watch_states()] == ["watching"])

    async def woken() -> dict[str, object]:
        trigger = desk_task.DeskTrigger((utc_now() + timedelta(minutes=5)).isoformat())
        deliver = threading.Thread(
            target=lambda: (eventually(lambda: desk_task.DESK._waiting), imap_server.deliver(mail("[KO] EOD_POS")))
        )
        deliver.start()
        async with asyncio.timeout(20):
            async for event in trigger.run():
                return dict(event.payload)
        raise AssertionError("it ended without an event")

    assert list(asyncio.run(woken())) == ["due"]
    sessions.leave(watch, session, token)
    session.join(10)
    sessions._writer.shutdown()
