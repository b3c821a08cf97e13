"""A clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from vigie.core.duration import parse_duration
from vigie.core.window import next_wall_clock


class HandClock:
    """Shows the instant it was set to, in UTC, until it is moved; called, it tells it.

    ``pass_until`` is asked to let the world go on to each new instant; it moves ``now`` itself.
    """

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError(f"{at.isoformat()} has no time zone; give it one")
        self.now = at.astimezone(UTC)
        self.pass_until: Callable[[datetime], None] = self._jump

    def __call__(self) -> datetime:
        return self.now

    def advances(self, duration: str | timedelta) -> None:
        """Let time go by: ``10 min``, and all that happens in it."""
        lasts = parse_duration(duration) if isinstance(duration, str) else duration
        self.pass_until(self.now + lasts)

    def strikes(self, clock: str, zone: str) -> None:
        """Let time go by until the clocks of this zone show this time: ``06:11``, ``Asia/Tokyo``."""
        self.pass_until(next_wall_clock(self.now, time.fromisoformat(clock), zone))

    def _jump(self, at: datetime) -> None:
        self.now = at
