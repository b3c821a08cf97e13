"""The control room's own DAGs."""

from __future__ import annotations

from pathlib import Path

from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

from vigie.authoring import duty
from vigie.core.watch import ReturnPath
from vigie.tasks.sessions import WATCH


def watched(dag: DAG) -> list[ReturnPath]:
    """The mailboxes that a DAG's assets watch."""
    assert DagSerialization.from_dict(DagSerialization.to_dict(dag)).dag_id == dag.dag_id
    condition = getattr(dag.timetable, "asset_condition", None)
    assets = [] if condition is None else condition.objects
    return [WATCH.validate_python(each.trigger.watch) for asset in assets for each in asset.watchers]


def test_each_of_them_is_serialised_by_airflow_as_it_is(site: Path) -> None:
    for make, dag_id in ((duty.desk, "duty.desk"), (duty.rounds, "duty.rounds"), (duty.mail_desk, "duty.mail_desk")):
        assert make().dag_id == dag_id
        assert watched(make()) == []


def test_the_mail_desk_watches_the_mailbox_that_our_mails_come_back_to(site: Path) -> None:
    (site / "include/mail_desk.yaml").write_text("returns: vigie_mail\n", "utf-8")
    dag = duty.mail_desk()
    (watch,) = watched(dag)
    assert (watch.id, watch.source, watch.dag_id) == ("platform.mail_desk.mail", "vigie_mail/INBOX", dag.dag_id)
    assert dag.has_task(watch.task_id)


def test_broken_rules_of_the_mail_desk_take_nobody_away(site: Path) -> None:
    (site / "include/mail_desk.yaml").write_text("returns: [a, b\n", "utf-8")
    assert watched(duty.mail_desk()) == []
    assert duty.desk().dag_id == "duty.desk"
