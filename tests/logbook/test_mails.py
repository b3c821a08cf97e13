"""The mails that were read, and the bounces of ours."""

from __future__ import annotations

from typing import Any

from tests.logbook.samples import MAILBOX, MINUTE, NOON, look, outbound, signal

from vigie.core.bounce import Bounce
from vigie.core.seen_mail import SeenMail
from vigie.logbook.book import Logbook
from vigie.logbook.incident_row import columns_of
from vigie.logbook.schema import incident as table


def seen(number: int, **other: Any) -> SeenMail:
    fields = {
        "key": f"mail|{MAILBOX}|{number}",
        "client": "maison-lumiere",
        "source": MAILBOX,
        "uidvalidity": 1,
        "uid": number,
        "seen_at": NOON,
        "received_at": NOON,
        "sender": "wms@maison-lumiere.example",
        "subject": f"Mail {number}",
        "message_id": f"<{number}@x>",
        "origin": "human",
        "fate": "unclassified",
        "alike": "kind",
    }
    return SeenMail.model_validate({**fields, **other})


def bounce(**other: Any) -> Bounce:
    return Bounce.model_validate({"key": "mail|b", "seen_at": NOON + MINUTE, "reason": "5.1.1", **other})


def page(book: Logbook, number: int = 1, **other: Any) -> str:
    key = f"INC-1/page/{number}/mail/camille"
    fields = {"channel": "mail", "recipient": "camille@vigie.example", **other}
    book.queue(outbound(key, **fields))
    book.claim(key, "desk", NOON)
    book.sent(key, f"<{number}@vigie.example>", NOON)
    return key


def test_a_mail_that_nobody_claims_waits_for_a_person(book: Logbook) -> None:
    book.record(look(mails=(seen(1), seen(2, fate="claimed"), seen(3, fate="ignored", client="nordwind"), seen(4))))
    assert [each.uid for each in book.unsettled_mails()] == [1, 4]
    assert [each.uid for each in book.mails()] == [4, 3, 2, 1]
    assert [each.uid for each in book.mails(client="nordwind")] == [3]
    assert book.mail(seen(2).key) == seen(2, fate="claimed")
    assert book.mail("none") is None


def test_a_person_settles_it_once_and_the_record_says_who(book: Logbook) -> None:
    book.record(look(mails=(seen(1),)))
    assert book.settle_mail(seen(1).key, "camille", NOON + MINUTE, "page", "spam")
    assert not book.settle_mail(seen(1).key, "bruno", NOON + MINUTE, "page", "spam")
    assert book.unsettled_mails() == []
    (line,) = book.entries(kind_prefix="mail.settled")
    assert (line.actor, line.text, line.data) == ("camille", "Mail 1: spam", {"mail": seen(1).key, "via": "page"})


def test_a_mail_read_again_has_its_new_place_and_stays_settled(book: Logbook) -> None:
    book.record(look(mails=(seen(1),)))
    book.settle_mail(seen(1).key, "camille", NOON, "page", "spam")
    book.record(look(mails=(seen(1, uidvalidity=2, uid=77),)))
    (mail,) = book.mails()
    assert (mail.uidvalidity, mail.uid, mail.settled_by) == (2, 77, "camille")


def test_a_watch_that_was_behind_may_still_claim_it_and_nothing_unclaims_it(book: Logbook) -> None:
    book.record(look(mails=(seen(1),)))
    book.record(look(mails=(seen(1, fate="claimed", fate_by=("w",)),)))
    book.record(look(mails=(seen(1, fate="ignored", fate_by=("v",)),)))
    (mail,) = book.mails()
    assert (mail.fate, mail.fate_by) == ("claimed", ("w",))
    assert book.unsettled_mails() == []


def test_mails_are_told_with_their_message_or_not_at_all(book: Logbook) -> None:
    book.record(look(mails=(seen(1), seen(2, alike="other"))))
    assert book.known_kinds("maison-lumiere", ["kind", "other"]) == set()
    keys = [seen(1).key]
    assert book.tell_mails(keys, outbound("mail-desk/1"), NOON + MINUTE)
    assert not book.tell_mails([seen(2).key], outbound("mail-desk/1"), NOON + MINUTE)
    assert [each.uid for each in book.untold_mails()] == [2]
    assert len(book.unsettled_mails()) == 2
    assert book.known_kinds("maison-lumiere", ["kind", "other"]) == {"kind"}
    assert book.known_kinds("nordwind", ["kind"]) == set()
    assert (book.mails_told_at("maison-lumiere"), book.mails_told_at("nordwind")) == (NOON + MINUTE, None)


def test_a_bounce_is_joined_by_the_key_or_by_the_message_id(book: Logbook) -> None:
    key = page(book)
    assert book.record(look(bounces=(bounce(message_key=key),))).new_signals == 1
    other = page(book, 2)
    assert book.record(look(bounces=(bounce(message_id="<2@vigie.example>"),))).new_signals == 1
    assert [book.outbound(each).status for each in (key, other)] == ["bounced", "bounced"]
    (incident,) = book.incidents()
    assert (incident.client, incident.dedup_key, incident.count) == ("platform", "bounced|camille@vigie.example", 2)
    assert [line.text for line in book.entries(incident="INC-1", kind_prefix="page.bounced")] == [
        "page to camille@vigie.example by mail bounced: 5.1.1"
    ] * 2


def test_a_bounce_of_somebody_elses_mail_is_nothing_to_us(book: Logbook) -> None:
    page(book)
    book.queue(outbound("INC-1/page/1/slack"))
    named = (
        bounce(message_key="INC-9/page/1/mail/x"),
        bounce(message_id="<9@x>"),
        bounce(message_key="INC-1/page/1/slack"),
    )
    assert book.record(look(bounces=named)).new_signals == 0
    assert book.incidents() == []


def test_the_same_bounce_twice_is_one(book: Logbook) -> None:
    key = page(book)
    for _ in range(2):
        book.record(look(bounces=(bounce(message_key=key), bounce(key="mail|c", message_key=key))))
    assert [each.count for each in book.incidents()] == [1]


def test_a_bounce_that_overtakes_our_own_record_stays_a_bounce(book: Logbook) -> None:
    key = "INC-1/page/1/mail/camille"
    book.queue(outbound(key, channel="mail"))
    book.claim(key, "desk", NOON)
    book.record(look(bounces=(bounce(message_key=key),)))
    assert not book.sent(key, "<1@vigie.example>", NOON + MINUTE)
    assert book.outbound(key).status == "bounced"


def test_an_incident_whose_page_bounced_is_due_at_once(book: Logbook) -> None:
    book.record(look(signal("1")))
    (incident,) = book.incidents()
    paged = incident.model_copy(update={"pages": 1, "paged_at": NOON, "next_action_at": NOON + 10 * MINUTE})
    with book._writer.begin() as connection:
        connection.execute(table.update().values(columns_of(paged)))
    book.record(look(bounces=(bounce(message_key=page(book)),)))
    found = book.incident("INC-1")
    assert (found.paged_at, found.next_action_at) == (None, NOON + MINUTE)

    later = found.model_copy(update={"pages": 2, "paged_at": NOON, "next_action_at": NOON + 20 * MINUTE})
    with book._writer.begin() as connection:
        connection.execute(table.update().where(table.c.number == 1).values(columns_of(later)))
    book.record(look(bounces=(bounce(message_key=page(book, 1, repeated=True)),)))
    assert book.incident("INC-1").next_action_at == NOON + 20 * MINUTE
