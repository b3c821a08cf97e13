"""What lies there in place of a missing file: the file itself, and why it does not count, or one with nearly its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue

from vigie.core.arrival import Seen, Uncounted, uncounted
from vigie.core.duration import format_duration
from vigie.core.expected_names import ExpectedNames
from vigie.core.file_name import folder_above, folder_and_name, names_with_other_dates
from vigie.core.file_watch import FileWatch
from vigie.core.near_miss import SAID, Miss, NearNames
from vigie.core.occurrence import FileSeen, Occurrence
from vigie.core.site import Site
from vigie.core.working_days import EVERY_DAY, WorkingDays
from vigie.core.zone import ZoneInfo

LISTED = 20
"""At most so many are named in an incident."""

ASKED = 200
"""Of more missing files than these nobody asks what lies there in their place."""

Above = Mapping[str, Mapping[str, object]]
"""The names in folders in which nothing is expected: those above the folders of what is missing."""


class Found(NamedTuple):
    """A file that lies there and does not count. ``why`` is a clause; ``size`` (bytes) where it is the file itself."""

    site: str
    path: str
    what: Miss | Uncounted
    why: str
    size: int | None = None

    def fact(self) -> dict[str, JsonValue]:
        """As templates see it: ``site``, ``path``, ``what``, ``why``, and ``size`` of the file itself."""
        said: dict[str, JsonValue] = {"site": self.site, "path": self.path, "what": self.what, "why": self.why}
        return said if self.size is None else said | {"size": self.size}


class FoundFiles:
    """What the folders of a watch hold beside what counts. Made when something is missing, and asked only then."""

    def __init__(
        self,
        watch: FileWatch,
        occurrences: Sequence[Occurrence],
        seen: Seen,
        above: Above,
        sites: Mapping[str, Site],
        days: WorkingDays | None,
        now: datetime,
        gone: Mapping[str, Sequence[FileSeen]] = MappingProxyType({}),
    ) -> None:
        self._watch, self._now = watch, now
        self._names = ExpectedNames(occurrences, ignore_case=watch.ignore_case)
        self._claimed, self._gone = self._names.claimed(seen), gone
        folders = {folder for each in occurrences for folder in each.folders}
        higher = {folder_above(folder) for folder in folders}
        self._folders: dict[str, Mapping[str, object]] = {
            **{folder: names for folder, names in above.items() if folder in higher - folders},
            **{folder: seen.get(folder) or {} for folder in sorted(folders)},
        }
        self._near: dict[str, NearNames] = {}
        self._sites, self._days = sites, days or EVERY_DAY
        self._higher = higher - folders

    def of(self, missing: Sequence[Occurrence]) -> list[Found]:
        """What lies there of these, at most ``LISTED``."""
        found: list[Found] = []
        for occurrence in missing[:ASKED]:
            itself = [self._itself(occurrence, file) for file in self._claimed.get(occurrence.key, ())]
            itself += [self._taken(occurrence, file) for file in self._gone.get(occurrence.key, ())]
            found += [each for each in itself if each is not None] or self._nearly(occurrence)
            if len(found) >= LISTED:
                break
        return found[:LISTED]

    def _itself(self, occurrence: Occurrence, file: FileSeen) -> Found | None:
        what = uncounted(self._watch, occurrence, file, self._now)
        if what is None:
            return None
        time = f"{file.modified_at.astimezone(self._zone(occurrence)):%Y-%m-%d %H:%M}"
        why = {
            "empty": "it is empty",
            "small": f"it has {file.size:,} bytes of at least {self._watch.min_size:,}",
            "growing": f"it is still being written ({file.size:,} bytes)",
            "old": f"it is an old one, of {time}",
            "later": f"by its time, {time}, it is the next one",
        }[what]
        return self._found(occurrence, file, what, why)

    def _taken(self, occurrence: Occurrence, file: FileSeen) -> Found | None:
        """What was there and does not count, if it is a file of this time."""
        what = uncounted(self._watch, occurrence, file, self._now)
        if what in {"old", "later"} or file.seen_at is None:
            return None
        why = f"it was there at {file.seen_at.astimezone(self._zone(occurrence)):%H:%M:%S}, with {file.size:,} bytes, and "
        if what in {"empty", "small"}:
            why += f"gone before it had {self._watch.min_size:,}"
        else:
            why += f"gone before it had stayed the same for {format_duration(self._watch.stable_for)}"
        return self._found(occurrence, file, "gone", why)

    def _zone(self, occurrence: Occurrence) -> tzinfo | None:
        site = self._sites.get(occurrence.site)
        return ZoneInfo(site.zone) if site else occurrence.deadline.tzinfo

    @staticmethod
    def _found(occurrence: Occurrence, file: FileSeen, what: Uncounted, why: str) -> Found:
        return Found(occurrence.site, _path(file.elsewhere or occurrence.folders[0], file.name), what, why, file.size)

    def _nearly(self, occurrence: Occurrence) -> list[Found]:
        found: list[Found] = []
        for folder, name in map(folder_and_name, occurrence.places):
            near = self._near_in(folder).near(name, self._other_dates(occurrence))
            found += [Found(occurrence.site, _path(folder, each), what, SAID[what]) for each, what in near.items()]
        return found + [Found(occurrence.site, path, "folder", SAID["folder"]) for path in self._elsewhere(occurrence)]

    def _near_in(self, folder: str) -> NearNames:
        if folder not in self._near:
            names = self._folders.get(folder, {})
            self._near[folder] = NearNames(name for name in names if not self._names.owners(folder, name))
        return self._near[folder]

    def _elsewhere(self, occurrence: Occurrence) -> Iterator[str]:
        """Where the file lies under its own name in another folder."""
        name = folder_and_name(occurrence.path)[1]
        for folder, names in self._folders.items():
            if folder in occurrence.folders:
                continue
            if name in names and not self._names.owners(folder, name):
                yield _path(folder, name)
                continue
            near = self._near_in(folder).near(name)
            yield from (_path(folder, each) for each, what in near.items() if what == "case" or folder in self._higher)

    def _other_dates(self, occurrence: Occurrence) -> Iterator[str]:
        site = self._sites.get(occurrence.site)
        if site is not None:
            calendar = self._days.business_days(site)
            for template in self._watch.places:
                yield from names_with_other_dates(template, site, occurrence.business_date, occurrence.slot, calendar)


def _path(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder.rstrip('/')}/{name}"
