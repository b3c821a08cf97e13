"""The sessions of a process, and the triggers that share them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.sdk import Connection
from tests.tasks.samples import eventually, file_watch, mail_watch

from vigie.core.errors import TransportError
from vigie.logbook.book import Logbook
from vigie.tasks import connections
from vigie.tasks.session import Session
from vigie.tasks.sessions import SESSIONS, WATCH, AnyWatch, Sessions, WatchTrigger


def _no_vault(conn_id: str) -> Connection:
    raise TransportError(f"the vault does not answer for {conn_id}")


@pytest.fixture
def sessions() -> Iterator[Sessions]:
    made = Sessions()
    yield made
    made.close()


def _ended(session: Session) -> bool:
    session.join(0)
    return not session.is_alive()


def test_watches_of_one_mailbox_share_a_session_and_the_last_one_ends_it(sessions: Sessions, book: Logbook) -> None:
    one, other, elsewhere = mail_watch("one"), mail_watch("other"), mail_watch("far", mailbox="other_ops")
    first, first_token = sessions.join(one, _no_vault, book)
    second, second_token = sessions.join(other, _no_vault, book)
    third, third_token = sessions.join(elsewhere, _no_vault, book)
    assert first is second
    assert first is not third

    sessions.leave(one, first, first_token)
    assert first.is_alive()
    sessions.leave(other, second, second_token)
    eventually(lambda: _ended(first))
    assert third.is_alive()
    sessions.leave(elsewhere, third, third_token)
    eventually(lambda: _ended(third))


def test_a_changed_rule_joins_before_the_old_one_leaves(sessions: Sessions, book: Logbook) -> None:
    old, new = mail_watch(subject="old"), mail_watch(subject="new")
    session, old_token = sessions.join(old, _no_vault, book)
    same, new_token = sessions.join(new, _no_vault, book)
    assert same is session

    sessions.leave(old, session, old_token)
    eventually(lambda: session._watches == {new.id: new})
    assert session.is_alive()

    sessions.leave(new, session, new_token)
    eventually(lambda: _ended(session))


def test_a_session_that_died_is_replaced(sessions: Sessions, book: Logbook) -> None:
    watch = mail_watch()
    dead, dead_token = sessions.join(watch, _no_vault, book)
    dead.end()
    eventually(lambda: _ended(dead))

    alive, token = sessions.join(watch, _no_vault, book)
    assert alive is not dead
    sessions.leave(watch, dead, dead_token)
    assert alive.is_alive()
    sessions.leave(watch, alive, token)
    eventually(lambda: _ended(alive))


@pytest.mark.parametrize("watch", [mail_watch(blind_after="3 min"), file_watch(sites_digest="abc")])
def test_a_rule_travels_to_the_triggerer_as_plain_data(watch: AnyWatch) -> None:
    trigger = WatchTrigger(watch.model_dump(mode="json"))
    path, kwargs = trigger.serialize()
    assert path == "vigie.tasks.sessions.WatchTrigger"
    assert WATCH.validate_python(json.loads(json.dumps(kwargs))["watch"]) == watch


@pytest.fixture
def vault(book: Logbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections as Airflow finds them: here in its environment."""
    place = {"conn_type": "sqlite", "host": str(tmp_path / "logbook.db")}
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_LOGBOOK", json.dumps(place))
    monkeypatch.setenv("AIRFLOW_CONN_NORDWIND_OPS", json.dumps({"conn_type": "imap", "host": "127.0.0.1", "port": 1}))


def test_a_trigger_joins_and_leaves_with_airflow(book: Logbook, vault: None) -> None:
    trigger = WatchTrigger(mail_watch().model_dump(mode="json"))

    async def ride() -> Session:
        async def run() -> None:
            async for _ in trigger.run():
                pytest.fail("a watch fires nothing")

        task = asyncio.create_task(run())
        async with asyncio.timeout(20):
            while not book.incidents():
                assert not task.done(), task.exception()
                await asyncio.sleep(0.02)
        (place,) = SESSIONS.places()
        session = place.session
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return session

    session = asyncio.run(ride())
    eventually(lambda: _ended(session))
    assert SESSIONS.places() == []
    SESSIONS.close()
    assert book.incidents()[0].title == "Blind: nordwind_ops/INBOX cannot be watched"


def test_the_logbook_is_asked_for_again_where_it_was_not_to_be_had(
    vault: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def ask() -> None:
        monkeypatch.delenv("AIRFLOW_CONN_VIGIE_LOGBOOK")
        refused = await asyncio.gather(*(connections.logbook_async() for _ in range(10)), return_exceptions=True)
        assert {str(each) for each in refused} == {
            "the vault has no connection 'vigie_logbook', or does not show it to us; put it there"
        }
        place = {"conn_type": "sqlite", "host": str(tmp_path / "logbook.db")}
        monkeypatch.setenv("AIRFLOW_CONN_VIGIE_LOGBOOK", json.dumps(place))
        found = await asyncio.gather(*(connections.logbook_async() for _ in range(10)))
        assert len({id(each) for each in found}) == 1

    asyncio.run(ask())
