"""An incident while the signals of one look are applied to it, and its key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vigie.core.incident import Incident
from vigie.core.severity import SEVERITIES, Severity
from vigie.core.signal import Signal
from vigie.core.storm import STORM_KEY
from vigie.logbook.columns import short_key

IncidentKey = tuple[str, str, str, str]


def incident_key(named: Signal | Incident) -> IncidentKey:
    """``client · flux · watch · dedup_key``, as stored."""
    return (short_key(named.client), short_key(named.flux), short_key(named.watch), short_key(named.dedup_key))


def storm_key(signal: Signal) -> IncidentKey:
    """The key of the storm that a signal may belong to."""
    return (*incident_key(signal)[:3], STORM_KEY)


def worse(one: Severity, other: Severity) -> Severity:
    """The worse of two."""
    return max(one, other, key=SEVERITIES.index)


def sooner(planned: datetime | None, at: datetime) -> datetime:
    """The instant, or what is planned before it."""
    return at if planned is None else min(planned, at)


@dataclass(slots=True)
class Draft:
    """An incident while the signals of one look are applied to it."""

    incident: Incident
    new: bool
    touched: bool = False

    def change(self, **changes: Any) -> None:
        """Change fields, and count the revision."""
        self.incident = self.incident.model_copy(update={**changes, "revision": self.incident.revision + 1})
        self.touched = True

    def become(self, incident: Incident) -> None:
        """Take what a step of its life makes of it; what was due before stays due."""
        due = sooner(self.incident.next_action_at, incident.next_action_at or incident.opened_at)
        self.incident = incident.model_copy(update={"next_action_at": due})
        self.touched = True
