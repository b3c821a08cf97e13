from __future__ import annotations

import time
import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.files import DUE, HOUR, MINUTE, SECOND, Looks, store, watch

from vigie.core.expectation import expected, judge
from vigie.core.near_miss import SAID, NearNames, miss

NAME = "REPL_PAR-1_20261123.csv"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("repl_par-1_20261123.csv", "case"),
        ("REPL_PAR-1_20261123.CSV", "case"),
        ("Repl_Par-1_20261123.Csv", "case"),
        ("REPL_PAR-1_20261123.csv.gz", "extension"),
        ("REPL_PAR-1_20261123.CSV.GZ", "extension"),
        ("REPL_PAR-1_20261123.csv.zip.pgp", "extension"),
        ("REPL_PAR-1_20261123.zip", "extension"),
        ("REPL_PAR-1_20261123.txt", "extension"),
        ("REPL_PAR-1_20261123", "extension"),
        ("REPL_PAR-1_20261123.csv.1", "extension"),
        ("REPL_PAR-1_20261123_1.csv", "suffix"),
        ("REPL_PAR-1_20261123-2.csv", "suffix"),
        ("REPL_PAR-1_20261123 (1).csv", "suffix"),
        ("REPL_PAR-1_20261123 - Copy.csv", "suffix"),
        ("REPL_PAR-1_20261123v2.csv", "suffix"),
        ("REPL_PAR-1_20261123_0512.csv", "suffix"),
        ("REPL_PAR-1_20261123.csv_old", "suffix"),
        ("Copy of REPL_PAR-1_20261123.csv", "prefix"),
        ("TEST_REPL_PAR-1_20261123.csv", "prefix"),
        ("TEST_REPL_PAR-1_20261123.txt", "prefix"),
        ("REPL-PAR-1-20261123.csv", "spelling"),
        ("REPL_PAR1_20261123.csv", "spelling"),
        ("REPL PAR-1 20261123.csv", "spelling"),
        ("REPL_PAR-1_2026-11-23.csv", "spelling"),
        ("ＲＥＰＬ_PAR-1_20261123.csv", "spelling"),  # full width
        ("RÉPL_PAR-1_20261123.csv", "spelling"),
        ("REPL_PAR-1_20261123.csv ", "spelling"),
        (" REPL_PAR-1_20261123.csv", "spelling"),
        ("REPL_PAR-1_20261123.csv.tmp", "temporary"),
        ("REPL_PAR-1_20261123.csv.filepart", "temporary"),
        ("REPL_PAR-1_20261123.csv~", "temporary"),
        (".REPL_PAR-1_20261123.csv", "temporary"),
        (".in.REPL_PAR-1_20261123.csv.", "temporary"),
        ("tmp_REPL_PAR-1_20261123.csv", "temporary"),
        ("REPL_PAR-1_20261124.csv", None),  # tomorrow's
        ("REPL_PAR-10_20261123.csv", None),  # another site's
        ("REPL_LYO-1_20261123.csv", None),
        ("REPL_PAR-1_202611230.csv", None),
        ("XREPL_PAR-1_20261123.csv", None),
        ("STOCK_PAR-1_20261123.csv", None),
        ("\n", None),
        ("", None),
        ("\udcff", None),
    ],
)
def test_what_differs(name: str, what: str | None):
    assert miss(NAME, name) == what
    found = NearNames([name, "a", "b", "zz_1"]).near(NAME)
    assert found == ({name: what} if what else {})


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("x_STOCK_PAR-1_20261123_0512.CSV", "case"),
        ("STOCK_PAR-1_20261123_0512.csv.gz", "extension"),
        (".inprogress.STOCK_PAR-1_20261123_05.csv", "temporary"),
        ("STOCK_PAR-1_20261123.csv", "spelling"),
        ("STOCK_PAR-1_20261124_0512.csv", None),
    ],
)
def test_what_differs_where_the_name_has_stars(name: str, what: str | None):
    assert miss("*STOCK_PAR-1_20261123_*.csv", name) == what


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("*STOCK.xlsx", "~$STOCK.xlsx"),
        ("*STOCK.xlsx", "tmp_STOCK.xlsx"),
        ("STOCK*", "STOCK.csv~"),
        ("STOCK.csv*", "STOCK.csv.part"),
        ("*STOCK*", "STOCK.csv.PARTIAL"),
        ("*STOCK*", "~$x_STOCK.csv"),
        ("STOCK*.csv", "STOCK.tmp.csv"),
        ("STOCK*.csv", "STOCK_1.csv.swp"),
        ("*", "anything.lck"),
    ],
)
def test_what_a_star_does_not_stand_for_is_said_to_be_temporary(expected: str, name: str):
    assert miss(expected, name) == "temporary"


def test_a_mark_of_a_temporary_name_amid_it_is_a_part_of_it():
    assert miss("STOCK_*_X.csv", "stock_~1_X.csv") == "case"
    assert miss("STOCK*.csv", "stock.part.csv") == "case"


@pytest.mark.parametrize("form", ["%d%m%Y", "%Y-%m-%d", "%y%m%d", "%d-%m-%y", "%m%d%Y", "%Y%j", "%d%b%Y"])
def test_a_date_written_in_another_way(form: str):
    looks = Looks(watch(path="out/REPL_{site.code}_{business_date:%Y%m%d}.csv"), [store(1)])
    written = date(2026, 11, 23).strftime(form)
    path = f"out/REPL_S-1_{written}.csv"
    (found,) = _found(looks, {path: (9, DUE - HOUR)})
    assert (found["path"], found["what"]) == (path, "spelling" if form == "%Y-%m-%d" else "date")


