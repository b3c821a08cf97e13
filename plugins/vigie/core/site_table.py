"""A client's table of sites, as it can be read: its rows, where each stands, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple, Self

from vigie.core.errors import Problem
from vigie.core.file_name import site_columns
from vigie.core.file_watch import FileWatch
from vigie.core.site import Site

OWN_COLUMNS = frozenset({"code", "name", "zone", "country"})
"""What every site has; each other column is an attribute of the row that writes it."""


class SiteTable(tuple[Site, ...]):  # noqa: SLOT001 (a tuple with fields of its own needs a __dict__)
    """The rows that can be read, in their order.

    ``path`` is the table's file (relative to the site's folder), ``lines`` the line of each row by its code;
    ``problems`` are those of the rows that cannot be read, which are left out.
    """

    path: str
    lines: Mapping[str, int]
    problems: tuple[Problem, ...]

    def __new__(
        cls,
        rows: Iterable[Site],
        path: str = "",
        lines: Mapping[str, int] | None = None,
        problems: Iterable[Problem] = (),
    ) -> Self:
        """Make a table of these rows."""
        table = super().__new__(cls, rows)
        table.path, table.lines, table.problems = path, lines or {}, tuple(problems)
        return table


class SitesOf(NamedTuple):
    """The rows of a table that a watch can use, and what is wrong with the others."""

    usable: tuple[Site, ...]
    problems: tuple[Problem, ...]


class Lacking(NamedTuple):
    """A row without a column, and what needs it: the ``path`` or the ``group_by`` of a watch."""

    site: Site
    column: str
    what: str


def sites_of(watch: FileWatch, table: tuple[Site, ...]) -> SitesOf:
    """Keep the rows that have every column which the watch needs, and nothing open in its path. A table without a fault is returned as it is."""
    unread = table.problems if isinstance(table, SiteTable) else ()
    found, open_ones = lacking(watch, table), unwritable(watch, table)
    if not found and not open_ones:
        return SitesOf(table, unread)
    codes = {each.site.code for each in found} | {each.site.code for each in open_ones}
    problems = (problem_of(each, watch.id, watch, table) for each in found)
    usable = tuple(site for site in table if site.code not in codes)
    return SitesOf(usable, (*unread, *problems, *(each.problem for each in open_ones)))


class Unwritable(NamedTuple):
    """A row with a column that would be more than itself in the path of a watch, and the problem as its author is told."""

    site: Site
    problem: Problem


def unwritable(watch: FileWatch, table: Iterable[Site]) -> list[Unwritable]:
    """The rows that write a star, a backslash, or levels of folders that are none into the path; in the order of the table."""
    columns = sorted(site_columns(watch.path))
    return [
        Unwritable(site, _open_problem(site, column, why, watch, table))
        for site in table
        for column in columns
        if (why := _more_than_itself(_cell(site, column)))
    ]


def _cell(site: Site, column: str) -> str:
    """What the row writes there; empty where it has no such column."""
    return site.name if column == "name" else site.attributes.get(column, "")


def _more_than_itself(text: str) -> str:
    """What is wrong with a text in a path, as a clause; empty where nothing is."""
    if "*" in text:
        return "'*', which stands for anything in a path"
    if "\\" in text:
        return "'\\'; between folders stands '/'"
    if not text.isprintable():
        return "a character that nobody can see"
    levels = text.split("/")
    if len(levels) > 1 and "" in levels:
        return "a '/' with nothing beside it"
    return next((f"'{level}' as a folder" for level in levels if level in {".", ".."}), "")


def _open_problem(site: Site, column: str, why: str, watch: FileWatch, table: Iterable[Site]) -> Problem:
    named, lines = (table.path, table.lines) if isinstance(table, SiteTable) else ("", {})
    return Problem(
        path=named or f"the table '{watch.sites}' of {watch.client}",
        line=lines.get(site.code),
        message=f"the {column} '{_cell(site, column)}' of the site '{site.code}' has {why}.",
        remedy="Write what stands in the paths of its files.",
    )


def lacking(watch: FileWatch, table: Iterable[Site]) -> list[Lacking]:
    """The rows without a column that the watch needs, in the order of the table."""
    needed = dict.fromkeys(watch.respond.group_by, "group_by") | dict.fromkeys(site_columns(watch.path), "path")
    wanted = sorted(needed.keys() - (OWN_COLUMNS - {"name"}))
    return [Lacking(site, column, needed[column]) for site in table for column in wanted if not _cell(site, column)]


def problem_of(found: Lacking, needed_by: str, watch: FileWatch, table: tuple[Site, ...]) -> Problem:
    """The problem of a row, as its author is told. ``needed_by`` names the watch, or the watches."""
    named, lines = (table.path, table.lines) if isinstance(table, SiteTable) else ("", {})
    near = get_close_matches(found.column, found.site.attributes, n=1, cutoff=0.8)
    code, column = found.site.code, found.column
    return Problem(
        path=named or f"the table '{watch.sites}' of {watch.client}",
        line=lines.get(code),
        message=f"the site '{code}' has no '{column}', which the {found.what} of {needed_by} needs.",
        remedy=f"Write '{column}' in place of '{near[0]}'." if near else f"Add '{column}: …' to the row.",
    )
