"""Where one installation lives and what its processes are told: folders, ports, keys, Airflow's configuration."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vigie.cli.accounts import STANDARD, Account, Accounts
from vigie.cli.keys import Keys
from vigie.cli.remedy import RemedyError

CHECKOUT = Path(__file__).resolve().parents[3]
DEFAULT_PORT_BASE = 18080
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class VaultAccess:
    """How Airflow signs in to the vault: AppRole on a KV version 2 mount, connections under ``connections/``."""

    address: str
    role_id: str
    secret_id: str = field(repr=False)
    mount: str = "airflow"

    @property
    def backend_kwargs(self) -> str:
        """The value of ``[secrets] backend_kwargs``. Variables and configuration are not looked up in the vault."""
        return json.dumps(
            {
                "url": self.address,
                "auth_type": "approle",
                "role_id": self.role_id,
                "secret_id": self.secret_id,
                "mount_point": self.mount,
                "kv_engine_version": 2,
                "connections_path": "connections",
                "variables_path": None,
                "config_path": None,
            }
        )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One installation on one machine: everything on loopback, SQLite, LocalExecutor, all state in one folder."""

    state: Path
    """Holds all that is written: databases, vault, logs, keys. Two installations never share one."""
    port_base: int = DEFAULT_PORT_BASE
    checkout: Path = CHECKOUT
    site: Path = CHECKOUT
    """The folder whose ``dags/`` and ``include/`` are read."""
    accounts: tuple[Account, ...] = STANDARD
    mode: str = "production"
    """``VIGIE_MODE``: *production*, where only approved procedures are led through, or *development*."""
    public_url: str | None = None
    """Where people reach the pages, if not at the loopback address (a reverse proxy)."""

    @classmethod
    def from_environment(
        cls, *, state: Path | None = None, port_base: int | None = None, site: Path | None = None
    ) -> Settings:
        """Settings from ``VIGIE_STATE``, ``VIGIE_SITE``, ``VIGIE_MODE`` and ``VIGIE_PUBLIC_URL``; the arguments win.

        Raises RemedyError where ``VIGIE_MODE`` is neither *production* nor *development*.
        """
        own = os.environ
        return cls(
            state=(state or Path(own.get("VIGIE_STATE") or CHECKOUT / ".vigie" / "up")).resolve(),
            site=(site or Path(own.get("VIGIE_SITE") or CHECKOUT)).resolve(),
            port_base=port_base or DEFAULT_PORT_BASE,
            mode=_mode(own.get("VIGIE_MODE") or "production"),
            public_url=own.get("VIGIE_PUBLIC_URL") or None,
        )

    @property
    def airflow_port(self) -> int:
        return self.port_base

    @property
    def vault_port(self) -> int:
        return self.port_base + 1

    @property
    def vault_cluster_port(self) -> int:
        return self.port_base + 2

    @property
    def ports(self) -> Mapping[int, str]:
        """Every port that the installation listens on, and what for."""
        return {
            self.airflow_port: "Airflow's pages and API",
            self.vault_port: "the embedded vault",
            self.vault_cluster_port: "the embedded vault's cluster address",
        }

    @property
    def airflow_url(self) -> str:
        """Where programs on this machine reach Airflow."""
        return f"http://{LOOPBACK}:{self.airflow_port}"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """What a running supervisor leaves for `status` and `stop`."""
        return self.state / "run"

    @property
    def airflow_home(self) -> Path:
        return self.state / "airflow"

    @property
    def logbook(self) -> Path:
        return self.state / "logbook.db"

    @property
    def parallelism(self) -> int:
        return int(self.airflow_options()["AIRFLOW__CORE__PARALLELISM"])

    def airflow_options(self) -> dict[str, str]:
        """``airflow.env`` of the checkout, then of the state folder."""
        options = read_env(self.checkout / "airflow.env")
        if (own := self.state / "airflow.env").exists():
            options |= read_env(own)
        return options

    def environment(self, vault: VaultAccess | None = None) -> dict[str, str]:
        """The whole environment of this installation's processes.

        AIRFLOW variables of the calling shell are left out: they belong to another Airflow, and a setting that comes
        from two places is found in neither. ``vault`` is missing only for what runs before the vault does.
        """
        keys = Keys.of(self.state)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
        # A process that may not keep its byte code compiles Airflow anew at each start: some seconds every time.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        direct = ",".join(
            filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), LOOPBACK, "localhost"))
        )
        environment |= {
            "NO_PROXY": direct,  # our components speak to one another on loopback, whatever proxy the shell names
            "no_proxy": direct,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', os.defpath)}",
            "PYTHONPATH": str(self.checkout / "plugins"),
            "PYTHONUNBUFFERED": "1",
            "VIGIE_SITE": str(self.site),
            "VIGIE_STATE": str(self.state),
            "VIGIE_MODE": self.mode,
            "VIGIE_PUBLIC_URL": self.public_url or self.airflow_url,
            "AIRFLOW_HOME": str(self.airflow_home),
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__AUTH_MANAGER": "vigie.web.site_accounts.SiteAccounts",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": self.sign_in.setting,
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.sign_in.path),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.site / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(self.checkout / "plugins"),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.airflow_url}/execution/",
            "AIRFLOW__CORE__FERNET_KEY": keys.fernet,
            "AIRFLOW__API__HOST": LOOPBACK,
            "AIRFLOW__API__PORT": str(self.airflow_port),
            "AIRFLOW__API__BASE_URL": self.public_url or self.airflow_url,
            "AIRFLOW__API__SECRET_KEY": keys.api,
            "AIRFLOW__API_AUTH__JWT_SECRET": keys.jwt,
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.airflow_home / 'airflow.db'}",
            # Nobody listens there (airflow_components.py): Airflow asks for a running task's log in vain, reads the file,
            # and at least never asks another Airflow's log server.
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(self.port_base + 3),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(self.port_base + 4),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.logs / "tasks"),
            "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(self.logs / "dags"),
        }
        environment |= _with_own_bundle(self.airflow_options(), self.state)
        if vault:
            environment["VIGIE_VAULT_ADDR"] = vault.address
            environment["AIRFLOW__SECRETS__BACKEND_KWARGS"] = vault.backend_kwargs
        else:  # Airflow does not even load with a backend that has nowhere to sign in
            environment.pop("AIRFLOW__SECRETS__BACKEND", None)
        return environment

    @property
    def sign_in(self) -> Accounts:
        return Accounts(self.state / "accounts.json", self.accounts)


