"""Folders that take their time: only what is expected there is seen late, and it is said so by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from vigie.core import file_entries
from vigie.core.arrival import Seen
from vigie.core.entry import Entry
from vigie.core.file_watch import FileWatch
from vigie.core.look import WatchState
from vigie.core.occurrence import Occurrence
from vigie.core.watch import Watch
from vigie.tasks.folder_sight import patience_with

NOTED = timedelta(seconds=10)
"""A folder whose listing takes so long leaves a line."""

Concerned = Mapping[str, Sequence[Watch]]


def urgent(due: Mapping[str, Iterable[Occurrence]], as_of: Mapping[str, datetime], now: datetime) -> set[str]:
    """The folders in which a deadline has passed since they were listed last: they are listed though they may rest."""
    pending = (each for found in due.values() for each in found if each.status == "pending")
    placed = ((each.deadline, folder) for each in pending for folder in each.folders)
    return {folder for deadline, folder in placed if folder in as_of and as_of[folder] <= deadline < now}


class SlowFolders:
    """What is said of them. ``slow`` is how long the listing of each has taken, so far or the last time."""

    def __init__(self) -> None:
        self._noted: set[str] = set()

    def blind(self, slow: Mapping[str, timedelta], concerned: Concerned) -> dict[str, str]:
        """Those that take longer than their watches have patience: nobody sees there in time what is missing."""
        return {
            folder: f"the folder {folder!r} takes {_lasting(took)} to list"
            for folder, took in slow.items()
            if took >= patience_with(concerned.get(folder, ()))
        }

    def as_seen(
        self,
        beats: Iterable[WatchState],
        slow: Mapping[str, timedelta],
        concerned: Concerned,
        as_of: Mapping[str, datetime],
    ) -> tuple[WatchState, ...]:
        """The heartbeats; those of the watches that see late with the slowest folder, and with since when they saw it."""
        late: dict[str, dict[str, object]] = {}
        for took, folder in sorted((took, folder) for folder, took in slow.items()):
            for watch in concerned.get(folder, ()):
                at, before = (
                    as_of.get(folder),
                    late.get(watch.id, {}).get("looked_at", datetime.max.replace(tzinfo=UTC)),
                )
                late[watch.id] = {
                    "detail": f"slow: the folder {folder!r} takes {_lasting(took)} to list",
                    "looked_at": min(at, before) if at is not None and isinstance(before, datetime) else None,
                }
        return tuple(beat.model_copy(update=late[beat.watch]) if beat.watch in late else beat for beat in beats)

    def noted(self, slow: Mapping[str, timedelta], concerned: Concerned, seen: Seen, now: datetime) -> list[Entry]:
        """A line for each that was not slow before."""
        found = []
        for folder in sorted(folder for folder, took in slow.items() if took >= NOTED and folder not in self._noted):
            watch = next((each for each in concerned.get(folder, ()) if isinstance(each, FileWatch)), None)
            if watch is not None:
                number = len(seen.get(folder) or ())
                found.append(file_entries.slow_folder(watch, folder, _lasting(slow[folder]), number, now))
        return found

    def recorded(self, slow: Mapping[str, timedelta]) -> None:
        """The lines are in the logbook."""
        self._noted = {folder for folder, took in slow.items() if took >= NOTED}


def _lasting(took: timedelta) -> str:
    seconds = took.total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
