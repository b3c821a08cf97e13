"""The folders above those in which a file is missing: it is often there, one folder too high."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from vigie.core.arrival import Seen
from vigie.core.file_name import folder_above, folder_and_name
from vigie.core.found_files import Above
from vigie.core.occurrence import Occurrence
from vigie.tasks.folders import Folders

AHEAD = timedelta(seconds=90)
"""How long before a deadline the folder above is listed, so that the incident does not wait for it."""

AGAIN = timedelta(minutes=5)
"""How old a listing may be: it explains, and decides nothing."""


class FoldersAbove:
    """Lists them seldom, over the connection of the looks, and only while something is missing or about to be."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._known: dict[str, tuple[datetime, Mapping[str, object]]] = {}

    def look(self, occurrences: Iterable[Occurrence], seen: Seen, now: datetime) -> Above:
        """The names in each folder above one in which something is missing now (UTC), or will be in a moment."""
        wanted = {
            above
            for each in occurrences
            if each.status == "missing" or (each.status == "pending" and now >= each.deadline - AHEAD)
            if (above := folder_above(folder_and_name(each.path)[0])) is not None
        }
        self._known = {folder: known for folder, known in self._known.items() if folder in wanted}
        found: dict[str, Mapping[str, object]] = {}
        for folder in sorted(wanted):
            if folder in seen:
                found[folder] = seen[folder] or {}
                continue
            known = self._known.get(folder)
            if known is None or now - known[0] >= AGAIN:
                known = self._known[folder] = (now, self._folders.names_in(folder))
            found[folder] = known[1]
        return found
