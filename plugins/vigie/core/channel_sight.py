"""Whether a channel takes our sign-in. One that does not is blind: what is said there reaches nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import JsonValue

from vigie.core.incident import Incident
from vigie.core.message import Channel, Obstacle
from vigie.core.signal import Signal, platform_signal
from vigie.core.undelivered import ADVICE, FLUX, NAMES, TEMPLATE, title_of

CHANNELS: tuple[Channel, ...] = ("slack", "mail")

CHECK_EVERY = timedelta(minutes=5)
"""How often the rounds sign in to each channel: also where nothing is to be said, so that a quiet night hides nothing."""

_KINDS: tuple[Obstacle, ...] = ("credential", "away")
_CHECKED = "checked"
"""The fact by which an incident is known to have been seen by signing in: only then does a sign-in end it."""


class ChannelSight(NamedTuple):
    """A channel as the board shows it. Instants are UTC; ``incident`` is that of its blindness, None while it works."""

    channel: Channel
    name: str
    signed_in: datetime | None
    incident: Incident | None

    @property
    def blind_since(self) -> datetime | None:
        return self.incident.opened_at if self.incident else None

    @property
    def reason(self) -> str:
        return str(self.incident.facts.get("reason", "")) if self.incident else ""


def beat_of(channel: str, *, signed_in: bool) -> str:
    """The heartbeat that notes the last sign-in, tried or gone well."""
    return f"channel.{channel}.{'signed_in' if signed_in else 'tried'}"


def channel_sights(unresolved: Iterable[Incident], beats: Mapping[str, datetime]) -> list[ChannelSight]:
    """Each channel, by the platform's unresolved incidents and the heartbeats."""
    blind = _blind(unresolved)
    return [
        ChannelSight(
            channel,
            NAMES[channel],
            beats.get(beat_of(channel, signed_in=True)),
            next((blind[channel, kind] for kind in _KINDS if (channel, kind) in blind), None),
        )
        for channel in CHANNELS
    ]


def is_blind(incident: Incident, channel: Channel) -> bool:
    """Whether this is the unresolved incident of that channel's blindness."""
    return any(where == channel for where, _ in _blind([incident]))


def refused_signals(
    channel: Channel, obstacle: Obstacle, reason: str, unresolved: Iterable[Incident], now: datetime
) -> list[Signal]:
    """What tells at ``now`` (UTC) that signing in there failed; nothing where it is told already."""
    known = _blind(unresolved).get((channel, obstacle))
    if known is not None and known.facts.get(_CHECKED):
        return []
    facts: dict[str, JsonValue] = {
        "source": NAMES[channel],
        "reason": reason[:500],
        "since": f"{now:%H:%M} UTC",
        "advice": ADVICE[obstacle],
        "obstacle": obstacle,
        "last": now.isoformat(),
        "messages": [],
        "more": 0,
    }
    if known is not None:
        facts = dict(known.facts)
    return [
        platform_signal(
            "trigger" if known is None else "update",
            flux=FLUX,
            watch=channel,
            dedup_key=obstacle,
            key=f"sign-in|{channel}|{obstacle}|{now.isoformat()}",
            seen_at=now,
            title=title_of(channel, obstacle),
            template=TEMPLATE,
            facts=facts | {_CHECKED: True},
        )
    ]


def signed_in_signals(
    channel: Channel, unresolved: Iterable[Incident], waiting: Collection[tuple[str, str]], now: datetime
) -> list[Signal]:
    """What ends at ``now`` (UTC) the blindness that a sign-in had found, unless messages still wait for it.

    ``waiting`` holds the channel and the cause of each message that waits. What no sign-in has found (a right that is
    missing, a sender that is refused) none disproves: a message that goes out ends it.
    """
    return [
        platform_signal(
            "resolve",
            flux=FLUX,
            watch=channel,
            dedup_key=incident.dedup_key,
            key=f"signed-in|{incident.id}|{now.isoformat()}",
            seen_at=now,
            title=f"{NAMES[channel]}: messages are going out again",
        )
        for (where, kind), incident in _blind(unresolved).items()
        if where == channel and incident.facts.get(_CHECKED) and (where, kind) not in waiting
    ]


def _blind(unresolved: Iterable[Incident]) -> dict[tuple[str, str], Incident]:
    return {
        (each.watch, each.dedup_key): each
        for each in unresolved
        if each.flux == FLUX and each.dedup_key in _KINDS and each.status != "resolved"
    }
