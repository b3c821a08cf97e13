"""What docker-compose.yaml starts, as processes of this machine: its commands and its settings, in other places.

PostgreSQL, Redis and the vault are real servers on loopback. Everything else is taken from the file as the real Compose
reads it; a container's folder `/vigie` is a folder of links, its `/run/secrets` a folder of the test.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
from base64 import urlsafe_b64encode
from contextlib import ExitStack
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Any, Self

import psycopg
from tests.e2e.small_site import LUMIERE, NORDWIND, write_site
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis

from vigie.cli.component import Component, Probe
from vigie.cli.probe import AirflowHealth, ApiServerProbe, HeartbeatProbe
from vigie.cli.settings import CHECKOUT, LOOPBACK, Settings
from vigie.cli.supervisor import Supervisor
from vigie.cli.vault import EmbeddedVault
from vigie.demo.world import World
from vigie.logbook.book import Logbook

BIN = Path(sys.executable).parent
AIRFLOW_PARTS = ("api-server", "scheduler", "dag-processor", "triggerer")
WORKERS = ("worker", "desk-worker")
UNUSED = {f"dags/{LUMIERE}/lead.py", f"dags/{LUMIERE}/prices.py", f"dags/{NORDWIND}/stock.py"}
MACHINE_PASSWORD = token_urlsafe(12)


class Cluster:
    """A control room for many, everything on loopback, everything in `folder`."""

    def __init__(self, folder: Path, port_base: int, postgres: Postgres, redis: Redis) -> None:
        self.folder = folder
        self.root = folder / "vigie"
        self.secrets = folder / "secrets"
        self.settings = Settings(state=folder / "state", port_base=port_base, site=folder / "site")
        self.settings.state.mkdir(mode=0o700)
        write_site(self.settings.site)
        for path in UNUSED:
            (self.settings.site / path).unlink()
        self.world = World(self.settings, self.settings.site)
        self.vault = EmbeddedVault(self.settings)
        self.supervisor = Supervisor(self.settings)
        self.services = _composed(self.settings.airflow_url)
        self._postgres = postgres
        self._redis = redis
        self._stack = ExitStack()

    def open(self, timeout: float) -> None:
        """Start the servers, do what `migrate` does, make Vigie's account, start the rest: healthy within `timeout`."""
        self._databases = self._stack.enter_context(_Databases(self._postgres))
        self.world.open()
        self._stack.callback(self.world.close)
        self.world.slack.limit_rate(on=False)
        self._stack.callback(self.supervisor.stop)
        self.supervisor.start()
        self.supervisor.add(self.vault.component())
        self.supervisor.wait_healthy(60, ["vault"])
        self._lay_out()
        self._keep_secrets()
        self._fill_vault()
        self.run("migrate", self._command("migrate"))
        account = "--username vigie_airflow --firstname Vigie --lastname Airflow --email vigie@vigie.example"
        self.run("api-server", shlex.split(f"airflow users create --role Op {account} --password {MACHINE_PASSWORD}"))
        health = AirflowHealth(self.settings.airflow_url)
        for name in (*AIRFLOW_PARTS, *WORKERS):
            self.supervisor.add(self._component(name, health))
        self.supervisor.wait_healthy(timeout)
        self.logbook = Logbook(self._postgres.url(self._databases.logbook, "psycopg"))
        self._stack.callback(self.logbook.close)

    def close(self) -> None:
        """Stop everything."""
        self._stack.close()

    def run(self, service: str, command: list[str]) -> str:
        """Run a command to its end where this service runs (`docker compose exec`); what it printed."""
        done = subprocess.run(
            command, env=self.environment(service), cwd=self.root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{shlex.join(command)}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def health_check(self, service: str) -> list[str]:
        """The command by which Compose asks whether this service is well."""
        kind, *command = self.services[service]["healthcheck"]["test"]
        shell = ["sh", "-c"] if kind == "CMD-SHELL" else []
        return [*shell, *(part.replace("$$", "$") for part in command)]

    def airflow_rows(self, query: str) -> list[tuple[Any, ...]]:
        """What Airflow's database answers."""
        return self._databases.rows(self._databases.airflow, query)

    def celery_rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database of Celery's results answers, to its own role."""
        return self._databases.rows(self._databases.celery, query, "celery")

    def environment(self, service: str) -> dict[str, str]:
        """The service's environment, and what its image and its container give it."""
        written = self.services[service]["environment"].items()
        given = {name: self._placed(str(value or ""), service) for name, value in written}
        ours = {
            "PATH": f"{BIN}{os.pathsep}{os.defpath}",
            "HOME": str(self.folder),
            "HOSTNAME": service if service in WORKERS else socket.gethostname(),
            "AIRFLOW_HOME": str(self.root),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.root / "logs"),
            # Each container has ports of its own.
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": LOOPBACK,
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(self.settings.port_base + 5),
        }
        return given | ours

    def _command(self, service: str) -> list[str]:
        # `docker compose config` writes a $ as $$, as in the file.
        command = [self._placed(part.replace("$$", "$"), service) for part in self.services[service]["command"]]
        if service == "api-server":
            at = dict(zip(command, range(len(command)), strict=True))
            command[at["--host"] + 1], command[at["--port"] + 1] = LOOPBACK, str(self.settings.airflow_port)
        if service in {"scheduler", "triggerer"}:
            command += ["--skip-serve-logs"]  # a log server listens on every interface
        if service in WORKERS:
            command += ["--skip-serve-logs", "--celery-hostname", f"celery@{service}"]
            command += ["--pid", str(self.folder / f"{service}.pid")]
        return command

    def _component(self, name: str, health: AirflowHealth) -> Component:
        probes: dict[str, Probe] = {
            each: HeartbeatProbe(health, each.replace("-", "_")) for each in AIRFLOW_PARTS if each != "api-server"
        }
        command = self._command(name)
        return Component(
            name=name,
            argv=[str(BIN / command[0]), *command[1:]],
            env=self.environment(name),
            log=self.settings.logs / f"{name}.log",
            probe=ApiServerProbe(health, self.settings.airflow_url) if name == "api-server" else probes.get(name),
            stage=20,
            insist_after=0.5,  # at a second SIGTERM neither scheduler nor worker waits for what runs
            grace=2,
        )

    def _placed(self, text: str, service: str) -> str:
        text = re.sub(r"(?<![\w.:/])/vigie(?=/|$|:)", str(self.root), text)
        text = text.replace("/run/secrets/", f"{self.secrets / service}/")
        return text.replace("http://api-server:8080", self.settings.airflow_url)

    def _lay_out(self) -> None:
        self.root.mkdir()
        (self.root / "logs").mkdir()
        for name in ("plugins", "docker"):
            (self.root / name).symlink_to(CHECKOUT / name)
        for name in ("dags", "include"):
            (self.root / name).symlink_to(self.settings.site / name)

    def _keep_secrets(self) -> None:
        """The files of `secrets/`, made as docs/operators/cluster.md says."""
        database = self._postgres.url(self._databases.airflow)
        words = {
            "api_key": token_urlsafe(32),
            "jwt_secret": token_urlsafe(32),
            "fernet_key": urlsafe_b64encode(token_bytes(32)).decode(),
            "airflow_database": database,
            "celery_results": f"db+postgresql://celery@{LOOPBACK}:{self._postgres.port}/{self._databases.celery}",
            "broker": self._redis.url(),
            "vault_approle": self.vault.access().backend_kwargs,
        }
        self.secrets.mkdir(mode=0o700)
        for service in ("migrate", *AIRFLOW_PARTS, *WORKERS):
            (self.secrets / service).mkdir(mode=0o700)
            for secret in self.services[service]["secrets"]:  # each has its own, and no other
                name = secret["source"]
                (self.secrets / service / name).write_text(words[name], "utf-8")

    def _fill_vault(self) -> None:
        connections = self.world.connections() | {
            "vigie_logbook": {
                "conn_type": "postgres",
                "host": LOOPBACK,
                "port": self._postgres.port,
                "login": self._postgres.user,
                "password": "",
                "schema": self._databases.logbook,
            },
            "vigie_airflow": {
                "conn_type": "http",
                "host": self.settings.airflow_url,
                "login": "vigie_airflow",
                "password": MACHINE_PASSWORD,
            },
        }
        for conn_id, fields in connections.items():
            self.vault.put_connection(conn_id, **fields)


