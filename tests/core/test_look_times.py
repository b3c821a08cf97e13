"""When folders are looked at, and how long a file has to lie."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.core.files import DAY, DUE, HOUR, MINUTE, OPENS, SECOND, store, watch

from vigie.core.expectation import expected
from vigie.core.look_times import has_to_lie, next_look, next_opening, said_to_lie

TOKYO = ["Asia/Tokyo"]


@pytest.mark.parametrize("at", [OPENS, DUE - HOUR, DUE, DUE + SECOND, DUE + DAY])
def test_what_is_taken_at_once_is_looked_for_each_second_until_it_has_come(at: datetime):
    rule = watch(taken=True)
    (one,) = [each for each in expected(rule, [store(1)], DUE) if each.due == DUE]
    for status in ("pending", "missing"):
        assert next_look(rule, [one.model_copy(update={"status": status})], at) == at + SECOND
    for status in ("on_time", "early", "late", "waived"):
        assert next_look(rule, [one.model_copy(update={"status": status})], at) == at + 5 * MINUTE


def test_a_day_after_its_deadline_it_is_looked_for_as_all_others():
    rule = watch(taken=True)
    (one,) = [each for each in expected(rule, [store(1)], DUE) if each.due == DUE]
    late = DUE + DAY + SECOND
    assert next_look(rule, [one.model_copy(update={"status": "missing"})], late) == late + 5 * MINUTE


def test_the_first_look_is_when_the_window_opens():
    rule = watch(taken=True)
    assert next_opening(rule, TOKYO, OPENS - MINUTE) == OPENS
    assert next_opening(rule, ["Asia/Seoul", "America/New_York"], OPENS - MINUTE) == OPENS
    assert next_opening(rule, TOKYO, OPENS) is None
    assert next_opening(rule, TOKYO, OPENS - HOUR) is None
    assert next_opening(watch(), TOKYO, OPENS - MINUTE) is None
    evening = watch(taken=True, opens="20:00", due="26:00")
    assert next_opening(evening, TOKYO, OPENS - 4 * HOUR - SECOND) == OPENS - 4 * HOUR


@pytest.mark.parametrize(
    ("rule", "lie"),
    [
        ({}, 5 * MINUTE),
        ({"taken": True}, 2 * SECOND),
        ({"taken": True, "gone": "missing"}, 31 * SECOND),
        ({"taken": True, "gone": "missing", "stable_for": "0 s"}, 2 * SECOND),
        ({"gone": "missing"}, 10 * MINUTE),
        ({"gone": "missing", "stable_for": "0 s"}, 5 * MINUTE),
        ({"gone": "missing", "stable_for": "6 min"}, 15 * MINUTE),
    ],
)
def test_how_long_a_file_has_to_lie(rule: dict[str, object], lie: timedelta):
    assert has_to_lie(watch(**rule)) == lie


PLACES = ["in/{site.code}_{business_date}.csv", "archive/{site.code}_{business_date}.csv"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            {},
            (
                "files: a file has to lie 5 min to be seen.",
                "Where its consumer takes it sooner, write taken=True or path=['inbox/…', 'archive/…'].",
            ),
        ),
        (
            {"taken": True},
            (
                "files: a file has to lie 2 s to be seen.",
                "Where its consumer takes it sooner, write path=['inbox/…', 'archive/…'].",
            ),
        ),
        (
            {"gone": "missing"},
            (
                "files: a file has to lie 10 min to be seen.",
                "Where its consumer takes it sooner, write taken=True or gone='arrived' or path=['inbox/…', 'archive/…'].",
            ),
        ),
        (
            {"path": PLACES},
            (
                "files: a file has to lie 5 min in one of its 2 places to be seen.",
                "Where its consumer takes it sooner, write taken=True.",
            ),
        ),
        ({"path": PLACES, "taken": True}, ("files: a file has to lie 2 s in one of its 2 places to be seen.", "")),
    ],
)
def test_an_author_is_told_how_long_a_file_has_to_lie(rule: dict[str, object], said: tuple[str, str]):
    assert said_to_lie(watch(**rule)) == said
