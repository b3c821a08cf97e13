from __future__ import annotations

import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.mail import Mail, parse_mail

RECEIVED = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)


def read(*lines: str | bytes, end: bytes = b"\r\n") -> Mail:
    raw = end.join(line.encode() if isinstance(line, str) else line for line in lines)
    return parse_mail(raw, received_at=RECEIVED)


def test_an_ordinary_mail_is_read_whole():
    mail = read(
        "From: WMS <WMS@Maison-Lumiere.example>",
        "To: Ops <ops@vigie.example>, second@vigie.example",
        "Cc: third@vigie.example",
        "Subject: [KO] EOD_POS",
        "Message-ID: <1@wms>",
        "Date: Mon, 23 Nov 2026 05:41:00 +0100",
        "Content-Type: text/plain; charset=utf-8",
        "",
        "ORA-00054: ressource occupée",
    )
    assert mail.sender == "wms@maison-lumiere.example"
    assert mail.recipients == ("ops@vigie.example", "second@vigie.example", "third@vigie.example")
    assert mail.subject == "[KO] EOD_POS"
    assert mail.message_id == "<1@wms>"
    assert mail.sent_at == datetime(2026, 11, 23, 4, 41, tzinfo=UTC)
    assert mail.received_at == RECEIVED
    assert mail.text == "ORA-00054: ressource occupée"
    assert mail.attachments == ()
    assert mail.origin == "human"


def test_the_size_is_the_whole_mail_even_where_only_its_beginning_was_fetched():
    assert parse_mail(b"Subject: a\n\nb", received_at=RECEIVED).size == 13
    assert parse_mail(b"Subject: a\n\nb", received_at=RECEIVED, size=20_000_000).size == 20_000_000


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r", b"\x00", b"\xff\xfe", b"no header at all", b": no name\n\nx"])
def test_bytes_that_are_no_mail_are_an_empty_mail(raw: bytes):
    mail = parse_mail(raw, received_at=RECEIVED)
    assert (mail.subject, mail.sender, mail.message_id, mail.sent_at) == ("", "", "", None)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_each_end_of_line_is_one(end: bytes):
    mail = read("Subject: [KO] EOD_POS", "From: wms@example.com", "", "text", end=end)
    assert (mail.subject, mail.sender, mail.text) == ("[KO] EOD_POS", "wms@example.com", "text")


# --- headers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"=?utf-8?q?=5BKO=5D_commandes_=C3=A9t=C3=A9?=", "[KO] commandes été"),
        (b"=?UTF-8?B?W0tPXSA=?=\r\n =?UTF-8?B?RU9E?=", "[KO] EOD"),  # white space between encoded words is none
        (b"=?utf-8?b?5p8=?= =?utf-8?b?sQ==?=", "\u67f1"),  # one character in two words, against RFC 2047
        (b"[KO] =?utf-8?q?=C3=89T=C3=89?= 12", "[KO] ÉTÉ 12"),
        (b"=?iso-8859-1?q?d=E9p=F4t?=", "dépôt"),
        (b"=?utf-8*en?q?caf=C3=A9?=", "café"),  # RFC 2231 5
        (b"=?x-no-such?q?d=E9p=F4t?=", "dépôt"),
        (b"=?x-no-such?q?d=C3=A9p=C3=B4t?=", "dépôt"),
        (b"=?zlib?q?bomb?=", "bomb"),  # a codec of Python, no charset
        (b"=?unicode_escape?q?=5Cu0041?=", "\\u0041"),
        (b"=?utf-8?b?A?=", "=?utf-8?b?A?="),  # no base64
        (b"=?utf-8?q?half", "=?utf-8?q?half"),
        ("dépôt Å 柱".encode(), "dépôt Å 柱"),  # 8 bits, UTF-8
        ("dépôt".encode("latin-1"), "dépôt"),  # 8 bits, something else
        ("Å =?utf-8?q?KO?= 柱".encode(), "Å KO 柱"),  # both
        (b"a\x00b", "a\ufffdb"),
        (b"a\r\n\tfolded\r\n  line", "a folded line"),
        (b"=?utf-8?q?two=0D=0Alines?=", "two lines"),  # a newline in disguise
        (b"=?utf-7?q?+2AA-?=", "?"),  # a lone surrogate
    ],
)
def test_a_subject_is_read_as_it_was_meant(written: bytes, meant: str):
    assert read(b"Subject: " + written, "", "x").subject == meant


