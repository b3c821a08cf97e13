"""Calls that reach nobody, and policies that are used up."""

from __future__ import annotations

from typing import Any

import pytest
from tests.logbook.samples import MINUTE, NOON, entry, look, outbound, signal

from vigie.core.escalation import Act, Decision
from vigie.core.open_step import OpenStep
from vigie.core.step_escalation import StepDecision
from vigie.core.unanswered import Unanswered
from vigie.logbook.book import Logbook


def call(book: Logbook, *ways: str, **decided: Any) -> None:
    """The first call of INC-1: ``slack`` with a mention, and mails."""
    (incident,) = book.incidents(client="maison-lumiere")
    fields: dict[str, Any] = {"pages": 1, "next_action_at": NOON + 10 * MINUTE, "acts": (Act("page", ("anna",)),)}
    rows = [
        outbound(
            f"INC-1/page/1/{way}", channel=way.partition("/")[0], mentions=("U0ANNA",) if way == "slack" else ()
        )
        for way in ways
    ]  # fmt: skip
    assert book.decide(incident, Decision(**(fields | {"reason": "page 1"} | decided)), rows, at=NOON)


def fails(book: Logbook, way: str) -> bool:
    key = f"INC-1/page/1/{way}"
    book.failed(key, "no such user", NOON + MINUTE)
    found = book.outbound(key)
    assert found is not None
    return book.call_failed(found, NOON + MINUTE)


@pytest.fixture
def opened(book: Logbook) -> Logbook:
    book.record(look(signal("1")))
    return book


def test_the_next_people_are_due_when_every_way_has_failed(opened: Logbook) -> None:
    call(opened, "slack", "mail/anna", "mail/bruno")
    assert [fails(opened, way) for way in ("mail/anna", "slack", "mail/bruno")] == [False, False, True]
    (incident,) = opened.due_incidents(NOON + MINUTE)
    assert (incident.paged_at, incident.next_action_at) == (None, NOON + MINUTE)
    assert [each.text for each in opened.entries(kind_prefix="call.unreached")] == [
        "page 1 reached nobody; the next people are called at once"
    ]


def test_a_post_that_mentions_nobody_reaches_nobody(opened: Logbook) -> None:
    call(opened, "mail/anna")
    opened.queue(outbound("INC-1/page/1/slack"))
    assert fails(opened, "mail/anna") is True


def test_who_has_taken_it_is_not_called_past(opened: Logbook) -> None:
    call(opened, "mail/anna")
    opened.acknowledge("INC-1", "bruno", NOON, "web")
    assert fails(opened, "mail/anna") is False


def test_no_other_message_hurries_a_call(opened: Logbook) -> None:
    call(opened, "mail/anna")
    opened.queue(outbound("INC-1/note/1", purpose="note"))
    assert opened.call_failed(outbound("INC-1/note/1", purpose="note"), NOON) is False
    assert opened.call_failed(outbound("review|x"), NOON) is False


STEP = OpenStep(
    client="maison-lumiere", incident="INC-1", dag_id="d", run_id="r", task_id="t", procedure="p", title="t",
    opened_at=NOON, next_action_at=NOON,
)  # fmt: skip


@pytest.mark.parametrize("exhausted", ["", "duty"])
def test_a_call_about_a_step_is_followed_too_but_not_its_last_resort(opened: Logbook, exhausted: str) -> None:
    step = opened.open_step(STEP, entry())
    decision = StepDecision(1, NOON + 10 * MINUTE, None, "", exhausted=exhausted)
    mail = outbound("STEP-1/asked/1/page/1/mail/anna", channel="mail", status="failed")
    assert opened.decide_step(step, decision, NOON, [mail])
    opened.failed(mail.key, "no such user", NOON)
    assert opened.call_failed(mail, NOON + MINUTE) is (exhausted == "")
    after = opened.step("STEP-1")
    assert after is not None
    assert after.next_action_at == (NOON + 10 * MINUTE if exhausted else NOON + MINUTE)


def test_what_is_used_up_is_known_by_client_and_policy(opened: Logbook) -> None:
    opened.record(look(signal("2", dedup_key="EOD_CASH"), signal("3", client="platform", dedup_key="blind")))
    for incident in opened.incidents():
        used_up = Decision(5, NOON, (), "page 5", exhausted="duty")
        assert opened.decide(incident, used_up, at=NOON)
    step = opened.open_step(STEP, entry())
    opened.decide_step(step, StepDecision(4, NOON, None, "", exhausted="duty"), NOON)
    assert opened.unanswered() == [Unanswered("maison-lumiere", "duty", ("INC-1", "INC-2"), ("STEP-1",))]

    opened.acknowledge("INC-1", "anna", NOON, "web")
    opened.resolve("INC-2", "anna", NOON, "web")
    assert opened.unanswered() == [Unanswered("maison-lumiere", "duty", (), ("STEP-1",))]
