"""Which parts of a mail are its text. The rule of a watch is asked about all of them."""

from __future__ import annotations

import re

import pytest
from tests.core.mail_cases import NOW

from vigie.core.mail import Mail, parse_mail
from vigie.core.mime_reading import read_mime
from vigie.core.mime_text import words

KO = "Statut final : KO"


def mixed(kind: str, *parts: str, name: str = "b") -> str:
    return (
        f"Content-Type: multipart/{kind}; boundary={name}\n\n"
        + "".join(f"--{name}\n{part}\n" for part in parts)
        + f"--{name}--\n"
    )


def part(kind: str, text: str, disposition: str = "") -> str:
    return f"Content-Type: {kind}\n" + (f"Content-Disposition: {disposition}\n" if disposition else "") + f"\n{text}"


def read(written: str, subject: str = "Rapport") -> Mail:
    return parse_mail(f"From: batch@acme.example\nSubject: {subject}\n{written}".encode(), received_at=NOW)


PDF = part("application/pdf; name=a.pdf", "x", "attachment; filename=a.pdf")
NAMED = "text/plain; name=sysout.txt"
CARRIED = "From: batch@acme.example\nSubject: EOD_POS\n\n" + KO


@pytest.mark.parametrize(
    "written",
    [
        # a second part
        mixed("mixed", part("text/plain", "Bonjour :"), PDF, part("text/plain", KO)),
        mixed("mixed", part("text/html", "<p>Bonjour :</p>"), PDF, part("text/html", f"<p>{KO}</p>")),
        mixed("mixed", part("text/plain", "Bonjour :"), part("text/html", f"<p>{KO}</p>")),
        mixed("mixed", part("text/html", "<p>Bonjour :</p>"), part("text/plain", KO)),
        mixed("mixed", mixed("alternative", part("text/plain", "a"), part("text/html", "a"), name="c"), part("text/plain", KO)),
        mixed("related", mixed("alternative", part("text/plain", "a"), part("text/html", f"<p>a</p><p>{KO}</p>"), name="c"), part("image/png", "x")),
        mixed("mixed", part("text/plain", ""), part("text/plain", "\n \n"), part("text/plain", KO)),
        mixed("mixed", part("text/plain", "voir ci-dessous"), part("text/markdown", f"# Nuit\n{KO}")),
        mixed("mixed", part("text/plain", "voir ci-dessous"), part("text/csv", KO)),
        mixed("mixed", part("text/enriched", KO)),
        # a text with a name
        part(NAMED, KO), part(NAMED, KO, "inline; filename=sysout.txt"), part(NAMED, KO, "attachment; filename=sysout.txt"),
        mixed("mixed", part("text/plain", "\n"), part(NAMED, KO, "inline; filename=sysout.txt")),
        mixed("mixed", part("text/plain", "Bonjour :"), part(NAMED, KO, "inline; filename=sysout.txt")),
        mixed("mixed", part("text/plain", "Bonjour :"), part(NAMED, KO)),
        mixed("mixed", part("text/plain", " "), part(NAMED, KO, "attachment; filename=sysout.txt")),
        mixed("mixed", part("text/html", "<p> &nbsp; </p>"), part(NAMED, KO, "attachment; filename=sysout.txt")),
        mixed("mixed", PDF, part("text/html; name=a.html", f"<p>{KO}</p>", "inline; filename=a.html")),
        mixed("mixed", part("text/plain", "\n"), part("application/octet-stream; name=job.log", KO, "attachment; filename=job.log")),
        # an HTML that says more than its plain text
        mixed("alternative", part("text/plain", "This mail is HTML."), part("text/html", f"<p>{KO}</p>")),
        mixed("alternative", part("text/plain", "Votre logiciel ne sait pas afficher ce message en HTML. " * 6), part("text/html", f"<p>{KO}</p>")),
        mixed("alternative", part("text/plain", "Statut final : "), part("text/html", "<p>Statut final : <img alt=KO></p>")),
        mixed("alternative", part("text/html", f"<p>{KO}</p>"), part("text/plain", "Rapport du 23/11")),
        mixed("alternative", part("text/plain", KO), part("text/html", "<p>" + "une longue page de plus " * 90)),
        mixed("alternative", part("text/plain", "vide"), mixed("related", part("text/html", f"<b>{KO}</b>"), part("image/png", "x"), name="c")),
        mixed("alternative", part("text/plain", "a"), part("application/xhtml+xml", f"<p>{KO}</p>")),
        # neither plain nor HTML
        part("application/json", '{"statut": "KO"}'), part("application/json; charset=utf-8", '{"statut final":"KO"}'),
        part("application/vnd.acme+json", '{"statut":"KO"}'), part("text/xml", "<r><s>KO</s></r>"), part("application/xml", "<r s='KO'/>"),
        part("application/rss+xml", "<r>KO</r>"), part("text/csv", "job;statut\nEOD;KO"), part("text/markdown", "**KO**"), part("text/x-markdown", "**KO**"),
        part("application/yaml", "statut: KO"), part("text/yaml", "statut: KO"), part("application/x-ndjson", '{"a":1}\n{"s":"KO"}'), part("text/tab-separated-values", "a\tKO"),
        mixed("mixed", part("text/plain", ""), part("application/json; name=a.json", '{"statut":"KO"}', "attachment; filename=a.json")),
        part("text", KO), part("html", f"<b>{KO}</b>"), part("text/html charset=utf-8", f"<p>{KO}</p>"), part("text/plain", f"<html><body><p>{KO}</p></body></html>"),
        # a mail within a mail
        mixed("mixed", part("text/plain", "Pour info."), part("message/rfc822", CARRIED)), part("message/rfc822", CARRIED),
        mixed("mixed", part("text/html", "<p>Pour info.</p>"), part("message/rfc822", CARRIED, "attachment; filename=a.eml")),
        mixed("mixed", part("text/plain", "Pour info."), part("message/rfc822", part("message/rfc822", CARRIED))),
        mixed("mixed", part("message/rfc822", "Subject: b\n\nc"), part("message/rfc822", CARRIED)),
        mixed("mixed", part("text/plain", "Pour info."), part("message/global", CARRIED)),
    ],
)  # fmt: skip
def test_every_text_is_read(written: str):
    assert re.search(r"\bKO\b", read(written).text)


