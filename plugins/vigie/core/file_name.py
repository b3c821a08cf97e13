"""The path of an expected file: ``outbound/REPL_{site.code}_{business_date:%Y%m%d}_*.csv``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from string import Formatter
from typing import NamedTuple

from vigie.core.business_day import MONDAY_TO_FRIDAY, BusinessDays, business_days_away
from vigie.core.date_format import check_format
from vigie.core.path_text import check_folders, check_text
from vigie.core.site import Site

_DATE = re.compile(r"business_date(?:\s*([+-])\s*(\d{1,3})\s*(business )?days?)?", re.ASCII)
_KNOWN = (
    "write {site.<column>}, {slot}, {business_date:%Y%m%d}, {business_date - 1 day:%Y%m%d} "
    "or {business_date - 1 business day:%Y%m%d}"
)


class DateField(NamedTuple):
    """A date in a path: the business date, or one so many days (of the calendar, or business days) away from it."""

    days: int = 0
    business: bool = False
    written: str = "%Y-%m-%d"

    def text(self, business_date: date, calendar: BusinessDays) -> str:
        """The date as it stands in the path."""
        if self.days and self.business:
            business_date = business_days_away(business_date, self.days, calendar)
        return (business_date + timedelta(days=0 if self.business else self.days)).strftime(self.written)


class SiteField(NamedTuple):
    """A column of the table of sites."""

    column: str


class SlotField(NamedTuple):
    """The name of the slot."""


Piece = str | DateField | SiteField | SlotField


@lru_cache(maxsize=1024)
def pieces(template: str) -> tuple[Piece, ...]:
    """The path in its pieces: plain text and fields. ValueError, with a sentence that says what to write."""
    found: list[Piece] = []
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as wrong:
        raise ValueError(f"path '{template}': {wrong}; write a brace itself as '{{{{'") from None
    for literal, field, spec, conversion in parsed:
        if literal:
            found.append(literal)
        if field is not None:
            found.append(_field(template, field, spec or "", conversion))
    return tuple(found)


def _field(template: str, field: str, spec: str, conversion: str | None) -> Piece:
    date_field = _DATE.fullmatch(field)
    if date_field and not conversion:
        sign, number, business = date_field.groups()
        if number is None or int(number):
            days = int(f"{sign or '+'}{number or 0}")
            return DateField(days, business is not None, spec or "%Y-%m-%d")
    elif not conversion and not spec:
        if field == "slot":
            return SlotField()
        if field.startswith("site.") and field != "site.":
            return SiteField(field.removeprefix("site."))
    written = field + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
    raise ValueError(f"path '{template}': '{{{written}}}' is not known; {_KNOWN}")


def check_path(template: str) -> str:
    """Return the template, or raise ValueError with a sentence that says what to write."""
    found = pieces(template)
    try:
        check_folders(template)
        for piece in found:
            if isinstance(piece, str):
                check_text(piece)
            elif isinstance(piece, DateField):
                check_format(piece.written)
    except ValueError as wrong:
        raise ValueError(f"path '{template}': {wrong}") from None
    folder, name = folder_and_name(template)
    if not name:
        raise ValueError(f"path '{template}': it names a folder; write the name of the file too")
    if "*" in folder:
        raise ValueError(f"path '{template}': a '*' stands in a folder; it may stand in the name of the file only")
    return template


def site_columns(template: str) -> frozenset[str]:
    """The columns of the table of sites that a path uses."""
    return frozenset(piece.column for piece in pieces(template) if isinstance(piece, SiteField))


def date_fields(template: str) -> tuple[DateField, ...]:
    """The dates that stand in the path, in their order."""
    return tuple(piece for piece in pieces(template) if isinstance(piece, DateField))


def has_slot(template: str) -> bool:
    """Whether the slot stands in the path."""
    return any(isinstance(piece, SlotField) for piece in pieces(template))


def expected_path(
    template: str, site: Site, business_date: date, slot: str = "", calendar: BusinessDays = MONDAY_TO_FRIDAY
) -> str:
    """The path of one occurrence; a ``*`` in it stands for anything. KeyError where the site has no such column."""
    return _written(pieces(template), site, business_date, slot, calendar)


_OTHER_DATES = ("%Y%m%d", "%y%m%d", "%d%m%Y", "%d%m%y", "%m%d%Y", "%m%d%y", "%Y%j", "%d%b%Y")


def names_with_other_dates(
    template: str, site: Site, business_date: date, slot: str, calendar: BusinessDays
) -> Iterator[str]:
    """The names of one occurrence, had its author chosen other ways to write the date."""
    found = pieces(template)
    usual = _written(found, site, business_date, slot, calendar)
    for form in _OTHER_DATES if any(isinstance(piece, DateField) for piece in found) else ():
        other = [piece._replace(written=form) if isinstance(piece, DateField) else piece for piece in found]
        path = _written(other, site, business_date, slot, calendar)
        if path != usual:
            yield folder_and_name(path)[1]


def _written(found: Iterable[Piece], site: Site, business_date: date, slot: str, calendar: BusinessDays) -> str:
    written = []
    for piece in found:
        if isinstance(piece, str):
            written.append(piece)
        elif isinstance(piece, DateField):
            written.append(piece.text(business_date, calendar))
        elif isinstance(piece, SiteField):
            written.append(site.attribute(piece.column))
        else:
            written.append(slot)
    return "".join(written)


def folder_and_name(path: str) -> tuple[str, str]:
    """The folder to list and the name to find in it."""
    folder, name = posixpath.split(path)
    return folder or ".", name


def folder_above(folder: str) -> str | None:
    """The folder above; None for the first one, and where a path leads out of it."""
    if posixpath.normpath(folder) in {".", "/", "//"} or ".." in folder.split("/"):
        return None
    return posixpath.dirname(folder.rstrip("/")) or "."
