"""The desk watches the rounds, which watch the desk."""

from __future__ import annotations

from datetime import timedelta

from tests.tasks.samples import NOW

from vigie.core.incident import Incident
from vigie.logbook.book import Logbook
from vigie.tasks.rounds_pulse import RoundsPulse

MINUTE = timedelta(minutes=1)


def incidents(book: Logbook) -> list[Incident]:
    return book.incidents(client="platform")


def test_rounds_that_stop_are_told_within_two_minutes_once_and_resolved(book: Logbook) -> None:
    pulse = RoundsPulse(book, NOW)
    book.beat("rounds", NOW + 5 * MINUTE)
    pulse.look(NOW + 6.5 * MINUTE)
    assert incidents(book) == []

    for minute in (7, 8, 9):
        pulse.look(NOW + minute * MINUTE)
    (incident,) = incidents(book)
    assert (incident.title, incident.audience, incident.count) == (
        "Nobody checks Vigie itself: the rounds are not walked",
        "platform",
        1,
    )
    assert incident.facts["reason"] == (
        "duty.rounds runs each minute and last did at 01:05 UTC; is it paused, or has it no worker?"
    )

    RoundsPulse(book, NOW + 9 * MINUTE).look(NOW + 12 * MINUTE)  # the next hour's desk: told already
    assert len(incidents(book)) == 1

    book.beat("rounds", NOW + 13 * MINUTE)
    RoundsPulse(book, NOW + 9 * MINUTE).look(NOW + 13 * MINUTE)
    assert incidents(book) == []


def test_rounds_that_never_were_walked_are_told(book: Logbook) -> None:
    pulse = RoundsPulse(book, NOW)
    pulse.look(NOW + MINUTE)
    assert incidents(book) == []
    pulse.look(NOW + 2 * MINUTE)
    assert incidents(book)[0].facts["reason"] == (
        "duty.rounds should run each minute and never did; is it paused, or has it no worker?"
    )


def test_a_desk_that_has_just_begun_gives_the_rounds_time_to_begin_too(book: Logbook) -> None:
    book.beat("rounds", NOW - 600 * MINUTE)
    pulse = RoundsPulse(book, NOW)
    pulse.look(NOW + MINUTE)
    assert incidents(book) == []


def test_it_asks_the_logbook_at_most_each_ten_seconds(book: Logbook) -> None:
    pulse = RoundsPulse(book, NOW)
    for seconds, told in ((109, 0), (118, 0), (119, 1)):
        pulse.look(NOW + timedelta(seconds=seconds))
        assert len(incidents(book)) == told
