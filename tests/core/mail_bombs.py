"""Mails that were made to cost much: by name how each is made, and what of it must be told as unread."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from typing import NamedTuple


class Bomb(NamedTuple):
    """A mail that costs much to whoever reads it as it is written; ``told`` is a part of what is said of it, if anything."""

    make: Callable[[], bytes]
    told: str = ""


HEAD = b"Subject: [KO] A\nFrom: batch@client.example\n"
HTML = HEAD + b"Content-Type: text/html\n\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
ENCODED = b"--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
QUOTED = HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n"

TEXT = "characters of its text the first"
MARKED = "characters of its HTML the first 240,000 and the last"
DEEP = "its parts are nested too deeply for its length: it was read as one text"
MANY = "it has more than 1,000 parts: it was read as one text"
BYTES = "the first 8,000,000 were read"
HEADERS = "of headers the first 200,000 were read"
FIELDS = "lines of headers the first 2,000 were read"


def numbered(written: bytes, number: int) -> bytes:
    """A piece many times, each with its number."""
    return b"".join(written.replace(b"#", b"%d" % n) for n in range(number))


def text(charset: str, raw: bytes) -> bytes:
    """A mail whose text names a charset."""
    return HEAD + f"Content-Type: text/plain; charset={charset}\n\n".encode() + raw


def packed(kind: str, raw: bytes) -> bytes:
    """A mail with a text in base64."""
    return HEAD + f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n".encode() + base64.encodebytes(raw)


PARTS = {
    "10,000 levels": Bomb(lambda: HEAD + numbered(b"Content-Type: multipart/mixed; boundary=b#\n\n--b#\n", 10_000), DEEP),
    "300 levels": Bomb(lambda: HEAD + numbered(b"Content-Type: multipart/mixed; boundary=b#\n\n--b#\n", 300) + b"\nKO"),
    "90 levels of 100,000 lines": Bomb(
        lambda: HEAD + numbered(b"Content-Type: multipart/mixed; boundary=b#\n\n--b#\n", 90) + b"\nKO\n" * 50_000
    ),
    "boundaries that begin alike": Bomb(
        lambda: HEAD + numbered(b"Content-Type: multipart/mixed; boundary=b#\n\n--b#\n", 60) + b"--b1\n\nKO\n" * 900
    ),
    "12 mails of HTML": Bomb(
        lambda: MIXED + (b"--b\nContent-Type: message/rfc822\n\nContent-Type: text/html\n\n" + b"<p>x" * 90_000 + b"\n") * 12 + b"--b--",
        "of 12 mails that it carries the first 10 were read",
    ),
    "16 long pages of HTML": Bomb(
        lambda: MIXED + (b"--b\nContent-Type: text/html\n\n" + b"<p>x" * 110_000 + b"\n") * 16 + b"--b--",
        "of 440,000 characters of its HTML the first 0 and the last 0 were read",
    ),
    "9 mails of 100 texts without a charset": Bomb(
        lambda: MIXED + (b"--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n"
        + (b"--c\nContent-Type: text/plain; charset=x-none\n\n" + bytes(range(128, 256)) * 50 + b"\n") * 100 + b"--c--\n") * 9 + b"--b--",
        "of 100 texts the first 50 were read",
    ),
    "90 pages without a charset": Bomb(
        lambda: MIXED + (b"--b\nContent-Type: text/html; charset=x-none\n\n" + bytes(range(128, 256)) * 30 + b"<p>x" * 3_000 + b"\n") * 90 + b"--b--",
        "of 90 texts the first 50 were read",
    ),
    "20 pages of sheets": Bomb(
        lambda: MIXED + (b"--b\nContent-Type: text/html\n\n<style>" + numbered(b"[a#*='x'] {display:none} ", 300) + b"</style>"
        + b"<b a1=y>" * 3_000 + b"\n") * 20 + b"--b--",
        "of 24,000 characters of its HTML the first 0 and the last 0 were read",
    ),
    "10,000 mails in mails": Bomb(
        lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 10_000 + b"x", "its parts make no sense: it was read as one text"
    ),
    "200 mails in mails": Bomb(lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 200 + b"\nKO\n" * 50_000),
    "900 mails beside one another": Bomb(
        lambda: MIXED + b"--b\nContent-Type: message/rfc822\n\nSubject: x\n\nKO is the job\n" * 450 + b"--b--"
    ),
    "100,000 parts": Bomb(lambda: MIXED + b"--b\n\nx\n" * 100_000, MANY),
    "990 parts of 5 kB": Bomb(lambda: MIXED + (b"--b\n\n" + b"word of a text\n" * 330) * 990 + b"--b--"),
    "990 parts of HTML": Bomb(
        lambda: MIXED + (b"--b\nContent-Type: text/html\n\n" + b"<p>word <b>of</b> a text\n" * 200) * 900 + b"--b--"
    ),
    "990 names of 2,000 characters": Bomb(
        lambda: MIXED + (b"--b\nContent-Disposition: attachment; filename=" + b"a" * 2_000 + b"\n\nx\n") * 990 + b"--b--"
    ),
    "names in a thousand pieces": Bomb(
        lambda: MIXED + (b"--b\nContent-Disposition: attachment;" + numbered(b" f*#*=x;", 250) + b"\n\nx\n") * 900 + b"--b--"
    ),
    "20,000 reports": Bomb(
        lambda: HEAD + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
        b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * 20_000 + b"--b--",
        MANY,
    ),
    "2,000,000 lines in parts": Bomb(lambda: MIXED + b"--b\n\n" + b"a\n" * 2_000_000 + b"--b--", "lines the first 400,000"),
    "nothing but line ends": Bomb(lambda: MIXED + b"\n" * 5_000_000, "lines the first 400,000"),
    "carriage returns": Bomb(lambda: HEAD + b"\r\r\n" * 1_500_000),
    "boundary of the wrong name": Bomb(lambda: MIXED + b"--c\nContent-Type: text/plain\n\nKO\n" * 900 + b"--c--"),
    "boundaries in a text": Bomb(lambda: MIXED.replace(b"=b", b"=x") + b"--" + b"-" * 100_000 + b"\n" + b"--a\n" * 200_000),
}  # fmt: skip

HEADERS_ = {
    "a header of 10 MB": Bomb(lambda: HEAD + b"X-A: " + b"a" * 10_000_000 + b"\n\nx", BYTES),
    "a subject of encoded words": Bomb(lambda: HEAD[:16] + b" =?utf-8?b?" * 500_000 + b"\n\nx", HEADERS),
    "encoded words in all headers": Bomb(lambda: HEAD + b"X-A: =?utf-8?q?=?= =?utf-8?b??=\n" * 5_000 + b"\nx", FIELDS),
    "words that never end": Bomb(lambda: HEAD + (b"X-A: " + b"=?a?q?" * 300 + b"\n") * 100 + b"\nx"),
    "words in a thousand charsets": Bomb(lambda: HEAD + numbered(b"X-A: =?c#?q?=E9?= =?utf-7?b?KysrKw==?=\n", 1_900) + b"\nx"),
    "100,000 recipients": Bomb(lambda: HEAD + b"To: " + b"a@client.example, " * 100_000 + b"\n\nx", HEADERS),
    "1,900 lists of recipients": Bomb(lambda: HEAD + (b"To: " + b"a@b.example, " * 6 + b"\n") * 1_900 + b"\nx"),
    "a million Received": Bomb(lambda: HEAD + b"Received: from a by b\n" * 300_000 + b"\nx", HEADERS),
    "60,000 headers": Bomb(lambda: HEAD + b"A:\n" * 60_000 + b"\nx", FIELDS),
    "a subject behind 50,000 headers": Bomb(lambda: b"A:\n" * 50_000 + HEAD + b"\nx", FIELDS),
    "50,000 lines of one header": Bomb(lambda: HEAD + b"X-A: a\n" + b" b\n" * 50_000 + b"\nx", FIELDS),
    "headers that are none": Bomb(lambda: HEAD + b"not a header\n" * 15_000 + b"X-A: b\n\nx", FIELDS),
    "an address of brackets": Bomb(lambda: HEAD + b"To: " + b"(a" * 90_000 + b"\n\nx"),
    "an address of angles": Bomb(lambda: HEAD + b"To: " + b"<" * 90_000 + b"\nCc: " + b"<a@" * 30_000 + b"\n\nx"),
    "an address of quotes": Bomb(lambda: HEAD + b"To: " + b'"\\' * 90_000 + b"\n\nx"),
    "a sender of 8 bits": Bomb(lambda: HEAD + b"To: " + b"\xe9" * 90_000 + b" <a@b.example>\n\nx"),
    "8 bits in all headers": Bomb(lambda: HEAD + (b"X-A: " + b"\x8a\xe3" * 40 + b"\n") * 1_900 + b"\nx"),
    "parameters of a type": Bomb(
        lambda: HEAD + b"Content-Type: text/plain; " + numbered(b"a*#*=utf-8''x; ", 10_000) + b"\n\nx"
    ),
    "semicolons of a type": Bomb(lambda: HEAD + b"Content-Type: text/plain" + b';"' * 90_000 + b"\n\nx"),
    "a date of 90,000 spaces": Bomb(lambda: HEAD + b"Date: Mon," + b" " * 90_000 + b"x\n\nx"),
    "references to 20,000 mails": Bomb(lambda: HEAD + b"References: " + b"<a@b>\n " * 20_000 + b"\n\nx", FIELDS),
}  # fmt: skip

TEXTS = {
    "50 MB": Bomb(lambda: HEAD + b"\n" + b"KO is the job\n" * 3_600_000, BYTES),
    "8 MB of one line": Bomb(lambda: HEAD + b"\n" + b"KO is the job " * 570_000, TEXT),
    "8 MB of line ends": Bomb(lambda: HEAD + b"\n" + b"\n" * 7_900_000, TEXT),
    "8 MB of NUL": Bomb(lambda: HEAD + b"\n" + b"\0" * 7_900_000, TEXT),
    "8 MB of any byte": Bomb(lambda: HEAD + b"\n" + bytes(range(256)) * 31_000, TEXT),
    "much in base64": Bomb(lambda: MIXED + ENCODED + base64.encodebytes(b"a" * 5_000_000) + b"--b--", TEXT),
    "base64 of garbage": Bomb(lambda: HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"!@#$%" * 1_000_000),
    "base64 of nothing": Bomb(lambda: HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"=\n" * 2_000_000),
    "base64 in single letters": Bomb(lambda: HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"Y\nQ\n" * 1_000_000, TEXT),
    "soft breaks": Bomb(lambda: QUOTED + b"=\n" * 500_000),
    "quoted pairs": Bomb(lambda: QUOTED + b"=C3=A9" * 1_000_000, TEXT),
    "quoted garbage": Bomb(lambda: QUOTED + b"=" * 5_000_000, TEXT),
    "a million quoted lines": Bomb(lambda: b"In-Reply-To: <1@x>\n" + HEAD + b"\nKO\n" + b"> x\n" * 1_000_000, TEXT),
    "a million quotes": Bomb(lambda: b"In-Reply-To: <1@x>\n" + HEAD + b"\n" + b">" * 1_000_000, TEXT),
    "lines that somebody wrote": Bomb(lambda: HEAD + b"\n" + b"On Monday somebody wrote and\n" * 200_000, TEXT),
    "heads of quoted mails": Bomb(lambda: b"Subject: [KO] A\nIn-Reply-To: <1@x>\n\n" + b"From: a\nSent: b\n" * 100_000, TEXT),
    "signatures": Bomb(lambda: HEAD + b"\n" + b"-- \n" * 200_000, TEXT),
    "uuencoded beginnings": Bomb(lambda: HEAD + b"\n" + b"begin 644 a\n" * 200_000, TEXT),
    "uuencoded files": Bomb(lambda: HEAD + b"\n" + b"begin 644 a\n#0V%T\n`\nend\n" * 100_000, ""),
    "uuencode by its header": Bomb(
        lambda: HEAD + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n" + b"M" + b"`" * 60 + b"\n" + b"M" * 5_000_000
    ),
    "flowed lines": Bomb(lambda: HEAD + b"Content-Type: text/plain; format=flowed; delsp=yes\n\n" + b"a \n" * 500_000, TEXT),
    "one flowed line": Bomb(lambda: HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"word of a text \n" * 300_000, TEXT),
    "reports in a text": Bomb(lambda: HEAD + b"\n" + b"Final-Recipient: rfc822; a@b.example\nAction: failed\n" * 60_000, TEXT),
    "addresses in a text": Bomb(lambda: HEAD + b"\n" + b"a." * 500_000 + b"@" + b"b." * 500_000, TEXT),
    "JSON in JSON": Bomb(lambda: HEAD + b"Content-Type: application/json\n\n" + b'{"a":[' * 500_000, TEXT),
    "JSON of escapes": Bomb(lambda: HEAD + b"Content-Type: application/json\n\n" + b"\\ud83d" * 500_000, TEXT),
    "XML of references": Bomb(lambda: HEAD + b"Content-Type: text/xml\n\n" + b"&#x10FFFF;&Aacute;" * 100_000, TEXT),
    "entities in entities": Bomb(
        lambda: HEAD + b'Content-Type: text/xml\n\n<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + numbered(b'<!ENTITY a# "&a;&a;">', 999) + b"]>&a998;"
    ),
    "a calendar of 100,000 events": Bomb(lambda: HEAD + b"Content-Type: text/calendar\n\n" + b"BEGIN:VEVENT\nSUMMARY:KO\n" * 100_000, TEXT),
    "CSV of commas": Bomb(lambda: HEAD + b"Content-Type: text/csv\n\n" + b"," * 5_000_000, TEXT),
    "letters to compose": Bomb(lambda: text("utf-8", b"a" + b"\xcc\x80" * 2_000_000)),
    "marks in the wrong order": Bomb(lambda: text("utf-8", b"a" + b"\xcc\x81\xcc\x96" * 1_000_000), ""),
    "a subject of marks": Bomb(lambda: HEAD[:15] + b" a" + b"\xcc\x81\xcc\x96" * 40_000 + b"\n\nx", ""),
    "letters that grow": Bomb(lambda: text("utf-8", b"\xef\xb7\xba" * 1_000_000), TEXT),
    "one word of 8 MB": Bomb(lambda: HEAD + b"\n" + b"KO" * 3_900_000, TEXT),
}  # fmt: skip

CHARSETS = {
    "utf-7 of pluses": Bomb(lambda: text("utf-7", b"+" * 3_000_000), ""),
    "utf-7 that is none": Bomb(lambda: text("utf-7", b"+AGE" * 1_000_000), ""),
    "iso-2022-jp of escapes": Bomb(lambda: text("iso-2022-jp", b"\x1b$B" * 1_000_000), ""),
    "iso-2022-jp of NEC's letters": Bomb(lambda: text("iso-2022-jp", b"\x1b$B" + b"-!" * 1_500_000), TEXT),
    "iso-2022-jp half width": Bomb(lambda: text("iso-2022-jp", b"\x1b(I" + b"1" * 3_000_000), TEXT),
    "hz of tildes": Bomb(lambda: text("hz", b"~{" * 1_500_000), ""),
    "iso-2022-kr": Bomb(lambda: text("iso-2022-kr", b"\x0e!" * 1_500_000), ""),
    "utf-16 of surrogates": Bomb(lambda: text("utf-16", b"\xff\xfe" + b"\0\xd8" * 1_500_000), TEXT),
    "no charset": Bomb(lambda: text("x-none", bytes(range(128, 256)) * 24_000), TEXT),
    "EUC-JP, by its bytes": Bomb(lambda: text("x-none", b"\xbe\xe3\xb3\xb2" * 750_000), TEXT),
    "Latin-1 by its bytes": Bomb(lambda: text("utf-8", b"\xe9chec " * 500_000), TEXT),
    "UTF-8 twice": Bomb(lambda: text("utf-8", "Ã©".encode() * 700_000), TEXT),
    "gb18030 of four bytes": Bomb(lambda: text("gb18030", b"\x81\x30\x81\x30" * 700_000), TEXT),
    "punycode": Bomb(lambda: text("punycode", b"a-" * 1_500_000), TEXT),
    "a packed codec": Bomb(lambda: packed("text/plain; charset=zlib", zlib.compress(b"KO" * 50_000_000)), ""),
    "a packed file": Bomb(lambda: packed("application/gzip; name=a.gz", zlib.compress(b"KO" * 50_000_000)), "what it carries is not read"),
    "winmail.dat": Bomb(lambda: packed("application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22" * 1_000_000), "only Outlook"),
    "an encrypted mail": Bomb(lambda: packed("application/pkcs7-mime; smime-type=enveloped-data", b"\x30\x80" * 2_000_000), "encrypted"),
}  # fmt: skip

PAGES = {
    "a wide cell above 5,000 lines": Bomb(lambda: HTML + b"<table><tr><td>" + b"x" * 25_000 + b"<tr><td>a" + b"<br>a" * 5_000),
    "a wide cell above 10,000 rows": Bomb(lambda: HTML + b"<table><tr><td>" + b"x" * 50_000 + b"<tr><td>a" * 10_000),
    "a tall cell beside a wide row": Bomb(lambda: HTML + b"<table><tr><td>" + b"x<br>" * 15_000 + b"</td>" + b"<td>x" * 15_000),
    "tables in tables beside cells": Bomb(
        lambda: HTML + b"<table><tr><td>a</td><td>" * 4_000 + b"x" * 100_000 + b"<br>y" * 20_000, TEXT
    ),
    "90 tables around 80,000 lines": Bomb(lambda: HTML + b"a<table><tr><td>" * 90 + b"x<br>" * 78_000, TEXT),
    "90 rows of tall cells": Bomb(lambda: HTML + b"<table><tr><td>a<br>b<br>c<td>" * 90 + b"x<br>" * 78_000, TEXT),
    "a wide word in 90 tables": Bomb(lambda: HTML + b"<table><tr><td>a<td>" * 90 + b"x" * 390_000, TEXT),
    "30,000 tables": Bomb(lambda: HTML + b"<table><tr><td>" * 30_000 + b"x", MARKED),
    "60,000 tables without cells": Bomb(lambda: HTML + b"<table>" * 60_000, MARKED),
    "15,000 columns": Bomb(lambda: HTML + b"<table><tr>" + b"<td>x" * 15_000),
    "100 columns of 1,000 lines": Bomb(lambda: HTML + b"<table><tr>" + (b"<td>" + b"x<br>" * 700) * 100),
    "rows of a million": Bomb(lambda: HTML + b"<table>" + b"<tr><td rowspan=1000000 colspan=1000000>x</td>" * 3_000),
    "columns of a million": Bomb(lambda: HTML + b"<table><colgroup span=1000000><col width=99999999>" * 3_000 + b"<tr><td>x"),
    "500,000 levels": Bomb(lambda: HTML + b"<div>" * 500_000, MARKED),
    "levels and ends of others": Bomb(lambda: HTML + b"<b>" * 60_000 + b"</i>" * 50_000 + b"KO"),
    "a thousand levels fifty times": Bomb(lambda: HTML + (b"<b>" * 1_000 + b"</i>" * 1_000) * 50 + b"KO"),
    "fonts that never end": Bomb(lambda: HTML + b"<font color=red>KO<br>" * 15_000),
    "50,000 words in bold": Bomb(lambda: HTML + b"<b>a</b>" * 50_000),
    "100,000 paragraphs": Bomb(lambda: HTML + b"<p>" * 100_000),
    "80,000 items of a list": Bomb(lambda: HTML + b"<ol>" + b"<li>a" * 75_000, TEXT),
    "150 lists around 90,000 lines": Bomb(lambda: HTML + b"<ul><li>" * 150 + b"<pre>" + b"x\n" * 90_000, TEXT),
    "lists in lists": Bomb(lambda: HTML + b"<ol><li>" * 40_000 + b"x", ""),
    "a list of a number of 4,000 digits": Bomb(lambda: HTML + b"<ol start=" + b"9" * 4_000 + b"><li value=" + b"9" * 9_000 + b">x"),
    "quotes in quotes": Bomb(lambda: HTML + b"<q>" * 100_000, TEXT),
    "8 MB of lines": Bomb(lambda: HTML + b"<pre>" + b"x\n" * 3_900_000, MARKED),
    "8 MB of spaces": Bomb(lambda: HTML + b" " * 7_900_000, ""),
    "8 MB of paragraphs": Bomb(lambda: HTML + b"<p>x" * 1_900_000, MARKED),
    "indents of a gigabyte": Bomb(lambda: HTML + b"<p style='padding-left: 99999999em; margin: 9999999em'>x</p>" * 4_000),
    "heights of a gigabyte": Bomb(lambda: HTML + b"<table height=999999999 width=999999999><tr><td height=99999999>x" * 2_000),
    "comments": Bomb(lambda: HTML + b"<!--" * 60_000),
    "20,000 comments": Bomb(lambda: HTML + b"a<!--x-->" * 20_000),
    "conditions of Outlook": Bomb(lambda: HTML + b"<!--[if mso]><p>KO<![endif]-->" * 10_000),
    "script tags": Bomb(lambda: HTML + b"<script" * 50_000),
    "20,000 attributes": Bomb(lambda: HTML + b"<p " + numbered(b"a#=1 ", 20_000) + b">x"),
    "a style of 200 kB": Bomb(lambda: HTML + b"<p style='" + b"display:none;" * 15_000 + b"'>x"),
    "30,000 rules of a sheet": Bomb(lambda: HTML + b"<style>" + b".a{display:none}" * 30_000 + b"</style>" + b"<b class=a>" * 30_000),
    "selectors of many ancestors": Bomb(
        lambda: HTML + b"<style>" + b"b b b b b b .a{display:none} " * 3_000 + b"</style>" + b"<b class=a>" * 30_000
    ),
    "braces of a sheet": Bomb(lambda: HTML + b"<style>" + b"{" * 200_000 + b"}" * 200_000 + b"</style>x"),
    "comments of a sheet": Bomb(lambda: HTML + b"<style>" + b"/*" * 200_000 + b"</style>x"),
    "200 classes of 400 elements": Bomb(
        lambda: HTML + b"<style>" + numbered(b".c#{display:none} ", 200) + b"</style>" + (b"<b class='" + numbered(b"c# ", 200) + b"'></b>") * 400
    ),
    "60,000 classes of one element": Bomb(lambda: HTML + b"<p class='" + numbered(b"c# ", 60_000) + b"'>x"),
    "attributes of a sheet": Bomb(
        lambda: HTML + b"<style>" + numbered(b"[a#*='x'] {display:none} ", 300) + b"</style>" + b"<b a1=y>" * 30_000
    ),
    "200 rules that hide nothing": Bomb(
        lambda: HTML + b"<style>" + b".a{display:block}" * 300 + b"b b .a{opacity:1}" * 100 + b"</style>" + b"<b class=a>x</b>" * 24_000
    ),
    "a sheet of 8 MB": Bomb(lambda: HTML + b"<style>" + b"p.MsoNormal{margin:0;font-size:11pt}\n" * 200_000 + b"</style>KO"),
    "references": Bomb(lambda: HTML + b"&amp;" * 70_000, ""),
    "references that are none": Bomb(lambda: HTML + b"&" * 300_000, TEXT),
    "a reference of 5,000 digits": Bomb(lambda: HTML + b"a&#" + b"9" * 5_000 + b";b"),
    "entities of HTML in entities": Bomb(
        lambda: HTML + b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + numbered(b'<!ENTITY a# "&a;&a;&a;">', 99) + b"]>&a98;"
    ),
    "36,000 pictures": Bomb(lambda: HTML + b"<img alt=a>" * 33_000, ""),
    "a picture of 380 kB in words": Bomb(lambda: HTML + b"<img alt='" + b"KO " * 120_000 + b"'>", TEXT),
    "a picture in base64": Bomb(lambda: HTML + b"<img src='data:image/png;base64," + b"A" * 5_000_000 + b"'>KO", ""),
    "NUL in HTML": Bomb(lambda: HTML + b"\0" * 300_000, TEXT),
    "less than": Bomb(lambda: HTML + b"<" * 300_000, TEXT),
    "forms, selects, links": Bomb(lambda: HTML + b"<form><select><option>a<a href=x>" * 12_000),
    "a plain text and 400 kB of HTML": Bomb(
        lambda: HEAD + b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\n" + b"word of it\n" * 36_000
        + b"--b\nContent-Type: text/html\n\n" + numbered(b"<p>w#", 50_000) + b"\n--b--",
        TEXT,
    ),
}  # fmt: skip

BOMBS: dict[str, Bomb] = {
    **PARTS,
    **HEADERS_,
    **TEXTS,
    **CHARSETS,
    **{f"HTML: {name}": bomb for name, bomb in PAGES.items()},
}