@pytest.mark.parametrize(
    "written",
    [
        mixed("mixed", part("text/plain", "Bonjour."), part(NAMED, KO, "attachment; filename=sysout.txt")),  # a file beside a text
        mixed("mixed", part("text/plain", "Bonjour."), part("application/json", '{"statut": "KO"}')),
        mixed("mixed", part("text/plain", "Bonjour."), part("text/calendar", "SUMMARY:KO")),
        mixed("mixed", part("text/plain", "Bonjour."), part("text/rfc822-headers", "Subject: KO")),
        mixed("mixed", part("text/plain", "Bonjour."), part("text/vcard", "FN:KO")),
        mixed("alternative", part("text/plain", "Bonjour."), part("text/html", "<p>Bonjour.</p><p hidden>KO</p>")),
        mixed("alternative", part("text/plain", "Bonjour."), part("text/x-amp-html", "<p>KO</p>")),
        part("text/html", "<style>.pre{display:none}</style><span class=pre>KO</span><p>Bonjour.</p>"),
        mixed("mixed", part("text/plain", "Bonjour."), part("application/octet-stream; name=KO.bin", "KO")),
    ],
)  # fmt: skip
def test_what_is_beside_the_text_is_not_read(written: str):
    assert "KO" not in read(written).text
    assert "Bonjour." in read(written).text


@pytest.mark.parametrize(
    ("parts", "texts"),
    [
        ([("text/plain", "one"), ("text/html", "<p>one</p>")], ("one",)),
        ([("text/plain", "one two"), ("text/html", "<p>one</p>")], ("one two",)),
        ([("text/plain", "one"), ("text/html", "<p>one two</p>")], ("one two",)),
        ([("text/plain", "one"), ("text/html", "<p>two</p>")], ("one", "two")),
        ([("text/plain", "stub"), ("text/html", "<p>" + "word " * 50)], (("word " * 50).strip(), "stub")),
        ([("text/plain; name=log.txt", "one"), ("text/html", "<p>two</p>")], ("two", "one")),
        ([("text/calendar", "SUMMARY:one"), ("text/html", "<p>two</p>")], ("two",)),
        ([("text/calendar", "SUMMARY:one")], ("SUMMARY:one",)),
    ],
)
def test_a_text_is_read_once(parts: list[tuple[str, str]], texts: tuple[str, ...]):
    written = mixed("alternative", *(part(kind, text) for kind, text in parts))
    assert tuple(text.strip() for text in words(read_mime(written.encode())).texts) == texts


def test_what_a_machine_escaped_is_what_it_means():
    assert read(part("application/json", '{"s": "\\u00e9chec \\ud83d\\ude00"}')).text == '{"s": "échec \U0001f600"}'
    assert read(part("text/xml", "<s>&#233;chec &amp; &eacute;</s>")).text == "<s>échec & é</s>"
    assert read(part("text/plain", "\\u00e9 &amp;")).text == "\\u00e9 &amp;"


def test_a_quote_in_the_html_of_an_answer_stays_a_quote():
    plain = "C'est corrigé.\n\nLe 23 nov. 2026 à 02:10, Batch <batch@acme.example> a écrit :\n> voir le tableau"
    page = "<p>C'est corrigé.</p><p>Le 23 nov. 2026 à 02:10, Batch &lt;batch@acme.example&gt; a écrit :</p><blockquote>le tableau <img alt=KO></blockquote>"
    mail = read(
        "In-Reply-To: <1@x>\n"
        + mixed("alternative", part("text/plain; charset=utf-8", plain), part("text/html; charset=utf-8", page)),
        "Re: Rapport",
    )
    assert mail.text.strip() == "C'est corrigé."
    assert "KO" in mail.quoted


def test_the_words_of_a_returned_mail_are_not_those_of_its_bounce():
    report = mixed(
        "report; report-type=delivery-status", part("text/plain", "Not delivered."),
        part("message/delivery-status", "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; b@c.example\nAction: failed\nStatus: 5.1.1\n"),
        part("message/rfc822", CARRIED),
    )  # fmt: skip
    mail = read(report, "Undelivered Mail Returned to Sender")
    assert mail.origin == "dsn_failed"
    assert "KO" not in mail.text
