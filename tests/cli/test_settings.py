from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from airflow.configuration import conf

from vigie.cli.accounts import STANDARD, Account
from vigie.cli.remedy import RemedyError
from vigie.cli.settings import CHECKOUT, Settings, VaultAccess, read_env

VAULT = VaultAccess("http://127.0.0.1:1", "the-role", "the-secret-id")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path, port_base=21000)


def test_every_setting_is_one_that_this_airflow_knows(settings: Settings) -> None:
    unknown = []
    for name in settings.environment(VAULT):
        if match := re.fullmatch(r"AIRFLOW__([A-Z_]+?)__([A-Z_]+)", name):
            section, option = match[1].lower(), match[2].lower()
            if option not in conf.configuration_description.get(section, {}).get("options", {}):
                unknown.append(name)
    assert unknown == []


def test_the_file_holds_what_airflow_must_be_told_and_no_secret() -> None:
    options = read_env(CHECKOUT / "airflow.env")
    assert options["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] == "False"
    assert options["AIRFLOW__CORE__DAG_DISCOVERY_SAFE_MODE"] == "False"
    assert options["AIRFLOW__DAG_PROCESSOR__FILE_PARSING_SORT_MODE"] == "modified_time"
    assert options["AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL"] == "15"
    assert options["AIRFLOW__TRIGGERER__CAPACITY"] == "3000"
    assert options["AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"] == "30"
    assert 0.2 <= float(options["AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME"]) <= 0.5
    assert options["PYTHONTZPATH"] == ""  # the zones of the package tzdata, never the machine's
    assert not [name for name in options if re.search(r"KEY|SECRET$|PASSWORD|_PORT|KWARGS", name)]


def test_every_process_and_the_image_take_the_zones_of_the_package(settings: Settings) -> None:
    assert settings.environment(VAULT)["PYTHONTZPATH"] == ""
    assert 'ENV PYTHONTZPATH=""\n' in (CHECKOUT / "Dockerfile").read_text("utf-8")
    assert "tzdata " in (CHECKOUT / "requirements.in").read_text("utf-8")


def test_the_shells_own_airflow_settings_stay_outside(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "True")
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", "/elsewhere")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    environment = settings.environment(VAULT)
    assert environment["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
    assert environment["AIRFLOW__CORE__DAGS_FOLDER"] == str(CHECKOUT / "dags")
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["NO_PROXY"] == environment["no_proxy"] == "intranet.example,127.0.0.1,localhost"


def test_a_file_in_the_state_folder_has_the_last_word(settings: Settings) -> None:
    (settings.state / "airflow.env").write_text("AIRFLOW__CORE__PARALLELISM=3\n", "utf-8")
    assert settings.environment()["AIRFLOW__CORE__PARALLELISM"] == "3"
    assert settings.parallelism == 3


def test_everything_is_bound_to_loopback_and_lives_in_the_state_folder(settings: Settings) -> None:
    environment = settings.environment(VAULT)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__API__PORT"] == "21000"
    assert environment["AIRFLOW__API__BASE_URL"] == environment["VIGIE_PUBLIC_URL"] == "http://127.0.0.1:21000"
    assert environment["AIRFLOW_HOME"].startswith(str(settings.state))
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith(f"sqlite:////{str(settings.state)[1:]}")
    assert environment["AIRFLOW__LOGGING__BASE_LOG_FOLDER"].startswith(str(settings.state))


def test_behind_a_proxy_people_use_another_address_and_programs_do_not(settings: Settings) -> None:
    environment = replace(settings, public_url="https://vigie.example").environment(VAULT)
    assert environment["AIRFLOW__API__BASE_URL"] == environment["VIGIE_PUBLIC_URL"] == "https://vigie.example"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:21000/execution/"


def test_the_vault_serves_connections_only(settings: Settings) -> None:
    environment = settings.environment(VAULT)
    assert environment["VIGIE_VAULT_ADDR"] == "http://127.0.0.1:1"
    kwargs = json.loads(environment["AIRFLOW__SECRETS__BACKEND_KWARGS"])
    assert kwargs["connections_path"] == "connections"
    assert kwargs["variables_path"] is kwargs["config_path"] is None
    assert "the-secret-id" not in repr(VAULT)


def test_without_a_vault_airflow_is_not_told_of_one(settings: Settings) -> None:
    assert not [name for name in settings.environment() if name.startswith("AIRFLOW__SECRETS__")]


def test_accounts_are_told_to_airflow_by_role(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, accounts=(*STANDARD, Account("alice", "op", "known")))
    told = settings.environment()["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"]
    assert told == "admin:admin,technician:op,vigie_airflow:op,alice:op"
    passwords = settings.sign_in.write()
    assert passwords["alice"] == "known"
    assert len(set(passwords.values())) == 4
    assert settings.sign_in.write() == passwords  # a restart changes no password
    assert settings.sign_in.path.stat().st_mode & 0o777 == 0o600
    assert "known" not in repr(settings)


def test_a_line_that_is_no_setting_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "airflow.env"
    path.write_text("# a remark\n\nAIRFLOW__CORE__PARALLELISM=8\nAIRFLOW__CORE__X: 3\n", "utf-8")
    with pytest.raises(RemedyError) as refused:
        read_env(path)
    assert str(refused.value) == (
        f"{path}:4: this line is not a setting: 'AIRFLOW__CORE__X: 3'.\n"
        "  Remedy: Write NAME=value, or begin the line with # to make it a remark."
    )


def test_the_place_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("VIGIE_SITE", str(tmp_path / "site"))
    settings = Settings.from_environment()
    assert (settings.state, settings.site, settings.port_base) == (tmp_path / "state", tmp_path / "site", 18080)
    assert Settings.from_environment(state=tmp_path, port_base=9).state == tmp_path


def test_production_is_the_default_and_the_shells_own_mode_reaches_every_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIE_MODE", raising=False)
    assert Settings.from_environment(state=tmp_path).environment()["VIGIE_MODE"] == "production"
    monkeypatch.setenv("VIGIE_MODE", "development")
    assert Settings.from_environment(state=tmp_path).environment()["VIGIE_MODE"] == "development"
    assert Settings(state=tmp_path).environment()["VIGIE_MODE"] == "production"  # whatever the shell says
    monkeypatch.setenv("VIGIE_MODE", "dev")
    with pytest.raises(RemedyError) as refused:
        Settings.from_environment(state=tmp_path)
    assert str(refused.value) == (
        "VIGIE_MODE is 'dev'.\n  Remedy: Write 'production' or 'development', or leave it out."
    )


def test_a_list_of_bundles_without_vigies_own_is_refused(settings: Settings) -> None:
    """With it nobody would be called, and no component would be unhealthy."""
    (settings.state / "airflow.env").write_text(
        'AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST=[{"name": "mine", "classpath": "a.B", "kwargs": {}}]\n', "utf-8"
    )
    with pytest.raises(RemedyError) as refused:
        settings.environment()
    assert str(refused.value) == (
        f"{settings.state}/airflow.env: AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST leaves out the bundle 'vigie': the "
        "desk, the rounds and the procedures are in it, and nobody would be called.\n"
        "  Remedy: Add it to the list, as airflow.env of the checkout has it, or delete the line."
    )
