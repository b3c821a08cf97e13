"""What a stream leader writes, and what is said of each mistake."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from tests.authoring.bodies import FILES, MAIL, OK_MAIL, flux_file

from vigie.core.missing_mail import MissingMailWatch
from vigie.tasks.sessions import WATCH, WatchTrigger
from vigie.tasks.timetable import ChecksTimetable
from vigie.tasks.watch_sensor import WatchSensor

Read = Callable[[str, str], ModuleType]

EXAMPLE = r'''
from vigie.authoring import KoMail, MissingFile, Respond, flux


@flux(client="maison-lumiere", stream="supply")
def store_replenishment():
    """
    ## Store replenishment
    Each warehouse drops one file per store before 06:00, the store's own time.
    """
    MissingFile(
        task_id="store_files",
        where="maison_lumiere_wms",                       # an Airflow connection, from the vault
        path="outbound/REPL_{site.code}_{business_date:%Y%m%d}.csv",
        sites="stores",                                    # include/clients/maison-lumiere/stores.yaml
        opens="00:00", due="06:00", grace="10 min",        # wall-clock of each site
        stable_for="30 s", min_size=1,
        respond=Respond(severity="high", template="file_missing", procedure="replenishment-missing", group_by=["warehouse"]),
    )
    KoMail(
        task_id="wms_ko",
        mailbox="maison_lumiere_ops", sender="wms@maison-lumiere.example", subject=r"\[KO\] (?P<job>\w+)",
        resolves=r"\[OK\] (?P<job>\w+)", dedup_key="{job}",
        respond=Respond(severity="critical", template="mail_ko", procedure="relaunch-job"),
    )
'''
FLUX = "dags/maison-lumiere/store_replenishment.py"


@pytest.fixture
def example(site: Path, read: Read) -> DAG:
    """The example of the architecture, as written."""
    folder = site / "include/procedures/maison-lumiere"
    folder.mkdir(parents=True)
    text = (site / "include/procedures/nordwind/eod-ko.md").read_text().replace("nordwind", "maison-lumiere")
    for name in ("replenishment-missing", "relaunch-job"):
        (folder / f"{name}.md").write_text(text)
    dag = read(FLUX, EXAMPLE).store_replenishment
    assert isinstance(dag, DAG)
    return dag


def test_the_example_is_a_dag_with_our_defaults(example: DAG) -> None:
    assert example.dag_id == "maison-lumiere.store_replenishment"
    assert set(example.tags) == {"flux", "client:maison-lumiere", "stream:supply"}
    assert (example.max_active_runs, example.catchup, example.default_args["owner"]) == (1, False, "maison-lumiere")
    assert example.doc_md.startswith("## Store replenishment\nEach warehouse")


def test_each_watch_is_a_sensor_with_an_anomaly_after_it(example: DAG) -> None:
    assert {task.task_id: task.downstream_task_ids for task in example.tasks} == {
        "store_files": {"store_files_anomaly"},
        "store_files_anomaly": set(),
        "wms_ko": {"wms_ko_anomaly"},
        "wms_ko_anomaly": set(),
    }
    assert {task.pool for task in example.tasks} == {"checks"}
    assert [task.task_id for task in example.tasks if isinstance(task, WatchSensor)] == ["store_files", "wms_ko"]


def test_each_watch_is_an_event_trigger_of_the_fluxs_asset(example: DAG) -> None:
    (asset,) = example.timetable.asset_condition.objects
    assert re.fullmatch(r"maison-lumiere\.store_replenishment\.[0-9a-f]{8}", asset.name)
    assert [watcher.name for watcher in asset.watchers] == [
        "maison-lumiere.store_replenishment.store_files",
        "maison-lumiere.store_replenishment.wms_ko",
    ]
    files, mail = (WATCH.validate_python(watcher.trigger.watch) for watcher in asset.watchers)
    assert (files.grace, files.respond.group_by) == (timedelta(minutes=10), ("warehouse",))
    assert files.sites_digest
    assert mail.source == "maison_lumiere_ops/INBOX"


def test_the_checks_follow_each_deadline_at_the_fluxs_own_offset(example: DAG) -> None:
    checks = example.timetable.timetable
    assert isinstance(checks, ChecksTimetable)
    clocks, zones, waits = zip(*checks.moments, strict=True)
    assert set(clocks) == {"06:00"}
    assert zones == ("America/New_York", "Asia/Tokyo", "Europe/Paris")
    assert len(set(waits)) == 1
    assert 12 * 60 <= waits[0] < 15 * 60
    assert checks.summary == "after 06:00 in 3 time zones"


def test_airflow_keeps_it_and_the_same_file_is_the_same_dag(example: DAG, read: Read, vigie_plugin: None) -> None:
    kept = DagSerialization.to_dict(example)
    found = DagSerialization.from_dict(kept)
    assert found.task_dict.keys() == example.task_dict.keys()
    assert found.timetable.timetable.serialize() == example.timetable.timetable.serialize()
    again = read(FLUX, EXAMPLE).store_replenishment
    assert DagSerialization.to_dict(again) == kept


def test_the_trigger_of_an_unchanged_watch_is_the_same_and_of_a_changed_table_another(
    example: DAG, read: Read, site: Path
) -> None:
    def trigger(dag: DAG) -> tuple[str, dict[str, object]]:
        made = WatchTrigger(dag.get_task("store_files").watch)
        return made.serialize()

    before = trigger(example)
    assert trigger(read(FLUX, EXAMPLE).store_replenishment) == before
    with (site / "include/clients/maison-lumiere/stores.yaml").open("a") as stores:
        stores.write("\n- {code: OSA-01, name: Osaka, zone: Asia/Tokyo, country: JP, warehouse: tokyo}\n")
    assert trigger(read(FLUX, EXAMPLE).store_replenishment) != before


def test_a_flux_of_mail_alone_is_checked_each_hour(read: Read) -> None:
    dag = read("dags/nordwind/f.py", flux_file(MAIL, client="nordwind")).f
    assert dag.timetable.timetable.summary == "each hour"


def test_a_flux_that_misses_mails_is_checked_after_their_deadline_in_the_clients_zone(read: Read) -> None:
    dag = read("dags/nordwind/f.py", flux_file(MAIL + OK_MAIL, client="nordwind")).f
    checks = dag.timetable.timetable
    assert isinstance(checks, ChecksTimetable)
    ((clock, zone, wait),) = checks.moments
    assert (clock, zone) == ("06:00", "Europe/Berlin")
    assert 120 <= wait < 300
    (asset,) = dag.timetable.asset_condition.objects
    watch = WATCH.validate_python(asset.watchers[1].trigger.watch)
    assert isinstance(watch, MissingMailWatch)
    assert (watch.zone, watch.needed, watch.source) == ("Europe/Berlin", 2, "ops/INBOX")


def test_an_own_zone_beats_the_clients(read: Read) -> None:
    text = flux_file(OK_MAIL.replace('due="06:00"', 'due="06:00", zone="Asia/Kolkata"'), client="nordwind")
    checks = read("dags/nordwind/f.py", text).f.timetable.timetable
    assert [zone for _, zone, _ in checks.moments] == ["Asia/Kolkata"]


def test_any_other_option_goes_to_airflow(read: Read) -> None:
    text = flux_file(MAIL).replace('stream="supply"', 'stream="supply", max_active_tasks=2')
    assert read("dags/maison-lumiere/f.py", text).f.max_active_tasks == 2


def test_a_deadline_to_the_second_is_not_checked_before_that_second(read: Read) -> None:
    dag = read("dags/maison-lumiere/f.py", flux_file(FILES.replace('due="06:00"', 'due="06:00:45"'))).f
    assert {clock for clock, _, _ in dag.timetable.timetable.moments} == {"06:00:45"}


def test_a_watch_of_mail_knows_the_monitors_of_its_client_and_may_trust_its_sender(site: Path, read: Read):
    client = site / "include/clients/maison-lumiere/client.yaml"
    client.write_text(client.read_text() + "monitors:\n  - {sender: nagios@acme.example}\n")
    trusting = MAIL.replace('mailbox="ops"', 'mailbox="ops", trust_sender=True')
    for body, trusts in [(MAIL, False), (trusting, True), (OK_MAIL, None)]:
        dag = read("dags/maison-lumiere/f.py", flux_file(body)).f
        (watch,) = [WATCH.validate_python(task.watch) for task in dag.tasks if isinstance(task, WatchSensor)]
        assert [(each.sender, each.header) for each in watch.monitors] == [("nagios@acme.example", None)]
        assert getattr(watch, "trust_sender", None) is trusts


def test_a_ko_mail_is_watched_where_the_file_of_its_client_is_broken(site: Path, read: Read):
    """Nothing is trusted then; the check tells the file."""
    (site / "include/clients/maison-lumiere/client.yaml").write_text("name: [")
    dag = read("dags/maison-lumiere/f.py", flux_file(MAIL)).f
    (watch,) = [WATCH.validate_python(task.watch) for task in dag.tasks if isinstance(task, WatchSensor)]
    assert watch.monitors == ()
