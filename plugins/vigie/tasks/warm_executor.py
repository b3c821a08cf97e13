"""Airflow's LocalExecutor, whose workers know our modules from birth.

A worker is a fork of the scheduler, and each task a fork of its worker. What the scheduler has not imported, every task
imports anew: half a second of CPU for each page of a desk that waited, and for each check.
"""

from __future__ import annotations

import importlib
import logging

from airflow.executors.local_executor import LocalExecutor

NEEDED = (
    "airflow.dag_processing.dagbag",
    "airflow.providers.hashicorp.secrets.vault",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "vigie.tasks.desk_task",
    "vigie.tasks.procedure_steps",
    "vigie.tasks.rounds_task",
    "vigie.tasks.timetable",
    "vigie.tasks.watch_sensor",
)

log = logging.getLogger(__name__)


class WarmLocalExecutor(LocalExecutor):
    """Imports what tasks need, then forks the workers. The name for ``[core] executor`` is its whole path."""

    def start(self) -> None:
        """A module that does not load is told here and left to the tasks that need it: the others must run."""
        for name in NEEDED:
            try:
                importlib.import_module(name)
            except Exception:
                log.exception("%s cannot be imported beforehand", name)
        super().start()
