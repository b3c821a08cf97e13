"""A DAG of Vigie's own, and the DAG of a flux, are made by one file only."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag

from vigie.cli.settings import CHECKOUT, read_env
from vigie.tasks.airflow_api import AirflowApi
from vigie.tasks.dag_names import install_policy, taken
from vigie.tasks.own_place import OWN_FOLDER

REMOVE = "Remove dags/{}: the desk, the rounds and the procedures need no file of yours any more."
OTHER = "Names that begin with duty. or procedure. are its own: give it another name."
OLD_DUTY = """\
from vigie.authoring import duty

desk = duty.desk()
rounds = duty.rounds()
"""
PLAIN = """\
from airflow.sdk import DAG

with DAG("{}"):
    pass
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIGIE_SITE", str(tmp_path))
    (tmp_path / "include").mkdir()
    (tmp_path / "dags" / "nordwind").mkdir(parents=True)
    return tmp_path


def write(site: Path, name: str, text: str) -> Path:
    path = site / "dags" / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text", "dag_id", "problem"),
    [
        ("duty.py", OLD_DUTY, "duty.desk", f"dags/duty.py:3: 'duty.desk' comes with Vigie. {REMOVE.format('duty.py')}"),
        (
            "duty.py",
            OLD_DUTY,
            "duty.rounds",
            f"dags/duty.py:4: 'duty.rounds' comes with Vigie. {REMOVE.format('duty.py')}",
        ),
        (
            "procedures.py",
            "x = 1",
            "procedure.nordwind.disk-full",
            f"dags/procedures.py:1: 'procedure.nordwind.disk-full' comes with Vigie. {REMOVE.format('procedures.py')}",
        ),
        (
            "nordwind/mine.py",
            PLAIN.format("duty.desk"),
            "duty.desk",
            f"dags/nordwind/mine.py:3: 'duty.desk' comes with Vigie. {OTHER}",
        ),
        (
            "nordwind/mine.py",
            "from airflow.sdk import dag\n\n\n@dag(dag_id='procedure.x')\ndef f(): ...\n",
            "procedure.x",
            f"dags/nordwind/mine.py:4: 'procedure.x' comes with Vigie. {OTHER}",
        ),
        (
            "nordwind/mine.py",
            PLAIN.format("nordwind.end_of_day"),
            "nordwind.end_of_day",
            (
                "dags/nordwind/mine.py:3: 'nordwind.end_of_day' is the flux of dags/nordwind/end_of_day.py: of two DAGs "
                "with one name only one would run. Give this one another name."
            ),
        ),
        ("nordwind/end_of_day.py", "x = 1", "nordwind.end_of_day", None),
        ("nordwind/mine.py", PLAIN.format("nordwind.mine_too"), "nordwind.mine_too", None),
        ("nordwind/mine.py", PLAIN.format("dutyfree"), "dutyfree", None),
    ],
)
def test_whose_a_name_is(site: Path, name: str, text: str, dag_id: str, problem: str | None) -> None:
    write(site, "nordwind/end_of_day.py", "x = 1")
    found = taken(dag_id, write(site, name, text))
    assert (str(found) if found else None) == problem


def test_vigies_own_files_may(site: Path) -> None:
    assert taken("duty.desk", OWN_FOLDER / "duty.py") is None


def test_airflow_refuses_a_second_desk_where_it_is_written(site: Path) -> None:
    """As Airflow's DAG processor parses a file; what it stores is read as the rounds read it."""
    install_policy()
    path = write(site, "nordwind/mine.py", PLAIN.format("duty.desk") + "\nwith DAG('nordwind.own'):\n    pass\n")
    bag = DagBag(dag_folder=str(path), bundle_path=site / "dags", bundle_name="dags-folder", load_op_links=False)

    assert list(bag.dags) == ["nordwind.own"]
    (error,) = bag.import_errors.values()
    assert AirflowApi.broken_file("nordwind/mine.py", error) == (
        "nordwind/mine.py",
        3,
        f"dags/nordwind/mine.py:3: 'duty.desk' comes with Vigie. {OTHER}",
        "",
    )


def test_both_bundles_are_configured_and_the_second_needs_nothing_of_the_site(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"
    monkeypatch.setenv(name, read_env(CHECKOUT / "airflow.env")[name])
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(site / "dags"))
    bundles = {each.name: each for each in DagBundlesManager().get_all_dag_bundles()}

    assert set(bundles) == {"dags-folder", "vigie"}
    assert bundles["vigie"].path == OWN_FOLDER
    own = DagBag(dag_folder=str(OWN_FOLDER), bundle_path=OWN_FOLDER, bundle_name="vigie", load_op_links=False)
    assert (own.import_errors, set(own.dags)) == ({}, {"duty.desk", "duty.rounds", "duty.mail_desk"})
