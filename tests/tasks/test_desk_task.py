"""The desk as a task: it holds its slot, acts at once, and ends with its hour or its supervisor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.servers.postgres import Postgres
from tests.tasks.samples import eventually

from vigie.core.errors import Refused
from vigie.core.message import Message, Outbound
from vigie.demo.smtp_capture import SmtpCapture
from vigie.demo.tcp_gate import TcpGate
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.tasks import connections
from vigie.tasks.clock import told_by, utc_now
from vigie.tasks.desk import Desk
from vigie.tasks.desk_task import CREDENTIALS_LAST, DeskOperator, LazyMessengers
from vigie.tasks.runs import ProcedureMessenger


@pytest.fixture
def smtp() -> Iterator[SmtpCapture]:
    with SmtpCapture() as capture:
        yield capture


@pytest.fixture
def vault(
    book: Logbook, smtp: SmtpCapture, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    place = {"conn_type": "sqlite", "host": str(tmp_path / "logbook.db")}
    mail = {
        "conn_type": "smtp",
        "host": "127.0.0.1",
        "port": smtp.port,
        "extra": {"from_email": "vigie@vigie.example", "disable_ssl": True, "disable_tls": True},
    }
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_LOGBOOK", json.dumps(place))
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_SMTP", json.dumps(mail))
    monkeypatch.setenv("VIGIE_SITE", str(site))
    connections._logbook_address.cache_clear()
    yield
    if connections._logbook_address.cache_info().currsize:
        connections.logbook().close()
    connections._logbook_address.cache_clear()
    connections._logbook.cache_clear()


def _message(key: str, due: timedelta = timedelta(0)) -> Outbound:
    return Outbound(
        key=key,
        incident=None,
        client="nordwind",
        channel="mail",
        purpose="message",
        recipient="anna@vigie.example",
        message=Message(subject=key, text="t"),
        next_action_at=utc_now() + due,
    )


def test_what_becomes_due_goes_out_at_once_from_a_desk_that_had_nothing_to_do(
    book: Logbook, vault: None, smtp: SmtpCapture
) -> None:
    desk = DeskOperator(task_id="desk", lasts=timedelta(seconds=4))
    thread = threading.Thread(target=desk.execute, args=({},))
    thread.start()
    eventually(lambda: "desk" in book.beats())
    began = utc_now()
    book.queue(_message("k", due=timedelta(seconds=1)))
    eventually(lambda: len(smtp.mails) == 1)
    assert timedelta(seconds=1) <= utc_now() - began < timedelta(seconds=2)
    thread.join(20)
    assert not thread.is_alive(), "its time is over"


def test_a_desk_that_cannot_act_gives_no_sign_of_life(
    book: Logbook, vault: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start is healthy, and the rounds are content, when it has acted: not when its process has begun."""

    def act(desk: Desk, now: datetime) -> int:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(Desk, "act", act)
    with pytest.raises(KeyError):
        DeskOperator(task_id="desk", lasts=timedelta(seconds=4)).execute({})
    assert "desk" not in book.beats()


@pytest.mark.needs("postgres")
def test_a_logbook_that_cannot_be_reached_for_a_moment_ends_no_desk(
    postgres: Postgres,
    gate: Callable[[int], TcpGate],
    vault: None,
    smtp: SmtpCapture,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    address = make_url(postgres.url(postgres.create_database(), "psycopg"))
    migrate(address.render_as_string(hide_password=False))
    way = gate(int(address.port or 0))
    place = {
        "conn_type": "postgres",
        "host": "127.0.0.1",
        "port": way.port,
        "login": address.username,
        "password": address.password,
        "schema": address.database,
    }
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_LOGBOOK", json.dumps(place))
    connections._logbook_address.cache_clear()
    book = Logbook(address.render_as_string(hide_password=False))
    desk = DeskOperator(task_id="desk", lasts=timedelta(seconds=8))
    thread = threading.Thread(target=desk.execute, args=({},))
    thread.start()
    eventually(lambda: "desk" in book.beats())
    way.close()
    eventually(lambda: "the desk cannot reach the logbook" in "".join(capfd.readouterr()))
    way.open()
    book.queue(_message("after"))
    eventually(lambda: [mail.subject for mail in smtp.mails] == ["after"])
    thread.join(20)
    assert not thread.is_alive()
    book.close()


def test_a_desk_whose_supervisor_was_killed_ends(book: Logbook, vault: None, tmp_path: Path) -> None:
    """It could open no procedure any more, and Airflow starts another one."""
    program = tmp_path / "supervisor.py"
    program.write_text(
        "import os, sys, threading\n"
        "from datetime import timedelta\n"
        "from vigie.tasks.desk_task import DeskOperator\n"
        "supervisor = os.fork()\n"
        "if supervisor:\n"
        "    os.waitpid(supervisor, 0)\n"
        "    os._exit(0)\n"
        "desk = os.fork()\n"
        "if desk:\n"
        "    sys.stdin.read()\n"
        "    os._exit(9)\n"
        "try:\n"
        "    DeskOperator(task_id='desk', lasts=timedelta(minutes=5)).execute({})\n"
        "except RuntimeError as ended:\n"
        "    print(ended, flush=True)\n"
        "    os._exit(0)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        eventually(lambda: "desk" in book.beats(), 30)
        process.stdin.close()  # the supervisor ends
        ended = "the desk's supervisor has ended; another desk takes over\n"
        assert process.stdout.read().endswith(ended)


def test_a_vault_without_slacks_token_does_not_silence_the_others() -> None:
    messengers = LazyMessengers()
    with pytest.raises(Refused):
        messengers["slack"]
    assert isinstance(messengers["procedure"], ProcedureMessenger)
    assert messengers["procedure"] is messengers["procedure"]


def test_a_messenger_is_made_anew_from_the_vault_after_some_minutes(vault: None) -> None:
    """The desk lives for an hour; a password that is replaced meanwhile takes effect."""
    now = utc_now()
    messengers = LazyMessengers()
    with told_by(lambda: now):
        first = messengers["mail"]
    with told_by(lambda: now + CREDENTIALS_LAST - timedelta(seconds=1)):
        assert messengers["mail"] is first
    with told_by(lambda: now + CREDENTIALS_LAST):
        assert messengers["mail"] is not first
