"""A listener of Airflow: scheduler, DAG processor and triggerer know our modules before they fork.

Each task is a fork of a worker, which is a fork of the scheduler; each file is parsed in a fork of the DAG processor.
What the parent has not imported, every child imports anew: half a second of CPU for each page of a desk that slept, for
each check, and for each flux file at each pass. Airflow does this for its own modules (``parsing_pre_import_modules``).
"""

from __future__ import annotations

import importlib
import logging

from airflow.listeners import hookimpl

NEEDED = (
    "airflow.dag_processing.dagbag",
    "airflow.providers.hashicorp.secrets.vault",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "vigie.tasks.action_step",
    "vigie.tasks.desk_task",
    "vigie.tasks.procedure_steps",
    "vigie.tasks.rounds_task",
    "vigie.tasks.missing_file",
    "vigie.tasks.watch_sensor",
)

log = logging.getLogger(__name__)


@hookimpl
def on_starting(component: object) -> None:
    """Import them, unless this is a task, which needs only its own.

    A module that does not load is told here and left to whoever needs it: the others must run.
    """
    if type(component).__name__ == "TaskRunnerMarker":
        return
    for name in NEEDED:
        try:
            importlib.import_module(name)
        except Exception:
            log.exception("%s cannot be imported beforehand", name)
