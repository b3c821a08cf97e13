from __future__ import annotations

import pytest
from tests.core.mail_cases import NOW

from vigie.core.mail import parse_mail
from vigie.core.mime_head import mended_encoding, mended_type, split_head

WHOLE = ("[KO] EOD_POS", "batch@acme.example", "abc")


def read(raw: bytes) -> tuple[str, str, str]:
    mail = parse_mail(raw, received_at=NOW)
    return mail.subject, mail.sender, mail.text.strip()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    "raw",
    [
        # broken lines that nobody indented
        b"From: Batch <batch@acme.example>\nX-Tracker: H4sIAAAA\nIg5drOCwmrVzP5sDo\nSubject: [KO] EOD_POS\nContent-Type: text/plain\n\nabc",
        b"From: batch@acme.example\nX-Spam-Report: hits=1\nrequired=5 tests=A,B\nautolearn=no\nSubject: [KO] EOD_POS\n\nabc",
        b"DKIM-Signature: v=1; a=rsa-sha256;\nbh=abc=;\nb=def==\nSubject: [KO] EOD_POS\nFrom: batch@acme.example\n\nabc",
        b"From: batch@acme.example\nReceived: from a by b\n; Mon, 23 Nov 2026 02:10:00 +0100\nSubject: [KO] EOD_POS\n\nabc",
        b"From: batch@acme.example\n*** SCANNED BY GATEWAY ***\nSubject: [KO] EOD_POS\n\nabc",
        # a blank first line, or more of them
        b"\nFrom: batch@acme.example\nSubject: [KO] EOD_POS\n\nabc",
        b"\n\n \nSubject: [KO] EOD_POS\nFrom: batch@acme.example\n\nabc",
        b"\xef\xbb\xbfFrom: batch@acme.example\nSubject: [KO] EOD_POS\n\nabc",
        b"From batch@acme.example Mon Nov 23 02:10:00 2026\nFrom: batch@acme.example\nSubject: [KO] EOD_POS\n\nabc",
        b">From batch@acme.example Mon Nov 23 02:10:00 2026\nFrom: batch@acme.example\nSubject: [KO] EOD_POS\n\nabc",
        # an empty line between the headers of a gateway and those of the mail
        b"Received: from a by b\nX-Gateway: yes\n\nFrom: batch@acme.example\nSubject: [KO] EOD_POS\n\nabc",
        b"Return-Path: <a@b.example>\n\nReceived: from a by b\n\tfor c\nSubject: [KO] EOD_POS\nFrom: batch@acme.example\n\nabc",
        # a space before the colon
        b"From : batch@acme.example\nSubject : [KO] EOD_POS\n\nabc",
        b"Subject\t: [KO] EOD_POS\nFrom   : batch@acme.example\nContent-Type : text/plain\n\nabc",
        b"subject:[KO] EOD_POS\nFROM:batch@acme.example\n\nabc",
        b"Subject:\n [KO]\n EOD_POS\nFrom:\n\tbatch@acme.example\n\nabc",
        # no empty line before the text
        b"Subject: [KO] EOD_POS\nFrom: batch@acme.example\nabc",
    ],
)  # fmt: skip
def test_a_head_that_a_gateway_broke_is_read(raw: bytes, end: bytes):
    assert read(raw.replace(b"\n", end)) == WHOLE


def test_a_head_with_doubled_carriage_returns_is_read():
    assert read(b"From: batch@acme.example\r\r\nSubject: [KO] EOD_POS\r\r\n\r\r\nabc\r\r\n") == WHOLE


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: [KO] EOD_POS\nFrom: batch@acme.example\n\nSubject: not this\nFrom: x@y.example\n\nabc",
        b"Subject: [KO] EOD_POS\nFrom: batch@acme.example\n\nSubject : not this\n\nabc",
    ],
)
def test_what_stands_in_the_text_stays_there(raw: bytes):
    subject, sender, text = read(raw)
    assert (subject, sender) == WHOLE[:2]
    assert text.startswith("Subject")


@pytest.mark.parametrize(
    "raw",
    [b"", b"\n", b"\n\n", b"no header at all", b"\nno header\n\nat all", b":\n\nx", b" \nx: y\n\nz", b"\r", b"\r\r"],
)
def test_what_is_no_head_is_text(raw: bytes):
    head, body, told = split_head(raw)
    assert isinstance(head + body, bytes)
    assert told == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("text/html; charset=utf-8", "text/html; charset=utf-8"), ("text/html charset=utf-8", "text/html; charset=utf-8"),
        ("text/html, charset=utf-8", "text/html; charset=utf-8"), ("text/html;charset=utf-8;;", "text/html; charset=utf-8"),
        ('text/html; charset="utf-8', 'text/html; charset="utf-8"'), ('"text/html"; charset=utf-8', "text/html; charset=utf-8"),
        ("text / html", "text/html"), ("TEXT/HTML", "TEXT/HTML"), ("html", "text/html"), ("text", "text/plain"), ("plain; charset=utf-8", "text/plain; charset=utf-8"),
        ("charset=utf-8", "text/plain; charset=utf-8"), ("boundary=b", "multipart/mixed; boundary=b"), ("multipart; boundary=b", "multipart/mixed; boundary=b"),
        ('multipart/mixed boundary="b"', 'multipart/mixed; boundary="b"'), ("text/html;", "text/html"), ("text/plain; us-ascii", "text/plain"),
        ("something else", "something else"), ("", ""),
    ],
)  # fmt: skip
def test_a_type_of_a_part_as_it_is_meant(written: str, meant: str):
    assert mended_type(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("base64", "base64"), ("BASE64;", "base64"), ("base-64", "base64"), (" Base 64 ", "base64"), ("quoted-printable", "quoted-printable"),
        ("Quoted_Printable;", "quoted-printable"), ("quotedprintable", "quoted-printable"), ("8-bit", "8bit"), ("7BIT", "7bit"), ("x-uuencode", "x-uuencode"), ("other", "other"), ("", ""),
    ],
)  # fmt: skip
def test_an_encoding_of_a_part_as_it_is_meant(written: str, meant: str):
    assert mended_encoding(written) == meant
