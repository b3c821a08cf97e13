"""The desk's trigger, and the messengers that it makes when it needs them."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from vigie.core.errors import Refused
from vigie.core.message import Message, Outbound
from vigie.logbook.book import Logbook
from vigie.tasks.clock import utc_now
from vigie.tasks.desk_task import DeskTrigger, LazyMessengers
from vigie.tasks.runs import ProcedureMessenger


@pytest.fixture
def vault(book: Logbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = {"conn_type": "sqlite", "host": str(tmp_path / "logbook.db")}
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_LOGBOOK", json.dumps(place))


def _event(trigger: DeskTrigger) -> dict[str, object]:
    async def first() -> dict[str, object]:
        async with asyncio.timeout(20):
            async for event in trigger.run():
                return dict(event.payload)
        raise AssertionError("it ended without an event")

    return asyncio.run(first())


def test_it_fires_when_something_is_due(book: Logbook, vault: None) -> None:
    due = utc_now() + timedelta(seconds=0.3)
    book.queue(
        Outbound(
            key="k",
            incident=None,
            client="nordwind",
            channel="mail",
            purpose="message",
            recipient="a@b.example",
            message=Message(subject="s", text="t"),
            next_action_at=due,
        )
    )
    event = _event(DeskTrigger((utc_now() + timedelta(minutes=1)).isoformat()))
    assert event == {"due": due.isoformat()}
    assert utc_now() >= due
    assert "desk" in book.beats()


def test_it_ends_with_its_hour(vault: None) -> None:
    assert _event(DeskTrigger((utc_now() + timedelta(seconds=0.2)).isoformat())) == {"over": True}


def test_it_travels_as_plain_data() -> None:
    assert DeskTrigger("2026-11-24T01:00:00+00:00").serialize() == (
        "vigie.tasks.desk_task.DeskTrigger",
        {"until": "2026-11-24T01:00:00+00:00"},
    )


def test_a_vault_without_slacks_token_does_not_silence_the_others() -> None:
    messengers = LazyMessengers()
    with pytest.raises(Refused):
        messengers["slack"]
    assert isinstance(messengers["procedure"], ProcedureMessenger)
    assert messengers["procedure"] is messengers["procedure"]
