from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hvac
import pytest
from airflow.providers.hashicorp.secrets.vault import VaultBackend
from airflow.sdk import Connection
from tests.servers.ports import free_port_base

from vigie.cli.record import RunRecord
from vigie.cli.remedy import RemedyError
from vigie.cli.sending_connection import password_notes
from vigie.cli.settings import Settings
from vigie.cli.supervisor import Supervisor
from vigie.cli.vault import EmbeddedVault, OwnVault


class Bank:
    """A vault that runs, on a state folder that outlives it."""

    def __init__(self, state: Path) -> None:
        self.settings = Settings(state=state, port_base=free_port_base())
        self.vault = EmbeddedVault(self.settings)
        self.supervisor = Supervisor(self.settings)

    def open(self) -> None:
        self.supervisor.start()
        self.supervisor.add(self.vault.component())
        self.supervisor.wait_healthy(30)

    def close(self) -> None:
        self.supervisor.stop()


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    bank = Bank(tmp_path_factory.mktemp("bank"))
    bank.open()
    yield bank
    bank.close()


def backend(vault: EmbeddedVault) -> VaultBackend:
    return VaultBackend(**json.loads(vault.access().backend_kwargs))


def test_airflow_reads_the_connection_that_was_put(bank: Bank) -> None:
    bank.vault.put_connection(
        "maison_lumiere_ops",
        conn_type="imap",
        host="127.0.0.1",
        port=1143,
        login="ops@maison-lumiere.example",
        password="p@ss/word é",
        extra={"use_ssl": False},
    )
    stored = backend(bank.vault).get_conn_value("maison_lumiere_ops")
    assert stored
    connection = Connection.from_json(stored, conn_id="maison_lumiere_ops")
    assert (connection.conn_type, connection.host, connection.port) == ("imap", "127.0.0.1", 1143)
    assert (connection.login, connection.password) == ("ops@maison-lumiere.example", "p@ss/word é")
    assert connection.extra_dejson == {"use_ssl": False}


def test_what_is_not_there_is_none(bank: Bank) -> None:
    assert backend(bank.vault).get_conn_value("nobody") is None
    assert bank.vault.connection("nobody") is None


def test_a_connection_can_be_taken_away(bank: Bank) -> None:
    bank.vault.put_connection("gone", conn_type="http", host="x")
    bank.vault.delete_connection("gone")
    bank.vault.delete_connection("gone")
    assert backend(bank.vault).get_conn_value("gone") is None


def test_putting_the_same_again_makes_no_new_version(bank: Bank) -> None:
    admin = bank.vault._admin().secrets.kv.v2
    for host in ("one", "one", "two"):
        bank.vault.put_connection("steady", conn_type="http", host=host)
    metadata = admin.read_secret_metadata(path="connections/steady", mount_point="airflow")
    assert metadata["data"]["current_version"] == 2


def test_airflow_may_read_connections_and_nothing_else(bank: Bank) -> None:
    bank.vault.put_connection("safe", conn_type="http", host="x")
    access = bank.vault.access()
    client = hvac.Client(url=access.address)
    client.auth.approle.login(access.role_id, access.secret_id)
    kv = client.secrets.kv.v2
    with pytest.raises(hvac.exceptions.Forbidden):
        kv.create_or_update_secret(path="connections/safe", secret={"host": "y"}, mount_point="airflow")
    with pytest.raises(hvac.exceptions.Forbidden):
        kv.list_secrets(path="connections", mount_point="airflow")
    with pytest.raises(hvac.exceptions.Forbidden):
        client.auth.approle.generate_secret_id("airflow")
    assert bank.vault.connection("safe") == {"conn_type": "http", "host": "x"}


def test_secrets_lie_in_files_of_this_user_only(bank: Bank) -> None:
    folder = bank.settings.state / "vault"
    bank.vault.access()
    modes = {name: (folder / name).stat().st_mode & 0o777 for name in ("openbao.hcl", "approle.json")}
    assert modes == {"openbao.hcl": 0o600, "approle.json": 0o600}
    assert bank.settings.state.stat().st_mode & 0o777 == 0o700


def test_a_forgotten_secret_id_is_replaced(bank: Bank) -> None:
    path = bank.settings.state / "vault" / "approle.json"
    access = bank.vault.access()
    path.write_text(json.dumps({"role_id": access.role_id, "secret_id": "unknown"}), "utf-8")
    assert bank.vault.access().secret_id != "unknown"
    assert bank.vault.access() == bank.vault.access()


