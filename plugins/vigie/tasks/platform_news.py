"""What the desk tells the platform's people of its own work: calls that nobody answers, and a rota at fault."""

from __future__ import annotations

from datetime import datetime

from vigie.core.client import PLATFORM
from vigie.core.look import Look
from vigie.core.rota_fault import SOURCE, rota_faults
from vigie.core.signal import Signal
from vigie.core.unanswered import unanswered_signals
from vigie.documents.library import Library
from vigie.logbook.book import Logbook


class PlatformNews:
    """Compares what is with what is told, and tells the difference. Doing it twice changes nothing."""

    def __init__(self, logbook: Logbook, library: Library) -> None:
        self._logbook = logbook
        self._library = library

    def unanswered(self, now: datetime) -> int:
        """Tell which policies of clients are used up at ``now`` (UTC), and which no longer; how many signals that were."""
        known = self._logbook.incidents(client=PLATFORM)
        return self._record(list(unanswered_signals(self._logbook.unanswered(), known, now)), now)

    def rota(self, now: datetime) -> int:
        """Tell what is wrong with the rota, unless it is told. The rounds end it when it is right again."""
        known = {(each.watch, each.dedup_key) for each in self._logbook.incidents(client=PLATFORM)}
        faults = rota_faults(self._library.readable_rota(), self._library.clients().values())
        return self._record([each.signal("trigger", now) for each in faults if (SOURCE, each.kind) not in known], now)

    def _record(self, signals: list[Signal], now: datetime) -> int:
        if signals:
            self._logbook.record(Look(source="desk", at=now, signals=tuple(signals)))
        return len(signals)
