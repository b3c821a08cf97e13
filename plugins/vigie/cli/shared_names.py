"""Watches of which two business dates, or two sites, wait for one file, as their authors are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from vigie.cli.flux_file import Written
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.expectation import expected_of
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import Occurrence
from vigie.core.shared_name import shared_name
from vigie.core.site import Site
from vigie.core.site_table import sites_of
from vigie.core.working_days import WorkingDays
from vigie.documents.library import Library

_A_DAY = date(2026, 3, 3)


def same_files(written: Sequence[Written]) -> Iterator[Problem]:
    """A note for each watch that waits for the files of another one: both may be meant."""
    known: dict[tuple[object, ...], Written] = {}
    for each in written:
        watch = each.watch
        if isinstance(watch, FileWatch):
            first = known.setdefault((watch.where, watch.path, watch.sites, *watch.slots), each)
            if first is not each:
                message = (
                    f"MissingFile '{watch.task_id}' waits for the files of '{first.watch.task_id}': a file ends both."
                )
                yield Problem(
                    path=each.path, line=each.line, message=message, remedy="Nothing to do where that is meant."
                )


def _one_file_of_two(
    watch: FileWatch, sites: Sequence[Site], days: WorkingDays
) -> tuple[Occurrence, Occurrence] | None:
    """The first two sites of which one file would end both."""
    known: dict[str, Occurrence] = {}
    for site in sites:
        for one in expected_of(watch, site, _A_DAY, days):
            before = known.setdefault(one.path, one)
            if before.site != one.site:
                return before, one
    return None


def shared_names(library: Library, written: Sequence[Written]) -> Iterator[Problem]:
    """One problem for each such watch. A table or calendar that cannot be read is told elsewhere."""
    for each in written:
        watch = each.watch
        if not isinstance(watch, FileWatch):
            continue
        try:
            sites = sites_of(watch, library.site_table(watch.client, watch.sites)).usable
            found = shared_name(watch, sites, library.calendars.working_days(watch.client, watch.calendar))
        except InvalidDocument:
            continue
        if two := _one_file_of_two(watch, sites, library.calendars.working_days(watch.client, watch.calendar)):
            yield Problem(
                path=each.path,
                line=each.line,
                message=f"MissingFile '{watch.task_id}': {two[0].site} and {two[1].site} wait for one file, '{two[0].path}', so that "
                "one would stand for both.",
                remedy="Name {site.code}, or another column that tells them apart, in the path; or leave sites= out.",
            )
        if found is not None:
            first, second = (f"{one.business_date:%a} {one.business_date}" for one in found)
            yield Problem(
                path=each.path,
                line=each.line,
                message=f"MissingFile '{watch.task_id}': {first} and {second} wait for one file, '{found[1].path}', so that an "
                "old one would be the new one.",
                remedy="Write days='mon-fri', or a calendar= that takes the days without a file away, or add max_age='12 h'.",
            )
