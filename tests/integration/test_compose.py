"""The compose file, as the real Compose reads it. Its commands are run in tests/e2e/test_cluster.py, without Docker."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.configuration import conf
from airflow.executors.executor_loader import ExecutorLoader
from airflow.executors.executor_utils import ExecutorName

from vigie.authoring.duty import desk, rounds
from vigie.cli.settings import CHECKOUT

COMPOSE = Path(sys.executable).parent / "docker-compose"
PREFIX = "AIRFLOW__"
NO_DATABASE = {
    (worker, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "sqlite:////tmp/workers-have-no-database.db")
    for worker in ("worker", "desk-worker")
}
CELERY = "airflow.providers.celery.executors.celery_executor.CeleryExecutor"


def compose(*arguments: str) -> str:
    done = subprocess.run(
        [str(COMPOSE), "--profile", "*", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """The services, with everything that stands in for something else replaced."""
    return dict(json.loads(compose("config", "--format", "json"))["services"])


def settings(services: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Service, name and value of each environment variable."""
    for service, fields in services.items():
        for name, value in (fields.get("environment") or {}).items():
            yield service, name, value or ""


def test_compose_accepts_the_file():
    assert compose("config", "-q") == ""


def test_drafts_of_procedures_do_not_run_unless_somebody_asks(services: dict[str, dict[str, Any]]):
    assert {value for _, name, value in settings(services) if name == "VIGIE_MODE"} == {"production"}


def test_two_of_what_must_not_stand_alone(services: dict[str, dict[str, Any]]):
    replicas = {name: fields["deploy"]["replicas"] for name, fields in services.items() if "deploy" in fields}

    assert replicas == {"scheduler": 2, "triggerer": 2}
    assert {"postgres", "redis", "vault", "api-server", "dag-processor", "worker"} <= set(services)


def test_the_executor_is_celery_and_loads_with_the_pinned_packages(services: dict[str, dict[str, Any]]):
    executors = {value for _, name, value in settings(services) if name == "AIRFLOW__CORE__EXECUTOR"}

    assert executors == {"CeleryExecutor"}
    found, _ = ExecutorLoader.import_executor_cls(ExecutorName(CELERY, alias="CeleryExecutor"))
    assert found.__name__ == "CeleryExecutor"


def test_every_airflow_takes_the_zones_of_the_package(services: dict[str, dict[str, Any]]):
    ours = {service for service, name, _ in settings(services) if name == "VIGIE_SITE"}

    assert len(ours) >= 7
    assert {service for service, name, value in settings(services) if (name, value) == ("PYTHONTZPATH", "")} == ours


def test_every_service_that_stays_says_how_it_is(services: dict[str, dict[str, Any]]):
    stays = {name for name, fields in services.items() if fields["restart"] != "no"}

    assert {name for name, fields in services.items() if "healthcheck" in fields} == stays
    assert set(services) - stays == {"migrate"}


def test_the_queue_of_every_task_of_ours_has_a_worker(services: dict[str, dict[str, Any]]):
    commands = [fields.get("command") or [] for fields in services.values()]
    served = {each[each.index("--queues") + 1] for each in commands if "--queues" in each}

    assert {task.queue for dag in (desk(), rounds()) for task in dag.tasks} == served == {"default", "desk"}


def test_no_secret_stands_in_it(services: dict[str, dict[str, Any]]):
    secret = re.compile(r"PASSWORD|SECRET|KEY|TOKEN|CONN|BROKER|KWARGS")
    told = {
        name
        for service, name, value in settings(services)
        if value and secret.search(name.rpartition("__")[2]) and not name.endswith(("_CMD", "_FILE"))
        if (service, name, value) not in NO_DATABASE
    }
    commands = {value for _, name, value in settings(services) if name.endswith(("_CMD", "_FILE"))}

    assert told == set()
    assert {command.removeprefix("cat ").rpartition("/")[0] for command in commands} == {"/run/secrets"}


def test_each_service_has_only_the_secrets_that_it_needs(services: dict[str, dict[str, Any]]):
    given = {name: {each["source"] for each in fields.get("secrets") or ()} for name, fields in services.items()}
    celery = {"scheduler", "worker", "desk-worker"}

    assert {name for name, secrets in given.items() if "broker" in secrets} == celery
    assert {name for name, secrets in given.items() if "celery_results" in secrets} == celery
    assert not {"airflow_database", "fernet_key"} & (given["worker"] | given["desk-worker"])
    assert given["postgres"] == {"postgres_password"}
    assert given["redis"] == {"redis_password"}
    assert given.get("vault", set()) == set()


def test_no_secret_becomes_an_argument_of_a_program(services: dict[str, dict[str, Any]]):
    commands = [*(fields.get("command") or [] for fields in services.values())]
    commands += [fields["healthcheck"]["test"] for fields in services.values() if "healthcheck" in fields]
    written = [part for command in commands for part in command if "/run/secrets" in part]

    # By the standard input, or in the environment of the one program.
    assert len(written) == 2
    assert all(re.search(r"^(printf .* \| exec |REDISCLI_AUTH=)", part) for part in written)


def test_only_loopback_is_published(services: dict[str, dict[str, Any]]):
    published = {name: port.get("host_ip") for name, fields in services.items() for port in fields.get("ports") or ()}

    assert published == {"api-server": "127.0.0.1"}


def test_airflow_knows_every_setting_and_reads_every_command(services: dict[str, dict[str, Any]]):
    names = {name for _, name, _ in settings(services) if name.startswith(PREFIX)}
    pairs = {name: tuple(name.removeprefix(PREFIX).lower().split("__", 1)) for name in names}
    commands = {
        name: (section, key.removesuffix("_cmd")) for name, (section, key) in pairs.items() if key.endswith("_cmd")
    }
    described = conf.configuration_description
    known = {(section, key) for section, fields in described.items() for key in fields["options"]}

    assert {name for name, pair in (pairs | commands).items() if pair not in known} == set()
    assert {name for name, pair in commands.items() if pair not in conf.sensitive_config_values} == set()