class _Databases:
    """Airflow's database and the logbook's, which go away at the end."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self.airflow = postgres.create_database()
        self.logbook = postgres.create_database()
        self.celery = postgres.create_database()
        # As docker/logbook-database.sql does: a role that can open nothing else.
        self._do("DROP ROLE IF EXISTS celery")
        self._do("CREATE ROLE celery LOGIN")
        self._do(f"ALTER DATABASE {self.celery} OWNER TO celery")
        self._do(f"REVOKE CONNECT ON DATABASE {self.airflow}, {self.logbook} FROM PUBLIC")

    def rows(self, database: str, query: str, role: str = "") -> list[tuple[Any, ...]]:
        """What a database answers."""
        role = role or self._postgres.user
        place = f"host={LOOPBACK} port={self._postgres.port} user={role} dbname={database}"
        with psycopg.connect(place) as connection:
            return connection.execute(query.encode()).fetchall()

    def _do(self, command: str) -> None:
        place = f"host={LOOPBACK} port={self._postgres.port} user={self._postgres.user} dbname=postgres"
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute(command.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in (self.airflow, self.logbook, self.celery):
            self._postgres.drop_database(name)


def _composed(public_url: str) -> dict[str, dict[str, Any]]:
    """The services of the compose file, with everything that stands in for something else replaced."""
    done = subprocess.run(
        [str(BIN / "docker-compose"), "config", "--format", "json"],
        cwd=CHECKOUT,
        env={"PATH": os.defpath, "VIGIE_PUBLIC_URL": public_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)["services"])
