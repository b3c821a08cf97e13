"""What is wrong between a client's calendars, its tables of sites and the countries whose holidays are known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Protocol

from vigie.core.business_calendar import EVERY_DAY, Calendar, Days
from vigie.core.client import Client
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.place import Place
from vigie.core.public_holidays import public_holiday
from vigie.core.site import Site
from vigie.core.working_days import WorkingDays
from vigie.documents import tables
from vigie.documents.calendar_shelf import CalendarShelf
from vigie.documents.calendars import PLACE, problems_of_places
from vigie.documents.findings import did_you_mean
from vigie.documents.places import nearest_place, why_unknown_place


class Documents(Protocol):
    """What these checks need of the library."""

    root: Path
    calendars: CalendarShelf

    def client_ids(self) -> list[str]: ...
    def clients(self) -> dict[str, Client]: ...
    def tables(self, client: str) -> list[str]: ...
    def sites(self, client: str, table: str) -> tuple[Site, ...]: ...


def problems_of(library: Documents) -> Iterator[Problem]:
    """Every problem of the calendars of all clients."""
    for client in library.client_ids():
        try:
            calendars = library.calendars.of(client)
        except InvalidDocument as invalid:
            yield from invalid.problems
            continue
        yield from _default(library, client, calendars)
        if calendars:
            path = library.calendars.path(client)
            yield from problems_of_places(_told(library, path), path.read_bytes()).problems
            yield from _sites(library, client, calendars)
            yield from _countries(library, client, calendars)
            yield from _both(library, client, calendars)
            yield from _confirmed(library, client, calendars)


def _told(library: Documents, path: Path) -> str:
    return path.relative_to(library.root).as_posix()


def _default(library: Documents, client: str, calendars: dict[str, Calendar]) -> Iterator[Problem]:
    known = library.clients().get(client)
    name = known.calendar if known else None
    if name is None or name in calendars or name == EVERY_DAY:
        return
    path = library.root / tables.FOLDER / client / "client.yaml"
    message = f"calendar: no calendar is called '{name}'."
    remedy = did_you_mean(name, calendars, f"Write it into {_told(library, library.calendars.path(client))}.")
    if PLACE.fullmatch(name):
        if not (wrong := why_unknown_place(Place.read(name))):
            return
        message, remedy = f"calendar: {wrong}.", nearest_place(name)
    line = _line_with(path, "calendar:")
    yield Problem(path=_told(library, path), line=line, message=message, remedy=remedy)


def _rows(library: Documents, client: str) -> Iterator[tuple[str, Site]]:
    for table in library.tables(client):
        try:
            for site in library.sites(client, table):
                yield table, site
        except InvalidDocument:  # told as the table's own problem
            continue


def _readable(library: Documents, client: str) -> bool:
    """Whether every table can be read; what a broken one seems to lack is not asked before it is mended."""
    try:
        for table in library.tables(client):
            library.sites(client, table)
    except InvalidDocument:
        return False
    return True


def _sites(library: Documents, client: str, calendars: dict[str, Calendar]) -> Iterator[Problem]:
    if not _readable(library, client):
        return
    codes = {site.code for _, site in _rows(library, client)}
    path = library.calendars.path(client)
    for name, calendar in calendars.items():
        for code in sorted(calendar.sites - codes):
            message = f"{name}: no table of this client has a site '{code}'."
            remedy = did_you_mean(code, codes) if codes else ""
            yield Problem(path=_told(library, path), line=_line_with(path, code), message=message, remedy=remedy)


def _both(library: Documents, client: str, calendars: dict[str, Calendar]) -> Iterator[Problem]:
    """Days open for a country and closed for a site in it, or the other way round."""
    path = library.calendars.path(client)
    for name, calendar in calendars.items():
        for opened, closed in product(calendar.open, calendar.closed):
            day = max(opened.first, closed.first)
            for _, site in _rows(library, client) if day <= min(opened.last, closed.last) else ():
                place = WorkingDays(calendar).place_of(site)
                if opened.hold(day, place) and closed.hold(day, place):
                    message = f"{name}: {day} is both open and closed for {site.code}."
                    line = _line_with(path, opened.reason)
                    yield Problem(path=_told(library, path), line=line, message=message, remedy="Keep one.")
                    break


def _confirmed(library: Documents, client: str, calendars: dict[str, Calendar]) -> Iterator[Problem]:
    """Days that are confirmed and are no estimated holiday of any place of the calendar: nothing would be waived."""
    path = library.calendars.path(client)
    for name, calendar in calendars.items():
        asked = WorkingDays(calendar)
        places = {asked.place_of(site) for _, site in _rows(library, client)} if calendar.confirmed else set()
        for number, confirmed in enumerate(calendar.confirmed, 1):
            where = {each for place in places or {Place()} for each in calendar.places_of(place)}
            near = {
                f"{place.code} {day} {holiday.name}"
                for place in where
                for day in _span(confirmed, more=5)
                if (holiday := public_holiday(place.country, place.subdivision, day, "en", place.categories))
                and holiday.estimated
            }
            if any(f" {day} " in each for each in near for day in _span(confirmed)):
                continue
            remedy = f"Estimated: {', '.join(sorted(near)[:5])}." if near else "No holiday near it is estimated."
            yield Problem(
                path=_told(library, path),
                line=_line_with(path, confirmed.reason),
                message=f"{name}.confirmed.{number}: {confirmed.first} is no estimated holiday.",
                remedy=f"{remedy} A day without work that the calendar does not know stands under 'closed:'.",
            )


def _span(days: Days, more: int = 0) -> Iterator[date]:
    first = days.first - timedelta(days=more)
    length = min((days.last - days.first).days, 400) + 2 * more
    return (first + timedelta(days=number) for number in range(length + 1))


def _countries(library: Documents, client: str, calendars: dict[str, Calendar]) -> Iterator[Problem]:
    """Where a calendar goes by the sites' countries, each of them must be one whose holidays are known."""
    asking = [calendar for calendar in calendars.values() if calendar.asks_the_country]
    if not asking:
        return
    given = frozenset.intersection(*(frozenset(calendar.places) for calendar in asking))
    wrong: dict[tuple[str, Place], Site] = {}
    for table, site in _rows(library, client):
        if site.code not in given:
            wrong.setdefault((table, Place.of(site.country, site.attributes.get("subdivision", ""))), site)
    for (table, place), site in wrong.items():
        if said := why_unknown_place(place):
            path = library.root / tables.FOLDER / client / f"{table}.yaml"
            remedy = f"{nearest_place(place.code)} Or give the site a place in the calendar '{asking[0].name}'."
            yield Problem(
                path=_told(library, path),
                line=_line_with(path, site.code),
                message=f"{site.code}: {said}.",
                remedy=remedy,
            )


def _line_with(path: Path, words: str) -> int | None:
    lines = path.read_text("utf-8").split("\n")
    return next((number for number, line in enumerate(lines, start=1) if words in line), None)
