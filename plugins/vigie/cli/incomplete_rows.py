"""Rows of the tables of sites that lack a column which a watch needs, as their authors are told."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.core.errors import InvalidDocument, Problem
from vigie.core.file_watch import FileWatch
from vigie.core.site_table import Lacking, lacking, problem_of, unwritable
from vigie.core.watch import Watch
from vigie.documents.library import Library


def incomplete_rows(library: Library, watches: Iterable[Watch]) -> list[Problem]:
    """The problems of the rows that the watches cannot use.

    They cannot be read, they lack a column that is needed, or they write more than a name into the path.

    One for each row and column, whatever the number of watches that need it.
    """
    unread: dict[str, Problem] = {}
    found: dict[tuple[str, str, str, str], list[tuple[FileWatch, Lacking]]] = {}
    for watch in watches:
        if not isinstance(watch, FileWatch) or not watch.sites:
            continue
        try:
            table = library.site_table(watch.client, watch.sites)
        except InvalidDocument:  # told as the table's own problem
            continue
        unread |= {str(problem): problem for problem in table.problems}
        unread |= {str(each.problem): each.problem for each in unwritable(watch, table)}
        for each in lacking(watch, table):
            found.setdefault((watch.client, watch.sites, each.site.code, each.column), []).append((watch, each))
    return [*unread.values()] + [
        problem_of(each, _named([one.id for one, _ in needing]), watch, library.site_table(watch.client, watch.sites))
        for needing in found.values()
        for watch, each in needing[:1]
    ]


def _named(watches: list[str]) -> str:
    more = len(set(watches)) - 1
    return f"{watches[0]}{f' (and of {more} more)' if more else ''}"
