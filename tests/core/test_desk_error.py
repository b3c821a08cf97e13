"""What is told of an error at which the desk fails: once for each cause, again while it lasts, and its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from vigie.core.desk_error import DeskError, cause_of, is_failing, news_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CAUSE = "KeyError in policy (posts.py:44)"


def error(what: str = "INC-7", **other: Any) -> DeskError:
    fields: dict[str, Any] = {
        "what": what, "cause": CAUSE, "text": "'platform_duty'", "times": 2, "since": NOON, "last_at": NOON + MINUTE / 2
    }  # fmt: skip
    return DeskError(**(fields | other))


def test_a_first_error_may_pass_and_the_second_is_told() -> None:
    assert news_of([error(times=1)], NOON + MINUTE) == []
    (news,) = news_of([error()], NOON + MINUTE)
    assert (news.kind, news.whats, news.subject) == ("new", ("INC-7",), "Vigie: the desk fails at INC-7")
    assert news.text.startswith(
        "The desk fails at INC-7 since 12:00:00 UTC: KeyError in policy (posts.py:44): 'platform_duty'\n\n"
    )


def test_all_that_one_cause_keeps_waiting_is_told_once() -> None:
    (news,) = news_of([error(), error("INC-9", times=1), error("STEP-1")], NOON + MINUTE)
    assert news.whats == ("INC-7", "INC-9", "STEP-1")
    assert news.subject == "Vigie: the desk fails at INC-7 and 2 more"


def test_another_cause_is_told_too() -> None:
    assert len(news_of([error(), error("INC-9", cause="ZeroDivisionError in x (y.py:1)")], NOON + MINUTE)) == 2


def test_what_lasts_is_told_again_after_half_an_hour() -> None:
    told = error(told_at=NOON, last_at=NOON + 30 * MINUTE)
    assert news_of([told], NOON + 29 * MINUTE) == []
    assert [each.kind for each in news_of([told], NOON + 30 * MINUTE)] == ["reminder"]


def test_what_was_not_seen_for_five_minutes_is_over() -> None:
    told = error(told_at=NOON)
    assert news_of([told], NOON + 5 * MINUTE) == []
    (over,) = news_of([told], NOON + 6 * MINUTE)
    assert (over.kind, over.subject) == ("over", "Vigie: the desk works again")
    assert over.text == "The desk no longer fails at INC-7: KeyError in policy (posts.py:44)."


def test_the_heartbeat_is_withheld_while_it_fails() -> None:
    assert is_failing([error()], NOON + MINUTE)
    assert not is_failing([error(times=1)], NOON + MINUTE)
    assert not is_failing([error()], NOON + 6 * MINUTE)


def test_a_cause_is_an_error_and_its_place() -> None:
    def fails() -> None:
        raise ZeroDivisionError("by this incident's own number")

    try:
        fails()
    except ZeroDivisionError as caught:
        cause = cause_of(caught)
    assert cause.startswith("ZeroDivisionError in fails (test_desk_error.py:")
    assert cause_of(ValueError("never raised")) == "ValueError"
