"""Rows of a table of sites, and the columns that a watch needs of them."""

from __future__ import annotations

import pytest
from tests.tasks.samples import file_watch

from vigie.core.file_watch import FileWatch
from vigie.core.site import Site
from vigie.core.site_table import SiteTable, sites_of

DEPOT = file_watch(path="{site.depot}/REPL_{site.code}_{business_date}.csv")


def _site(code: str, **attributes: str) -> Site:
    return Site(code=code, zone="Asia/Tokyo", country="JP", attributes=attributes)


def _table(*rows: Site) -> SiteTable:
    return SiteTable(rows, "include/clients/acme/stores.yaml", {row.code: place + 3 for place, row in enumerate(rows)})


def test_a_table_that_has_all_is_used_as_it_is() -> None:
    table = _table(_site("A", depot="x", warehouse="y"), _site("B", depot="x", warehouse="y"))
    assert sites_of(DEPOT, table).usable is table
    assert sites_of(DEPOT, table).problems == ()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            _site("B", warehouse="y"),
            ("the site 'B' has no 'depot', which the path of maison-lumiere.store_replenishment.store_files needs. "
            "Add 'depot: …' to the row."),
        ),
        (
            _site("B", depot="x"),
            ("the site 'B' has no 'warehouse', which the group_by of maison-lumiere.store_replenishment.store_files "
            "needs. Add 'warehouse: …' to the row."),
        ),
        (
            _site("B", depot="x", warehous="y"),
            ("the site 'B' has no 'warehouse', which the group_by of maison-lumiere.store_replenishment.store_files "
            "needs. Write 'warehouse' in place of 'warehous'."),
        ),
    ],
)
def test_a_row_that_lacks_a_column_is_left_out_and_told_with_its_line(row: Site, said: str) -> None:
    whole = _site("A", depot="x", warehouse="y")
    found = sites_of(DEPOT, _table(whole, row))
    assert found.usable == (whole,)
    assert [str(problem) for problem in found.problems] == [f"include/clients/acme/stores.yaml:4: {said}"]


def test_rows_that_came_from_no_file_are_named_by_their_table() -> None:
    (problem,) = sites_of(DEPOT, (_site("B", warehouse="y"),)).problems
    assert str(problem).startswith("the table 'stores' of maison-lumiere: the site 'B' has no 'depot'")


@pytest.mark.parametrize("rule", [file_watch(), file_watch(respond={"severity": "high", "template": "file_missing"})])
def test_what_every_site_has_is_never_lacking(rule: FileWatch) -> None:
    assert sites_of(rule, _table(_site("A", warehouse="y"))).problems == ()
