"""Starting a run of a DAG, once: the only place that knows how.

From a task there is no token to hold: the supervisor of the task starts the run, as it does for
``TriggerDagRunOperator``. That door is not public API; a test pins it.
"""

from __future__ import annotations

from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import ErrorResponse, TriggerDagRun

from vigie.core.code_span import code_span
from vigie.core.errors import TransportError
from vigie.core.message import Outbound
from vigie.tasks import connections
from vigie.tasks.airflow_api import AirflowApi

NOTE = 900
"""Airflow takes 1,000 characters."""


def start_run(dag_id: str, run_id: str, conf: dict[str, object], note: str) -> None:
    """Start the run, unless a run of this id is there already: then all is well too.

    The note may hold a mail's subject, and Airflow renders notes as Markdown, with remote pictures: it is written as
    code.

    Raises TransportError (permanent) where Airflow refuses: no such DAG, a broken file.
    """
    try:
        answer = task_runner.SUPERVISOR_COMMS.send(
            TriggerDagRun(dag_id=dag_id, run_id=run_id, logical_date=None, conf=conf, note=code_span(note, NOTE))
        )
    except AirflowRuntimeError as refused:
        answer = refused.error
    if not isinstance(answer, ErrorResponse) or answer.error == ErrorType.DAGRUN_ALREADY_EXISTS:
        return
    raise TransportError(f"Airflow does not start '{dag_id}': {answer.error.value} {answer.detail}", permanent=True)


class ProcedureMessenger:
    """The messenger of the channel ``procedure``: opening or ending a run is saying something to Airflow."""

    def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
        """Start the run, or end it where ``skip`` names the step that nobody needs any more; its id is the ref."""
        run_id = str(outbound.variables["run_id"])
        if "skip" in outbound.variables:
            api = AirflowApi(connections.find(connections.AIRFLOW))
            api.skip_task(outbound.recipient, run_id, str(outbound.variables["skip"]))
            api.close()
            return run_id
        conf: dict[str, object] = {"incident": outbound.incident, "client": outbound.client}
        start_run(outbound.recipient, run_id, conf, outbound.message.subject)
        return run_id

    def find(self, outbound: Outbound, *, reply_ref: str | None = None) -> str | None:
        """Never known, and no matter: starting or ending the same run twice is once."""
        return None
