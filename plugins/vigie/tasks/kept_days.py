"""The calendars of the watches of a round: read at each look, and kept while they cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from vigie.core.errors import InvalidDocument
from vigie.core.watch import DatedWatch
from vigie.core.working_days import EVERY_DAY, WorkingDays

_Dated = TypeVar("_Dated", bound=DatedWatch)


class KeptDays(Generic[_Dated]):
    """The working days of a watch. What cannot be read is as it was before, or else waives nothing."""

    def __init__(self, read: Callable[[_Dated], WorkingDays]) -> None:
        self._read = read
        self._kept: dict[str, WorkingDays] = {}

    def __call__(self, watch: _Dated) -> WorkingDays:
        """The days on which the watch expects something."""
        try:
            self._kept[watch.id] = self._read(watch)
        except InvalidDocument:  # the flux cannot be read either, and that is told with file and line
            return self._kept.get(watch.id, EVERY_DAY)
        return self._kept[watch.id]
