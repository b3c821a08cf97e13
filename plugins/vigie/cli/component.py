"""One process that a supervisor keeps alive, and how to tell whether it does its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Health(StrEnum):
    """What a probe says. Unknown is not bad news about this component: the one who was to tell does not answer."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


class State(StrEnum):
    """Where a component stands in its supervisor's hands."""

    RUNNING = "running"
    WAITING = "waiting to restart"
    STOPPED = "stopped"


Probe = Callable[[datetime], Health]
"""Asks once, in a few seconds at most, whether the process started at that instant (UTC) does its work."""


@dataclass(frozen=True, kw_only=True)
class Component:
    """A process to keep alive. It runs in a session of its own; its output goes to ``log``."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(repr=False)
    """The whole environment, secrets included: never shown."""
    probe: Probe | None = None
    """None: the component counts as healthy while its process runs, from half a second after its start."""
    stage: int = 0
    """Higher stages are stopped first, those of one stage together. All are started together."""
    grace: float = 8.0
    """Seconds between SIGTERM and SIGKILL at a stop."""
    insist_after: float | None = None
    """Seconds after which a second SIGTERM is sent, which some take as "do not wait for what still runs"."""
    hung_after: float | None = 120.0
    """Restart it when it was unhealthy for so many seconds, after it had been healthy. None: never."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """One line of `./vigie status`. ``since`` is when ``state`` or ``health`` last changed (UTC)."""

    name: str
    state: State
    pid: int | None
    restarts: int
    health: Health
    since: datetime
    log: Path


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a component: started, healthy, unhealthy, unknown, died, restarted, stopped."""

    at: datetime
    name: str
    kind: str
    text: str