def test_a_subject_is_cut_before_anything_reads_it():
    assert len(read(b"Subject: " + b"x" * 3_000_000, "", "x").subject) == 2000


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<a@b.example>", "a@b.example"),
        ('"wms@example.com" <real@b.example>', "real@b.example"),
        ("=?utf-8?q?wms=40example=2Ecom=2C?= <real@b.example>", "real@b.example"),  # the name is no address
        ("Ops =?utf-8?b?w6k=?= <A@B.example>", "a@b.example"),
        ("one@a.example, two@b.example", "one@a.example"),
        ("MAILER-DAEMON", "mailer-daemon"),
        ("(" * 1900, ""),
        ("", ""),
    ],
)
def test_the_sender_is_an_address(written: str, meant: str):
    assert read(f"From: {written}", "", "x").sender == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Mon, 23 Nov 2026 05:41:00 +0100", datetime(2026, 11, 23, 4, 41, tzinfo=UTC)),
        ("23 Nov 2026 05:41:00 -0000", datetime(2026, 11, 23, 5, 41, tzinfo=UTC)),
        ("yesterday", None),
        ("Mon, 32 Nov 2026 25:61:00 +0100", None),
        ("Mon, 23 Nov 2026 05:41:00 +9999", None),
        ("31 Dec 9999 23:00:00 -1400", None),
        ("", None),
    ],
)
def test_the_date_is_utc_or_nothing(written: str, meant: str):
    assert read(f"Date: {written}", "", "x").sent_at == meant


# --- identity --------------------------------------------------------------------------------------------------


def test_the_same_mail_is_the_same_by_another_route():
    one = read("Received: by a", "Message-ID: <1@x>", "Date: Mon, 23 Nov 2026 05:41:00 +0100", "Subject: KO", "", "x")
    two = read("Received: by b", "Message-ID: <1@x>", "Date: Mon, 23 Nov 2026 05:41:00 +0100", "Subject: KO", "", "x")
    assert one.identity == two.identity


def test_a_careless_sender_with_one_message_id_sends_two_mails():
    assert (
        read("Message-ID: <1@x>", "Subject: [KO] A", "", "").identity
        != read("Message-ID: <1@x>", "Subject: [KO] B", "", "").identity
    )


def test_without_a_message_id_mails_that_differ_in_their_text_alone_are_two():
    head = ("Date: Mon, 23 Nov 2026 05:41:00 +0100", "From: wms@example.com", "Subject: KO", "")
    assert read(*head, "code 1").identity != read(*head, "code 2").identity
    assert read(*head, "code 1").identity == read(*head, "code 1").identity


# --- text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("charset", "raw", "meant"),
    [
        ("utf-8", "été".encode(), "été"),
        ("iso-8859-1", "été".encode("latin-1"), "été"),
        ("us-ascii", "été".encode(), "été"),  # it lied
        ("utf-8", "été".encode("latin-1"), "été"),  # it lied
        ("x-no-such", "été".encode(), "été"),
        ("iso-2022-jp", "倉庫".encode("iso-2022-jp"), "倉庫"),
        ("utf-8'\0'", b"x", "x"),
        ('"', b"x", "x"),
        ("idna", b"x", "x"),
        ("zlib", b"x", "x"),
    ],
)
def test_a_text_is_read_in_its_charset_or_the_next_best(charset: str, raw: bytes, meant: str):
    assert read(f"Content-Type: text/plain; charset={charset}", "", raw).text == meant


def test_a_long_text_is_cut_and_not_garbled():
    mail = read("Content-Type: text/plain; charset=utf-8", "", "é" * 150_000 + "fin")
    assert mail.text == "é" * 60_000 + "\n[… 50,003 characters not read …]\n" + "é" * 39_997 + "fin"
    assert mail.curtailed == ("of 150,003 characters of its text the first 60,000 and the last 40,000 were read",)


def test_html_alone_becomes_text():
    mail = read(
        "Content-Type: text/html; charset=utf-8",
        "",
        "<html><head><style>p {color: red}</style></head><body><p>[KO] EOD_POS</p>"
        "<table><tr><td>job</td><td>A&amp;B</td></tr></table>line<br>next &lt;b&gt; &#0; &#233;</body></html>",
    )
    assert [line.strip() for line in mail.text.split("\n") if line.strip()] == [
        "[KO] EOD_POS",
        "job A&B",
        "line",
        "next <b> \ufffd é",
    ]


def test_a_number_too_long_for_python_is_no_character():
    assert read("Content-Type: text/html", "", "a&#" + "9" * 5000 + ";b").text == "a\ufffdb"


