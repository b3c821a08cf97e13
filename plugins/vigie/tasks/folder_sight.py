"""Blind in one folder: the server answers, and does not show it. The others are looked into all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from vigie.core.client import PLATFORM
from vigie.core.look import Look, WatchState
from vigie.core.sight import blind, sight_again
from vigie.core.signal import Signal
from vigie.core.watch import Watch
from vigie.logbook.book import Logbook


class FolderSight:
    """Since when each folder of a connection is not shown, and which of that has been told.

    After the shortest ``blind_after`` of the watches that expect something there, one blind incident opens for the
    platform's on-call; it ends with the first look that sees the folder.
    """

    def __init__(self, source: str, logbook: Logbook) -> None:
        self._source = source
        self._logbook = logbook
        self._since: dict[str, datetime] = {}
        self._told: dict[str, datetime] | None = None

    def signals(
        self,
        unreadable: Mapping[str, str],
        seen: Mapping[str, object],
        concerned: Mapping[str, Sequence[Watch]],
        now: datetime,
    ) -> list[Signal]:
        """What has to be told of folders now (UTC). ``concerned`` are the watches of each folder."""
        told = self._recalled()
        self._since = {folder: self._since.get(folder, now) for folder in unreadable}
        said = []
        for folder, since in self._since.items():
            watches = concerned.get(folder, ())
            patience = min((watch.blind_after for watch in watches), default=None)
            place = self._place(folder)
            if place not in told and patience is not None and now - since >= patience:
                said.append(blind(place, unreadable[folder], tuple(watch.id for watch in watches), since, now))
        gone = {self._place(folder): folder for folder in seen if folder not in unreadable}
        said += [sight_again(place, told[place], now) for place in gone if place in told]
        return said

    def blinded(
        self, states: Sequence[WatchState], concerned: Mapping[str, Sequence[Watch]], reasons: Mapping[str, str]
    ) -> tuple[WatchState, ...]:
        """The states of the watches, blind those that cannot see a folder of theirs."""
        blind_ones = {watch.id: reason for folder, reason in reasons.items() for watch in concerned.get(folder, ())}
        unseen = {"sight": "blind", "looked_at": None, "look_by": None}
        return tuple(
            state.model_copy(update={**unseen, "detail": blind_ones[state.watch]})
            if state.watch in blind_ones
            else state
            for state in states
        )

    def recorded(self, look: Look) -> None:
        """The look is in the logbook, and so is what it told."""
        told = self._recalled()
        for signal in look.signals:
            if signal.client == PLATFORM and signal.watch.startswith(self._place("")):
                if signal.event == "trigger":
                    told[signal.watch] = signal.seen_at
                else:
                    told.pop(signal.watch, None)

    def _place(self, folder: str) -> str:
        return f"{self._source}:{folder}"

    def _recalled(self) -> dict[str, datetime]:
        """What somebody before us told and nobody ended: ours is the look that ends it."""
        if self._told is None:
            mine = [each for each in self._logbook.incidents(client=PLATFORM) if each.dedup_key == "blind"]
            self._told = {each.watch: each.opened_at for each in mine if each.watch.startswith(self._place(""))}
        return self._told
