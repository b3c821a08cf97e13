from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.errors import InvalidDocument
from vigie.core.replay import Arrival
from vigie.core.zone import ZoneInfo
from vigie.documents.arrivals import read_arrivals

HEAD = "business_date,file_name,arrived_at\n"
ONE = "2026-11-23,a.csv,2026-11-23T18:07:05Z\n"


def test_rows_in_any_order_with_further_columns_and_zones():
    log = read_arrivals(
        "a.csv",
        "﻿size,arrived_at,file_name,business_date\r\n"
        '7,2026-11-24T19:07:05+01:00,"b,1.csv",2026-11-24\r\n'
        "\r\n"
        "7,2026-11-23T18:07:05Z, a.csv ,2026-11-23\r\n"
        "7,,c.csv,2026-11-25\r\n".encode(),
    )
    assert log == (
        (
            Arrival(date(2026, 11, 23), "a.csv", datetime(2026, 11, 23, 18, 7, 5, tzinfo=UTC), 4),
            Arrival(date(2026, 11, 24), "b,1.csv", datetime(2026, 11, 24, 18, 7, 5, tzinfo=UTC), 2),
            Arrival(date(2026, 11, 25), "c.csv", None, 5),
        ),
        (),
    )


def test_a_row_that_says_the_same_again_is_told_and_counts_once():
    log = read_arrivals("a.csv", f"{HEAD}{ONE}{ONE}".encode())
    assert len(log.arrivals) == 1
    assert [str(remark) for remark in log.remarks] == ["a.csv:3: this row says the same as line 2; it counts once."]


@pytest.mark.parametrize(
    ("written", "minute", "microsecond"),
    [
        ("2026-11-23T18:07:05Z", 7, 0),
        ("2026-11-23 18:07:05.250+00:00", 7, 250_000),
        ("2026-11-23T18:07:05,25z", 7, 250_000),
        ("20261123T180705Z", 7, 0),
        ("2026-11-23T18:07:05 UTC", 7, 0),
        ("2026-11-23T18:07:05+0000", 7, 0),
        ("2026-11-23T23:52:05+05:45", 7, 0),
        ("2026-11-23T10:37:05-07:30", 7, 0),
        ("2026-W48-1T18:07:05Z", 7, 0),
        ("2026-11-23T18:07:05", 7, 0),
    ],
)
def test_a_time_in_every_spelling_that_says_its_zone(written: str, minute: int, microsecond: int):
    (one,) = read_arrivals("a.csv", f'{HEAD}2026-11-23,a.csv,"{written}"\n'.encode(), UTC).arrivals
    assert one.at == datetime(2026, 11, 23, 18, minute, 5, microsecond, tzinfo=UTC)


def test_times_without_a_zone_are_on_the_clocks_that_are_named():
    """On the night the clocks go back, half past two is the first of the two."""
    log = f"{HEAD}2026-10-25,a.csv,2026-10-25T02:30:00\n2026-10-26,b.csv,2026-10-26T02:30:00\n"
    found = read_arrivals("a.csv", log.encode(), ZoneInfo("Europe/Rome")).arrivals
    assert [f"{each.at:%H:%M}" for each in found] == ["00:30", "01:30"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_may_be_separated_by_what_a_spreadsheet_writes(mark: str):
    text = f"\n{HEAD}{ONE}".replace(",", mark).replace("a.csv", '"a;,b.csv"')
    (one,) = read_arrivals("a.csv", text.encode("utf-8-sig")).arrivals
    assert (one.name, one.line) == ("a;,b.csv", 3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", f"a.csv: there are no arrivals in it. Write one row a file, below '{HEAD.strip()}'."),
        (HEAD, f"a.csv: there are no arrivals in it. Write one row a file, below '{HEAD.strip()}'."),
        ("business_date;file_name;arrived_at\n", f"a.csv: there are no arrivals in it. Write one row a file, below '{HEAD.strip()}'."),
        (f"{HEAD}0001-01-01,a.csv,0001-01-01T00:00:00+10:00\n", "a.csv:2: arrived_at: '0001-01-01T00:00:00+10:00' is not of our time. Write it as 2026-11-23T18:07:05Z.\na.csv:2: business_date: '0001-01-01' is not of our time. Write it as 2026-11-23."),
        (f'{HEAD}2026-11-23,"a"b,2026-11-23T18:07:05Z\n2026-11-23,b.csv,x\n', "a.csv:2: not valid CSV: ',' expected after '\"'. Put a text that holds a comma in quotes.\na.csv:3: arrived_at: 'x' is no time. Write it as 2026-11-23T18:07:05Z."),
        ("business_date,filename,arrived_at\n", "a.csv:1: the column 'file_name' is missing. Did you mean 'filename'?"),
        ("business_date,file_name,arrived_at,file_name\n", "a.csv:1: the column 'file_name' stands twice. Keep one."),
        (f"{HEAD}2026-11-31,a.csv,2026-11-23T18:07:05Z\n", "a.csv:2: business_date: '2026-11-31' is no date. Write it as 2026-11-23."),
        (f"{HEAD}20261123,a.csv,2026-11-23T18:07:05Z\n", "a.csv:2: business_date: '20261123' is no date. Write it as 2026-11-23."),
        (f"{HEAD}2026-11-23,a.csv,yesterday\n", "a.csv:2: arrived_at: 'yesterday' is no time. Write it as 2026-11-23T18:07:05Z."),
        (
            f"{HEAD}2026-11-23,a.csv,2026-11-23T18:07:05\n",
            (
                "a.csv:2: arrived_at: '2026-11-23T18:07:05' does not say of which zone it is. "
                "Write '2026-11-23T18:07:05Z' for UTC, or '2026-11-23T18:07:05+01:00', or say for all of them "
                "--log-tz Europe/Rome."
            ),
        ),
        (f"{HEAD}2026-11-23,,2026-11-23T18:07:05Z\n", "a.csv:2: file_name: there is no name. Write the name of the file."),
        (f"{HEAD}2026-11-23,a.csv\n", "a.csv:2: this row has 2 columns, the first line 3. Write one cell for each column."),
        (f'{HEAD}2026-11-23,"a.csv,\n', "a.csv:2: not valid CSV: unexpected end of data. Put a text that holds a comma in quotes."),
        (
            f"{HEAD}x,a.csv,2026-11-23T18:07:05Z\n{ONE}2026-11-23,b.csv,x\n",
            (
                "a.csv:2: business_date: 'x' is no date. Write it as 2026-11-23.\n"
                "a.csv:4: arrived_at: 'x' is no time. Write it as 2026-11-23T18:07:05Z."
            ),
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_line(text: str, says: str):
    with pytest.raises(InvalidDocument) as refused:
        read_arrivals("a.csv", text.encode())
    assert str(refused.value) == says


def test_what_is_no_text_is_told():
    with pytest.raises(InvalidDocument, match=r"a.csv:2: the file is not UTF-8 text \(byte 0xe9\). Save it as UTF-8."):
        read_arrivals("a.csv", HEAD.encode() + b"2026-11-23,caf\xe9.csv,2026-11-23T18:07:05Z\n")


@given(
    st.text(st.sampled_from('2026-11,:TZ\n"ab;'), max_size=80).map(lambda rows: (HEAD + rows).encode())
    | st.binary(max_size=60)
)
def test_any_bytes_give_arrivals_or_problems(data: bytes):
    try:
        assert read_arrivals("a.csv", data).arrivals
    except InvalidDocument as invalid:
        assert invalid.problems  # noqa: PT017