def _mode(written: str) -> str:
    if written not in {"production", "development"}:  # 'prod' must not quietly mean one of them
        raise RemedyError(f"VIGIE_MODE is '{written}'.", "Write 'production' or 'development', or leave it out.")
    return written


def _with_own_bundle(options: dict[str, str], state: Path) -> dict[str, str]:
    """The options as they are. Raises RemedyError where somebody's own list of bundles leaves Vigie's out."""
    name = "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"
    if '"vigie.tasks.own_bundle.OwnBundle"' not in options.get(name, ""):
        raise RemedyError(
            f"{state / 'airflow.env'}: {name} leaves out the bundle 'vigie': the desk, the rounds and the procedures "
            "are in it, and nobody would be called.",
            "Add it to the list, as airflow.env of the checkout has it, or delete the line.",
        )
    return options


def read_env(path: Path) -> dict[str, str]:
    """The NAME=value lines of a settings file, as docker compose reads them: no quotes, no continuation.

    Raises RemedyError, naming file and line, for a line that is neither that, nor empty, nor a remark.
    """
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise RemedyError(
                f"{path}:{number}: this line is not a setting: {line.strip()!r}.",
                "Write NAME=value, or begin the line with # to make it a remark.",
            )
        values[name.strip()] = value.strip()
    return values
