"""A table of sites in which each cell is wrong in turn: the check tells it with its line, and no other site is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.scenarios.site import write_site
from tests.tasks.samples import file_watch

from vigie.cli.incomplete_rows import incomplete_rows
from vigie.core.errors import InvalidDocument
from vigie.core.expectation import expected
from vigie.core.site_table import sites_of
from vigie.documents.library import Library
from vigie.documents.tables import read_site_table

RIGHT = {"code": "PAR-1", "name": "Paris", "zone": "Europe/Paris", "country": "FR", "depot": "lyon", "brand": "or"}
BEFORE = {**RIGHT, "code": "LYO-1"}
AFTER = {**RIGHT, "code": "NCE-1"}
WATCH = file_watch(
    client="nordwind",
    sites="shops",
    path="out/{site.depot}/REPL_{site.code}_{business_date:%Y%m%d}.csv",
    respond={"severity": "high", "template": "file_missing", "group_by": ("brand",)},
)
NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)

ANY_CELL = {
    "empty": "",
    "nothing": None,
    "blanks": '"   "',
    "a blank at its end": '"{} "',
    "a line": '"{}\\n"',
    "a tab": '"a\\tb"',
    "a zero byte": '"a\\0b"',
    "turned": '"a\\u202eb"',
    "unseen": '"{}\\u200b"',
    "a list": "[a, b]",
    "fields": "{a: b}",
    "too long": "x" * 201,
    "a tag": "!!python/object:os.system x",
    "an anchor": "&a b",
    "an alias": "*a",
}
"""What is wrong in every column; ``{}`` stands for what is right."""

OF_A_COLUMN = {
    "code": ["PAR 1", "PÂR-1", "a/b", "..", ".x", "-x", "LYO-1", "lyo-1", "x" * 65, "PAR*"],
    "zone": ["Europe/Pari", "Paris", "UTC+1", "GMT+25", "../../etc/passwd", "/etc/localtime", "0", "true"],
    "country": ["fr", "FRA", "France", "F", "33", "no", "F R"],
    "depot": ["ly*on", "../elsewhere", "a/../../b", "/lyon", "lyon/", "a//b", ".", "a\\b"],
}
WRONG = [
    *(
        (column, written.replace("{}", RIGHT[column]) if written else written)
        for written in ANY_CELL.values()
        for column in RIGHT
    ),
    *((column, written) for column, values in OF_A_COLUMN.items() for written in values),
]

STILL_RIGHT = [
    *(
        ("name", text)
        for text in ("Genève Rive", "東京", "É", "E\u0301", "no", "16:30", "2026-11-24", "a: b", "12", "#1", "*")
    ),
    *(
        ("depot", text)
        for text in ("lyon/nord", "Été", "E\u0301té", "0123", "12", "true", "2026-11-24", "{x}", "a b", "x" * 200)
    ),
    *(("zone", text) for text in ("UTC", "Asia/Calcutta", "Africa/Lagos", "CET", "Pacific/Kiritimati")),
    ("code", "p.a_r-1"),
]


def table_with(column: str, written: str | None) -> bytes:
    rows = []
    for row in (BEFORE, RIGHT, AFTER):
        cells = {name: f'"{value}"' for name, value in row.items()}
        if row is RIGHT and written is None:
            cells[column] = ""
        elif row is RIGHT and written is not None:
            cells[column] = written
        rows.append("- " + "\n  ".join(f"{name}: {value}" for name, value in cells.items()))
    return ("\n".join(rows) + "\n").encode()


def quoted(written: str) -> str:
    return "'" + written.replace("'", "''") + "'"


def paths(data: bytes) -> dict[str, str]:
    """The paths that the watch waits for, by site."""
    table = sites_of(WATCH, read_site_table("shops.yaml", data))
    return {each.site: each.path for each in expected(WATCH, table.usable, NOW) if each.when == "2026-11-24"}


@pytest.mark.parametrize(("column", "written"), WRONG, ids=lambda each: repr(each)[:40])
def test_a_wrong_cell_is_told_with_its_line_and_costs_its_own_site_only(
    column: str, written: str | None, tmp_path: Path
):
    plain = written is not None and not written.startswith(('"', "[", "{", "!", "&", "*", "x" * 9)) and written
    data = table_with(column, quoted(written) if plain and written else written)
    table = sites_of(WATCH, read_site_table("include/clients/nordwind/shops.yaml", data))
    assert {site.code for site in table.usable} == {"LYO-1", "NCE-1"}
    here = {7, 7 + [*RIGHT].index(column)}  # the line of the cell, or of its row
    if written == "LYO-1":
        assert [str(each) for each in table.problems] == [
            "include/clients/nordwind/shops.yaml:7: the code 'LYO-1' stands twice. Each site has a code of its own."
        ]
    assert {problem.line for problem in table.problems} <= here, table.problems

    site = write_site(tmp_path)
    (site / "include/clients/nordwind/shops.yaml").write_bytes(data)
    library = Library(site)
    told = {str(each) for each in (*library.problems(), *incomplete_rows(library, [WATCH]))}
    assert {str(each) for each in table.problems} <= told


@pytest.mark.parametrize(("column", "text"), STILL_RIGHT)
def test_what_only_looks_wrong_is_the_text_that_it_looks_like(column: str, text: str):
    found = paths(table_with(column, quoted(text)))
    row = RIGHT | {column: text}
    assert found[row["code"]] == f"out/{row['depot']}/REPL_{row['code']}_20261124.csv"
    assert len(found) == 3


@pytest.mark.parametrize("column", RIGHT)
def test_a_cell_that_is_not_there_costs_its_own_site_only(column: str):
    lines = table_with(column, "gone").decode().splitlines()
    kept = [line for line in lines if "gone" not in line]
    if column == "code":  # the row begins with it
        kept = [line.replace("  name:", "- name:", 1) if n == 6 else line for n, line in enumerate(kept)]
    found = paths(("\n".join(kept) + "\n").encode())
    assert set(found) == ({"LYO-1", "PAR-1", "NCE-1"} if column == "name" else {"LYO-1", "NCE-1"})


def test_every_cell_wrong_at_once_is_told_at_once():
    rows = [
        f"- {{{', '.join(f'{name}: {value}' for name, value in (RIGHT | {column: ''}).items())}}}" for column in RIGHT
    ]
    with pytest.raises(InvalidDocument) as refused:
        read_site_table("shops.yaml", ("\n".join(rows) + "\n").encode())
    assert {problem.line for problem in refused.value.problems} == set(range(1, len(RIGHT) + 1))
