"""Whose incident a run of a procedure may be about: never another client's, whoever starts the run and with what conf."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vigie.core.client import PLATFORM
from vigie.core.entry import Entry
from vigie.core.incident import Incident
from vigie.core.open_step import PROCEDURE
from vigie.core.procedure import SHARED
from vigie.logbook.book import Logbook


class RunRefused(Exception):
    """The run names an incident that it may not touch. The text does not say whose that is."""


def incident_of_run(logbook: Logbook, dag_id: str, run_id: str, conf: object) -> Incident | None:
    """The incident that the run is about; None where its conf names none. Raises RunRefused.

    A client's own procedure (``procedure.<client>.<name>``) takes the client's incidents. A procedure that all share
    takes an incident only in a run that the desk or another procedure has opened for it, since its DAG says of nobody
    whose incidents they may see.
    """
    named = conf.get("incident") if isinstance(conf, Mapping) else None
    if named is None or named == "":
        return None
    told = str(named)[:60]
    incident = logbook.incident(named) if isinstance(named, str) else None
    owner = owner_of(dag_id)
    if incident is None or owner not in {SHARED, incident.client}:
        raise RunRefused(f"{told!r} is no incident of {owner}; the run was refused.")
    if owner == SHARED and not _was_opened(logbook, dag_id, run_id, incident.id):
        raise RunRefused(
            f"Only the desk or another procedure opens a shared procedure for an incident; {run_id!r} was refused."
        )
    return incident


def owner_of(dag_id: str) -> str:
    """Whose procedure this DAG is: a client's, or ``SHARED``."""
    return dag_id.split(".")[1] if dag_id.count(".") > 1 else SHARED


def note_opening(logbook: Logbook, dag_id: str, run_id: str, incident: str, now: datetime, client: str) -> None:
    """Note, before it is started, that a procedure opens this run for an incident."""
    logbook.append(
        Entry(
            at=now,
            client=client,
            incident=incident,
            kind="procedure.opened",
            actor=PROCEDURE,
            text=f"{dag_id} is opened",
            key=_opening(dag_id, run_id, incident),
            data={"dag_id": dag_id, "run_id": run_id},
        )
    )


def refusal_entry(dag_id: str, run_id: str, conf: Any, reason: str, by: str | None, now: datetime) -> Entry:
    """The line of a refused run, once for each run, in the record of the procedure's own client."""
    owner = owner_of(dag_id)
    return Entry(
        at=now,
        client=PLATFORM if owner == SHARED else owner,
        kind="procedure.refused",
        actor=by or PROCEDURE,
        text=reason,
        key=f"procedure.refused|{dag_id}|{run_id}",
        data={"dag_id": dag_id, "run_id": run_id, "named": str(conf)[:200]},
    )


def _opening(dag_id: str, run_id: str, incident: str) -> str:
    return f"procedure.opened|{dag_id}|{run_id}|{incident}"


def _was_opened(logbook: Logbook, dag_id: str, run_id: str, incident: str) -> bool:
    by_desk = any(
        (each.channel, each.recipient, each.variables.get("run_id")) == ("procedure", dag_id, run_id)
        for each in logbook.outbox(incident=incident, limit=1000)
    )
    return by_desk or logbook.has_entry(_opening(dag_id, run_id, incident))