def test_the_users_own_vault_is_read_with_their_role(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.vault.put_connection("theirs", conn_type="http", host="x")
    access = bank.vault.access()
    monkeypatch.setenv("VIGIE_VAULT_ADDR", access.address)
    monkeypatch.setenv("VIGIE_VAULT_ROLE_ID", access.role_id)
    monkeypatch.setenv("VIGIE_VAULT_SECRET_ID", access.secret_id)
    own = OwnVault.from_environment()
    assert own
    assert own.access() == access
    assert own.connection("theirs") == {"conn_type": "http", "host": "x"}
    refused = OwnVault(replace(access, secret_id="wrong"))
    with pytest.raises(RemedyError) as told:
        refused.access()
    assert str(told.value) == (
        f"The Vault at {access.address} refuses the AppRole: InvalidRequest.\n"
        "  Remedy: Check VIGIE_VAULT_ROLE_ID and VIGIE_VAULT_SECRET_ID; the secret id may have expired."
    )


def test_an_own_vault_that_is_away_is_said_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://127.0.0.1:{free_port_base()}"
    monkeypatch.setenv("VIGIE_VAULT_ADDR", address)
    monkeypatch.setenv("VIGIE_VAULT_ROLE_ID", "r")
    monkeypatch.setenv("VIGIE_VAULT_SECRET_ID", "s")
    own = OwnVault.from_environment()
    assert own
    with pytest.raises(RemedyError) as told:
        own.access()
    assert str(told.value) == (
        f"The Vault at {address} cannot be reached: ConnectionError.\n"
        "  Remedy: Check VIGIE_VAULT_ADDR, and that the Vault is up and unsealed."
    )


def test_half_an_own_vault_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    assert OwnVault.from_environment() is None
    monkeypatch.setenv("VIGIE_VAULT_ROLE_ID", "r")
    with pytest.raises(RemedyError) as told:
        OwnVault.from_environment()
    assert str(told.value) == (
        "To use your own Vault, VIGIE_VAULT_ADDR and VIGIE_VAULT_SECRET_ID must be set as well.\n"
        "  Remedy: Set all of VIGIE_VAULT_ADDR, VIGIE_VAULT_ROLE_ID and VIGIE_VAULT_SECRET_ID, or none of them."
    )


def test_everything_survives_a_restart_on_other_ports(tmp_path: Path) -> None:
    first = Bank(tmp_path)
    first.open()
    first.vault.put_connection("kept", conn_type="http", host="x")
    before = first.vault.access()
    first.close()
    second = Bank(tmp_path)
    second.open()
    after = second.vault.access()
    assert second.vault.connection("kept") == {"conn_type": "http", "host": "x"}
    assert (after.role_id, after.secret_id) == (before.role_id, before.secret_id)
    second.close()


def test_a_first_start_that_was_interrupted_is_begun_anew(tmp_path: Path) -> None:
    raft = tmp_path / "vault" / "raft"
    raft.mkdir(parents=True)
    (raft / "vault.db").write_bytes(b"half of a database")
    bank = Bank(tmp_path)
    bank.open()
    bank.vault.put_connection("new", conn_type="http", host="x")
    bank.close()


def test_a_password_for_a_server_that_ends_them_is_found_in_the_vault_that_runs(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {"conn_type": "smtp", "host": "smtp.office365.com", "login": "vigie@acme.example", "password": "x"}
    assert password_notes(replace(bank.settings, state=bank.settings.state / "elsewhere")) == []
    RunRecord(bank.settings.state).write([], {"vault": bank.vault.address})
    assert password_notes(bank.settings) == []
    bank.vault.put_connection("vigie_smtp", **fields)
    try:
        # The ports are those of the record: 'check' is told of none.
        (note,) = password_notes(replace(bank.settings, port_base=18080))
        assert note.message.startswith("the connection 'vigie_smtp' signs in to smtp.office365.com by password; ")
        bank.vault.put_connection("vigie_smtp", **fields, extra={"token_url": "https://login.example/token"})
        assert password_notes(bank.settings) == []

        bank.vault.put_connection("vigie_smtp", **fields)
        access = bank.vault.access()
        monkeypatch.setenv("VIGIE_VAULT_ADDR", access.address)
        monkeypatch.setenv("VIGIE_VAULT_ROLE_ID", access.role_id)
        monkeypatch.setenv("VIGIE_VAULT_SECRET_ID", access.secret_id)
        assert password_notes(replace(bank.settings, state=bank.settings.state / "elsewhere")) == [note]
    finally:
        bank.vault.delete_connection("vigie_smtp")
