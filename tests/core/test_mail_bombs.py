"""Mails that were made to cost much: they are read in bounded time and memory, and what was left unread is told."""

from __future__ import annotations

import base64
import time
import tracemalloc
import zlib
from datetime import UTC, datetime
from encodings.aliases import aliases

import pytest

from vigie.core.ko_mail import judge
from vigie.core.mail import parse_mail
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)
HEAD = b"Subject: [KO] A\nFrom: batch@client.example\n"
HTML = HEAD + b"Content-Type: text/html\n\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
ENCODED = b"--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
INDENTED = b"<p style='padding-left: 99999999em'>x</p>"

TEXT = "its text is longer than 100,000 characters: the rest was not read"
MARKED = "its HTML is longer than 200,000 characters: the rest was not read"
DEEP = "its parts are nested too deeply for its length: it was read as one text"
MANY = "it has more than 1,000 parts: it was read as one text"
BYTES = "the first 8,000,000 were read"

BOMBS = {
    "10,000 levels": (HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(10_000)), DEEP),
    "10,000 mails in mails": (HEAD + b"Content-Type: message/rfc822\n\n" * 10_000 + b"x", "its parts make no sense: it was read as one text"),
    "a header of 10 MB": (HEAD + b"X-A: " + b"a" * 10_000_000 + b"\n\nx", BYTES),
    "a subject of encoded words": (HEAD[:16] + b" =?utf-8?b?" * 500_000 + b"\n\nx", "of headers the first 200,000 were read"),
    "100,000 recipients": (HEAD + b"To: " + b"a@client.example, " * 100_000 + b"\n\nx", "of headers the first 200,000 were read"),
    "100,000 parts": (MIXED + b"--b\n\nx\n" * 100_000, MANY),
    "50 MB": (HEAD + b"\n" + b"KO is the job\n" * 3_600_000, BYTES),
    "much in base64": (MIXED + ENCODED + base64.encodebytes(b"a" * 5_000_000) + b"--b--", TEXT),
    "a million quoted lines": (b"In-Reply-To: <1@x>\n" + HEAD + b"\nKO\n" + b"> x\n" * 1_000_000, TEXT),
    "a million quotes": (b"In-Reply-To: <1@x>\n" + HEAD + b"\n" + b">" * 1_000_000, TEXT),
    "HTML of 500,000 levels": (HTML + b"<div>" * 500_000, MARKED),
    "HTML of 30,000 tables": (HTML + b"<table><tr><td>" * 30_000 + b"x", MARKED),
    "HTML with indents of a gigabyte": (HTML + INDENTED * 4_000, ""),
    "HTML of comments": (HTML + b"<!--" * 60_000, MARKED),
    "20,000 reports": (HEAD + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
                       b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * 20_000 + b"--b--", MANY),
    "a million Received": (HEAD + b"Received: from a by b\n" * 300_000 + b"\nx", "of headers the first 200,000 were read"),
    "soft breaks": (HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 500_000, ""),
    "base64 of garbage": (HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"!@#$%" * 1_000_000, ""),
    "an address of brackets": (HEAD + b"To: " + b"(a" * 90_000 + b"\n\nx", ""),
    "parameters of a type": (HEAD + b"Content-Type: text/plain; " + b"".join(b"a*%d*=utf-8''x; " % n for n in range(10_000)) + b"\n\nx", ""),
    "a table of 15,000 columns": (HTML + b"<table><tr>" + b"<td>x" * 15_000, ""),
    "rows of a million": (HTML + b"<table>" + b"<tr><td rowspan=1000000 colspan=1000000>x</td>" * 3_000, ""),
    "entities in entities": (HTML + b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(b'<!ENTITY a%d "&a;&a;&a;&a;">' % n for n in range(99)) + b"]>&a98;", ""),
    "uuencoded beginnings": (HEAD + b"\n" + b"begin 644 a\n" * 200_000, TEXT),
}  # fmt: skip

SECONDS = 4
"""The worst takes under one; a slow and busy machine needs some more."""

MEGABYTES = 120
"""Above the mail itself. The worst takes about half of it."""

RULE = MailWatch(
    client="acme",
    flux="eod",
    task_id="ko",
    mailbox="m",
    respond=Respond(severity="high", template="t"),
    body="KO",
    subject="KO",
)


@pytest.mark.parametrize(("raw", "told"), BOMBS.values(), ids=BOMBS)
def test_a_mail_bomb_costs_little_and_is_entered_as_one(raw: bytes, told: str):
    before = time.process_time()
    mail = parse_mail(raw, received_at=NOW)
    judge(RULE, mail, NOW)
    assert time.process_time() - before < SECONDS
    assert mail.subject.startswith("[KO] A")
    assert any(told in sentence for sentence in mail.curtailed) if told else not mail.curtailed
    assert len(mail.model_dump_json()) < 2_000_000


PACKED = zlib.compress(b"KO" * 1_000_000)


def test_a_charset_that_is_no_charset_unpacks_nothing():
    """Python knows codecs that unpack, and some that run for long: a mail may name any of them."""
    before = time.process_time()
    for name in sorted({*aliases.values(), "idna", "punycode", "undefined", "unicode_escape", "../x", "a\0b"}):
        head = HEAD + f'Content-Type: text/plain; charset="{name}"\nContent-Transfer-Encoding: base64\n\n'.encode()
        mail = parse_mail(head + base64.encodebytes(PACKED), received_at=NOW)
        word = f"Subject: =?{name}?b?{base64.b64encode(PACKED[:1_000]).decode()}?=\n\nx".encode()
        assert len(mail.text) <= len(PACKED)
        assert len(parse_mail(word, received_at=NOW).subject) <= 2_000
        mail.model_dump_json()
    assert time.process_time() - before < SECONDS


@pytest.mark.parametrize(
    "name",
    ["50 MB", "much in base64", "a million quoted lines", "HTML with indents of a gigabyte", "HTML of 30,000 tables"],
)
def test_and_little_memory(name: str):
    raw, _ = BOMBS[name]
    tracemalloc.start()
    try:
        parse_mail(raw, received_at=NOW)
        assert tracemalloc.get_traced_memory()[1] < MEGABYTES * 1_000_000
    finally:
        tracemalloc.stop()