def parted(kind: str, *parts: str) -> str:
    return (
        f'Content-Type: multipart/{kind}; boundary="{kind}"\n\n'
        + "".join(f"--{kind}\n{part}\n" for part in parts)
        + f"--{kind}--\n"
    )


PLAIN, HTML = "Content-Type: text/plain\n\n", "Content-Type: text/html\n\n"


@pytest.mark.parametrize(
    ("mime", "text"),
    [
        (
            parted("alternative", HTML + "<b>marked</b>", PLAIN + "plain"),
            "plain\nmarked",
        ),  # each says what the other lacks
        (parted("alternative", HTML + "<b>plain</b>", PLAIN + "plain"), "plain"),
        (parted("alternative", PLAIN + " \n ", HTML + "<b>marked</b>"), "marked"),  # what some mailers send
        (
            parted("mixed", parted("alternative", PLAIN + "body", HTML + "body"), PLAIN + "footer of a list"),
            "body\nfooter of a list",
        ),
        (parted("mixed", PLAIN.replace("\n\n", "; name=log.txt\n\n") + "log", PLAIN + "body"), "body\nlog"),
        (parted("mixed"), ""),
        ('Content-Type: multipart/mixed; boundary="lost"\n\nno such boundary', "no such boundary"),
        ("Content-Type: multipart/mixed\n\nno boundary at all", "no boundary at all"),
    ],
)
def test_every_text_that_was_written_to_be_read_is_read(mime: str, text: str):
    assert parse_mail(mime.encode(), received_at=RECEIVED).text.strip() == text


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('Content-Disposition: attachment; filename="orders.csv"', "orders.csv"),
        ("Content-Type: application/pdf; name=report.pdf", "report.pdf"),
        ("Content-Disposition: attachment; filename*=utf-8''%C3%A9t%C3%A9.csv", "été.csv"),
        ('Content-Disposition: attachment; filename="=?utf-8?q?=C3=A9t=C3=A9=2Ecsv?="', "été.csv"),
        ('Content-Disposition: attachment; filename="été.csv"', "été.csv"),
        ("Content-Disposition: attachment; filename*=utf-8''a%0Ab%00.csv", "a b\ufffd.csv"),  # newline and NUL
        ('Content-Disposition: attachment; filename="../../etc/passwd"', "../../etc/passwd"),  # data, as it came
        ("Content-Disposition: attachment; filename*=x'y'a; filename*0=b", None),  # the parser raises TypeError
    ],
)
def test_the_names_of_attachments(head: str, name: str):
    mime = parted("mixed", PLAIN + "body", head + "\n\nx")
    assert parse_mail(mime.encode(), received_at=RECEIVED).attachments == ((name,) if name else ())


# --- hostile bytes ---------------------------------------------------------------------------------------------

HEADERS_MIXING_CONTINUATIONS = b"Subject: [KO] A\nContent-Type: multipart/mixed; boundary*=x; boundary*0=y\n\n--x\n"


def nested(depth: int) -> bytes:
    return b"Subject: [KO] A\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth)
    )


def attached(depth: int) -> bytes:
    return b"Subject: [KO] A\n" + b"Content-Type: message/rfc822\n\n" * depth


@pytest.mark.parametrize(
    "raw",
    [HEADERS_MIXING_CONTINUATIONS, nested(30), nested(2000), attached(30), attached(5000)],
    ids=["continuations", "nested-30", "nested-2000", "attached-30", "attached-5000"],
)
def test_a_mail_that_cannot_be_taken_apart_keeps_its_headers(raw: bytes):
    assert parse_mail(raw + b"x", received_at=RECEIVED).subject == "[KO] A"


MUCH = 300_000


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"Subject: [KO] A\nContent-Type: text/plain" + b";" * MUCH + b"\n\nx", id="parameters"),
        pytest.param(b"Subject: [KO] A\nContent-Type: text/plain" + b';"' * MUCH + b"\n\nx", id="quotes"),
        pytest.param(b"Subject: [KO] A\n" + b"a: b\n" * MUCH + b"\n\nx", id="headers"),
        pytest.param(b"Subject: [KO] A\nFrom: " + b"(" * MUCH + b"\n\nx", id="comments"),
        pytest.param(nested(200) + b"\n\n" + b"x\n" * 2 * MUCH, id="deep-and-long"),
        pytest.param(
            b"Subject: [KO] A\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * (MUCH // 5), id="parts"
        ),
        pytest.param(b"Subject: [KO] A\nContent-Type: text/html\n\n" + b"<script" * (MUCH // 7), id="tags"),
        pytest.param(b"Subject: [KO] A\nContent-Type: text/html\n\n" + b"&" * MUCH, id="entities"),
        pytest.param(b"Subject: [KO] A\nContent-Type: text/plain; charset=punycode\n\n" + b"a-" * MUCH, id="codec"),
    ],
)
def test_no_mail_takes_long(raw: bytes):
    before = time.process_time()
    assert parse_mail(raw, received_at=RECEIVED).subject == "[KO] A"
    assert time.process_time() - before < 3


