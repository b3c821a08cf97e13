"""A problem on our side that the rounds found, as an incident of the platform."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from vigie.core.signal import Event, Signal, platform_signal

FLUX = "rounds"
"""Whose incidents they are where nothing else is said: the rounds end what they no longer find."""


class Trouble(NamedTuple):
    """Something of ours that does not work. ``source`` and ``kind`` are the key of its incident.

    ``facts`` holds ``source``, ``reason``, ``watches`` (those that are concerned) and ``since``, for its template.
    """

    source: str
    kind: str
    title: str
    facts: dict[str, JsonValue]
    template: str = "blind"
    flux: str = FLUX

    def signal(self, event: Event, now: datetime) -> Signal:
        """Its signal at ``now`` (UTC)."""
        digest = hashlib.sha256(f"{self.source}|{self.kind}|{now.isoformat()}".encode()).hexdigest()
        return platform_signal(
            event,
            flux=self.flux,
            watch=self.source,
            dedup_key=self.kind,
            key=f"rounds|{event}|{digest}",
            seen_at=now,
            title=self.title,
            template=self.template,
            facts=self.facts,
        )
