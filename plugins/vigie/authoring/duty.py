"""The control room's own DAGs: the desk, the rounds and the mail desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable

from vigie.tasks.desk_task import DeskOperator
from vigie.tasks.mail_desk_task import TASK, MailDeskOperator, return_path
from vigie.tasks.rounds_task import RoundsOperator
from vigie.tasks.sessions import WatchTrigger
from vigie.tasks.site import library

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def desk() -> DAG:
    """``duty.desk``: the one run that is always running. It ends each hour and is replaced at once."""
    with DAG(
        "duty.desk",
        schedule="@continuous",
        start_date=BEGINNING,
        catchup=False,
        max_active_runs=1,
        tags=["duty"],
        doc_md="Pages, escalates, sends what is queued, opens procedures. Never pause it: nobody would be paged.",
    ) as dag:
        DeskOperator(
            task_id="desk",
            pool="desk",
            queue="desk",
            priority_weight=1000,
            weight_rule="absolute",
            # Airflow's default delay of 300 s would silence the desk for five minutes after one mistake.
            retries=1_000_000,
            retry_delay=timedelta(seconds=1),
            do_xcom_push=False,
        )
    return dag


def rounds() -> DAG:
    """``duty.rounds``: each minute, what should look and does not, and whether the desk acts."""
    with DAG(
        "duty.rounds",
        schedule="* * * * *",
        start_date=BEGINNING,
        catchup=False,
        max_active_runs=1,
        tags=["duty"],
        doc_md="Watches the watchman. Red when the logbook or the vault is away; it then writes a mail by itself.",
    ) as dag:
        RoundsOperator(
            task_id="rounds",
            pool="desk",
            priority_weight=900,
            weight_rule="absolute",
            execution_timeout=timedelta(seconds=50),
            retries=0,
        )
    return dag


def mail_desk() -> DAG:
    """``duty.mail_desk``: each two minutes, mail is told and filed; and the watch on the mails that come back."""
    returns = return_path(library())
    each_two_minutes = CronTriggerTimetable("*/2 * * * *", timezone="UTC")
    schedule: CronTriggerTimetable | AssetOrTimeSchedule = each_two_minutes
    rule = None
    if returns is not None:
        rule = returns.model_dump(mode="json")
        # Named after its rule: see authoring/flux.py, _digest.
        name = f"{returns.dag_id}.{returns.mailbox}.{returns.folder}"
        asset = Asset(name, watchers=[AssetWatcher(name=returns.id, trigger=WatchTrigger(rule))])
        schedule = AssetOrTimeSchedule(timetable=each_two_minutes, assets=[asset])
    with DAG(
        "duty.mail_desk",
        schedule=schedule,
        start_date=BEGINNING,
        catchup=False,
        max_active_runs=1,
        tags=["duty"],
        doc_md="Tells the mails that no rule claims, files those that are done with, and sees our own mails come back. "
        "Its rules: include/mail_desk.yaml.",
    ) as dag:
        MailDeskOperator(task_id=TASK, pool="checks", watch=rule, execution_timeout=timedelta(minutes=10), retries=0)
    return dag