PIECES = st.sampled_from(
    [
        b"Content-Type: ", b"Content-Transfer-Encoding: ", b"Content-Disposition: ", b"Subject: ", b"From: ", b"To: ",
        b"Date: ", b"Message-ID: ", b"Auto-Submitted: ", b"multipart/mixed; boundary=b", b"multipart/report; ",
        b"message/rfc822", b"message/delivery-status", b"text/html", b"text/plain", b"; charset=", b"; charset*=",
        b"utf-7", b"utf-16", b"iso-2022-jp", b"punycode", b"; report-type*=a; report-type*0=b", b"; filename*1*=",
        b"; name*=utf-8''%ff", b"base64", b"x-uuencode", b"quoted-printable", b"=?utf-8?b?", b"?=", b"=?", b"?q?", b"--b",
        b"--b--", b"\r\n", b"\n", b"\r", b"\n\n", b'"', b";", b"(", b"<", b">", b"@", b"&#99999;", b"\x00", b"\xff", b"\xc3",
        b"+2AA-", b"<script", b"begin 666 x\n", b"31 Dec 9999 23:00 -1400", b"From ",
    ]
)  # fmt: skip


@examples(300)
@given(
    st.one_of(st.binary(max_size=300), st.lists(st.one_of(PIECES, st.binary(max_size=4)), max_size=40).map(b"".join))
)
def test_whatever_the_bytes_are_a_mail_comes_out_that_can_be_stored(raw: bytes):
    mail = parse_mail(raw, received_at=RECEIVED)
    stored = mail.model_dump_json()
    assert "\\u0000" not in stored  # PostgreSQL's jsonb refuses it
    assert Mail.model_validate_json(stored.encode()) == mail
    assert parse_mail(raw, received_at=RECEIVED) == mail


# --- origin ----------------------------------------------------------------------------------------------------


def report(kind: str, *actions: str) -> str:
    fields = "".join(f"\nFinal-Recipient: rfc822; a@b.example\nAction: {action}\nStatus: 5.1.1\n" for action in actions)
    status = f"Content-Type: message/{kind}\n\nReporting-MTA: dns; mx.example\n{fields}"
    return parted("report", PLAIN + "your mail", status).replace("boundary=", f"report-type={kind}; boundary=")


@pytest.mark.parametrize(
    ("mail", "origin"),
    [
        ("Auto-Submitted: auto-generated\n\nx", "auto_generated"),  # a monitor's KO, not to be dropped
        ("Auto-Submitted: auto-notified; owner-email=a@b\n\nx", "auto_generated"),
        ("From: a@b.example\nAuto-Submitted: no\n\nx", "human"),
        ("From: a@b.example\nAuto-Submitted: No; really\n\nx", "human"),
        ("Auto-Submitted: auto-replied (vacation)\n\nx", "auto_replied"),
        ("Precedence: bulk\nList-Id: <ops.example>\nX-Auto-Response-Suppress: All\n\nx", "auto_generated"),
        ("X-Vigie-Key: INC-1/page/1\n\nx", "own_loop"),
        (report("disposition-notification"), "mdn"),
        (report("delivery-status", "failed"), "dsn_failed"),
        (report("delivery-status", "delayed"), "dsn_delayed"),
        (report("delivery-status", "delayed", "failed"), "dsn_failed"),
        (report("delivery-status"), "dsn_failed"),
        ("Content-Type: multipart/report; report-type*=a; report-type*0=b\n\nx", "unknown"),
        ("From: MAILER-DAEMON@mx.example\n\nx", "unknown"),
        ("From: Mailer-Daemon (Mail Delivery System)\n\nAction: delayed", "dsn_delayed"),
        ("From: postmaster@mx.example\nReturn-Path: <>\n\nx", "unknown"),
        ("From: postmaster@client.example\n\nplease call me", "unknown"),
    ],
)
def test_who_wrote_it(mail: str, origin: str):
    assert parse_mail(mail.encode(), received_at=RECEIVED).origin == origin


