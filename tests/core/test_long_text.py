from __future__ import annotations

from vigie.core.long_text import Ends, ends, told


def test_a_text_that_is_not_too_long_is_whole():
    assert ends("a" * 10, 10) == Ends("a" * 10)
    assert ends("a" * 10, 10).text == "a" * 10


def test_a_long_one_keeps_its_head_and_its_end_from_a_line_on():
    read = ends("head" + "x" * 200 + "half\nfirst\nlast", 100)
    assert read.head == "head" + "x" * 56
    assert read.end == "first\nlast"
    assert read.between == len("head" + "x" * 200 + "half\nfirst\nlast") - 60 - 11
    assert read.text == f"{read.head}\n[… 148 characters not read …]\nfirst\nlast"


def test_where_no_line_begins_near_the_end_begins_in_the_middle_of_one():
    read = ends("a" * 10_000, 1_000)
    assert (len(read.head), len(read.end), read.between) == (600, 400, 9_000)
    assert told("text", 10_000, read) == "of 10,000 characters of its text the first 600 and the last 400 were read"
