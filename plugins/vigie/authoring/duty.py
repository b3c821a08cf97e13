"""The control room's own DAGs: the desk and the rounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG

from vigie.tasks.desk_task import DeskOperator
from vigie.tasks.rounds_task import RoundsOperator

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
