from __future__ import annotations

import json
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.servers.certificate import make_certificate

from vigie.demo.captured_mail import read_spool
from vigie.demo.smtp_capture import SmtpCapture


def mail(subject: str = "KO: réappro", to: str = "bruno@vigie.example") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Vigie <vigie@vigie.example>", to, subject
    made["Message-ID"] = "<I-1.3@vigie>"
    made["X-Vigie"] = "one"
    made.set_content("3 files are missing\n")
    made.add_alternative("<p>3 files are missing</p>", subtype="html")
    made.add_attachment(b"1;2", maintype="text", subtype="csv", filename="missing.csv")
    return made


def send(capture: SmtpCapture, message: EmailMessage, login: bool = True) -> None:
    with smtplib.SMTP("127.0.0.1", capture.port, timeout=5) as smtp:
        if login:
            smtp.login(capture.user or "", capture.password)
        smtp.send_message(message)


def test_a_mail_is_kept_in_parts(smtp: SmtpCapture):
    send(smtp, mail())

    kept = smtp.wait_for(lambda each: each.message_id == "<I-1.3@vigie>")
    assert (kept.subject, kept.recipients, kept.login) == ("KO: réappro", ["bruno@vigie.example"], "vigie")
    assert (kept.text, kept.html) == ("3 files are missing\n", "<p>3 files are missing</p>\n")
    assert kept.attachments == ["missing.csv"]
    assert kept.header("x-vigie") == "one"
    assert b"Message-ID: <I-1.3@vigie>" in kept.raw


def test_a_login_is_required(smtp: SmtpCapture):
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        send(smtp, mail(), login=False)
    assert (refused.value.smtp_code, refused.value.smtp_error) == (530, b"5.7.0 Authentication required")

    with smtplib.SMTP("127.0.0.1", smtp.port) as client, pytest.raises(smtplib.SMTPAuthenticationError) as wrong:
        client.login("vigie", "wrong")
    assert wrong.value.smtp_code == 535
    assert smtp.mails == []


@pytest.mark.parametrize("reply", ["451 4.7.1 greylisted", "550 5.1.1 no such user"])
def test_a_recipient_is_refused_until_accepted(smtp: SmtpCapture, reply: str):
    smtp.refuse("Bruno@vigie.example", reply)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(smtp, mail())
    code, text = refused.value.recipients["bruno@vigie.example"]
    assert f"{code} {text.decode()}" == reply

    smtp.accept("bruno@vigie.example")
    send(smtp, mail())
    assert len(smtp.mails) == 1


def test_the_spool_is_read_by_another_process_and_refusals_written_by_it(tmp_path: Path):
    spool, refusals = tmp_path / "mails.jsonl", tmp_path / "refusals.json"
    with SmtpCapture(spool=spool, refusals=refusals) as capture:
        assert read_spool(spool) == []
        send(capture, mail(), login=False)
        refusals.write_text(json.dumps({"zoe@vigie.example": "550 5.1.1 gone"}))
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(capture, mail(to="zoe@vigie.example"), login=False)

        assert read_spool(spool) == capture.mails
        with spool.open("a") as half:
            half.write('{"at": "2026')
        assert len(read_spool(spool)) == 1


def test_a_wrong_charset_is_shown_all_the_same(smtp: SmtpCapture):
    raw = b"Subject: x\r\nContent-Type: text/plain; charset=klingon\r\n\r\nbody \xe9\r\n"
    with smtplib.SMTP("127.0.0.1", smtp.port) as client:
        client.login("vigie", smtp.password)
        client.sendmail("a@x.example", ["b@x.example"], raw)

    assert smtp.wait_for().text.startswith("body ")


def test_starttls(tmp_path: Path):
    certificate, key = make_certificate(tmp_path)
    offered = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    offered.load_cert_chain(certificate, key)
    with (
        SmtpCapture(user="vigie", password="secret", tls=offered) as capture,
        smtplib.SMTP("127.0.0.1", capture.port) as client,
    ):
        with pytest.raises(smtplib.SMTPNotSupportedError):
            client.login("vigie", "secret")  # no AUTH before TLS
        client.starttls(context=ssl.create_default_context(cafile=certificate))
        client.login("vigie", "secret")
        client.send_message(mail())
        assert capture.wait_for().login == "vigie"


def test_wait_for_says_what_came(smtp: SmtpCapture):
    send(smtp, mail("other"))
    with pytest.raises(TimeoutError) as waited:
        smtp.wait_for(lambda each: each.subject == "wanted", within=0.05)
    assert str(waited.value) == "no such mail within 0.05 s; captured: ['other']"
