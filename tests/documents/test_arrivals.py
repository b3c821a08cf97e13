from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.errors import InvalidDocument
from vigie.core.replay import Arrival
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
    ("text", "says"),
    [
        ("", f"a.csv: there are no arrivals in it. Write one row a file, below '{HEAD.strip()}'."),
        (HEAD, f"a.csv: there are no arrivals in it. Write one row a file, below '{HEAD.strip()}'."),
        ("business_date;file_name;arrived_at\n", f"a.csv:1: the columns are not separated by commas. Write the first line '{HEAD.strip()}'."),
        ("business_date,filename,arrived_at\n", "a.csv:1: the column 'file_name' is missing. Did you mean 'filename'?"),
        ("business_date,file_name,arrived_at,file_name\n", "a.csv:1: the column 'file_name' stands twice. Keep one."),
        (f"{HEAD}2026-11-31,a.csv,2026-11-23T18:07:05Z\n", "a.csv:2: business_date: '2026-11-31' is no date. Write it as 2026-11-23."),
        (f"{HEAD}20261123,a.csv,2026-11-23T18:07:05Z\n", "a.csv:2: business_date: '20261123' is no date. Write it as 2026-11-23."),
        (f"{HEAD}2026-11-23,a.csv,yesterday\n", "a.csv:2: arrived_at: 'yesterday' is no time. Write it as 2026-11-23T18:07:05Z."),
        (
            f"{HEAD}2026-11-23,a.csv,2026-11-23T18:07:05\n",
            (
                "a.csv:2: arrived_at: '2026-11-23T18:07:05' does not say of which zone it is. "
                "Write '2026-11-23T18:07:05Z' for UTC, or '2026-11-23T18:07:05+01:00'."
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
