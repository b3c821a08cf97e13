"""What the desk fails at, noted for the rounds; and that it works again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from vigie.core.desk_error import cause_of
from vigie.core.errors import TransportError
from vigie.logbook.book import Logbook

log = logging.getLogger(__name__)


class ErrorNotes:
    """Keeps an error of ours at one thing from the others, and notes it in the logbook."""

    def __init__(self, logbook: Logbook) -> None:
        self._logbook = logbook
        self._failing: set[str] = set()

    def refresh(self) -> None:
        """Read what fails by now: another desk may have noted it."""
        self._failing = {each.what for each in self._logbook.errors() if each.times}

    def guarded(
        self, what: str, act: Callable[[], bool], now: datetime, *, put_off: Callable[[], object] = lambda: None
    ) -> int:
        """Do it at ``now`` (UTC): 1 where something was done. An error is logged and noted, and ``put_off`` comes first.

        TransportError is raised: without the logbook there is nothing to do.
        """
        try:
            done = act()
        except TransportError:
            raise
        except Exception as error:
            put_off()
            log.exception("the desk failed at %s; the others go on", what)
            self._logbook.note_error(what, cause_of(error), str(error), now)
            self._failing.add(what)
            return 0
        if what in self._failing:
            self._logbook.error_works(what)
            self._failing.discard(what)
        return int(done)
