from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.heard_words import Word, tags_in, words_of


def heard(said: str, *, markup: bool = False) -> list[str]:
    return [word.text for word in words_of(said, markup=markup)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Nordwind & Söhne", ["nordwind", "sohne"]),
        ("NORDWIND &amp; SO\u0308HNE", ["nordwind", "sohne"]),
        ("S&ouml;hne S&#246;hne S&#xF6;hne", ["sohne", "sohne", "sohne"]),
        ("S&amp;ouml;hne S&amp;amp;#246;hne &amp;", ["sohne", "sohne"]),
        ("&xyzzy; AT&T", ["xyzzy", "at", "t"]),
        ("Nord\u200bwind N\u00adord\u2060wind", ["nordwind", "nordwind"]),
        ("Nord\u3164wind", ["nordwind"]),
        ("Ｎｏｒｄｗｉｎｄ", ["nordwind"]),
        ("Łódź Straße Ørsted Cœur", ["lodz", "strasse", "orsted", "coeur"]),
        ("Nоrdwind", ["nordwind"]),  # a Cyrillic о
        ("Москва", ["москва"]),
        ("N%C3%B6rd%77ind 50%25 %FF", ["nordwind", "50", "ff"]),
        ("東京商事の", ["東", "京", "商", "事", "の"]),
        ("eod_pos.v2", ["eod", "pos", "v2"]),
        ("", []),
    ],
)
def test_what_is_heard(said: str, words: list[str]) -> None:
    assert heard(said) == words


def test_tags_part_no_word_where_they_are_markup() -> None:
    assert heard("Nord<b>wind</b><br>x", markup=True) == ["nordwindx"]
    assert heard("Nord<b>wind") == ["nord", "b", "wind"]
    assert tags_in("Nord<b>wind</b> <i") == "<b></b>"


def test_where_a_word_stands_and_what_is_between() -> None:
    assert words_of("x: Nord\u200bwind\u2011\n  Söhne") == [
        Word("x", 0, 1, ""), Word("nordwind", 3, 12, ": "), Word("sohne", 16, 21, "- ")
    ]  # fmt: skip


@given(st.text(max_size=200), st.booleans())
def test_any_text_has_words_that_stand_in_it_one_after_the_other(said: str, markup: bool) -> None:
    at = 0
    for word in words_of(said, markup=markup):
        assert word.text
        assert at <= word.start < word.end <= len(said)
        at = word.end if not said[word.start : word.end].startswith("&") else word.start


def test_a_long_text_takes_little_time() -> None:
    began = time.process_time()
    words_of("Nordwind & Söhne, Lyon. " * 5000)
    words_of("&amp" * 30_000)
    words_of("<" * 100_000, markup=True)
    assert time.process_time() - began < 2
