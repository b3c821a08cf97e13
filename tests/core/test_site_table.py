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
            (
                "the site 'B' has no 'depot', which the path of maison-lumiere.store_replenishment.store_files needs. "
                "Add 'depot: …' to the row."
            ),
        ),
        (
            _site("B", depot="x"),
            (
                "the site 'B' has no 'warehouse', which the group_by of maison-lumiere.store_replenishment.store_files "
                "needs. Add 'warehouse: …' to the row."
            ),
        ),
        (
            _site("B", depot="x", warehous="y"),
            (
                "the site 'B' has no 'warehouse', which the group_by of maison-lumiere.store_replenishment.store_files "
                "needs. Write 'warehouse' in place of 'warehous'."
            ),
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


NAMED = file_watch(
    path="{site.depot}/{site.name}_{business_date}.csv", respond={"severity": "high", "template": "file_missing"}
)


@pytest.mark.parametrize(
    ("depot", "why"),
    [
        ("ly*on", "'*', which stands for anything in a path"),
        ("north\\lyon", "'\\'; between folders stands '/'"),
        ("north//lyon", "a '/' with nothing beside it"),
        ("/lyon", "a '/' with nothing beside it"),
        ("lyon/", "a '/' with nothing beside it"),
        ("a/../b", "'..' as a folder"),
        ("..", "'..' as a folder"),
        ("./lyon", "'.' as a folder"),
    ],
)
def test_a_row_that_writes_more_than_a_name_into_the_path_is_left_out_and_told(depot: str, why: str) -> None:
    whole = _site("A", depot="x/y.d", warehouse="*")  # no path needs its warehouse
    found = sites_of(DEPOT, _table(whole, _site("B", depot=depot, warehouse="y")))
    assert found.usable == (whole,)
    assert [str(problem) for problem in found.problems] == [
        (
            f"include/clients/acme/stores.yaml:4: the depot '{depot}' of the site 'B' has {why}. "
            "Write what stands in the paths of its files."
        )
    ]


def test_the_name_of_a_site_is_a_column_as_others_where_the_path_has_it() -> None:
    table = _table(
        _site("A", depot="x").model_copy(update={"name": "Lyon"}),
        _site("B", depot="x"),
        _site("C", depot="x").model_copy(update={"name": "Ly*on"}),
    )
    found = sites_of(NAMED, table)
    assert [site.code for site in found.usable] == ["A"]
    assert [str(problem) for problem in found.problems] == [
        (
            "include/clients/acme/stores.yaml:4: the site 'B' has no 'name', which the path of "
            "maison-lumiere.store_replenishment.store_files needs. Add 'name: …' to the row."
        ),
        (
            "include/clients/acme/stores.yaml:5: the name 'Ly*on' of the site 'C' has '*', which stands for anything in a "
            "path. Write what stands in the paths of its files."
        ),
    ]
