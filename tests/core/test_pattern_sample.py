"""Texts made from patterns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.pattern import check_pattern, find
from vigie.core.pattern_sample import samples


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("KO", ("KO",)),
        ("job failed", ("job failed",)),
        (r"\[KO\] (?P<job>\w+)", ("[KO] q", "[KO] qqq")),
        (r"K.?O", ("KO", "KqO")),
        (r"PRICES (?P<country>[A-Z]{2}) FAILED", ("PRICES ZZ FAILED",)),
        (
            r"queue (?P<queue>[\w.-]+) (stuck|stopped)",
            ("queue q stuck", "queue q stopped", "queue qqq stuck", "queue qqq stopped"),
        ),
        (r"[\pL\pN_]+ KO\z", ("q KO", "qqq KO")),
        (r"^[1-9]\d* errors$", ("7 errors", "7777 errors")),
        (r"[^ ]+ x", ("q x", "qqq x")),
        (r"(?i)ko", ("ko",)),
        (r"\S\D\W\s", ("qq  ",)),
    ],
)
def test_texts_that_a_pattern_finds(pattern: str, texts: tuple[str, ...]):
    assert samples(pattern) == texts


def test_what_only_re2_reads_has_none():
    assert samples(r"[[:alpha:]]{2}\C") == ()


@given(st.from_regex(r"[a-c.*+?|()\[\]\\wd]{1,12}", fullmatch=True))
@examples(200)
def test_whatever_is_made_is_found(pattern: str):
    try:
        check_pattern(pattern)
    except ValueError:
        return
    assert all(find(pattern, text) is not None for text in samples(pattern))
