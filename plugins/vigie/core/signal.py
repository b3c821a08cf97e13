"""What a watch found: PagerDuty's events ``trigger`` and ``resolve``, and a change of what is known.

A watch makes its signals by ``Watch.signal``, so that none forgets a word of its ``respond``; ``platform_signal`` makes
those about problems on our side.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from vigie.core.client import PLATFORM
from vigie.core.duration import Duration
from vigie.core.respond import HOLD, STORM_AFTER
from vigie.core.severity import Severity

Event = Literal["trigger", "update", "resolve"]


class Signal(BaseModel):
    """One detection, on its way to an incident.

    ``trigger`` opens the incident of this key or joins it, ``update`` changes the facts of an open one,
    ``resolve`` ends it. ``key`` makes the signal single: the logbook drops a second one with the same key.
    ``seen_at`` is UTC. The incident's key is ``client · flux · watch · dedup_key``. After ``storm_after`` incidents of
    the watch within five minutes, a further key joins its storm (``core/storm.py``). Without ``page`` the channel is
    told, and nobody is called. Within ``hold`` of the incident's end a trigger reopens it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: Event
    client: str
    flux: str
    watch: str
    dedup_key: str
    key: str
    seen_at: datetime
    title: str
    severity: Severity = "high"
    template: str = ""
    procedure: str | None = None
    facts: dict[str, JsonValue] = {}
    audience: Literal["client", "platform"] = "client"
    storm_after: int = STORM_AFTER
    page: bool = True
    hold: Duration = HOLD


def platform_signal(
    event: Event,
    *,
    flux: str,
    watch: str,
    dedup_key: str,
    key: str,
    seen_at: datetime,
    title: str,
    severity: Severity = "critical",
    template: str = "",
    facts: Mapping[str, JsonValue] | None = None,
) -> Signal:
    """A signal about a problem on our side: it goes to the platform's people, never to a client's. See ``Signal``."""
    return Signal(
        event=event,
        client=PLATFORM,
        flux=flux,
        watch=watch,
        dedup_key=dedup_key,
        key=key,
        seen_at=seen_at,
        title=title,
        severity=severity,
        template=template,
        facts=dict(facts or {}),
        audience="platform",
    )
