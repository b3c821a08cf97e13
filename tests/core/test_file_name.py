from __future__ import annotations

from datetime import date

import pytest

from vigie.core.file_name import check_path, date_fields, expected_path, folder_and_name, has_slot, site_columns
from vigie.core.site import Site

GINZA = Site(code="TYO01", zone="Asia/Tokyo", country="JP", attributes={"warehouse": "TYO", "brand": "Or {x}"})


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("outbound/REPL_{site.code}_{business_date:%Y%m%d}.csv", "outbound/REPL_TYO01_20261123.csv"),
        ("{site.warehouse}/{business_date:%Y/%m}/{site.code}.csv", "TYO/2026/11/TYO01.csv"),
        ("{business_date}.csv", "2026-11-23.csv"),
        ("{{x}}_{site.country}.csv", "{x}_JP.csv"),
        ("{site.brand}.csv", "Or {x}.csv"),  # a value is data, not a template
        ("plain.csv", "plain.csv"),
        ("POS_{business_date - 1 business day:%Y%m%d}.csv", "POS_20261120.csv"),  # the 23rd is a Monday
        ("POS_{business_date-1 day:%d}_{business_date+2 days:%d}.csv", "POS_22_25.csv"),
        ("POS_{business_date + 5 business days:%d}.csv", "POS_30.csv"),
        ("POS_{business_date:%Y%m%d}_*.csv", "POS_20261123_*.csv"),
    ],
)
def test_the_path_of_one_occurrence(template: str, path: str):
    assert check_path(template) == template
    assert expected_path(template, GINZA, date(2026, 11, 23)) == path


def test_a_column_that_the_table_does_not_have():
    assert site_columns("{site.code}/{site.depot}_{business_date:%d}.csv") == {"code", "depot"}
    with pytest.raises(KeyError, match="depot"):
        expected_path("{site.depot}.csv", GINZA, date(2026, 11, 23))


UNKNOWN = (
    "path '{}': '{{{}}}' is not known; write {{site.<column>}}, {{slot}}, {{business_date:%Y%m%d}}, "
    "{{business_date - 1 day:%Y%m%d}} or {{business_date - 1 business day:%Y%m%d}}"
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{store}.csv", UNKNOWN.format("{store}.csv", "store")),
        ("{}.csv", UNKNOWN.format("{}.csv", "")),
        ("{site.}.csv", UNKNOWN.format("{site.}.csv", "site.")),
        ("{site.code!r}.csv", UNKNOWN.format("{site.code!r}.csv", "site.code!r")),
        ("{site.code:>5}.csv", UNKNOWN.format("{site.code:>5}.csv", "site.code:>5")),
        ("{business_date.year}.csv", UNKNOWN.format("{business_date.year}.csv", "business_date.year")),
        ("{business_date - 0 days}.csv", UNKNOWN.format("{business_date - 0 days}.csv", "business_date - 0 days")),
        ("{business_date - 1bd}.csv", UNKNOWN.format("{business_date - 1bd}.csv", "business_date - 1bd")),
        ("{slot:>2}.csv", UNKNOWN.format("{slot:>2}.csv", "slot:>2")),
        ("out*/x.csv", "path 'out*/x.csv': a '*' stands in a folder; it may stand in the name of the file only"),
        ("{0.__class__}.csv", UNKNOWN.format("{0.__class__}.csv", "0.__class__")),
        (
            "{site.code.csv",
            "path '{site.code.csv': expected '}' before end of string; write a brace itself as '{{'",
        ),
        ("a}.csv", "path 'a}.csv': Single '}' encountered in format string; write a brace itself as '{{'"),
        ("outbound/", "path 'outbound/': it names a folder; write the name of the file too"),
        ("", "path '': it names a folder; write the name of the file too"),
    ],
)
def test_what_is_wrong_with_a_path(template: str, text: str):
    with pytest.raises(ValueError) as wrong:
        check_path(template)
    assert str(wrong.value) == text


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("outbound/day/x.csv", ("outbound/day", "x.csv")),
        ("x.csv", (".", "x.csv")),
        ("/srv/x.csv", ("/srv", "x.csv")),
        ("/x.csv", ("/", "x.csv")),
        ("a\\b.csv", (".", "a\\b.csv")),
    ],
)
def test_the_folder_to_list_and_the_name_to_find(path: str, parts: tuple[str, str]):
    assert folder_and_name(path) == parts


def test_the_slot_stands_where_it_is_named():
    assert expected_path("POS_{business_date:%d}_{slot}.csv", GINZA, date(2026, 11, 23), "06") == "POS_23_06.csv"
    assert (has_slot("{slot}.csv"), date_fields("{slot}.csv")) == (True, ())
    assert date_fields("{business_date - 1 day}.csv")
