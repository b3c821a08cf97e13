from __future__ import annotations

from datetime import datetime

import pytest
from tests.core.files import DUE, HOUR, MINUTE, OPENS, SECOND, Looks, said, store, watch

from vigie.core.expectation import Verdict
from vigie.core.look_times import next_look
from vigie.core.respond import Respond

EARLIER = DUE - 2 * HOUR


def files(*numbers: int) -> dict[str, tuple[int, datetime]]:
    return {f"out/REPL_S-{n}_20261123.csv": (9, EARLIER) for n in numbers}


def looks(sites: int = 4, **rule: object) -> Looks:
    found = Looks(watch(jeopardy="30 min", group_by=("depot",), **rule), [store(n, depot="A") for n in range(sites)])
    found.look(EARLIER)
    return found


def come(session: Looks, now: datetime, *numbers: int) -> Verdict:
    """The files are seen, and stay as they are for longer than ``stable_for``."""
    session.look(now - 31 * SECOND, files(*numbers))
    return session.look(now, files(*numbers))


def test_half_an_hour_before_the_deadline_a_set_that_is_not_whole_is_warned_of():
    session = looks()
    assert come(session, DUE - 31 * MINUTE, 0).signals == ()
    (signal,) = session.look(DUE - 30 * MINUTE, files(0)).signals
    assert (signal.event, signal.title) == ("trigger", "In jeopardy: 1 of 4 files are there (depot=A)")
    assert (signal.template, signal.severity, signal.page) == ("file_jeopardy", "low", False)
    assert signal.dedup_key == "2026-11-23|depot=A|jeopardy 2026-11-22T21:00Z"
    assert {
        name: signal.facts[name] for name in ("expected", "arrived", "missing_count", "before", "deadline_passed")
    } == {
        "expected": 4,
        "arrived": 1,
        "missing_count": 3,
        "before": "30 min",
        "deadline_passed": False,
    }
    assert [each["site"] for each in signal.facts["missing"]] == ["S-1", "S-2", "S-3"]  # type: ignore[union-attr,index,call-overload]


def test_a_warning_is_updated_as_files_come_and_ends_with_the_last():
    session = looks()
    assert said(session.look(DUE - 30 * MINUTE)) == [("trigger", "In jeopardy: 0 of 4 files are there (depot=A)")]
    assert said(come(session, DUE - 20 * MINUTE, 0, 1)) == [("update", "In jeopardy: 2 of 4 files are there (depot=A)")]
    assert session.judge(DUE - 20 * MINUTE) == Verdict((), ())
    assert said(come(session, DUE - 10 * MINUTE, 0, 1, 2, 3)) == [("resolve", "4 of 4 files are there (depot=A)")]
    assert session.look(DUE + SECOND, files(0, 1, 2, 3)) == Verdict((), ())


def test_at_the_deadline_the_warning_ends_and_what_is_missing_calls():
    session = looks()
    session.look(DUE - 30 * MINUTE, files(0))
    come(session, DUE - 20 * MINUTE, 0)
    warning, missing = session.look(DUE + SECOND, files(0)).signals
    assert (warning.event, warning.title, warning.facts["deadline_passed"]) == (
        "resolve",
        "The deadline has passed (depot=A)",
        True,
    )
    assert (missing.event, missing.title, missing.page) == ("trigger", "3 of 4 files missing (depot=A)", True)
    assert warning.dedup_key != missing.dedup_key


@pytest.mark.parametrize(
    ("below", "there", "warns"), [("75 %", 3, False), ("75 %", 2, True), ("1 %", 0, True), ("1 %", 1, False)]
)
def test_a_share_may_be_enough(below: str, there: int, warns: bool):
    session = looks(jeopardy_below=below)
    come(session, DUE - 40 * MINUTE, *range(there))
    assert bool(session.look(DUE - 30 * MINUTE, files(*range(there))).signals) == warns


def test_a_warning_ends_when_enough_is_there():
    session = looks(jeopardy_below="75 %")
    assert said(session.look(DUE - 30 * MINUTE)) == [("trigger", "In jeopardy: 0 of 4 files are there (depot=A)")]
    assert said(come(session, DUE - 10 * MINUTE, 0, 1, 2)) == [("resolve", "3 of 4 files are there (depot=A)")]


def test_sites_with_one_deadline_are_warned_of_together():
    session = Looks(
        watch(jeopardy="30 min", opens="20:00"),
        [store(0), store(1, "Asia/Seoul"), store(2, "Asia/Shanghai")],
    )
    assert said(session.look(DUE - 30 * MINUTE)) == [("trigger", "In jeopardy: 0 of 2 files are there (2026-11-23)")]
    assert said(session.look(DUE + 29 * MINUTE)) == [
        ("resolve", "The deadline has passed (2026-11-23)"),
        ("trigger", "2 of 3 files missing (2026-11-23)"),
    ]
    assert said(session.look(DUE + 30 * MINUTE)) == [("trigger", "In jeopardy: 0 of 1 files are there (2026-11-23)")]


def test_a_session_that_starts_anew_repeats_no_warning():
    session = looks()
    session.look(DUE - 30 * MINUTE)
    session.files, session.looked = {}, None
    assert session.look(DUE - 25 * MINUTE) == Verdict((), ())
    assert said(come(session, DUE - 10 * MINUTE, 0, 1, 2, 3)) == [("resolve", "4 of 4 files are there (depot=A)")]


def test_its_author_may_have_somebody_called():
    respond = Respond(severity="medium", template="our_warning", procedure="ask-depot")
    session = looks(jeopardy_respond=respond)
    (signal,) = session.look(DUE - 30 * MINUTE).signals
    assert (signal.severity, signal.template, signal.procedure, signal.page) == (
        "medium",
        "our_warning",
        "ask-depot",
        True,
    )


def test_without_jeopardy_there_is_no_warning():
    session = Looks(watch(), [store(1)])
    assert session.look(DUE - MINUTE) == Verdict((), ())


def test_the_moment_of_the_warning_is_not_slept_through():
    session = looks()
    session.look(DUE - 31 * MINUTE)
    due = [each for each in session.book.values() if each.when == "2026-11-23"]
    assert next_look(session.rule, due, DUE - 30 * MINUTE - SECOND) == DUE - 30 * MINUTE + 200 * SECOND / 1000
    assert OPENS < DUE


def test_the_share_is_of_files_where_one_site_has_several():
    client = store(0).model_copy(update={"code": "acme"})
    rule = watch(path="out/x_*_{business_date:%Y%m%d}", sites="", at_least=4, jeopardy="30 min", jeopardy_below="75 %")

    def of(number: int) -> dict[str, tuple[int, datetime]]:
        return {f"out/x_{n}_20261123": (9, EARLIER) for n in range(number)}

    session = Looks(rule, [client])
    session.look(DUE - 40 * MINUTE, of(2))
    session.look(DUE - 39 * MINUTE, of(2))
    assert said(session.look(DUE - 30 * MINUTE, of(2))) == [
        ("trigger", "In jeopardy: 2 of 4 files are there (2026-11-23)")
    ]
    session.look(DUE - 20 * MINUTE, of(3))
    assert said(session.look(DUE - 19 * MINUTE, of(3))) == [("resolve", "3 of 4 files are there (2026-11-23)")]
    assert session.judge(DUE - 19 * MINUTE) == Verdict((), ())
    assert said(session.look(DUE + SECOND, of(3))) == [("trigger", "1 of 4 files missing (2026-11-23)")]

    enough = Looks(rule, [client])
    for minutes in (40, 39, 30):
        assert enough.look(DUE - minutes * MINUTE, of(3)).signals == ()
