"""Incidents of the platform whose calls have reached nobody: only a path around the desk is left."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from vigie.core.client import PLATFORM
from vigie.logbook.book import Logbook

HEARD_WITHIN = timedelta(minutes=2)
"""How long the calls of an incident of the platform may be on their way."""


class Unheard(NamedTuple):
    """An incident of the platform that called people and reached none of them. ``why`` is the last reason known."""

    incident: str
    title: str
    why: str


def unheard(logbook: Logbook, now: datetime) -> list[Unheard]:
    """Those that are open at ``now`` (UTC) and have called for longer than ``HEARD_WITHIN``."""
    found = []
    for incident in logbook.incidents(statuses=("open",), client=PLATFORM):
        if not incident.page or incident.pages == 0 or now - incident.opened_at < HEARD_WITHIN:
            continue
        calls = [each for each in logbook.outbox(incident=incident.id) if each.purpose == "page"]
        if calls and not any(each.status == "sent" for each in calls):
            why = next((each.reason for each in reversed(calls) if each.reason), "they are still waiting")
            found.append(Unheard(incident.id, incident.title, why))
    return found
