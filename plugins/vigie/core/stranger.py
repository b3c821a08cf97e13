"""A stranger: a file whose name fits the pattern, and which nobody expects."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import re2

from vigie.core.date_format import date_read, pattern_of
from vigie.core.file_name import DateField, Piece, SiteField, SlotField, pieces
from vigie.core.file_watch import FileWatch
from vigie.core.site import Site
from vigie.core.spelling import spelling
from vigie.core.working_days import EVERY_DAY, WorkingDays
from vigie.core.zone import ZoneInfo

AHEAD = 3
"""So many days before its business date a file is no stranger: it came early (for Monday, on Friday)."""


class Stranger(NamedTuple):
    """A file of nobody, and why. ``old`` where the date in its name has passed."""

    path: str
    reason: str
    old: bool = False


class Strangers:
    """Tells the strangers of a watch. To be asked only about files that no occurrence claims."""

    def __init__(self, watch: FileWatch, sites: Iterable[Site], days: WorkingDays = EVERY_DAY) -> None:
        self._watch = watch
        self._days = days
        self._pieces = pieces(watch.path)
        self._columns = sorted({piece.column for piece in self._pieces if isinstance(piece, SiteField)})
        self._sites: dict[tuple[str, ...], Site] = {}
        for site in sites:
            self._sites.setdefault(tuple(self._spelt(site.attribute(name)) for name in self._columns), site)

    def stranger(self, path: str, now: datetime) -> Stranger | None:
        """What is strange about a file; None where its name does not fit, or it comes early. ``now`` is UTC."""
        written = _read(self._watch.path, spelling(path), self._watch.ignore_case)
        if written is None:
            return None
        columns = {piece.column: text for piece, text in written if isinstance(piece, SiteField)}
        if any(
            self._spelt(columns[piece.column]) != self._spelt(text)
            for piece, text in written
            if isinstance(piece, SiteField)
        ):
            return Stranger(path, "its name says two different sites")
        site = self._sites.get(tuple(self._spelt(columns[name]) for name in self._columns))
        if site is None:
            named = ", ".join(f"{name} '{columns[name]}'" for name in self._columns)
            return Stranger(path, f"no site of '{self._watch.sites}' has the {named}")
        for piece, text in written:
            if isinstance(piece, SlotField) and self._spelt(text) not in map(self._spelt, self._watch.slots):
                return Stranger(path, f"there is no slot '{text}'")
        dates = [(piece, text) for piece, text in written if isinstance(piece, DateField)]
        return self._of_another_day(path, dates, site, now)

    def _spelt(self, text: str) -> str:
        return spelling(text, ignore_case=self._watch.ignore_case)

    def _of_another_day(
        self, path: str, dates: list[tuple[DateField, str]], site: Site, now: datetime
    ) -> Stranger | None:
        today, calendar = now.astimezone(ZoneInfo(site.zone)).date(), self._days.business_days(site)
        for day in (today + timedelta(days=ahead) for ahead in range(AHEAD + 1)):
            if all(self._spelt(field.text(day, calendar)) == self._spelt(text) for field, text in dates):
                chosen = not dates or self._watch.chosen.hold(day)
                return None if chosen else Stranger(path, f"no file is expected of {day:%A} {day}")
        for field, text in dates:
            try:
                day = date_read(field.written, text, today)
            except ValueError:
                return Stranger(path, f"'{text}' is no date")
            if day > today:
                return Stranger(path, f"its date {day} is too far ahead")
        return Stranger(path, f"its date {day} is that of no open window", old=True)


@lru_cache(maxsize=1024)
def _shape(template: str, ignore_case: bool) -> tuple[re2._Regexp, tuple[Piece, ...]]:
    """RE2, because the names are anybody's: time grows with the name only."""
    options = re2.Options()
    options.log_errors = False
    written, fields = [], []
    for piece in pieces(template):
        if isinstance(piece, str):
            written.append("[^/]*".join(re2.escape(text) for text in spelling(piece).split("*")))
            continue
        fields.append(piece)
        written.append(f"({pattern_of(piece.written)})" if isinstance(piece, DateField) else "([^/]+?)")
    return re2.compile(("(?is)" if ignore_case else "(?s)") + "".join(written), options), tuple(fields)


def _read(template: str, path: str, ignore_case: bool) -> list[tuple[Piece, str]] | None:
    """The fields of a path as this one says them; None where it has another shape."""
    shape, fields = _shape(template, ignore_case)
    try:
        found = shape.fullmatch(path)
    except UnicodeEncodeError:  # half of a surrogate pair: no name that an author could have meant
        return None
    return None if found is None else list(zip(fields, found.groups(), strict=True))
