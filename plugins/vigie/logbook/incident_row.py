"""An incident and its row."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from vigie.core.incident import Incident
from vigie.core.life import worked_on
from vigie.logbook.columns import as_utc
from vigie.logbook.schema import incident as table

_ID = re.compile(r"INC-([1-9][0-9]{0,17})", re.ASCII)


def id_of(number: int) -> str:
    """The incident's name: ``INC-7``."""
    return f"INC-{number}"


def number_of(incident_id: str) -> int | None:
    """The number in an incident's name; None where it is no such name."""
    found = _ID.fullmatch(incident_id)
    return int(found[1]) if found else None


def incident_of(row: RowMapping) -> Incident:
    """An incident from its row."""
    fields = dict(row)
    fields["hold"] = timedelta(seconds=fields["hold"])
    return Incident.model_validate({"id": id_of(fields.pop("number")), **fields})


def columns_of(incident: Incident) -> dict[str, Any]:
    """An incident's row, without its number."""
    returns = [as_utc(at).isoformat() for at in incident.returns]
    hold = int(incident.hold.total_seconds())
    return incident.model_dump(exclude={"id"}) | {"returns": returns, "hold": hold}


def note_work(connection: Connection, incident: Incident, by: str, at: datetime) -> None:
    """Note in this transaction, which holds the incident, that somebody works on it."""
    after = worked_on(incident, by, at)
    if after is not incident:
        write_incident(connection, after)


def work_on(connection: Connection, incident_id: str, by: str, at: datetime) -> None:
    """The same for an incident that this transaction does not hold yet; nothing where there is none."""
    found = find_incident(connection, incident_id, locked=True)
    if found is not None:
        note_work(connection, found, by, at)


def find_incident(connection: Connection, incident_id: str, *, locked: bool = False) -> Incident | None:
    """The incident of this name; ``locked`` holds it for this transaction."""
    # No name, no row: a comparison with NULL finds none.
    query = select(table).where(table.c.number == number_of(incident_id))
    row = connection.execute(query.with_for_update() if locked else query).mappings().first()
    return None if row is None else incident_of(row)


def write_incident(connection: Connection, incident: Incident) -> None:
    """Write an incident that this transaction holds."""
    connection.execute(update(table).where(table.c.number == number_of(incident.id)).values(**columns_of(incident)))
