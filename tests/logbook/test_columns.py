from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.logbook.columns import KEY_BYTES, as_utc, canonical_json, clean_text, short_key

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("plain", "plain"),
        ("Élan 🗼", "Élan 🗼"),
        ("a\0b", "a\ufffdb"),
        ("a\ud83d b", "a\ufffd b"),
        ("\udcff\udcfe.csv", "\ufffd\ufffd.csv"),  # a file name that is not UTF-8
        ("\ud83d\uddfc", "🗼"),  # two halves are a whole
    ],
)
def test_text_loses_only_what_a_database_refuses(text: str, stored: str):
    assert clean_text(text) == stored


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(text: str):
    once = clean_text(text)
    assert clean_text(once) == once
    assert once.encode().decode() == once
    assert "\0" not in once


@given(st.one_of(ANY_TEXT, st.builds(lambda text, times: text * times, ANY_TEXT, st.integers(1, 9))))
def test_a_key_fits_an_index_and_is_shortened_once(key: str):
    once = short_key(key)
    assert len(once.encode()) <= KEY_BYTES
    assert short_key(once) == once


def test_long_keys_that_differ_at_their_end_stay_different():
    assert short_key("k" * 5000 + "1") != short_key("k" * 5000 + "2")
    assert short_key("k" * KEY_BYTES) == "k" * KEY_BYTES


def test_one_spelling_of_a_value():
    assert canonical_json({"b": [1.5, None], "a": "é\0"}) == '{"a":"\\u00e9\\ufffd","b":[1.5,null]}'


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError) as refused:
        as_utc(datetime(2026, 1, 15, 12, 0))  # noqa: DTZ001
    assert str(refused.value) == (
        "the logbook keeps instants, and 2026-01-15T12:00:00 has no time zone; give it one (UTC)"
    )
    assert as_utc(datetime(2026, 1, 15, 12, 0, tzinfo=UTC)).tzinfo is UTC
