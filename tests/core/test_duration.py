from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from tests.examples import examples

from vigie.core.duration import Duration, format_duration, parse_duration


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30 s", 30), ("10 min", 600), ("2 h", 7200), ("1 d", 86400), (" 10min ", 600), ("0 s", 0), ("90 min", 5400)],
)
def test_a_number_and_a_unit(written: str, seconds: int):
    assert parse_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written", ["", "10", "min", "10 m", "-5 s", "1.5 h", "1 h 30 min", "10 MIN", "١ s", "9999999 s"]
)
def test_anything_else_is_refused_with_what_to_write(written: str):
    with pytest.raises(ValueError) as refused:
        parse_duration(written)
    assert str(refused.value) == f"write a duration as '30 s', '10 min', '2 h' or '1 d' (found '{written}')"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (30, "30 s"),
        (60, "1 min"),
        (90, "90 s"),
        (600, "10 min"),
        (7200, "2 h"),
        (86400, "1 d"),
        (5400, "90 min"),
    ],
)
def test_the_largest_unit_that_divides_it(seconds: int, written: str):
    assert format_duration(timedelta(seconds=seconds)) == written


@examples(50)
@given(st.integers(min_value=0, max_value=999_999))
def test_what_is_written_is_read_back(seconds: int):
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_in_a_model_it_travels_as_it_is_written():
    adapter = TypeAdapter(Duration)
    assert adapter.validate_python("10 min") == timedelta(minutes=10)
    assert adapter.validate_python(timedelta(hours=2)) == timedelta(hours=2)
    assert adapter.dump_json(timedelta(minutes=10)) == b'"10 min"'
    with pytest.raises(ValidationError, match="write a duration as '30 s'"):
        adapter.validate_python("PT10M")
