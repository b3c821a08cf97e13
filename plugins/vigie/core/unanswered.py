"""Calls that nobody answers: what the platform's people are told of a policy that is used up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from vigie.core.incident import Incident
from vigie.core.signal import Event, Signal, platform_signal

TEMPLATE = "unanswered"
FLUX = "vigie"
WATCH = "vigie.calls"


class Unanswered(NamedTuple):
    """A client's policy all of whose people were called in vain, and what for: names of incidents and of steps."""

    client: str
    policy: str
    incidents: tuple[str, ...]
    steps: tuple[str, ...]

    @property
    def key(self) -> str:
        """The ``dedup_key`` of the platform's incident: one for each client and policy."""
        return f"{self.client}|{self.policy}"


def unanswered_signals(found: Iterable[Unanswered], known: Iterable[Incident], now: datetime) -> Iterator[Signal]:
    """What has to be said of the policies that are used up now (UTC), where ``known`` are the platform's incidents.

    One incident for each client and policy; it follows what is unanswered, and ends with the last of it.
    """
    there = {each.dedup_key: each for each in known if (each.flux, each.watch) == (FLUX, WATCH)}
    for each in found:
        incident = there.pop(each.key, None)
        if incident is None:
            yield _signal("trigger", each, now)
        elif incident.facts != _facts(each):
            yield _signal("update", each, now)
    for key in there:
        client, _, policy = key.partition("|")
        yield _signal("resolve", Unanswered(client, policy, (), ()), now)


def _signal(event: Event, about: Unanswered, now: datetime) -> Signal:
    state = f"{event}|{about}|{now.isoformat()}"
    title = f"Nobody answers for {about.client}: everybody of its policy '{about.policy}' was called in vain"
    if event == "resolve":
        title = f"Nothing of the policy '{about.policy}' of {about.client} is unanswered any more"
    return platform_signal(
        event,
        flux=FLUX,
        watch=WATCH,
        dedup_key=about.key,
        key=f"unanswered|{about.key}|{hashlib.sha256(state.encode()).hexdigest()[:32]}",
        seen_at=now,
        title=title,
        template=TEMPLATE,
        facts=_facts(about),
    )


def _facts(about: Unanswered) -> dict[str, JsonValue]:
    return {
        "unanswered_client": about.client,
        "policy": about.policy,
        "incidents": list(about.incidents),
        "steps": list(about.steps),
    }