@given(st.text(max_size=60), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_any_name_can_be_asked(name: str, form: str):
    text = unicodedata.normalize(form, name)
    assert miss(NAME, text) in {None, *SAID}
    NearNames([text, NAME + text, text + NAME]).near(NAME)


def _found(looks: Looks, files: dict[str, tuple[int, datetime]], **more: object) -> list[dict[str, object]]:
    looks.look(DUE - MINUTE, files)
    (signal,) = looks.look(DUE + SECOND, files, **more).signals
    return signal.facts["found"]  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("rule", "size", "at", "what", "why"),
    [
        ({}, 0, DUE - HOUR, "empty", "it is empty"),
        ({"min_size": 1000}, 12, DUE - HOUR, "small", "it has 12 bytes of at least 1,000"),
        ({"stable_for": "10 min"}, 9, DUE - 20 * MINUTE, "growing", "it is still being written (9 bytes)"),
        ({"max_age": "2 h"}, 9, DUE - 3 * HOUR, "old", "it is an old one, of 2026-11-23 03:00"),
        (
            {"path": "out/x_{site.code}.csv", "max_age": "2 h", "grace": "1 d"},
            9,
            DUE + 23 * HOUR,
            "later",
            "by its time, 2026-11-24 05:00, it is the next one",
        ),
    ],
)
def test_a_file_that_lies_there_and_does_not_count_is_told_with_the_reason(
    rule: dict[str, object], size: int, at: datetime, what: str, why: str
):
    looks = Looks(watch(**rule), [store(1)])
    (due, *_) = (each for each in expected(looks.rule, looks.sites, DUE) if each.when == "2026-11-23")
    path = due.path
    signals = []
    for minutes in (30, 1, -19, -21):  # what grows and grows keeps nobody waiting
        listed = {path: (size + (minutes + 21 if what == "growing" else 0), at)}
        signals += looks.look(due.deadline - minutes * MINUTE, listed).signals
    (signal,) = [each for each in signals if "2026-11-23" in each.dedup_key]
    assert signal.facts["found"] == [{"site": "S-1", "path": path, "what": what, "why": why, "size": size}]


def test_the_file_of_another_site_is_not_a_near_miss():
    looks = Looks(watch(), [store(1), store(11)])
    files = {"out/REPL_S-11_20261123.csv": (9, DUE - HOUR), "out/REPL_s-11_20261123.csv": (9, DUE - HOUR)}
    looks.look(DUE - HOUR, files)
    looks.look(DUE, files)
    (signal,) = looks.look(DUE + SECOND, files).signals
    assert (signal.facts["found"], [one["site"] for one in signal.facts["missing"]]) == ([], ["S-1"])  # type: ignore[union-attr, index, call-overload]


def test_the_right_name_in_the_folder_above_or_in_another_sites_folder_is_named():
    rule = watch(path="in/{site.code}/REPL_{site.code}_{business_date:%Y%m%d}.csv")
    looks = Looks(rule, [store(1), store(2)])
    wrong = {"in/S-2/REPL_S-1_20261123.csv": (9, DUE - HOUR)}
    above = {
        "in": {"REPL_S-2_20261123.csv": None, "REPL_S-1_20261122.csv": None},
        "elsewhere": {"REPL_S-1_20261123.csv": None},
    }
    found = _found(looks, wrong, above=above)
    assert [(each["site"], each["path"], each["what"]) for each in found] == [
        ("S-1", "in/S-2/REPL_S-1_20261123.csv", "folder"),
        ("S-2", "in/REPL_S-2_20261123.csv", "folder"),
    ]


@pytest.mark.parametrize("name", ["repl_s-1_20261123.csv", "REPL_S-1_20261123.csv.gz", "REPL_S-1_20261123_1.csv"])
def test_what_nearly_has_the_name_is_named_in_the_folder_above_too(name: str):
    looks = Looks(watch(path="in/REPL_{site.code}_{business_date:%Y%m%d}.csv"), [store(1)])
    above = {".": {name: None, "REPL_S-1_20261122.csv": None, "REPL_S-11_20261123.csv.gz": None}}
    assert [(each["path"], each["what"]) for each in _found(looks, {}, above=above)] == [(name, "folder")]


def test_a_hundred_thousand_names_are_asked_in_a_moment():
    looks = Looks(watch(), [store(number) for number in range(60)])
    looks.look(DUE)
    known = [each for each in looks.book.values() if each.when == "2026-11-23"]
    files = {f"out/REPL_S-{number}_20260101.csv": (9, DUE) for number in range(100_000)}
    files["out/repl_s-7_20261123.csv.gz"] = (9, DUE)
    looks.look(DUE, files)
    began = time.process_time()
    (signal,) = judge(looks.rule, known, looks.files, DUE + SECOND, {each.code: each for each in looks.sites}).signals
    assert time.process_time() - began < 5  # 0.7 s
    assert [each["path"] for each in signal.facts["found"]] == ["out/repl_s-7_20261123.csv.gz"]  # type: ignore[union-attr, index, call-overload]
