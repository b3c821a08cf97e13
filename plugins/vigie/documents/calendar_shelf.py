"""The calendars of a site's clients: read once, and what was asked of them is kept while they stay the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from vigie.core.business_calendar import EVERY_DAY, Calendar, country_calendar
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.working_days import WorkingDays
from vigie.documents import tables
from vigie.documents.calendars import FILE, PLACE, digest_of, read_calendars
from vigie.documents.findings import did_you_mean
from vigie.documents.shelf import Shelf


class CalendarShelf:
    """Every ``calendar.yaml`` of the site at ``root``. ``language_of`` a client is that of its holidays' names.

    Everything raises InvalidDocument, with file, line and remedy, where a calendar is missing or wrong.
    """

    def __init__(self, root: Path, language_of: Callable[[str], str]) -> None:
        self._root = root
        self._language_of = language_of
        self._files = Shelf(
            lambda path, data, language: read_calendars(path.relative_to(root).as_posix(), data, language)
        )
        self._kept: dict[tuple[str, tuple[str, ...]], WorkingDays] = {}

    def path(self, client: str) -> Path:
        """Where a client's calendars are written."""
        return self._root / tables.FOLDER / client / FILE

    def of(self, client: str) -> dict[str, Calendar]:
        """A client's calendars by their names; none where it has no ``calendar.yaml``."""
        return self._files.get(self.path(client), self._language_of(client)) or {}

    def named(self, client: str, name: str) -> Calendar:
        """A calendar of a client, or that of a place: ``FR``, ``FR-57``."""
        if PLACE.fullmatch(name):
            return country_calendar(name, self._language_of(client))
        known = self.of(client)
        if name not in known:
            path = f"{tables.FOLDER}/{client}/{FILE}"
            remedy = did_you_mean(name, [*known, EVERY_DAY]) if known else f"Write it into {path}."
            message = f"no calendar is called '{name}'."
            raise InvalidDocument(Problem(path=path, line=None, message=message, remedy=remedy))
        return known[name]

    def working_days(self, client: str, names: Sequence[str]) -> WorkingDays:
        """The days on which all these calendars work."""
        found = tuple(self.named(client, name) for name in names if name != EVERY_DAY)
        kept = self._kept.get((client, tuple(names)))
        if kept is None or kept.calendars != found:
            kept = self._kept[client, tuple(names)] = WorkingDays(*found)
        return kept

    def digest(self, client: str, names: Sequence[str]) -> str:
        """A digest of what these calendars say; empty where every day works."""
        found = self.working_days(client, names).calendars
        return digest_of(found) if found else ""
