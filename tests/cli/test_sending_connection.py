"""A password for a server that ends passwords is told before it does, and a channel that is blind by the status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vigie.cli import check, status
from vigie.cli.component import Health, Status
from vigie.cli.readiness import Readiness
from vigie.cli.record import RunRecord
from vigie.cli.settings import CHECKOUT, Settings
from vigie.core.channel_sight import beat_of, refused_signals
from vigie.core.look import Look
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate

NOW = datetime(2026, 12, 1, 2, 14, tzinfo=UTC)
WARNED = (
    "the connection 'vigie_smtp' signs in to smtp.office365.com by password; Microsoft ends that for sending mail "
    "(550 5.7.30, off by default from the end of December 2026), and calls by mail would stop. "
    "Give it a token_url, client_id and client_secret: docs/operators/smtp.md."
)


def put(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> None:
    given = {"conn_type": "smtp", "host": "smtp.office365.com", "login": "vigie@acme.example", "password": "x"} | fields
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_SMTP", json.dumps(given))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Path]:
    """An installation that runs and is healthy, as far as its record says."""
    address = f"sqlite:///{Settings(state=tmp_path).logbook}"
    migrate(address)
    record = RunRecord(tmp_path)
    record.acquire()
    component = Status(
        name="scheduler", state="running", pid=1, restarts=0, health=Health.HEALTHY, since=NOW, log=tmp_path / "log"
    )
    record.write([component], {"pages": "http://127.0.0.1:1"}, Readiness())
    yield tmp_path
    record.release()


def told(state: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    code = status.main(["--state", str(state), *more])
    return code, capsys.readouterr().out


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run() -> str:
        monkeypatch.setenv("VIGIE_STATE", str(tmp_path))
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
        monkeypatch.setenv("VIGIE_SITE", str(CHECKOUT))
        assert check.main([]) == 0
        return capsys.readouterr().out

    return run


def test_the_check_warns_of_a_password_there(monkeypatch: pytest.MonkeyPatch, checked: Any) -> None:
    put(monkeypatch)
    assert f"connection vigie_smtp: note: {WARNED}\n" in checked()


@pytest.mark.parametrize(
    "fields",
    [
        {"host": "smtp.acme.example"},
        {"password": ""},
        {"extra": {"token_url": "https://login.example/token", "client_id": "a", "client_secret": "b"}},
        {"extra": {"tenant_id": "acme", "client_id": "a", "client_secret": "b"}},
    ],
)
def test_and_says_nothing_of_others(
    monkeypatch: pytest.MonkeyPatch, running: Path, capsys: pytest.CaptureFixture[str], fields: dict[str, Any]
) -> None:
    put(monkeypatch, **fields)
    assert "vigie_smtp" not in told(running, capsys)[1]


def test_the_status_warns_of_it_too(
    monkeypatch: pytest.MonkeyPatch, running: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(monkeypatch)
    code, said = told(running, capsys)
    assert (code, f"note: {WARNED}\n" in said) == (0, True)
    assert json.loads(told(running, capsys, "--json")[1])["remarks"] == [f"note: {WARNED}"]


def test_a_vault_that_cannot_be_read_is_said(
    monkeypatch: pytest.MonkeyPatch, running: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"ADDR": "http://127.0.0.1:1", "ROLE_ID": "a", "SECRET_ID": "b"}.items():
        monkeypatch.setenv(f"VIGIE_VAULT_{name}", value)
    said = told(running, capsys)[1]
    assert (
        "note: it was not looked at: the vault cannot be read (ConnectionError). "
        "Make the vault reachable, and run it again.\n"
    ) in said
    assert (
        "note: whether Slack and mail take our sign-in is not known: the connection vigie_logbook cannot be read "
        "(ConnectionError).\n"
    ) in said


def test_the_status_shows_each_channel_and_ends_with_one_while_one_is_blind(
    running: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(running, capsys)[0] == 0
    book = Logbook(f"sqlite:///{Settings(state=running).logbook}")
    book.beat(beat_of("slack", signed_in=True), NOW)
    reason = "mail: the login was refused: 550 5.7.30 Basic authentication is not supported for Client Submission."
    book.record(Look(source="rounds", at=NOW, signals=tuple(refused_signals("mail", "credential", reason, [], NOW))))
    book.close()
    code, said = told(running, capsys)
    local = f"{NOW.astimezone():%Y-%m-%d %H:%M:%S}"
    assert code == 1
    assert f"Slack: signed in at {local}\n" in said
    assert f"Mail: blind since {local} (INC-1): {reason}\n" in said
    data = json.loads(told(running, capsys, "--json")[1])
    assert (data["healthy"], [each["blind_since"] for each in data["channels"]]) == (False, [None, NOW.isoformat()])
