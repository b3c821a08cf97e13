from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.logbook.samples import MINUTE, NOON, entry, outbound

from vigie.core.message import Button, Message, Outbound
from vigie.core.undelivered import Gone
from vigie.logbook.book import Logbook
from vigie.logbook.outbox import DOUBT_AFTER

SECOND = timedelta(seconds=1)


def due(book: Logbook, at: timedelta = SECOND) -> list[str]:
    return [each.key for each in book.due_messages(NOON + at)]


def get(book: Logbook, key: str = "a") -> Outbound:
    found = book.outbound(key)
    assert found is not None
    return found


def test_a_message_comes_back_as_it_was_queued(book: Logbook):
    said = outbound(
        "INC-1|page|1",
        channel="procedure",
        message=Message(subject="KO é", text="t", html="<b>&amp;</b>", slack="*t*"),
        buttons=(Button(label="Take it", action="take", value="INC-1", style="primary"),),
        mentions=("U1", "U2"),
        reply_to="INC-1|thread",
        edits="INC-1|other",
        broadcast=True,
        variables={"incident": "INC-1", "n": 1},
    )
    assert book.queue(said, entry(kind="page.queued")) is True
    assert book.outbound(said.key) == said
    assert [line.kind for line in book.entries()] == ["page.queued"]


def test_a_key_is_queued_once_for_ever(book: Logbook):
    assert book.queue(outbound("a"), entry()) is True
    assert book.queue(outbound("a", recipient="#other"), entry()) is False
    book.claim("a", "desk", NOON)
    book.sent("a", "C1:1", NOON)
    assert book.queue(outbound("a"), entry()) is False
    assert get(book).recipient == "#maison-lumiere"
    assert len(book.entries()) == 1


def test_messages_are_due_in_the_order_they_were_queued(book: Logbook):
    for number, key in enumerate("cab"):
        book.queue(outbound(key, next_action_at=NOON - number * MINUTE))
    book.queue(outbound("later", next_action_at=NOON + MINUTE))
    assert due(book) == ["c", "a", "b"]
    assert [each.key for each in book.due_messages(NOON, limit=2)] == ["c", "a"]
    assert due(book, 2 * MINUTE) == ["c", "a", "b", "later"]


def test_a_message_without_a_time_is_due_at_once(book: Logbook):
    book.queue(outbound("a", next_action_at=None))
    assert get(book).next_action_at is None
    assert due(book) == ["a"]
    soon = book.next_due()
    assert soon is not None
    assert soon < NOON


def test_a_claim_takes_a_message_from_everybody_else(book: Logbook):
    book.queue(outbound("a"))
    taken = book.claim("a", "desk-1", NOON)
    assert taken is not None
    assert (taken.status, taken.attempts, taken.claimed_at) == ("claimed", 1, NOON)
    assert taken == get(book)
    assert book.claim("a", "desk-2", NOON) is None
    assert book.claim("a", "desk-2", NOON + 60 * MINUTE) is None
    assert due(book, 60 * MINUTE) == []


def test_what_is_unknown_or_not_due_cannot_be_claimed(book: Logbook):
    book.queue(outbound("a", next_action_at=NOON + MINUTE))
    assert book.claim("a", "desk", NOON) is None
    assert book.claim("b", "desk", NOON) is None


def test_a_sent_message_keeps_its_first_name_on_the_other_side(book: Logbook):
    book.queue(outbound("a"))
    book.claim("a", "desk", NOON)
    assert book.sent("a", "C1:1700.1", NOON, entry(kind="page.sent")) is True
    assert book.sent("a", "C1:1700.2", NOON, entry(kind="page.sent")) is False
    assert (get(book).status, get(book).ref, get(book).next_action_at) == ("sent", "C1:1700.1", None)
    assert len(book.entries(kind_prefix="page.sent")) == 1
    assert book.next_due() is None


