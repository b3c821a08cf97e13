"""The rounds sign in to each channel, so that a refused sign-in is told before the first call of the night needs it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from vigie.core.channel_sight import CHECK_EVERY, beat_of, is_blind, refused_signals, signed_in_signals
from vigie.core.client import PLATFORM
from vigie.core.errors import NotInVault, Refused, TransportError
from vigie.core.look import Look
from vigie.core.message import Channel
from vigie.core.ports import SignsIn
from vigie.core.signal import Signal
from vigie.core.undelivered import cause_of
from vigie.logbook.book import Logbook

log = logging.getLogger(__name__)

SOURCE = "rounds"


class ChannelRounds:
    """``channels`` makes of each channel what signs in there. Doing it twice changes nothing."""

    def __init__(self, logbook: Logbook, channels: Mapping[Channel, Callable[[], SignsIn]]) -> None:
        self._logbook = logbook
        self._channels = channels

    def walk(self, now: datetime) -> int:
        """Sign in where it is time at ``now`` (UTC), and tell what has changed; how many channels were tried."""
        beats = self._logbook.beats()
        tried = 0
        for channel, made in self._channels.items():
            before = beats.get(beat_of(channel, signed_in=False))
            if before is not None and now - before < CHECK_EVERY:
                continue
            well = beats.get(beat_of(channel, signed_in=True))
            tried += 1
            signals = self._tried(channel, made, now, failed_before=before is not None and before != well)
            if signals:
                self._logbook.record(Look(source=SOURCE, at=now, signals=tuple(signals)))
        return tried

    def _tried(
        self, channel: Channel, made: Callable[[], SignsIn], now: datetime, *, failed_before: bool
    ) -> list[Signal]:
        unresolved = self._logbook.incidents(client=PLATFORM)
        self._logbook.beat(beat_of(channel, signed_in=False), now)
        try:
            made().sign_in()
        except NotInVault as missing:
            # Whoever uses one channel alone is told of nothing; where a message has failed by it, this is why.
            known = any(is_blind(each, channel) for each in unresolved)
            return refused_signals(channel, "credential", str(missing), unresolved, now) if known else []
        except Refused as refused:
            return refused_signals(channel, "credential", str(refused), unresolved, now)
        except TransportError as away:
            # Once is no news: a message that waits in vain is told by the desk within two minutes.
            log.warning("%s cannot be signed in to: %s", channel, away)
            return refused_signals(channel, "away", str(away), unresolved, now) if failed_before else []
        self._logbook.beat(beat_of(channel, signed_in=True), now)
        waiting = {(each.channel, cause_of(each)) for each in self._logbook.hindered() if each.waits}
        return signed_in_signals(channel, unresolved, waiting, now)
