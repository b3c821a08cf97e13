"""Watches of which two business dates wait for one file, as their authors are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vigie.cli.flux_file import Written
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.file_watch import FileWatch
from vigie.core.shared_name import shared_name
from vigie.core.site_table import sites_of
from vigie.documents.library import Library


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
        if found is not None:
            first, second = (f"{one.business_date:%a} {one.business_date}" for one in found)
            yield Problem(
                path=each.path,
                line=each.line,
                message=f"MissingFile '{watch.task_id}': {first} and {second} wait for one file, '{found[1].path}', so that an "
                "old one would be the new one.",
                remedy="Write days='mon-fri', or a calendar= that takes the days without a file away, or add max_age='12 h'.",
            )
