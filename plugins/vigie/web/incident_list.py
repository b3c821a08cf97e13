"""Which incidents the list shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser

from vigie.core.incident import Incident
from vigie.core.severity import SEVERITIES
from vigie.logbook.book import Logbook
from vigie.web.permissions import readable

RECENT = timedelta(hours=24)


def on_the_board(book: Logbook, user: BaseUser, now: datetime) -> Sequence[Incident]:
    """Open, then acknowledged (the worst first, then the oldest), then the resolved of the last 24 h, newest first.

    Only what the user may see. ``now`` is UTC.
    """
    unresolved = readable(user, book.incidents(statuses=("open", "acknowledged")))
    resolved = readable(user, book.incidents(statuses=("resolved",)))
    recent = [incident for incident in resolved if incident.resolved_at and incident.resolved_at > now - RECENT]
    return [
        *sorted(unresolved, key=_urgency),
        *sorted(recent, key=lambda incident: incident.resolved_at or now, reverse=True),
    ]


def _urgency(incident: Incident) -> tuple[bool, int, datetime]:
    return incident.status != "open", -SEVERITIES.index(incident.severity), incident.opened_at
