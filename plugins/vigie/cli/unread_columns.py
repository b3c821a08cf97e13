"""Columns of tables of sites that nothing reads: a misspelt `subdivision` would leave a town without its holidays."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from vigie.core.errors import InvalidDocument, Problem
from vigie.core.file_name import site_columns
from vigie.core.file_watch import FileWatch
from vigie.core.site_table import OWN_COLUMNS
from vigie.core.watch import Watch
from vigie.documents.findings import did_you_mean
from vigie.documents.library import Library

SUBDIVISION, NOTE = "subdivision", "note"
"""The columns that calendars read, and that people read."""


def unread_columns(library: Library, watches: Iterable[Watch]) -> list[Problem]:
    """A problem for each column of a watched table that no path, no ``group_by`` and no calendar reads.

    All fluxes must have loaded: one that does not may read it. A table that no watch names may be for a flux to come.
    """
    read: dict[tuple[str, str], set[str]] = {}
    for watch in watches:
        if isinstance(watch, FileWatch) and watch.sites:
            columns = read.setdefault((watch.client, watch.sites), {SUBDIVISION, NOTE})
            columns |= {*site_columns(watch.path), *watch.respond.group_by}
    found = []
    for (client, name), columns in sorted(read.items()):
        try:
            table = library.site_table(client, name)
        except InvalidDocument:  # told as the table's own problem
            continue
        first: dict[str, str] = {}
        for site in table:
            # A row that lacks what is needed is told with the column that it nearly has.
            lacking = columns - {SUBDIVISION, NOTE} - site.attributes.keys()
            told = {near for each in lacking for near in get_close_matches(each, site.attributes, n=1, cutoff=0.8)}
            for column in site.attributes.keys() - told:
                first.setdefault(column, site.code)
        for column in sorted(first.keys() - columns - OWN_COLUMNS):
            near = did_you_mean(column, columns - {NOTE}, " ").strip()
            remedy = (
                "Columns are read by path=, by group_by= and, as 'subdivision', by calendars; 'note' is for people."
            )
            line = table.lines.get(first[column])
            message = f"nothing reads the column '{column}'."
            found.append(Problem(path=table.path, line=line, message=message, remedy=f"{near} {remedy}".strip()))
    return found
