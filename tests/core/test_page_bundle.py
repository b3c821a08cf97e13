from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.logbook.samples import NOON, outbound

from vigie.core.message import Message, Outbound
from vigie.core.page_bundle import ALONE, AT_MOST, WITHIN, arranged, bundle_of, is_page_mail

SECOND = timedelta(seconds=1)


def page(number: int, **other: object) -> Outbound:
    message = Message(subject=f"[KO] JOB_{number} <x>", text=f"Text {number}.", html=f"<p>Text {number}.</p>")
    fields = {"channel": "mail", "recipient": "camille@vigie.example", "message": message, **other}
    return outbound(f"INC-{number}/page/1/mail/camille", **fields)


def test_only_pages_by_mail_are_put_together():
    assert is_page_mail(page(1))
    assert not is_page_mail(page(1, channel="slack"))
    assert not is_page_mail(page(1, purpose="message"))


def test_a_few_go_alone_and_many_in_one():
    few, many = [page(n) for n in range(ALONE)], [page(n) for n in range(ALONE + 1)]
    assert arranged(few, [], NOON).alone == tuple(few)
    assert arranged(many, [], NOON).together == tuple(many)


def test_who_got_enough_within_the_minute_waits_for_the_rest_in_one():
    sent = [NOON - number * SECOND for number in range(AT_MOST)]
    assert arranged([page(1)], sent, NOON).until == NOON - (AT_MOST - 1) * SECOND + WITHIN
    one_is_over = [NOON - WITHIN, *sent[1:]]
    assert arranged([page(1)], one_is_over, NOON).alone == (page(1),)
    assert arranged([page(1), page(2)], one_is_over, NOON).together == (page(1), page(2))


@given(st.integers(1, 40), st.lists(st.integers(0, 90), max_size=20))
def test_no_page_is_left_out_and_none_waits_longer_than_a_minute(number: int, ages: list[int]):
    due = [page(n) for n in range(number)]
    found = arranged(due, [NOON - age * SECOND for age in ages], NOON)
    if found.until is None:
        assert (*found.alone, *found.together) == tuple(due)
        assert len(found.alone) + bool(found.together) <= AT_MOST
    else:
        assert NOON < found.until <= NOON + WITHIN


def test_a_bundle_says_what_each_says_and_has_a_key_of_its_own():
    bundle = bundle_of([page(n, repeated=n == 3) for n in range(25)])
    assert bundle.message.subject == "[25 pages] [KO] JOB_0 <x>"
    assert bundle.message.text.startswith("1. [KO] JOB_0 <x>\n\nText 0.\n\n2. [KO] JOB_1 <x>")
    assert "20. [KO] JOB_19 <x>\n\nText 19." in bundle.message.text
    assert bundle.message.text.endswith("\n\n25. [KO] JOB_24 <x>")
    assert "<h3>1. [KO] JOB_0 &lt;x&gt;</h3>\n<p>Text 0.</p>" in bundle.message.html
    assert bundle.repeated
    assert bundle.key == bundle_of([page(n) for n in reversed(range(25))]).key
    assert bundle.key != bundle_of([page(n) for n in range(24)]).key
