"""Whether the desk acts, as the rounds see it, and the word about it that does not lead over the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from vigie.core.client import PLATFORM
from vigie.core.desk_error import is_failing
from vigie.core.entry import Entry
from vigie.logbook.book import Logbook
from vigie.tasks.airflow_api import LoadedDag
from vigie.tasks.own_dags import DESK

BEAT = "rounds"
DESK_PATIENCE = timedelta(seconds=60)
"""How long the desk may leave something that is due, or give no sign of life."""

TOLD_EVERY = timedelta(minutes=10)

PAUSE = timedelta(minutes=5)
"""Rounds that were not walked for so long begin anew."""


class DeskPulse:
    """The desk's signs of life in the logbook. ``tell_directly(subject, text)`` reaches the platform without it."""

    def __init__(self, logbook: Logbook, tell_directly: Callable[[str, str], None]) -> None:
        self._logbook = logbook
        self._tell_directly = tell_directly

    def began(self, now: datetime) -> datetime:
        """Since when rounds have been walked without a long pause: a start, or a night that was slept through, ends it."""
        beats = self._logbook.beats()
        last, began = beats.get(BEAT), beats.get("rounds.began")
        if last is not None and began is not None and now - last <= PAUSE:
            return began
        self._logbook.beat("rounds.began", now)
        return now

    def tell(self, loaded: Mapping[str, LoadedDag] | None, began: datetime, now: datetime) -> None:
        """A desk that does not act is told by mail, at most each ten minutes: never through the desk itself."""
        beats = self._logbook.beats()
        silent = now - max(beats.get("desk", began), began) > DESK_PATIENCE
        undone = self.undone_since(now)
        told = beats.get("rounds.told")
        if not (silent or undone) or (told is not None and now - told < TOLD_EVERY):
            return
        why = "gives no sign of life" if silent else f"has left something undone since {undone:%H:%M:%S} UTC"
        if silent and loaded is not None and (dag := loaded.get(DESK)) is None:
            why += f": Airflow has no DAG {DESK}"
        elif silent and loaded is not None and dag is not None and dag.paused:
            why += f": {DESK} is paused in Airflow"
        self._tell_directly("Vigie: the desk does not act", f"The desk {why}. Nobody is paged until it acts again.")
        self._logbook.beat("rounds.told", now)
        self._logbook.append(
            Entry(at=now, client=PLATFORM, kind="desk.silent", actor="rounds", text=f"The desk {why}; told by mail")
        )

    def undone_since(self, now: datetime) -> datetime | None:
        """Since when something waits for a desk that may be alive: also an incident that it puts off again and again."""
        due = self._logbook.next_due()
        unpaged = [each.opened_at for each in self._logbook.incidents(statuses=("open",)) if each.pages == 0]
        oldest = min(filter(None, (due, *unpaged)), default=now)
        return oldest if now - oldest > DESK_PATIENCE else None

    def is_well(self, now: datetime) -> bool:
        """Whether it lives, leaves nothing undone, and fails at nothing. One that never gave a sign of life is not well."""
        beat = self._logbook.beats().get("desk")
        lives = beat is not None and now - beat <= DESK_PATIENCE
        return lives and self.undone_since(now) is None and not is_failing(self._logbook.errors(), now)
