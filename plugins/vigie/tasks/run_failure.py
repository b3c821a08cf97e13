"""A step that fails for good ends its run: the people in the thread are told, with the page to follow."""

from __future__ import annotations

from airflow.sdk import Context

from vigie.core.entry import Entry
from vigie.core.open_step import PROCEDURE
from vigie.tasks import connections
from vigie.tasks.clock import utc_now
from vigie.tasks.run_incident import RunRefused, incident_of_run
from vigie.tasks.site import library
from vigie.tasks.wording import Wording


def tell_failure(context: Context) -> None:
    """Airflow's callback for a task that has failed and is not tried again."""
    run, instance = context["dag_run"], context["ti"]
    logbook = connections.logbook()
    try:
        incident = incident_of_run(logbook, str(run.dag_id), str(run.run_id), run.conf)
    except RunRefused:
        return  # entered by the step that was refused; nothing of it belongs into the incident's record
    if incident is None:
        return
    now = utc_now()
    reason = f"its step '{instance.task_id}' failed"
    key = f"{run.run_id}/{instance.task_id}/{instance.try_number}"
    said = Wording(library(), now).procedure_refused(incident, reason, what="stopped", key=key)
    where = {"dag_id": str(run.dag_id), "run_id": str(run.run_id), "task_id": str(instance.task_id)}
    entry = Entry(
        at=now, client=incident.client, incident=incident.id, kind="procedure.failed", actor=PROCEDURE,
        text=f"The procedure stopped: {reason}", data=where,
    )  # fmt: skip
    logbook.queue(said, entry)
