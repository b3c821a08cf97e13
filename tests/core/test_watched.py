"""Since when something counts as watched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.files import DUE, HOUR, OPENS, store, watch

from vigie.core.expectation import expected_of
from vigie.core.occurrence import BEFORE_WATCHED, NOT_WATCHED, Occurrence
from vigie.core.watched import SURE_FOR, ended_without, is_due_again, kept_deadline, was_expected

(TODAY,) = expected_of(watch(), store(1), (DUE + 9 * HOUR).date())


def test_what_is_not_there_soon_after_its_deadline_is_missing_and_later_was_not_watched() -> None:
    ends = [ended_without(TODAY, TODAY.deadline + late, SURE_FOR) for late in (HOUR, SURE_FOR, SURE_FOR + HOUR)]
    assert [(each.status, each.reason) for each in ends] == [("missing", ""), ("missing", ""), ("waived", NOT_WATCHED)]
    assert ended_without(TODAY, TODAY.deadline + 40 * HOUR).status == "missing"  # a log knows


@pytest.mark.parametrize(
    ("ever", "last_look", "expected"),
    [
        (False, None, False),  # nobody ever looked for this site
        (True, None, True),
        (True, TODAY.window_open - HOUR, True),  # nobody looked since it opened: we were away
        (True, TODAY.window_open + HOUR, False),  # we looked while it was open, and the rule of then did not expect it
    ],
)
def test_what_the_rule_of_then_did_not_expect(ever: bool, last_look: object, expected: bool) -> None:
    assert was_expected(TODAY, ever=ever, last_look=last_look) == expected  # type: ignore[arg-type]


def _moved(by: timedelta, **changes: object) -> Occurrence:
    return TODAY.model_copy(update={"due": TODAY.due + by, "deadline": TODAY.deadline + by, **changes})


@pytest.mark.parametrize("reason", [BEFORE_WATCHED, NOT_WATCHED])
def test_what_nobody_looked_for_is_due_again_where_its_deadline_moved_into_the_future(reason: str) -> None:
    unseen = TODAY.model_copy(update={"status": "waived", "reason": reason})
    now = TODAY.deadline + HOUR
    assert is_due_again(unseen, _moved(2 * HOUR), now)
    assert not is_due_again(unseen, _moved(HOUR / 2), now)
    assert not is_due_again(unseen.model_copy(update={"reason": "holiday"}), _moved(2 * HOUR), now)
    assert not is_due_again(TODAY.model_copy(update={"status": "missing"}), _moved(2 * HOUR), now)


def test_a_deadline_that_is_moved_into_the_past_is_not_watched_and_the_old_one_stays() -> None:
    now = TODAY.deadline - HOUR
    assert kept_deadline(TODAY, _moved(-2 * HOUR), now) == {"due": TODAY.due, "deadline": TODAY.deadline}
    assert kept_deadline(TODAY, _moved(-HOUR / 2), now) == {}
    assert kept_deadline(TODAY, _moved(HOUR), now) == {}
    assert now > OPENS
