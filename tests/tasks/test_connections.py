"""Airflow connections become adapters."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from airflow.sdk import Connection

from vigie.adapters.sftp_drop_zone import SftpDropZone
from vigie.core.errors import Refused, TransportError
from vigie.tasks import connections


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"conn_type": "sqlite", "host": "/var/lib/vigie/logbook.db"}, "sqlite:////var/lib/vigie/logbook.db"),
        (
            {
                "conn_type": "postgres",
                "host": "db",
                "port": 5433,
                "login": "vigie",
                "password": "p@ss/w:rd",
                "schema": "log",
            },
            "postgresql+psycopg://vigie:p%40ss%2Fw%3Ard@db:5433/log",
        ),
        (
            {"conn_type": "postgres", "host": "db", "login": "vigie", "password": "x", "schema": "log"},
            "postgresql+psycopg://vigie:x@db/log",
        ),
    ],
)
def test_the_address_of_the_logbook(given: dict[str, object], url: str) -> None:
    assert connections.logbook_url(Connection(conn_id="vigie_logbook", **given)) == url


class Vault(BaseHTTPRequestHandler):
    """A vault of which only the health is asked; ``status`` is what it answers."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Vault]]:
    handler = type("ThisVault", (Vault,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps({"url": url, "secret_id": "hush"}))
        yield handler
        server.shutdown()
        thread.join(10)


def test_a_vault_that_answers_and_knows_no_such_connection_refuses(vault: type[Vault]) -> None:
    with pytest.raises(Refused) as refused:
        connections.find("nowhere")
    assert str(refused.value) == "the vault has no connection 'nowhere', or does not show it to us; put it there"


@pytest.mark.parametrize(("status", "said"), [(503, "is sealed"), (501, "is not initialised"), (500, "answers 500")])
def test_a_vault_in_trouble_is_not_a_missing_connection(vault: type[Vault], status: int, said: str) -> None:
    vault.status = status
    with pytest.raises(TransportError) as trouble:
        connections.find("nowhere")
    assert not isinstance(trouble.value, Refused)
    assert str(trouble.value).endswith(said)
    assert "hush" not in str(trouble.value)


def test_a_vault_that_is_down_is_said_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps({"url": "http://127.0.0.1:1"}))
    with pytest.raises(TransportError) as trouble:
        connections.find("nowhere")
    assert str(trouble.value) == "the vault at http://127.0.0.1:1 does not answer (ConnectError)"


def test_slack_speaks_as_the_connection_says(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"base_url": "http://127.0.0.1:8123/api/", "signing_secret": "sign"}
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_SLACK", json.dumps({"conn_type": "slack", "password": "x", "extra": extra}))
    assert connections.slack_signing_secret() == "sign"
    assert connections.slack_host() == "127.0.0.1"


def test_without_a_base_url_it_is_slacks_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_VIGIE_SLACK", json.dumps({"conn_type": "slack", "password": "x"}))
    assert connections.slack_host() == "slack.com"
    assert connections.slack_signing_secret() == ""


def test_a_folder_of_this_machine_stands_for_a_file_server(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv").write_bytes(b"x")
    there = connections.drop_zone(Connection(conn_id="disk", conn_type="fs", extra=json.dumps({"path": str(tmp_path)})))
    assert [file.name for file in there.listing("out") or ()] == ["a.csv"]


@pytest.mark.parametrize("extra", [{}, {"path": ""}, {"path": "drop"}])
def test_a_folder_that_is_not_named_is_said(extra: dict[str, str]) -> None:
    with pytest.raises(TransportError) as refused:
        connections.drop_zone(Connection(conn_id="disk", conn_type="fs", extra=json.dumps(extra)))
    assert str(refused.value) == "the connection 'disk' (fs) names no folder; give its extra a path, as /srv/drop"
    assert refused.value.permanent


def _sftp(**extra: object) -> Connection:
    return Connection(conn_id="wms", conn_type="sftp", host="127.0.0.1", extra=json.dumps(extra))


def test_how_long_a_file_server_may_be_silent_stands_in_its_connection() -> None:
    zone = connections.drop_zone(_sftp(timeout="90", max_entries=1_000_000))
    assert isinstance(zone, SftpDropZone)
    assert (zone._timeout, zone._max_entries) == (90.0, 1_000_000)
    assert connections.drop_zone(_sftp())._timeout == 30.0  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", ["soon", 0, -1, "nan", [], 1e12])
@pytest.mark.parametrize("field", ["timeout", "max_entries"])
def test_a_number_that_is_none_is_told_with_its_connection(field: str, wrong: object) -> None:
    with pytest.raises(TransportError) as told:
        connections.drop_zone(_sftp(**{field: wrong}))
    assert told.value.permanent
    default = {"timeout": "30", "max_entries": "250000"}[field]
    assert str(told.value) == f"the extra of the connection 'wms' says {field} '{wrong}'; write a number, as {default}"
