"""Zones that do not fit their country: the site is watched all the same, at the hours of its zone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from vigie.core.client import Client
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.site_table import SiteTable
from vigie.documents.tables import FOLDER
from vigie.documents.zone_country import clocks_of, fits

_NAMED = 3


class Tables(Protocol):
    """What is asked of a site's documents."""

    @property
    def root(self) -> Path: ...

    def clients(self) -> dict[str, Client]: ...
    def tables(self, client: str) -> list[str]: ...
    def site_table(self, client: str, table: str) -> SiteTable: ...


def zone_problems(library: Tables) -> Iterator[Problem]:
    """One for each client and each row whose zone shows other hours than its country."""
    for client, known in library.clients().items():
        if known.country and not fits(known.zone, known.country):
            path = f"{FOLDER}/{client}/client.yaml"
            lines = (library.root / path).read_text("utf-8").split("\n")
            line = next((number for number, text in enumerate(lines, 1) if text.startswith("zone:")), None)
            yield _problem(path, line, known.zone, known.country)
        for name in library.tables(client):
            try:
                table = library.site_table(client, name)
            except InvalidDocument:
                continue  # told as the table's own problems
            for row in table:
                if not fits(row.zone, row.country):
                    yield _problem(table.path, table.lines.get(row.code), row.zone, row.country)


def _problem(path: str, line: int | None, zone: str, country: str) -> Problem:
    near = ", ".join(clocks_of(country)[:_NAMED])
    message = f"zone: the clocks of {zone} are not those of {country}, so its hours would be wrong."
    return Problem(
        path=path, line=line, message=message, remedy=f"Write a zone of {country} ({near}), or the country of {zone}."
    )
