"""The watches of a mailbox that are set aside because they raised: the others read on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from vigie.core.errors import TransportError
from vigie.tasks.mishap import reason_of

RETRIED_AFTER = timedelta(seconds=60)
"""For so long the others read on before a watch that could not read a mail is tried again at it."""

Found = TypeVar("Found")

log = logging.getLogger(__name__)


class _Aside(NamedTuple):
    reason: str
    until: datetime


class SetAside:
    """Which watches do not take part in a look, why, and the mail that each did not get beyond."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._aside: dict[str, _Aside] = {}
        self._stops: dict[str, int] = {}

    @property
    def reasons(self) -> dict[str, str]:
        """The watches that are set aside, each with the reason."""
        return {name: aside.reason for name, aside in self._aside.items()}

    def begin(self) -> None:
        """A look begins."""
        self._stops = {}

    def takes_part(self, watch_id: str, now: datetime) -> bool:
        """Whether a watch is asked in this look: it never raised, or it is tried again."""
        return watch_id not in self._aside or now >= self._aside[watch_id].until

    def guarded(self, watch_id: str, now: datetime, act: Callable[[], Found], *, at: int = 0) -> Found | None:
        """What an act for one watch finds; None, and the watch is set aside, where it raises. ``at`` is a mail's UID."""
        if watch_id in self._stops:
            return None
        try:
            return act()
        except TransportError:
            raise
        except Exception as wrong:
            if watch_id not in self._aside:
                log.exception("%s: %s cannot look", self._source, watch_id)
            self._stops[watch_id] = at
            self.put(watch_id, reason_of(wrong), now)
            return None

    def put(self, watch_id: str, reason: str, now: datetime) -> None:
        """Set a watch aside."""
        self._aside[watch_id] = _Aside(reason, now + RETRIED_AFTER)

    def stopped(self, watch_id: str) -> bool:
        """Whether a watch raised in the look in hand."""
        return watch_id in self._stops

    def read_until(self, watch_id: str, reached: int) -> int:
        """The UID that a watch has read, where the look reached this one."""
        return min(reached, self._stops[watch_id] - 1) if watch_id in self._stops else reached

    def done(self, took_part: Iterable[str]) -> None:
        """The watches that took part in the look and did not raise are set aside no longer."""
        for name in took_part:
            if name not in self._stops:
                self._aside.pop(name, None)

    def leave(self, watch_id: str) -> None:
        """The watch is gone, or is another."""
        self._aside.pop(watch_id, None)
