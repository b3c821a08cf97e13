"""``Respond`` as authors write it: a mistake in it is told with the file's other problems, not as a traceback."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from vigie.core import respond as core
from vigie.documents.findings import did_you_mean
from vigie.tasks.flux_body import BODY


def Respond(  # noqa: N802 (a noun, in a sentence that authors read)
    *,
    severity: str,
    template: str,
    procedure: str | None = None,
    group_by: Sequence[str] = (),
    storm_after: int | None = None,
    page: bool = True,
    hold: str | None = None,
    **unknown: object,
) -> core.Respond:
    """What an anomaly leads to.

    ``severity`` is low, medium, high or critical; ``template`` the message; ``procedure`` the runbook;
    ``group_by`` the columns of the table of sites that put several missing files into one incident; ``storm_after``
    how many incidents of the watch may open within five minutes before what follows becomes one (10); ``page=False``
    tells the client's channel and calls nobody; ``hold`` is how long after its end what comes back is the same
    incident, and how long its all-clear to the client's contacts waits (``10 min``; ``0 s``: it is always a new one).
    """
    for word in unknown:
        wrong = f"Respond: unknown parameter '{word}'."
        remedy = did_you_mean(word, core.Respond.model_fields)
        if (flux := BODY.get(None)) is None:
            raise TypeError(f"{wrong} {remedy}")
        flux.wrong(wrong, remedy)
    columns = group_by if isinstance(group_by, str) else tuple(group_by)  # a string is refused, not taken to letters
    asked: dict[str, object] = {"severity": severity, "template": template, "procedure": procedure, "page": page}
    asked["group_by"] = columns
    if storm_after is not None:
        asked["storm_after"] = storm_after
    if hold is not None:
        asked["hold"] = hold
    try:
        return core.Respond.model_validate(asked)
    except ValidationError as failed:
        body = BODY.get(None)
        if body is None:
            raise
        body.refused("Respond", failed)
        return core.Respond(severity="high", template=str(template))
