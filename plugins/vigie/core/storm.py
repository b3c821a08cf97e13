"""A storm: a watch that opens incident after incident makes one incident of all that follows.

PagerDuty and GoAlert bundle what is sent; Vigie bundles what is to be handled, so that a person who takes the storm
has taken all of it, and nothing in it is lost: each detection is an entry, each key is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import JsonValue

from vigie.core.incident import Incident
from vigie.core.signal import Signal

STORM_KEY = "storm\n"
"""The ``dedup_key`` of a watch's storm. No mail can claim it: keys are made of one line."""

STORM_TEMPLATE = "storm"

WITHIN = timedelta(minutes=5)
"""So close to one another incidents count as a storm; one that was quiet for so long is over for new keys."""

KEYS = 1000
"""So many keys are kept. A storm of more is ended by a person: nobody could say what of it is well again."""

BUSY = 10
"""From so many detections on, an incident's message is brought up to date no oftener than each ``PAUSE``."""

PAUSE = timedelta(seconds=10)


class Storm(NamedTuple):
    """What a storm holds: the keys in their order, how many there was no room for, and when the last one joined."""

    keys: tuple[str, ...]
    more: int
    last: datetime

    def joined(self, signal: Signal) -> Storm:
        """With this signal's key."""
        if signal.dedup_key in self.keys:
            return self._replace(last=signal.seen_at)
        if len(self.keys) >= KEYS:
            return self._replace(more=self.more + 1, last=signal.seen_at)
        return Storm((*self.keys, signal.dedup_key), self.more, signal.seen_at)

    def left(self, key: str) -> Storm:
        """Without this key."""
        return self._replace(keys=tuple(each for each in self.keys if each != key))

    @property
    def over(self) -> bool:
        """Whether everything in it is well again."""
        return not self.keys and not self.more

    def gathers(self, at: datetime) -> bool:
        """Whether a new key of this instant (UTC) joins it."""
        return at - self.last <= WITHIN

    def facts(self, latest: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """The facts of its incident: those of the latest signal, and the storm's own."""
        own: dict[str, JsonValue] = {"keys": list(self.keys), "more": self.more, "last": self.last.isoformat()}
        return {**latest, "storm": own}

    def title(self, latest: str) -> str:
        """What its incident is called. A key that is beyond counting may be one that came before."""
        number = f"{len(self.keys)}" if not self.more else f"more than {len(self.keys)}"
        return f"Storm: {number} further incidents, the latest: {latest}"[:200]


def storm_of(incident: Incident | None) -> Storm | None:
    """The storm that an incident is; None for any other."""
    own = incident.facts.get("storm") if incident is not None and incident.dedup_key == STORM_KEY else None
    if not isinstance(own, dict):
        return None
    keys, more = own.get("keys"), own.get("more")
    return Storm(
        tuple(str(key) for key in keys) if isinstance(keys, list) else (),
        more if isinstance(more, int) else 0,
        datetime.fromisoformat(str(own["last"])),
    )


def begins(signal: Signal, opened: Iterable[datetime]) -> bool:
    """Whether a watch that opened incidents at these instants (UTC) is in a storm when this signal comes."""
    return sum(1 for at in opened if signal.seen_at - at <= WITHIN) >= signal.storm_after
