"""Whether the rounds are walked, as the desk sees it: each of the two watches the other."""

from __future__ import annotations

from datetime import datetime, timedelta

from vigie.core.client import PLATFORM
from vigie.core.look import Look
from vigie.core.sight import BLIND_TEMPLATE
from vigie.core.signal import Event, Signal, platform_signal
from vigie.logbook.book import Logbook
from vigie.tasks.desk_pulse import BEAT
from vigie.tasks.own_dags import ROUNDS

PATIENCE = timedelta(seconds=110)
"""They are walked each minute. One that takes long is no news; with two that are missing somebody must look."""

LOOK_EVERY = timedelta(seconds=10)


class RoundsPulse:
    """Opens an incident of the platform when the rounds stop, and resolves it when they are walked again.

    ``since`` (UTC) is when the desk began: rounds may have been resting while it did.
    """

    def __init__(self, logbook: Logbook, since: datetime) -> None:
        self._logbook = logbook
        self._since = since
        self._looked_at: datetime | None = None

    def look(self, now: datetime) -> None:
        """Look, at most each ten seconds. Raises TransportError where the logbook is away."""
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        beat = self._logbook.beats().get(BEAT)
        silent = now - max(beat or self._since, self._since) > PATIENCE
        open_now = [each for each in self._logbook.incidents(client=PLATFORM) if each.watch == ROUNDS]
        told = any(each.flux == "desk" for each in open_now)
        if silent and not told:
            self._record("trigger", "Nobody checks Vigie itself: the rounds are not walked", beat, now)
        elif told and beat is not None and now - beat <= PATIENCE:
            self._record("resolve", "The rounds are walked again", beat, now)

    def _record(self, event: Event, title: str, beat: datetime | None, now: datetime) -> None:
        last = f"{beat:%H:%M} UTC" if beat else "never"
        reason = f"{ROUNDS} runs each minute and last did at {last}; is it paused, or has it no worker?"
        if beat is None:
            reason = f"{ROUNDS} should run each minute and never did; is it paused, or has it no worker?"
        signal: Signal = platform_signal(
            event,
            flux="desk",
            watch=ROUNDS,
            dedup_key="silent",
            key=f"desk|{event}|{ROUNDS}|{now.isoformat()}",
            seen_at=now,
            title=title,
            template=BLIND_TEMPLATE,
            facts={"source": ROUNDS, "reason": reason, "watches": [], "since": last},
        )
        self._logbook.record(Look(source="desk", at=now, signals=(signal,)))
