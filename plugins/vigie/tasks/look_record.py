"""What a session does with a look: add what has to be told of who can see, and record it, whole or in parts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from vigie.core.errors import TransportError
from vigie.core.look import Look, parts_of
from vigie.core.watch import Watch
from vigie.logbook.book import Logbook
from vigie.tasks.mishap import reason_of
from vigie.tasks.source_sight import SourceSight
from vigie.tasks.watch_sight import WatchSight

log = logging.getLogger(__name__)


class LogbookAwayError(Exception):
    """The look cannot be recorded: nothing moves until it can."""


class LookRecord:
    """Records the looks of one source through ``record``, in one transaction each.

    What the logbook refuses of one watch (a look in parts then) makes that watch blind, and no other. ``kept_for`` is how
    long a watch may count as watching without a further sign of life; None: until its next look is overdue.
    """

    def __init__(
        self, source: str, logbook: Logbook, record: Callable[[Look], object], kept_for: timedelta | None = None
    ) -> None:
        self._kept_for = kept_for
        self.sight = SourceSight(source, logbook, record)
        self.watch_sight = WatchSight(logbook)
        self._record = record
        self._refused: dict[str, str] = {}

    def left(self, watch_id: str) -> None:
        """The watch is not looked for any more."""
        self._refused.pop(watch_id, None)
        self.sight.forget(watch_id)
        self.watch_sight.left(watch_id)

    def commit(self, look: Look, watches: Mapping[str, Watch], apart: Mapping[str, str]) -> Look:
        """Record the look; what of it could be recorded. ``apart`` are watches that did not take part, and why.

        Raises LogbookAwayError where nothing can be recorded.
        """
        ailing = {**look.ailing, **apart, **self._refused}
        taking_part = {name: watch for name, watch in watches.items() if name not in apart}
        try:
            whole = self.sight.with_sight(look, taking_part)
            whole = self._kept(self.watch_sight.seen(whole.model_copy(update={"ailing": ailing}), watches))
            try:
                self._record(whole)
                # A round that has set a watch aside says so until it has tried again: so long its reason holds.
                self._refused = {name: why for name, why in self._refused.items() if name in look.ailing}
            except TransportError:
                raise
            except Exception as wrong:
                log.exception("%s: a look cannot be recorded; its parts are, one by one", look.source, exc_info=wrong)
                whole = self._in_parts(whole, watches)
        except TransportError as away:
            raise LogbookAwayError from away
        self.sight.recorded(whole)
        self.watch_sight.recorded(whole)
        return whole

    def _kept(self, look: Look) -> Look:
        if self._kept_for is None:
            return look
        last = look.at + self._kept_for
        short = [
            state.model_copy(update={"look_by": last}) if state.look_by is not None and state.look_by > last else state
            for state in look.states
        ]
        return look.model_copy(update={"states": tuple(short)})

    def _in_parts(self, look: Look, watches: Mapping[str, Watch]) -> Look:
        parts, rest = parts_of(look)
        recorded, refused = [rest], dict[str, str]()
        for name, part in parts.items():
            try:
                self._record(part)
                recorded.append(part)
            except TransportError:
                raise
            except Exception as failed:
                log.exception("%s: what %s says cannot be recorded", look.source, name)
                refused[name] = reason_of(failed)
        self._record(rest)
        if refused:
            told = Look(source=look.source, at=look.at, ailing={**look.ailing, **refused})
            told = self.watch_sight.seen(told, watches)
            self._record(told)
            self.watch_sight.recorded(told)
        self._refused = refused
        fields = ("states", "signals", "entries", "cursors", "occurrences", "mails", "bounces")
        joined = {name: tuple(one for part in recorded for one in getattr(part, name)) for name in fields}
        return look.model_copy(update=joined)
