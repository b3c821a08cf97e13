"""When two mails are one: by another route, in another folder, in a rebuilt mailbox; and when they are two."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from vigie.core.mail import Mail, parse_mail

AT = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)
DATE = "Date: Mon, 23 Nov 2026 05:41:58 +0100"
HEAD = ("From: batch@acme.example", "Subject: [KO] EOD_POS")


def read(*lines: str, at: datetime = AT) -> Mail:
    return parse_mail("\n".join([*HEAD, *lines]).encode(), received_at=at)


def same(one: Mail, other: Mail) -> bool:
    return one.identity == other.identity


LATER = AT + timedelta(hours=3)
CONSTANT = "Message-ID: <alert@acme.example>"


@pytest.mark.parametrize(
    "head",
    [
        (CONSTANT,), (CONSTANT, "Date: "), (CONSTANT, "Date: yesterday"), (CONSTANT, "Date: Mon, 1 Jan 2024 00:00:00 +0000"),
        (CONSTANT, "Date: Thu, 1 Jan 1970 00:00:00 +0000"), (CONSTANT, "Date: Fri, 31 Dec 9999 23:59:59 +0000"), ("Message-ID: <>",), (),
        ("Date: Mon, 1 Jan 2024 00:00:00 +0000",), (CONSTANT, DATE.replace("Nov", "Oct")),
    ],
)  # fmt: skip
def test_the_second_alarm_of_a_sender_who_writes_the_same_mail_each_time_is_another_mail(head: tuple[str, ...]):
    first, second = read(*head, "", "The job failed."), read(*head, "", "The job failed.", at=LATER)
    assert not same(first, second)
    assert first.content == second.content
    assert same(first, read(*head, "", "The job failed."))


@pytest.mark.parametrize("head", [(CONSTANT, DATE), (CONSTANT,), (DATE,), ()])
def test_two_alarms_that_differ_in_their_text_alone_are_two(head: tuple[str, ...]):
    one, other = read(*head, "", "Job 1 failed."), read(*head, "", "Job 2 failed.")
    assert not same(one, other)
    assert one.content != other.content


def test_a_mail_with_a_date_of_its_own_is_the_same_whenever_a_server_says_that_it_came():
    one = read(CONSTANT, DATE, "", "x")
    assert same(one, read(CONSTANT, DATE, "", "x", at=AT + timedelta(minutes=40)))
    assert same(one, read("Received: by another route", CONSTANT, DATE, "", "x"))
    assert not same(one, read(CONSTANT, DATE.replace(":58", ":59"), "", "x"))


def test_what_ends_a_line_and_what_ends_a_mail_are_no_part_of_it():
    unix = parse_mail(f"{HEAD[1]}\n{CONSTANT}\n{DATE}\n\nx\ny\n".encode(), received_at=AT)
    windows = parse_mail(f"{HEAD[1]}\r\n{CONSTANT}\r\n{DATE}\r\n\r\nx\r\ny\r\n\r\n".encode(), received_at=AT)
    assert same(unix, windows)


def test_neither_the_place_nor_the_size_is_part_of_it():
    raw = "\n".join([*HEAD, CONSTANT, "", "x"]).encode()
    assert same(parse_mail(raw, received_at=AT), parse_mail(raw, received_at=AT, size=9_999))


def test_what_versions_before_called_it():
    mail = read(CONSTANT, DATE, "", "x")
    named = f"{mail.message_id}\n{DATE[6:]}\n{mail.sender}\n{mail.subject}"
    assert mail.former == hashlib.sha256(named.encode()).hexdigest()
    raw = "\n".join([*HEAD, "", "x"]).encode()
    assert parse_mail(raw, received_at=AT).former == hashlib.sha256(raw).hexdigest()
