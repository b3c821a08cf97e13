"""What the desk tells the platform's people of its own work: calls that nobody answers, and a rota at fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from vigie.core.client import PLATFORM
from vigie.core.incident import Incident
from vigie.core.look import Look
from vigie.core.rota_fault import FLUX, rota_faults
from vigie.core.signal import Signal
from vigie.core.trouble import Trouble
from vigie.core.unanswered import unanswered_signals
from vigie.documents.library import Library
from vigie.logbook.book import Logbook


class PlatformNews:
    """Compares what is with what is told, and tells the difference. Doing it twice changes nothing."""

    def __init__(self, logbook: Logbook, library: Library) -> None:
        self._logbook = logbook
        self._library = library

    def tell(self, now: datetime, rota: bool = True) -> bool:
        """Tell what is new at ``now`` (UTC); whether anything was. Without ``rota`` its faults are only ended."""
        known = self._logbook.incidents(client=PLATFORM, limit=1000)
        signals = list(unanswered_signals(self._logbook.unanswered(), known, now))
        signals += self._rota([each for each in known if each.flux == FLUX], now, new=rota)
        if signals:
            self._logbook.record(Look(source="desk", at=now, signals=tuple(signals)))
        return bool(signals)

    def _rota(self, known: list[Incident], now: datetime, *, new: bool) -> Iterator[Signal]:
        if not known and not new:
            return
        faults = {
            each.kind: each for each in rota_faults(self._library.readable_rota(), self._library.clients().values())
        }
        there = {each.dedup_key: each for each in known}
        for kind, fault in faults.items():
            if kind not in there:
                yield fault.signal("trigger", now)
        for kind, incident in there.items():
            if kind not in faults:
                yield Trouble(incident.watch, kind, incident.title, {}, incident.template, FLUX).signal("resolve", now)