def test_a_message_thought_lost_that_arrived_is_not_sent_again(book: Logbook):
    book.queue(outbound("a"))
    book.claim("a", "desk-1", NOON)
    book.requeue("a", NOON + MINUTE, repeated=True)
    assert book.sent("a", "C1:1", NOON + MINUTE) is True
    assert due(book, 60 * MINUTE) == []
    assert book.claim("a", "desk-2", NOON + MINUTE) is None


def test_a_failed_try_is_made_again_later(book: Logbook):
    book.queue(outbound("a"))
    book.claim("a", "desk", NOON)
    assert book.retry("a", NOON + MINUTE, "Slack: rate limited") is True
    assert (get(book).status, get(book).claimed_at) == ("queued", None)
    assert due(book) == []
    assert book.next_due() == NOON + MINUTE
    again = book.claim("a", "desk", NOON + MINUTE)
    assert again is not None
    assert again.attempts == 2


def test_a_message_given_up_stays_given_up(book: Logbook):
    book.queue(outbound("a"))
    book.claim("a", "desk", NOON)
    assert book.failed("a", "Slack: channel_not_found", NOON, entry(kind="page.failed")) is True
    assert book.failed("a", "again", NOON, entry(kind="page.failed")) is False
    assert book.retry("a", NOON, "no") is False
    assert get(book).status == "failed"
    assert book.next_due() is None
    assert len(book.entries()) == 1


def test_a_person_may_send_again_what_failed_or_is_maybe_sent(book: Logbook):
    for key in "ab":
        book.queue(outbound(key))
        book.claim(key, "desk", NOON)
    book.failed("a", "refused", NOON)
    book.maybe_sent("b", NOON, entry(kind="message.maybe_sent"))
    assert get(book, "b").status == "maybe_sent"
    assert book.requeue("a", NOON, repeated=False) is True
    assert book.requeue("b", NOON, repeated=True) is True
    assert due(book) == ["a", "b"]
    assert [get(book, key).repeated for key in "ab"] == [False, True]


def test_a_mark_of_repetition_stays(book: Logbook):
    book.queue(outbound("a"))
    book.claim("a", "desk", NOON)
    book.requeue("a", NOON, repeated=True)
    book.claim("a", "desk", NOON)
    book.requeue("a", NOON, repeated=False)
    assert get(book).repeated is True


@pytest.mark.parametrize("status", ["queued", "sent"])
def test_what_is_queued_or_sent_is_not_requeued(book: Logbook, status: str):
    book.queue(outbound("a"))
    if status == "sent":
        book.sent("a", "C1:1", NOON)
    assert book.requeue("a", NOON, repeated=True) is False
    assert (get(book).status, get(book).repeated) == (status, False)


def test_a_claim_that_nobody_settled_is_in_doubt_and_wakes_the_desk(book: Logbook):
    book.queue(outbound("a"))
    book.claim("a", "desk", NOON)
    assert book.in_doubt(NOON) == []
    assert [each.key for each in book.in_doubt(NOON + SECOND)] == ["a"]
    assert book.next_due() == NOON + DOUBT_AFTER
    book.sent("a", "C1:1", NOON)
    assert book.in_doubt(NOON + SECOND) == []


def test_a_doubt_that_nobody_can_settle_now_is_put_off(book: Logbook):
    book.queue(outbound("a"))
    book.claim("a", "desk", NOON)
    later = NOON + 2 * DOUBT_AFTER
    assert book.still_in_doubt("a", later) is True
    assert book.in_doubt(later - SECOND - DOUBT_AFTER) == []
    assert book.next_due() == later
    assert [each.key for each in book.in_doubt(later - DOUBT_AFTER)] == ["a"]
    book.sent("a", "C1:1", NOON)
    assert book.still_in_doubt("a", later) is False


