from __future__ import annotations

import time

import pytest
from tests.core.files import OPENS, store, watch

from vigie.core.expectation import expected
from vigie.core.expected_names import ExpectedNames
from vigie.core.occurrence import FileSeen


def names(*paths: str) -> ExpectedNames:
    (one,) = [each for each in expected(watch(), [store(1)], OPENS) if each.when == "2026-11-23"]
    return ExpectedNames(one.model_copy(update={"site": path, "path": path}) for path in paths)


def owner(known: ExpectedNames, folder: str, name: str) -> list[str]:
    return [key.split("|")[1] for key in known.owners(folder, name)]


@pytest.mark.parametrize(
    ("path", "name", "fits"),
    [
        ("out/a_*.csv", "a_1.csv", True),
        ("out/a_*.csv", "a_.csv", True),
        ("out/a_*.csv", "a_1.csv.tmp", False),
        ("out/a_*.csv", "b_a_1.csv", False),
        ("out/a*b*c", "abc", True),
        ("out/a*b*c", "ac", False),
        ("out/a*b*c", "a1b2b3c", True),
        ("out/a*bb*b", "abb", False),  # the plain parts do not overlap
        ("out/ab*b", "ab", False),
        ("out/*", "anything at all\n\udcff", True),
        ("out/**.csv", ".csv", False),  # as in a shell
        ("out/.*.csv", ".a.csv", True),
        ("out/a*.csv", "a.b.csv", True),
        ("out/a.csv", "a*csv", False),  # a star in a file's own name is only a star
        ("out/a.csv", "aXcsv", False),
    ],
)
def test_a_star_stands_for_anything(path: str, name: str, fits: bool):
    assert owner(names(path), "out", name) == ([path] if fits else [])


def test_the_longest_plain_text_owns_a_name():
    known = names("out/PAR-1*.csv", "out/PAR-10*.csv", "out/*.csv")
    assert owner(known, "out", "PAR-10_x.csv") == ["out/PAR-10*.csv"]
    assert owner(known, "out", "PAR-1_x.csv") == ["out/PAR-1*.csv"]
    assert owner(known, "out", "LYO-1_x.csv") == ["out/*.csv"]
    assert owner(known, "in", "PAR-1_x.csv") == []


@pytest.mark.parametrize(
    "path", ["out/R_{site.code}_{business_date:%Y%m%d}.csv", "out/*_{site.code}_{business_date}_*.csv"]
)
def test_five_thousand_sites_and_ten_thousand_files_are_matched_quickly(path: str):
    known = [
        each for each in expected(watch(path=path), [store(n) for n in range(5000)], OPENS) if each.when == "2026-11-23"
    ]
    assert len(known) == 5000
    files = {}
    for number in range(10_000):
        name = known[number % 5000].path.removeprefix("out/").replace("*", f"{number}")
        name = name if number < 5000 else f"{name}.old"
        files[name] = FileSeen(name=name, size=1, modified_at=OPENS, unchanged_since=OPENS)
    began = time.process_time()
    found = ExpectedNames(known).claimed({"out": files})
    assert len(found) == 5000
    assert time.process_time() - began < 5  # 0.02 s without a star, 0.4 s with one before and one after


@pytest.mark.parametrize("path", ["out/{site.code}*.csv", "out/*{site.code}.csv", "out/*{site.code}*.csv"])
def test_a_code_that_begins_as_another_does_not_take_its_files(path: str):
    sites = [store(1), store(10), store(101)]
    found = {
        each.site: each
        for each in expected(watch(path=f"{path}_{{business_date:%Y%m%d}}"), sites, OPENS)
        if each.when == "2026-11-23"
    }
    known = ExpectedNames(found.values())
    for each in found.values():
        name = each.path.removeprefix("out/").replace("*", "")
        assert known.owners("out", name) == [each.key]