@pytest.mark.needs("corpus")
def test_no_real_notice_is_taken_for_a_bounce_or_a_reply(corpus: Path):
    mails = [parse_mail(path.read_bytes(), received_at=RECEIVED) for path in (corpus / "mail/notices").glob("*.eml")]
    assert len(mails) == 19
    assert {mail.origin for mail in mails} <= {"human", "auto_generated", "list"}
    assert all(mail.subject and mail.text.strip() for mail in mails)


# --- words, quotes, signature, what was left unread ------------------------------------------------------------


def test_the_authors_own_words_stand_alone():
    mail = read(
        "From: a@b.example", "Subject: Re: [KO] EOD_POS", "", "I am looking.", "", "On Mon, 23 Nov 2026 WMS wrote:", "> [KO]", "-- ", "Ann"
    )  # fmt: skip
    assert (mail.text.strip(), mail.quoted.split(), mail.signature.split()) == (
        "I am looking.", ["On", "Mon,", "23", "Nov", "2026", "WMS", "wrote:", ">", "[KO]"], ["--", "Ann"]
    )  # fmt: skip


def test_headers_are_kept_for_the_rules_and_read_by_name():
    mail = read("X-Job: one", "X-JOB: =?utf-8?q?d=C3=A9p=C3=B4t?=", "From: a@b.example", "", "x")
    assert mail.header("x-job") == ["one", "dépôt"]
    assert mail.header("x-none") == []


@pytest.mark.parametrize(
    ("raw", "size", "told"),
    [
        (b"Subject: a\n\nb", 20_000_000, "of 20,000,000 bytes the first 13 were fetched"),
        (b"Subject: a\n" + b"X: y\n" * 60_000 + b"\nb", None, "of 300,010 bytes of headers the first 200,000 were read"),
        (b"Subject: a\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 1_100, None,
         "it has more than 1,000 parts: it was read as one text"),
        (b"Subject: a\n\n" + b"x\n" * 60_000, None, "of 120,000 characters of its text the first 60,000 and the last 39,998 were read"),
        (b"Subject: a\nContent-Type: text/html\n\n" + b"<p>x" * 120_000, None,
         "of 480,000 characters of its HTML the first 240,000 and the last 160,000 were read"),
        (b"Subject: a\nContent-Type: text/html\n\n" + b"<p>x" * 60_000, 500_000, "of 500,000 bytes the first 240,036 were fetched"),
    ],
    ids=["fetched", "headers", "parts", "text", "html", "both"],
)  # fmt: skip
def test_what_was_left_unread_is_told(raw: bytes, size: int | None, told: str):
    mail = parse_mail(raw, received_at=RECEIVED, size=size)
    assert told in mail.curtailed
    assert mail.subject == "a"


def test_a_decent_mail_is_not_curtailed():
    assert read("Subject: a", "", "b").curtailed == ()


def test_fifty_megabytes_are_read_in_part_and_in_bounded_memory():
    raw = b"Subject: [KO] A\n\n" + b"x" * 79 + b"\n" + (b"y" * 79 + b"\n") * 650_000
    tracemalloc.start()
    before = time.process_time()
    mail = parse_mail(raw, received_at=RECEIVED)
    taken, (_, peak) = time.process_time() - before, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert mail.subject == "[KO] A"
    assert mail.curtailed[0] == f"of {len(raw):,} bytes the first 8,000,000 were read"
    assert taken < 20  # traced; untraced it is under two
    assert peak < 200_000_000


def test_a_calendar_alone_is_its_text():
    mail = read(
        "Subject: invitation", "Content-Type: text/calendar; charset=utf-8", "", "BEGIN:VCALENDAR", "SUMMARY:KO"
    )
    assert "SUMMARY:KO" in mail.text


def test_a_mail_that_only_carries_another_says_what_that_says():
    carried = "Content-Type: message/rfc822\n\nSubject: inner\n\n[KO] EOD_POS"
    assert (
        parse_mail(("Subject: FW\n" + parted("mixed", carried)).encode(), received_at=RECEIVED).text.strip()
        == "[KO] EOD_POS"
    )
    own = parse_mail(("Subject: FW\n" + parted("mixed", PLAIN + "look", carried)).encode(), received_at=RECEIVED)
    assert own.text.strip() == "look\n[KO] EOD_POS"  # a forward keeps what it forwards, a word above it or not
