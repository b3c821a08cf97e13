from __future__ import annotations

import time

import pytest
from tests.core.files import DUE, OPENS, store, watch

from vigie.core.stranger import Stranger, Strangers

NOW = DUE  # Monday 23 November, 06:00 in Tokyo


@pytest.mark.parametrize(
    ("path", "reason", "old"),
    [
        ("out/REPL_S-1O_20261123.csv", "no site of 'stores' has the code 'S-1O'", False),
        ("out/REPL_S-1_20261299.csv", "'20261299' is no date", False),
        ("out/REPL_S-1_20261231.csv", "its date 2026-12-31 is too far ahead", False),
        ("out/REPL_S-1_20261127.csv", "its date 2026-11-27 is too far ahead", False),
        ("out/REPL_S-1_20261115.csv", "its date 2026-11-15 is that of no open window", True),
        ("out/REPL_S-1_00010101.csv", "its date 0001-01-01 is that of no open window", True),
    ],
)
def test_why_a_file_is_a_stranger(path: str, reason: str, old: bool):
    assert Strangers(watch(), [store(1)]).stranger(path, NOW) == Stranger(path, reason, old)


@pytest.mark.parametrize(
    "path",
    [
        "out/STOCK_S-1_20261123.csv",  # another kind of file
        "out/REPL_S-1_20261123.csv.tmp",
        "elsewhere/REPL_S-9_20261123.csv",
        "out/REPL_S-1_2026-11-23.csv",
        "out/REPL_S-1_20261124.csv",  # tomorrow's comes early
        "out/REPL_S-1_20261126.csv",  # and so does that of the day after a long weekend
        "out/REPL_S-\udcff_20261123.csv",  # no name that an author could have meant
        "out/REPL_S-1_20261123.csv\nREPL",
    ],
)
def test_what_is_no_stranger(path: str):
    assert Strangers(watch(), [store(1)]).stranger(path, NOW) is None


def test_a_file_of_a_day_that_has_none():
    strangers = Strangers(watch(days="mon-wed"), [store(1)])
    assert strangers.stranger("out/REPL_S-1_20261125.csv", NOW) is None
    assert strangers.stranger("out/REPL_S-1_20261126.csv", NOW) == Stranger(
        "out/REPL_S-1_20261126.csv", "no file is expected of Thursday 2026-11-26"
    )


def test_a_slot_that_is_not():
    rule = watch(path="out/{site.code}_{business_date:%Y%m%d}_{slot}.csv", slots={"06": "06:30", "12": "12:30"})
    told = Strangers(rule, [store(1)]).stranger("out/S-1_20261123_07.csv", NOW)
    assert told == Stranger("out/S-1_20261123_07.csv", "there is no slot '07'")


def test_a_name_that_says_two_sites():
    rule = watch(path="{site.code}/REPL_{site.code}_{business_date:%Y%m%d}.csv")
    told = Strangers(rule, [store(1), store(2)]).stranger("S-1/REPL_S-2_20261123.csv", NOW)
    assert told == Stranger("S-1/REPL_S-2_20261123.csv", "its name says two different sites")


def test_columns_together_name_a_site():
    rule = watch(path="{site.depot}/{site.brand}_{business_date:%j}.csv", max_age="1 d")
    sites = [store(1, depot="lyon", brand="a"), store(2, depot="reims", brand="b")]
    told = Strangers(rule, sites).stranger("lyon/b_327.csv", NOW)
    assert told == Stranger("lyon/b_327.csv", "no site of 'stores' has the brand 'b', depot 'lyon'")
    assert Strangers(rule, sites).stranger("lyon/a_327.csv", NOW) is None


def test_a_date_some_business_days_away_is_compared_as_it_is_written():
    rule = watch(path="out/{site.code}_{business_date - 1 business day:%Y%m%d}.csv")
    strangers = Strangers(rule, [store(1)])
    assert strangers.stranger("out/S-1_20261120.csv", NOW) is None  # Friday's, for Monday
    assert strangers.stranger("out/S-1_20261119.csv", NOW) == Stranger(
        "out/S-1_20261119.csv", "its date 2026-11-19 is that of no open window", old=True
    )


@pytest.mark.parametrize(
    "written",
    ["%Y%m%d", "%y%j", "%d %b %Y", "%G-W%V-%u", "%F", "%e%h%Y", "%-d_%-m_%Y", "%d%^b%Y", "%A_%U_%Y", "100%%_%Y%m%d"],
)
def test_any_way_to_write_a_date_is_read(written: str):
    rule = watch(path=f"out/{{site.code}}_{{business_date:{written}}}.csv")
    text = OPENS.replace(day=23).strftime(written)
    assert Strangers(rule, [store(1)]).stranger(f"out/S-1_{text}.csv", NOW) is None
    assert Strangers(rule, [store(1)]).stranger(f"out/S-9_{text}.csv", NOW) is not None


def test_a_name_made_to_be_slow_is_read_as_quickly_as_any():
    rule = watch(path="out/*{site.code}*{business_date:%Y%m%d}*_*_*_*.csv")
    began = time.process_time()
    for number in range(200):
        Strangers(rule, [store(1)]).stranger("out/" + "_" * 240 + f"{number}", NOW)
    assert time.process_time() - began < 2
