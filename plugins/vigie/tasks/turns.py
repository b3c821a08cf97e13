"""Whose turn a look is: what is taken at once asks for one each second, and nothing else is listed more often by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from vigie.core.file_watch import FileWatch
from vigie.core.watch import Watch


class Turns:
    """Remembers when the watches of a connection whose files stay want to be looked for again."""

    def __init__(self) -> None:
        self._others_at: datetime | None = None

    def forget(self) -> None:
        """The watches are others: the next look is everybody's."""
        self._others_at = None

    def of(self, watches: Iterable[FileWatch], now: datetime) -> set[str]:
        """The watches whose turn it is at ``now`` (UTC), by their names."""
        every = list(watches)
        quick = {watch.id for watch in every if watch.taken}
        if quick and self._others_at is not None and now < self._others_at:
            return quick
        return {watch.id for watch in every}

    @staticmethod
    def folders(turn: set[str], concerned: Mapping[str, Sequence[Watch]]) -> set[str]:
        """The folders in which they expect something."""
        return {folder for folder, watches in concerned.items() if any(watch.id in turn for watch in watches)}

    def next(
        self, again: Mapping[str, datetime], watches: Mapping[str, FileWatch], others: datetime, now: datetime
    ) -> datetime:
        """When to look next. ``again`` is what each watch asked for that was looked for now, ``others`` the latest."""
        quick = [at for name, at in again.items() if watches[name].taken]
        asked = [at for name, at in again.items() if not watches[name].taken]
        kept = self._others_at if self._others_at is not None and now < self._others_at else others
        self._others_at = min([kept, others, *asked])
        return min([self._others_at, *quick])
