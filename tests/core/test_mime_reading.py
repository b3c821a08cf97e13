from __future__ import annotations

import base64

import pytest
from tests.core.mail_cases import NOW

from vigie.core.mail import parse_mail
from vigie.core.mime import body, header, parts
from vigie.core.mime_reading import read, read_mime

KO = b"Statut final : KO"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Type: multipart/mixed", b"Content-Type: multipart/mixed; boundary=another", b"Content-Type: multipart/mixed; boundary=",
        b'Content-Type: multipart/mixed; boundary="--b"', b"Content-Type: multipart/mixed boundary=b", b'Content-Type: multipart/mixed; boundary="b',
        b"Content-Type: multipart; boundary=b", b"Content-Type : multipart/mixed; boundary=b", b"Content-Type: multipart/mixed;\n boundary=b",
        b"Content-Type:multipart/mixed;boundary=b;", b"Content-Type: boundary=b", b"content-type: Multipart/Mixed; BOUNDARY=b",
    ],
)  # fmt: skip
def test_the_parts_of_a_mail_whose_head_does_not_say_how_they_part(head: bytes):
    raw = (
        head
        + b"\n\n--b\nContent-Type: text/plain\n\none\n--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n--b\nContent-Type: text/plain\n\n"
        + KO
        + b"\n--b--\n"
    )
    mail = parse_mail(b"Subject: a\n" + raw, received_at=NOW)
    assert mail.text.split("\n") == ["one", KO.decode()]
    assert mail.attachments == ("a.pdf",)


@pytest.mark.parametrize(
    "field",
    [
        b"Content-Transfer-Encoding : base64",
        b"Content-Transfer-Encoding: Base-64;",
        b"content-transfer-encoding:BASE64 ",
    ],
)
def test_an_encoding_that_is_written_badly_is_one(field: bytes):
    part = b"Content-Type : text/plain\n" + field + b"\n\n" + base64.encodebytes(KO)
    assert parse_mail(b"Subject: a\n" + part, received_at=NOW).text == KO.decode()
    parted = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + part + b"\n--b--\n"
    assert parse_mail(b"Subject: a\n" + parted, received_at=NOW).text.strip() == KO.decode()


@pytest.mark.parametrize(
    "written",
    ["U3RhdHV0IDogS08", "U3RhdHV0IDogS08=", "U3RhdHV0IDogS08==\n", "U3Rh dHV0\nIDog!S08=", "U3RhdHV0IDogS08=\nU"],
)
def test_base64_is_read_as_far_as_it_goes(written: str):
    mail = parse_mail(f"Subject: a\nContent-Transfer-Encoding: base64\n\n{written}".encode(), received_at=NOW)
    assert mail.text.startswith("Statut : KO")


@pytest.mark.parametrize(
    ("subject", "charset", "meant"),
    [
        ("障害".encode("euc_jp"), b"utf-8", "障害"), ("【障害】倉庫".encode("cp932"), b"us-ascii", "【障害】倉庫"), ("失败".encode("gb18030"), b"gb2312", "失败"),
        ("échec".encode("latin-1"), b"utf-8", "échec"), ("échec".encode(), b"iso-8859-1", "échec"), ("Сбой".encode("koi8_r"), b"koi8-r", "Сбой"),
        (b"\x1b$B-!>c32\x1b(B", b"utf-8", "①障害"), ("e\u0301chec".encode(), b"utf-8", "échec"), (b"=?cp-850?Q?=82chec?=", b"utf-8", "échec"),
        (b"=?ISO-2022-JP?B?GyRCLSE+YzMyGyhC?=", b"utf-8", "①障害"), (b"=?utf-8?B?w6k=?= =?utf-8?B?Y2hlYw==?=", b"utf-8", "échec"),
        (b"=?iso-8859-1?Q?=C3=A9chec?=", b"utf-8", "échec"), (b"=?utf-8?Q?=E9chec?=", b"utf-8", "échec"),
    ],
)  # fmt: skip
def test_a_subject_in_whatever_charset(subject: bytes, charset: bytes, meant: str):
    raw = b"Subject: " + subject + b"\nContent-Type: text/plain; charset=" + charset + b"\n\nFin."
    assert parse_mail(raw, received_at=NOW).subject == meant


def test_a_page_names_its_charset_itself():
    page = '<html><head><meta charset="windows-1251"></head><body>Ошибка</body></html>'.encode("cp1251")
    assert parse_mail(b"Subject: a\nContent-Type: text/html\n\n" + page, received_at=NOW).text == "Ошибка"
    letter = '<?xml version="1.0" encoding="ISO-8859-15"?><r>échec 5 €</r>'.encode("iso8859-15")
    assert "échec 5 €" in parse_mail(b"Subject: a\nContent-Type: text/xml\n\n" + letter, received_at=NOW).text


def test_the_end_of_a_mail_that_is_too_long_is_read():
    log = b"begins\n" + b"x" * 79 + b"\n" + b"line of a log\n" * 700_000 + KO
    mail = parse_mail(b"Subject: a\n\n" + log, received_at=NOW)
    assert mail.text.startswith("begins\n")
    assert mail.text.endswith(KO.decode())
    assert "characters not read" in mail.text
    assert len(mail.curtailed) == 2


def test_what_cannot_be_taken_apart_is_one_text():
    crowd = read(b"Subject: crowd\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 1_100)
    assert crowd.curtailed == ("it has more than 1,000 parts: it was read as one text",)
    assert len(list(parts(crowd.mime))) == 1
    assert header(crowd.mime, "Subject") == "crowd"
    assert "x" in body(crowd.mime)


def test_a_decent_mail_has_its_parts():
    mime = read_mime(b"Subject: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--")
    assert [body(part) for part in parts(mime) if not part.is_multipart()] == ["one", "two"]
