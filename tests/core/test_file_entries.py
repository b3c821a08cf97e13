from __future__ import annotations

from datetime import date

import pytest
from tests.core.files import DUE, HOUR, OPENS, watch

from vigie.core.arrival import Again
from vigie.core.file_entries import NAMED, came_again, ended, no_folder, unexpected
from vigie.core.occurrence import ArrivedFile, Occurrence
from vigie.core.stranger import Stranger

FILE = ArrivedFile(name="a_1.csv", size=9, modified_at=DUE - HOUR)
ONE = Occurrence(
    client="acme",
    flux="supply",
    watch="acme.supply.files",
    site="S-1",
    business_date=date(2026, 11, 23),
    slot="06",
    path="out/a_*.csv",
    window_open=OPENS,
    due=DUE,
    deadline=DUE,
    status="on_time",
    arrived_at=DUE - HOUR,
    files=(FILE,),
)


def test_an_end_says_when_and_what_was_seen():
    line = ended(ONE, DUE)
    assert (line.kind, line.text) == (
        "occurrence.on_time",
        "S-1 2026-11-23/06: on_time, arrived 2026-11-22 20:00:00 UTC",
    )
    assert line.key == "acme.supply.files|S-1|2026-11-23/06|on_time"
    assert line.data["files"] == [{"name": "a_1.csv", "size": 9, "modified_at": "2026-11-22T20:00:00+00:00"}]
    waived = ONE.model_copy(update={"status": "waived", "reason": "holiday", "arrived_at": None, "files": ()})
    assert ended(waived, DUE).text == "S-1 2026-11-23/06: waived, holiday"


def test_a_file_that_came_again_has_a_key_of_its_own():
    again = FILE.model_copy(update={"size": 10})
    one, other = came_again(Again(ONE, again, FILE), DUE), came_again(Again(ONE, FILE, None), DUE)
    assert one.text == "S-1 2026-11-23/06: a_1.csv was sent again; it stays on_time"
    assert other.text == "S-1 2026-11-23/06: one more file came, a_1.csv; it stays on_time"
    assert (one.kind, one.key == other.key) == ("file.again", False)
    assert one.data["before"] == {"name": "a_1.csv", "size": 9, "modified_at": "2026-11-22T20:00:00+00:00"}


@pytest.mark.parametrize(("size", "rest"), [(0, "nothing"), (3000, "3,000 bytes")])
def test_a_file_that_was_overwritten_with_nothing_is_a_line(size: int, rest: str):
    spoilt = came_again(Again(ONE, FILE.model_copy(update={"size": size}), FILE, spoilt=True), DUE)
    assert spoilt.text == f"S-1 2026-11-23/06: a_1.csv was overwritten with {rest}; it stays on_time"
    assert spoilt.kind == "file.spoilt"


def test_a_flood_of_strangers_is_twenty_lines_and_one_that_counts():
    strangers = [Stranger(f"out/x{number:03}.csv", "no site") for number in range(500)]
    lines = list(unexpected(watch(), strangers, DUE))
    assert len(lines) == NAMED + 1
    assert lines[0].text == "out/x000.csv: unexpected, no site"
    assert lines[-1].text == "480 more unexpected files, from out/x020.csv to out/x499.csv"
    assert {line.kind for line in lines} == {"occurrence.unexpected"}
    assert len({line.key for line in lines}) == len(lines)
    assert len(list(unexpected(watch(), strangers[:NAMED], DUE))) == NAMED


def test_a_folder_that_is_not_there():
    assert no_folder(watch(), "out", DUE).text == "acme_depot has no folder 'out'; nothing can arrive in it"
