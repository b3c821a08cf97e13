"""Which of the files in a connection's folders nobody expects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from vigie.core.arrival import Seen
from vigie.core.expected_names import ExpectedNames
from vigie.core.file_name import folder_and_name
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import Occurrence
from vigie.core.site import Site
from vigie.core.stranger import Stranger, Strangers
from vigie.core.working_days import WorkingDays


class UnexpectedFiles:
    """Looks at each new name once. Files with a date long past that lay there when we first looked are history."""

    def __init__(self) -> None:
        self._examined: dict[str, set[str]] = {}
        self._new: dict[str, set[str]] = {}
        self._found: dict[str, dict[str, Stranger]] = {}

    def forget(self) -> None:
        """Examine all names anew: the watches are others."""
        self._examined = {}

    def examine(
        self,
        expectations: Iterable[tuple[FileWatch, Sequence[Occurrence], Sequence[Site], WorkingDays]],
        seen: Seen,
        now: datetime,
        guarded: Callable[[str, Callable[[], list[Stranger]]], list[Stranger] | None],
    ) -> dict[str, list[Stranger]]:
        """The strangers among the names that nobody examined yet, by watch. ``guarded`` acts for one watch."""
        self._new = {
            folder: names
            for folder, files in seen.items()
            if (names := set(files or ()) - self._examined.get(folder, set())) or folder not in self._examined
        }
        found: dict[str, list[Stranger]] = {}
        if not any(self._new.values()):
            return found
        known = list(expectations)
        expected = [ExpectedNames(due, ignore_case=watch.ignore_case) for watch, due, *_ in known]
        for watch, occurrences, sites, days in known:
            folders = sorted({folder_and_name(each.path)[0] for each in occurrences} & self._new.keys())
            if strangers := guarded(watch.id, partial(self._of, watch, sites, days, folders, expected, now)):
                found[watch.id] = strangers
        return found

    def _of(
        self,
        watch: FileWatch,
        sites: Sequence[Site],
        days: WorkingDays,
        folders: Sequence[str],
        expected: Sequence[ExpectedNames],
        now: datetime,
    ) -> list[Stranger]:
        strangers = Strangers(watch, sites, days)
        found = []
        for folder in folders:
            for name in sorted(self._new[folder]):
                if any(names.owners(folder, name) for names in expected):
                    continue
                stranger = strangers.stranger(name if folder == "." else f"{folder.rstrip('/')}/{name}", now)
                if stranger is not None and not (stranger.old and folder not in self._examined):
                    found.append(stranger)
        return found

    def recorded(self, found: Mapping[str, Sequence[Stranger]], seen: Seen) -> None:
        """They are in the logbook; go on from there. Of a name that is gone nothing is kept."""
        for folder, names in self._new.items():
            self._examined[folder] = self._examined.get(folder, set()) | names
        self._examined = {
            folder: names & set(seen[folder] or ()) for folder, names in self._examined.items() if folder in seen
        }
        self._new = {}
        for watch, strangers in found.items():
            self._found.setdefault(watch, {}).update({each.path: each for each in strangers})

    def near(self, watch: str, seen: Seen) -> list[str]:
        """The strangers of a watch that lie there now, by their paths: one of them may be what is missing."""
        lying = []
        for path in self._found.get(watch, {}):
            folder, name = folder_and_name(path)
            if name in (seen.get(folder) or {}):
                lying.append(path)
        return lying
