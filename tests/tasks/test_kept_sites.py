"""The tables of a round, read at each look and kept."""

from __future__ import annotations

import pytest
from tests.tasks.samples import file_watch

from vigie.core.errors import InvalidDocument, Problem
from vigie.core.site import Site
from vigie.core.site_table import SiteTable
from vigie.tasks.kept_sites import KeptSites

WATCH = file_watch()
BROKEN = Problem(path="stores.yaml", line=2, message="not valid YAML.")


def _site(code: str, **attributes: str) -> Site:
    return Site(code=code, zone="UTC", country="JP", attributes=attributes or {"warehouse": "tokyo"})


class Table:
    """A table that changes: its rows, or why it cannot be read."""

    def __init__(self, *rows: Site) -> None:
        self.now: SiteTable | Problem = SiteTable(rows)

    def __call__(self, client: str, table: str) -> tuple[Site, ...]:
        if isinstance(self.now, Problem):
            raise InvalidDocument(self.now)
        return self.now


def _codes(kept: KeptSites) -> list[str]:
    return [site.code for site in kept(WATCH).usable]


def test_it_is_the_same_while_nothing_changes() -> None:
    kept = KeptSites(Table(_site("A"), _site("B", hub="x")))
    assert _codes(kept) == ["A"]
    assert kept(WATCH).usable is kept(WATCH).usable


def test_a_table_that_cannot_be_read_is_as_it_was_and_the_problem_is_told() -> None:
    table = Table(_site("A"), _site("B"))
    kept = KeptSites(table)
    before = kept(WATCH).usable
    table.now = BROKEN
    assert kept(WATCH).usable is before
    assert kept(WATCH).problems == (BROKEN,)
    table.now = SiteTable([_site("B")])
    assert (_codes(kept), kept(WATCH).problems) == (["B"], ())


def test_a_row_that_cannot_be_used_is_as_it_was() -> None:
    table = Table(_site("A"), _site("B"))
    kept = KeptSites(table)
    assert _codes(kept) == ["A", "B"]
    table.now = SiteTable([_site("A"), _site("B", hub="x"), _site("C"), _site("D", hub="x")])
    assert _codes(kept) == ["A", "C", "B"]
    assert [problem.message[:18] for problem in kept(WATCH).problems] == ["the site 'B' has n", "the site 'D' has n"]


def test_a_table_that_was_never_read_is_refused() -> None:
    table = Table()
    table.now = BROKEN
    with pytest.raises(InvalidDocument):
        KeptSites(table)(WATCH)


def test_another_rule_needs_other_columns() -> None:
    kept = KeptSites(Table(_site("A"), _site("B", hub="x")))
    assert _codes(kept) == ["A"]
    other = WATCH.model_copy(update={"respond": WATCH.respond.model_copy(update={"group_by": ()})})
    assert [site.code for site in kept(other).usable] == ["A", "B"]
