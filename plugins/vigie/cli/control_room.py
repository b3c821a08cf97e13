"""A whole control room on one machine: the vault, the logbook, Airflow, under one supervisor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from vigie.cli import ports
from vigie.cli.accounts import MACHINE
from vigie.cli.airflow_components import airflow_components, prepare_airflow
from vigie.cli.component import Event
from vigie.cli.remedy import RemedyError
from vigie.cli.settings import Settings
from vigie.cli.supervisor import Supervisor
from vigie.cli.vault import ConnectionField, EmbeddedVault, OwnVault
from vigie.core.errors import TransportError
from vigie.logbook.migrations import migrate

AIRFLOW = "vigie_airflow"
LOGBOOK = "vigie_logbook"


class ControlRoom:
    """Used by `./vigie up` and by the demo, which adds servers of its own to ``supervisor``."""

    def __init__(
        self,
        settings: Settings,
        *,
        connections: Mapping[str, Mapping[str, ConnectionField]] | None = None,
        command: str = "./vigie up",
        on_event: Callable[[Event], None] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """``connections`` are written into the embedded vault before Airflow starts; ``say`` hears what is going on."""
        self.settings = settings
        self.supervisor = Supervisor(settings, on_event=on_event)
        self.own_vault = OwnVault.from_environment()
        self.passwords: Mapping[str, str] = {}
        """Account name -> password, once open."""
        self._embedded = None if self.own_vault else EmbeddedVault(settings)
        self._connections = connections or {}
        self._command = command
        self._say = say or (lambda text: None)

    @property
    def vault(self) -> EmbeddedVault:
        """The embedded vault, for its `put_connection`. Raises RemedyError where the user's own one is in use."""
        if not self._embedded:
            raise RemedyError(
                "Vigie does not write into your own Vault.",
                "Write the connection there yourself, or unset VIGIE_VAULT_ROLE_ID and VIGIE_VAULT_SECRET_ID.",
            )
        return self._embedded

    def open(self, timeout: float = 180.0) -> None:
        """Start everything and wait until all is healthy, ``timeout`` seconds at most. Raises RemedyError.

        Airflow's database is prepared while the vault starts. After an error, call `close`.
        """
        begun = time.monotonic()
        self.supervisor.start()
        needed = dict(self.settings.ports)
        if not self._embedded:
            del needed[self.settings.vault_port], needed[self.settings.vault_cluster_port]
        ports.require_free(needed, self._command)
        preparation = _Preparation(self.settings)
        preparation.start()
        if self._embedded:
            self._say("starting the vault, preparing Airflow's database")
            self.supervisor.add(self._embedded.component())
            self.supervisor.wait_healthy(60, ["vault"])
            self._fill(self._embedded)
            access = self._embedded.access()
            stored = self._embedded.connection
        else:
            assert self.own_vault  # noqa: S101 - one or the other
            access = self.own_vault.access()
            stored = self.own_vault.connection
            self._adopt(self.own_vault)
        migrate_logbook(stored(LOGBOOK) or {})
        preparation.finish()
        self._say("starting Airflow")
        for component in airflow_components(self.settings, self.settings.environment(access)):
            self.supervisor.add(component)
        self.supervisor.addresses["pages"] = self.settings.public_url or self.settings.airflow_url
        self.supervisor.addresses["vault"] = access.address
        self.supervisor.wait_healthy(timeout - (time.monotonic() - begun))

    def close(self) -> None:
        """Stop everything; no process is left."""
        self.supervisor.stop()

    def _fill(self, vault: EmbeddedVault) -> None:
        self.passwords = self.settings.sign_in.write()
        vault.put_connection(
            AIRFLOW,
            conn_type="http",
            host=self.settings.airflow_url,
            login=MACHINE.name,
            password=self.passwords[MACHINE.name],
        )
        vault.put_connection(LOGBOOK, conn_type="sqlite", host=str(self.settings.logbook))
        for conn_id, fields in self._connections.items():
            vault.put_connection(conn_id, **fields)

    def _adopt(self, vault: OwnVault) -> None:
        """Take the password of Vigie's own account from the user's Vault."""
        missing = [conn_id for conn_id in (AIRFLOW, LOGBOOK) if not vault.connection(conn_id)]
        if missing:
            raise RemedyError(
                f"Your Vault has no connection {' and no '.join(missing)}, or the AppRole may not read it.",
                "Put them under connections/ of the mount, for example: vault kv put airflow/connections/vigie_airflow "
                f"conn_type=http host={self.settings.airflow_url} login={MACHINE.name} password=... and "
                f"vault kv put airflow/connections/vigie_logbook conn_type=sqlite host={self.settings.logbook}.",
            )
        login = vault.connection(AIRFLOW) or {}
        machine = replace(MACHINE, name=login.get("login", MACHINE.name), password=login.get("password"))
        self.settings = replace(self.settings, accounts=(*self.settings.accounts, machine))
        self.passwords = self.settings.sign_in.write()


def logbook_address(connection: Mapping[str, Any]) -> str:
    """The SQLAlchemy address of the logbook that the fields of ``vigie_logbook`` name."""
    if connection["conn_type"] == "sqlite":
        return f"sqlite:///{connection['host']}"
    login, password = (quote(str(connection.get(name) or ""), safe="") for name in ("login", "password"))
    place = f"{connection['host']}:{connection.get('port') or 5432}/{connection.get('schema') or ''}"
    return f"postgresql+psycopg://{login}:{password}@{place}"


def migrate_logbook(connection: Mapping[str, Any]) -> None:
    """Bring the logbook of the connection ``vigie_logbook`` to this version's schema. Raises RemedyError."""
    address = logbook_address(connection)
    try:
        migrate(address)
    except TransportError as failed:
        raise RemedyError(
            f"The logbook cannot be prepared: {failed}.",
            f"Check the connection {LOGBOOK} in the vault, and the database that it names; then start again.",
        ) from failed


class _Preparation(threading.Thread):
    """Airflow's database, prepared beside the start of the vault. Its process is marked, so a stop ends it too."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="preparation", daemon=True)
        self._settings = settings
        self._wrong: Exception | None = None

    def run(self) -> None:
        try:
            prepare_airflow(self._settings, self._settings.environment())
        except Exception as wrong:  # noqa: BLE001 - told by finish()
            self._wrong = wrong

    def finish(self) -> None:
        self.join()
        if self._wrong:
            raise self._wrong
