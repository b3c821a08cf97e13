"""The tables of sites of the watches of a round: read at each look, and kept while they cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from vigie.core.errors import InvalidDocument
from vigie.core.file_watch import FileWatch
from vigie.core.site import Site
from vigie.core.site_table import SitesOf, sites_of


class _Kept(NamedTuple):
    watch: FileWatch
    table: tuple[Site, ...] | None
    known: SitesOf


class KeptSites:
    """The sites of a watch. A row that cannot be used is as it was before, or else it is left out.

    ``read`` reads the table of a client (by both names); it may raise InvalidDocument.
    """

    def __init__(self, read: Callable[[str, str], tuple[Site, ...]]) -> None:
        self._read = read
        self._kept: dict[str, _Kept] = {}

    def __call__(self, watch: FileWatch) -> SitesOf:
        """The sites that are looked for, and what is wrong with the others.

        The same tuple while nothing changes. Raises InvalidDocument where the table was never read.
        """
        before = self._kept.get(watch.id)
        table: tuple[Site, ...] | None = None
        try:
            table = self._read(watch.client, watch.sites)
        except InvalidDocument as unreadable:
            if before is None:
                raise
            found = SitesOf((), unreadable.problems)
        else:
            if before is not None and before.table is table and before.watch == watch:
                return before.known
            found = sites_of(watch, table)
        if found.problems and before is not None:
            there = {site.code for site in found.usable}
            as_before = tuple(site for site in before.known.usable if site.code not in there)
            if as_before == before.known.usable:
                found = SitesOf(before.known.usable, found.problems)
            elif as_before:
                found = SitesOf((*found.usable, *as_before), found.problems)
        self._kept[watch.id] = _Kept(watch, table, found)
        return found

    def forget(self, watch_id: str) -> None:
        """The watch is gone."""
        self._kept.pop(watch_id, None)
