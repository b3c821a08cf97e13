"""Blind in one folder: the server answers, and does not show it. The others are looked into all the same."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import JsonValue

from vigie.core.client import PLATFORM
from vigie.core.look import Look
from vigie.core.sight import blind, sight_again
from vigie.core.signal import Signal
from vigie.core.watch import Watch
from vigie.logbook.book import Logbook


class _Told(NamedTuple):
    since: datetime
    watches: tuple[str, ...]


class FolderSight:
    """Since when each folder of a connection is not shown, and which of that has been told.

    After the shortest ``blind_after`` of the watches that expect something there, one blind incident opens for the
    platform's on-call; it ends with the first look that sees the folder, or once nothing is expected there any more.
    """

    def __init__(self, source: str, logbook: Logbook) -> None:
        self._source = source
        self._logbook = logbook
        self._since: dict[str, datetime] = {}
        self._told: dict[str, _Told] | None = None

    def signals(
        self,
        unreadable: Mapping[str, str],
        seen: Mapping[str, object],
        concerned: Mapping[str, Sequence[Watch]],
        now: datetime,
        joined: Container[str] = (),
    ) -> list[Signal]:
        """What has to be told of folders now (UTC). ``concerned`` are the watches of each folder, ``joined`` all."""
        told = self._recalled()
        self._since = {folder: self._since.get(folder, now) for folder in unreadable}
        said = []
        for folder, since in self._since.items():
            place = self._place(folder)
            if place not in told and now - since >= patience_with(concerned.get(folder, ())):
                watches = tuple(watch.id for watch in concerned.get(folder, ()))
                said.append(blind(place, unreadable[folder], watches, since, now))
        gone = {self._place(folder): folder for folder in seen if folder not in unreadable}
        said += [sight_again(place, told[place].since, now) for place in gone if place in told]
        left = (place for place in told if place not in gone and place.removeprefix(self._place("")) not in concerned)
        said += [
            self._left(place, told[place], now) for place in left if all(one in joined for one in told[place].watches)
        ]
        return said

    def _left(self, place: str, told: _Told, now: datetime) -> Signal:
        """What ends the blindness of a folder in which nothing is expected any more."""
        ended = sight_again(place, told.since, now)
        return ended.model_copy(update={"title": f"Nothing is expected in {place} any more"})

    def blind_ones(self, concerned: Mapping[str, Sequence[Watch]], reasons: Mapping[str, str]) -> dict[str, str]:
        """The watches that cannot see a folder of theirs, each with the reason."""
        return {watch.id: reason for folder, reason in reasons.items() for watch in concerned.get(folder, ())}

    def told_at(self, concerned: Mapping[str, Sequence[Watch]]) -> datetime | None:
        """When the next folder that is not shown has to be told of."""
        told = self._recalled()
        ends = [
            since + patience_with(concerned.get(folder, ()))
            for folder, since in self._since.items()
            if self._place(folder) not in told and concerned.get(folder)
        ]
        return min(ends, default=None)

    def slow_since(self, folder: str, since: datetime) -> None:
        """A listing that takes its time began then: so long nobody sees the folder."""
        self._since.setdefault(folder, since)

    def recorded(self, look: Look) -> None:
        """The look is in the logbook, and so is what it told."""
        told = self._recalled()
        for signal in look.signals:
            if signal.client == PLATFORM and signal.watch.startswith(self._place("")):
                if signal.event == "trigger":
                    told[signal.watch] = _Told(signal.seen_at, _watches(signal.facts))
                else:
                    told.pop(signal.watch, None)

    def _place(self, folder: str) -> str:
        return f"{self._source}:{folder}"

    def _recalled(self) -> dict[str, _Told]:
        """What somebody before us told and nobody ended: ours is the look that ends it."""
        if self._told is None:
            mine = [each for each in self._logbook.incidents(client=PLATFORM) if each.dedup_key == "blind"]
            self._told = {
                each.watch: _Told(each.opened_at, _watches(each.facts))
                for each in mine
                if each.watch.startswith(self._place(""))
            }
        return self._told


def patience_with(watches: Sequence[Watch]) -> timedelta:
    """How long nobody may see a folder of these watches before it is told; for ever where nobody watches it."""
    return min((watch.blind_after for watch in watches), default=timedelta.max)


def _watches(facts: Mapping[str, JsonValue]) -> tuple[str, ...]:
    named = facts.get("watches")
    return tuple(map(str, named)) if isinstance(named, list) else ()
