from __future__ import annotations

import pytest

from vigie.core.mime import addresses, body, file_name, header, parameter, parts
from vigie.core.mime_reading import read_mime

MAIL = b"""\
Subject: =?utf-8?q?=C3=A9t=C3=A9?=
To: a@x.example, B@X.example
Content-Type: multipart/mixed; boundary=b; report-type=Delivery-Status

--b
Content-Type: multipart/alternative; boundary=c

--c
Content-Type: text/plain

one
--c
Content-Type: text/html

two
--c--
--b
Content-Type: text/csv; name=three.csv

3
--b--
"""


def test_the_parts_come_in_the_order_of_reading():
    found = list(parts(read_mime(MAIL)))
    assert [part.get_content_type() for part in found] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/csv",
    ]
    assert [body(part) for part in found] == ["", "", "one", "two", "3"]
    assert [file_name(part) for part in found] == ["", "", "", "", "three.csv"]


def test_headers_and_parameters():
    mime = read_mime(MAIL)
    assert header(mime, "subject") == "été"
    assert header(mime, "x-none") == ""
    assert addresses(mime, "To") == ["a@x.example", "b@x.example"]
    assert parameter(mime, "report-type") == "delivery-status"
    assert parameter(mime, "none") == ""


def test_a_mail_with_too_many_parts_is_read_by_its_headers():
    crowd = b"Subject: crowd\nContent-Type: multipart/mixed; boundary=b\n\n"
    assert len(list(parts(read_mime(crowd + b"--b\n\nx\n" * 900)))) == 901
    mime = read_mime(crowd + b"--b\n\nx\n" * 1100)
    assert header(mime, "Subject") == "crowd"
    assert len(list(parts(mime))) == 1


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_head_that_is_too_long_is_cut_between_two_headers(end: bytes):
    lines = [b"Subject: first", *[b"X-Pad: " + b"x" * 90] * 3000, b"Late: yes", b"", b"the text"]
    mime = read_mime(end.join(lines))
    assert header(mime, "Subject") == "first"
    assert header(mime, "Late") == ""
    assert {len(value) for name, value in mime.items() if name == "X-Pad"} == {90}
    assert body(mime) == "the text"


def test_a_header_steers_nothing():
    """Neither a terminal, nor the direction of what stands beside it."""
    mime = read_mime(b"From: a\x1b[2J@client.example\nSubject: [KO] \x07\x1b]0;x =?utf-8?q?=1B[31m=E2=80=AE?= EOD\n\nx")
    assert header(mime, "Subject") == "[KO] \ufffd\ufffd]0;x \ufffd[31m EOD"
    assert "\x1b" not in "".join(addresses(mime, "From"))
