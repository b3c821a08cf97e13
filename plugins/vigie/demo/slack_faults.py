"""How the Slack stand-in misbehaves on command, and how it limits the rate of posting."""

from __future__ import annotations

import math
import time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from vigie.demo.slack_call import RateLimited
from vigie.demo.slack_world import RatePolicy


class Fault(BaseModel):
    """What happens to the next `count` calls (of these methods; of all when none is named).

    `after`: the call is first carried out and stored, then goes wrong on its way back: the caller cannot know.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Literal["drop", "status", "slow", "ratelimited", "refuse"]
    count: int = Field(1, ge=1)
    methods: list[str] = Field(default_factory=list)
    after: bool = False
    status: int = 500  # for "status"
    seconds: float = 5.0  # for "slow": how long; for "ratelimited": Retry-After
    error: str = "fatal_error"  # for "refuse": ok:false with this error


class Faults:
    """The faults that were asked for; the oldest that fits is used up first."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, method: str) -> Fault | None:
        """The fault for this call, if any."""
        for fault in self.waiting:
            if not fault.methods or method in fault.methods:
                fault.count -= 1
                if not fault.count:
                    self.waiting.remove(fault)
                return fault.model_copy()
        return None


class RateLimit:
    """A bucket of tokens for each channel. Times are monotonic seconds."""

    def __init__(self, policy: RatePolicy) -> None:
        self.policy = policy
        self._level: dict[str, tuple[float, float]] = {}

    def forget(self) -> None:
        """Start counting anew."""
        self._level.clear()

    def spend(self, channel_id: str) -> None:
        """Count one message to this channel. Raises RateLimited when there were too many."""
        if not self.policy.on:
            return
        now = time.monotonic()
        tokens, since = self._level.get(channel_id, (float(self.policy.burst), now))
        tokens = min(float(self.policy.burst), tokens + (now - since) * self.policy.per_second)
        if tokens < 1:
            self._level[channel_id] = (tokens, now)
            raise RateLimited(max(1, math.ceil((1 - tokens) / self.policy.per_second)))
        self._level[channel_id] = (tokens - 1, now)