def test_a_desk_thought_dead_cannot_undo_what_another_does(book: Logbook):
    book.queue(outbound("a"))
    book.claim("a", "desk-1", NOON)
    assert book.requeue("a", NOON + MINUTE, repeated=True, claimed_at=NOON) is True
    book.claim("a", "desk-2", NOON + MINUTE)
    late = {"claimed_at": NOON}
    assert book.requeue("a", NOON + MINUTE, repeated=True, **late) is False
    assert book.retry("a", NOON + MINUTE, "timeout", **late) is False
    assert book.failed("a", "timeout", NOON + MINUTE, **late) is False
    assert book.maybe_sent("a", NOON + MINUTE, **late) is False
    assert get(book).claimed_at == NOON + MINUTE
    assert book.retry("a", NOON + MINUTE, "timeout", claimed_at=NOON + MINUTE) is True


@pytest.mark.parametrize("link", ["reply_to", "edits"])
def test_an_answer_waits_until_the_message_it_belongs_to_is_settled(book: Logbook, link: str):
    book.queue(outbound("answer", **{link: "page"}))
    book.queue(outbound("page", next_action_at=NOON + MINUTE))
    assert due(book) == []
    # Else the desk would wake for it twice a second, and find nothing to do.
    assert book.next_due() == NOON + MINUTE
    book.claim("page", "desk", NOON + MINUTE)
    assert due(book, MINUTE) == []
    assert book.next_due() == NOON + MINUTE + DOUBT_AFTER
    book.sent("page", "C1:1", NOON + MINUTE)
    assert due(book, MINUTE) == ["answer"]
    assert book.next_due() == NOON


@pytest.mark.parametrize("end", ["failed", "maybe_sent"])
def test_an_answer_to_what_did_not_arrive_goes_all_the_same(book: Logbook, end: str):
    book.queue(outbound("page"))
    book.queue(outbound("answer", reply_to="page"))
    book.queue(outbound("orphan", reply_to="nobody knows"))
    book.claim("page", "desk", NOON)
    if end == "failed":
        book.failed("page", "refused", NOON)
    else:
        book.maybe_sent("page", NOON)
    assert due(book) == ["answer", "orphan"]


def test_an_older_edit_is_never_overtaken(book: Logbook):
    book.queue(outbound("page"))
    book.sent("page", "C1:1", NOON)
    book.queue(outbound("edit-1", edits="page"))
    book.queue(outbound("edit-2", edits="page"))
    book.queue(outbound("edit-other", edits="other"))
    assert due(book) == ["edit-1", "edit-other"]
    book.claim("edit-1", "desk", NOON)
    book.retry("edit-1", NOON + MINUTE, "rate limited")
    assert due(book) == ["edit-other"]
    book.claim("edit-1", "desk", NOON + MINUTE)
    book.sent("edit-1", "C1:1", NOON + MINUTE)
    assert due(book) == ["edit-2", "edit-other"]


def test_the_outbox_is_listed_in_order_the_newest_kept(book: Logbook):
    for number in range(5):
        book.queue(outbound(f"{number}", incident="INC-1" if number % 2 else "INC-2"))
    book.sent("4", "C1:1", NOON)
    assert [each.key for each in book.outbox()] == list("01234")
    assert [each.key for each in book.outbox(limit=2)] == ["3", "4"]
    assert [each.key for each in book.outbox("INC-1")] == ["1", "3"]
    assert [each.key for each in book.outbox(statuses=("sent",))] == ["4"]
    assert book.outbound("none") is None


def test_mails_with_pages_are_counted_by_person_and_client_and_a_bundle_once(book: Logbook):
    def mailed(key: str, ref: str, at: datetime, **other: Any) -> None:
        book.queue(outbound(key, channel="mail", **{"recipient": "a@x", **other}))
        book.claim(key, "desk", NOON)
        book.sent(key, ref, at)

    mailed("1", "<bundle>", NOON)
    mailed("2", "<bundle>", NOON)
    mailed("3", "<3>", NOON + MINUTE)
    mailed("4", "<4>", NOON, recipient="b@x")
    mailed("5", "<5>", NOON, client="nordwind")
    mailed("6", "<6>", NOON, purpose="message")
    mailed("7", "<7>", NOON - MINUTE)
    assert sorted(book.page_mails_sent("a@x", "maison-lumiere", NOON)) == [NOON, NOON + MINUTE]


