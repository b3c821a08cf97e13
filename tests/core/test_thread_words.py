"""The sentences of the thread in two languages."""

from __future__ import annotations

from string import Formatter

import pytest

from vigie.core.step_answer import BEGIN, DO_NOT_BEGIN
from vigie.core.thread_words import SENTENCES, begins, label, say


@pytest.mark.parametrize("name", SENTENCES)
def test_both_languages_tell_the_same_facts(name: str) -> None:
    english, french = ({field for _, field, _, _ in Formatter().parse(each) if field} for each in SENTENCES[name])
    assert english == french
    assert all(SENTENCES[name])


def test_french_is_for_french_and_english_for_everybody_else() -> None:
    facts = {"who": "Camille", "time": "02:00"}
    assert say("fr", "taken", **facts) == "Pris par Camille à 02:00."
    assert say("en", "taken", **facts) == say("de", "taken", **facts) == "Taken by Camille at 02:00."
    assert begins("fr", "taken") == "Pris par "


def test_what_stands_in_a_fact_is_text() -> None:
    assert say("fr", "taken", who="{time.__class__}", time="{0}") == "Pris par {time.__class__} à {0}."


def test_an_authors_own_answer_stays_as_written() -> None:
    assert [label("fr", each) for each in ("Done", BEGIN, DO_NOT_BEGIN, "taken", "Rien")] == [
        "Fait", "Commencer", "Ne pas commencer", "taken", "Rien",
    ]  # fmt: skip
