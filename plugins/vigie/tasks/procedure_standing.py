"""Whether somebody stands for the procedure of an incident."""

from __future__ import annotations

from vigie.core.errors import InvalidDocument
from vigie.core.incident import Incident
from vigie.core.procedure import Procedure
from vigie.documents.library import Library


def standing(library: Library, incident: Incident) -> str:
    """Whether the incident's procedure is led through as it is written: *page*, *draft*, *outdated*, or empty: it is."""
    runs = procedure_of(library, incident)
    if runs is None or (runs.approval and not runs.outdated):
        return ""
    return "page" if runs.as_page else "outdated" if runs.outdated else "draft"


def procedure_of(library: Library, incident: Incident) -> Procedure | None:
    """What runs of the incident's procedure; None where it has none, or where that cannot be read."""
    if not incident.procedure:
        return None
    try:
        return library.procedure(incident.client, incident.procedure)
    except InvalidDocument:
        return None