def test_a_message_that_is_held_is_due_later(book: Logbook):
    book.queue(outbound("1"))
    book.queue(outbound("2"))
    book.claim("2", "desk", NOON)
    book.hold(["1", "2"], NOON + MINUTE)
    assert book.due_messages(NOON) == []
    assert [each.key for each in book.due_messages(NOON + MINUTE)] == ["1"]


def test_what_keeps_a_message_is_written_beside_it_until_it_is_sent(book: Logbook):
    book.queue(outbound("a"))
    book.claim("a", "desk", NOON)
    book.retry("a", NOON + MINUTE, "mail: 421 busy", hindered=("away", NOON))
    assert (get(book).reason, get(book).obstacle, get(book).obstacle_since) == ("mail: 421 busy", "away", NOON)
    book.claim("a", "desk", NOON + MINUTE)
    book.retry("a", NOON + 2 * MINUTE, "mail: refused", hindered=("credential", NOON + MINUTE))
    assert (get(book).reason, get(book).obstacle, get(book).obstacle_since) == ("mail: refused", "credential", NOON)
    (hindered,) = book.hindered()
    assert (hindered.key, hindered.obstacle, hindered.since, hindered.next_at, hindered.waits) == (
        "a",
        "credential",
        NOON,
        NOON + 2 * MINUTE,
        True,
    )
    book.obstacles_told(["a"])  # it waits: it stays on the list
    assert [each.key for each in book.hindered()] == ["a"]
    book.claim("a", "desk", NOON + 2 * MINUTE)
    book.sent("a", "C1:1", NOON + 2 * MINUTE)
    assert (get(book).reason, get(book).obstacle, get(book).obstacle_since) == ("", None, None)
    assert book.hindered() == []


def test_what_was_given_up_is_on_the_list_until_it_was_told_and_keeps_its_reason(book: Logbook):
    for key in "abc":
        book.queue(outbound(key))
        book.claim(key, "desk", NOON)
    book.failed("a", "Slack: channel_not_found", NOON, obstacle="recipient")
    book.maybe_sent("b", NOON, reason="the connection was lost")
    book.failed("c", "what it changes was not sent", NOON)
    assert [(each.key, each.obstacle, each.waits) for each in book.hindered()] == [
        ("a", "recipient", False),
        ("b", "unknown", False),
    ]
    book.obstacles_told(["a", "b"])
    assert book.hindered() == []
    assert [get(book, key).reason for key in "abc"] == [
        "Slack: channel_not_found",
        "the connection was lost",
        "what it changes was not sent",
    ]


def test_what_keeps_a_message_in_doubt_is_written_too(book: Logbook):
    book.queue(outbound("a"))
    book.claim("a", "desk", NOON)
    book.still_in_doubt("a", NOON + MINUTE, reason="Slack: no answer", hindered=("away", NOON))
    assert [(each.key, each.reason, each.waits) for each in book.hindered()] == [("a", "Slack: no answer", True)]
    book.note_obstacle("a", "ZeroDivisionError", "error", NOON)
    assert [(each.key, each.reason, each.obstacle) for each in book.hindered()] == [("a", "ZeroDivisionError", "error")]


def test_whether_something_has_gone(book: Logbook):
    for key, fields in {
        "a": {"recipient": "#one", "channel": "slack"},
        "b": {"recipient": "x@acme.example", "channel": "mail"},
    }.items():
        book.queue(outbound(key, **fields))
    book.claim("a", "desk", NOON)
    book.sent("a", "C1:1", NOON + MINUTE)
    assert book.has_gone(Gone("slack", NOON))
    assert not book.has_gone(Gone("slack", NOON + MINUTE))
    assert not book.has_gone(Gone("mail", NOON))
    assert book.has_gone(Gone("slack", NOON, recipient="#one", client=outbound("a").client, purposes=("page",)))
    assert not book.has_gone(Gone("slack", NOON, recipient="#two"))
    assert not book.has_gone(Gone("slack", NOON, client="nordwind"))
    assert not book.has_gone(Gone("slack", NOON, purposes=("message",)))
