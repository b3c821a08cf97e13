"""Several places of one file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.core.files import watch

INBOX = "in/REPL_{site.code}_{business_date:%Y%m%d}.csv"
ARCHIVE = "archive/REPL_{site.code}_{business_date:%Y%m%d}.csv"


@pytest.mark.parametrize(
    "places",
    [
        [INBOX],
        [INBOX, ARCHIVE],
        (INBOX, ARCHIVE, "failed/REPL_{site.code}_{business_date:%Y%m%d}.csv"),
        [INBOX, INBOX + ".done"],
        [INBOX, "archive/{business_date:%Y/%m}/{site.code}_{business_date:%Y-%m-%d}_*.csv"],
        ["/in/{business_date - 1 day:%Y%m%d}_{site.code}.csv", "/old/{site.code}_{business_date - 1 day:%d%m%Y}.csv"],
    ],
)
def test_a_file_may_be_seen_in_each_of_its_places(places: list[str]):
    rule = watch(path=places)
    assert (rule.path, rule.places) == (places[0], tuple(places))
    assert type(rule).model_validate_json(rule.model_dump_json()) == rule


SAME = "a file could not be told from another; name the same fields in each place"


@pytest.mark.parametrize(
    ("places", "text"),
    [
        ([], "path=[] names no place; write path=['inbox/…', 'archive/…']"),
        ([INBOX, 7], "path: 7 is no text; write path=['inbox/…', 'archive/…']"),
        ([INBOX, None], "path: None is no text; write path=['inbox/…', 'archive/…']"),
        ([INBOX, INBOX], f"path '{INBOX}' stands there twice; name each place once"),
        ([INBOX, ARCHIVE, f"./{INBOX}"], f"path './{INBOX}' stands there twice; name each place once"),
        (
            [INBOX, "archive/REPL_{site.code}.csv"],
            f"path 'archive/REPL_{{site.code}}.csv' does not name {{business_date}}, and '{INBOX}' does: {SAME}",
        ),
        (
            ["in/x_{business_date:%Y%m%d}.csv", ARCHIVE],
            f"path 'in/x_{{business_date:%Y%m%d}}.csv' does not name {{site.code}}, and '{ARCHIVE}' does: {SAME}",
        ),
        (
            [INBOX, "archive/{site.code}_{business_date - 1 business day:%Y%m%d}.csv"],
            "business day:%Y%m%d}.csv' does not name {business_date}, and 'in/",
        ),
        (
            [INBOX, "s3://archive/{site.code}_{business_date:%Y%m%d}.csv"],
            (
                "path 's3://archive/{site.code}_{business_date:%Y%m%d}.csv': it is an address, 's3://…'; where= names "
                "the server, and the path is a place on it: write it without 's3://archive/'"
            ),
        ),
        ([INBOX, "archive/"], "path 'archive/': it names a folder; write the name of the file too"),
        ([INBOX, "old*/{site.code}_{business_date:%Y%m%d}"], "a '*' stands in a folder"),
        ([INBOX, "archive/{site.code}_{business_date:%H}"], "%H"),
        ([INBOX, "archive/REPL_{site.code}_{business_date:%m%d}.csv"], "write %Y%m%d"),
    ],
)
def test_places_that_are_not_those_of_one_file_are_refused(places: list[object], text: str):
    with pytest.raises(ValidationError) as refused:
        watch(path=places)
    assert text in str(refused.value)


def test_several_files_have_one_name_in_each_place():
    several = "in/x_*_{site.code}_{business_date:%Y%m%d}.csv"
    watch(path=[several, several.replace("in/", "old/")], at_least=3)
    other = several.replace("in/x", "old/y")
    with pytest.raises(ValidationError) as refused:
        watch(path=[several, other], at_least=3)
    assert (
        f"path '{other}' has another name than '{several}', so with at_least=3 one file would count twice; write the same "
        "name in each folder"
    ) in str(refused.value)


def test_what_is_gone_is_arrived_or_missing():
    assert (watch().gone, watch().taken) == ("arrived", False)
    with pytest.raises(ValidationError, match="Input should be 'arrived' or 'missing'"):
        watch(gone="taken")
