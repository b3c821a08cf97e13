"""A whole control room on one machine: the vault, the logbook, Airflow, under one supervisor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from vigie.cli import ports
from vigie.cli.accounts import MACHINE
from vigie.cli.airflow_components import airflow_components, prepare_airflow
from vigie.cli.component import Event
from vigie.cli.readiness import Readiness
from vigie.cli.readiness_watch import ReadinessWatch
from vigie.cli.remedy import RemedyError
from vigie.cli.settings import Settings
from vigie.cli.site_folder import flux_files
from vigie.cli.supervisor import Supervisor
from vigie.cli.vault import ConnectionField, EmbeddedVault, OwnVault
from vigie.core.errors import TransportError
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.tasks.airflow_api import AirflowApi

AIRFLOW = "vigie_airflow"
LOGBOOK = "vigie_logbook"
API_SERVER, SCHEDULER = "api-server", "scheduler"

ASKED_EVERY = 1.0
"""Seconds between two looks at whether whoever asks still lives."""


class Machine(NamedTuple):
    """How this process asks Airflow: Vigie's own account."""

    host: str | None
    login: str | None
    password: str | None
    port: int | None = None
    schema: str | None = None


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
        self._machine = MACHINE.name
        self._asking: ReadinessWatch | None = None
        self._ask: Callable[[], ReadinessWatch] | None = None
        self._logbook: Logbook | None = None
        self._api: AirflowApi | None = None

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
        """Start everything and wait until every process is healthy, ``timeout`` seconds at most. Raises RemedyError.

        Then a mail is not called yet: see `wait_ready`. Airflow's database is prepared while the vault starts. After an
        error, call `close`.
        """
        begun, began = time.monotonic(), datetime.now(UTC)
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
        address = prepared_logbook(stored(LOGBOOK) or {})
        preparation.finish()
        self._say("starting Airflow")
        components = airflow_components(self.settings, self.settings.environment(access))
        for component in components:
            if component.name != SCHEDULER:
                self.supervisor.add(component)
        self.supervisor.addresses["pages"] = self.settings.public_url or self.settings.airflow_url
        self.supervisor.addresses["vault"] = access.address
        self._logbook = logbook = Logbook(address)
        machine = Machine(self.settings.airflow_url, self._machine, self.passwords[self._machine])
        self._api = api = AirflowApi(machine)
        files, dags = flux_files(self.settings.site), self.settings.site / "dags"
        self._ask = lambda: ReadinessWatch(
            self.supervisor, logbook, api, dags, files, lambda name: stored(name) is not None, began
        )
        self.supervisor.wait_healthy(timeout - (time.monotonic() - begun), [API_SERVER])
        self.supervisor.add(next(component for component in components if component.name == SCHEDULER))
        self.supervisor.wait_healthy(timeout - (time.monotonic() - begun))

    def readiness(self) -> Iterator[Readiness]:
        """How far it is, each time that it may have changed, at least each second; for ever. Once opened.

        Raises RuntimeError where the supervisor itself has failed, and nothing is kept alive any more.
        """
        while True:
            self.supervisor.require_alive()
            if self._asking is None or not self._asking.is_alive():
                assert self._ask is not None  # noqa: S101 - opened
                self._asking = self._ask()
                self._asking.start()
            if self.supervisor.readiness is not None:
                yield self.supervisor.readiness
            self.supervisor.wait_change(ASKED_EVERY)

    def wait_ready(self, timeout: float = 180.0) -> Readiness:
        """Wait until a mail would be called now, or only people can make it so; the troubles that are left.

        Raises RemedyError that names what is missing where that takes longer than ``timeout`` seconds.
        """
        end = time.monotonic() + timeout
        for found in self.readiness():
            if not found.awaited:
                return found
            if time.monotonic() > end:
                break
        raise RemedyError(
            f"Not healthy after {timeout:.0f} s: {'; '.join(found.awaited)}.",
            f"Read the logs in {self.settings.logs}.",
        )

    def close(self) -> None:
        """Stop everything; no process is left."""
        if self._asking is not None:
            self._asking.end()
            self._asking.join(10)
        self.supervisor.stop()
        for each in (self._api, self._logbook):
            if each is not None:
                each.close()

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
        self._machine = login.get("login", MACHINE.name)
        machine = replace(MACHINE, name=self._machine, password=login.get("password"))
        self.settings = replace(self.settings, accounts=(*self.settings.accounts, machine))
        self.passwords = self.settings.sign_in.write()


def logbook_address(connection: Mapping[str, Any]) -> str:
    """The SQLAlchemy address of the logbook that the fields of ``vigie_logbook`` name."""
    if connection["conn_type"] == "sqlite":
        return f"sqlite:///{connection['host']}"
    login, password = (quote(str(connection.get(name) or ""), safe="") for name in ("login", "password"))
    place = f"{connection['host']}:{connection.get('port') or 5432}/{connection.get('schema') or ''}"
    return f"postgresql+psycopg://{login}:{password}@{place}"


def prepared_logbook(connection: Mapping[str, Any]) -> str:
    """Bring the logbook of the connection ``vigie_logbook`` to this version's schema; its address. Raises RemedyError."""
    address = logbook_address(connection)
    try:
        migrate(address)
    except TransportError as failed:
        raise RemedyError(
            f"The logbook cannot be prepared: {failed}.",
            f"Check the connection {LOGBOOK} in the vault, and the database that it names; then start again.",
        ) from failed
    return address


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
