"""The errors of the desk, noted and forgotten."""

from __future__ import annotations

from tests.logbook.samples import MINUTE, NOON

from vigie.logbook.book import Logbook


def test_an_error_is_counted_while_it_repeats(book: Logbook) -> None:
    for minute in range(3):
        book.note_error("INC-1", "KeyError in x", f"'{minute}'", NOON + minute * MINUTE)
    (error,) = book.errors()
    assert (error.times, error.since, error.last_at, error.text) == (3, NOON, NOON + 2 * MINUTE, "'2'")


def test_another_cause_is_told_anew(book: Logbook) -> None:
    book.note_error("INC-1", "KeyError in x", "", NOON)
    book.errors_told(["INC-1"], NOON)
    book.note_error("INC-1", "KeyError in x", "", NOON)
    assert book.errors()[0].told_at == NOON
    book.note_error("INC-1", "TypeError in y", "", NOON)
    assert (book.errors()[0].told_at, book.errors()[0].times) == (None, 3)


def test_what_works_again_is_forgotten_or_told_as_over(book: Logbook) -> None:
    book.note_error("INC-1", "KeyError in x", "", NOON)
    book.note_error("INC-2", "KeyError in x", "", NOON)
    book.errors_told(["INC-2"], NOON)
    book.error_works("INC-1")
    book.error_works("INC-2")
    (told,) = book.errors()
    assert (told.what, told.times, told.told_at) == ("INC-2", 0, NOON)
    assert told.last_at < NOON
    assert book.errors_over(["INC-2"]) == 1
    assert book.errors() == []
    assert book.errors_over([]) == 0
