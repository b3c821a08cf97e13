"""What a message looks like as a mail, and the ways of a mail server to say no."""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from tests.adapters.losing_smtp import LosingSmtp

from vigie.adapters.smtp_messenger import SmtpMessenger
from vigie.core.errors import InDoubt, Refused, TransportError
from vigie.core.message import Button, Message, Outbound
from vigie.demo.captured_mail import CapturedMail
from vigie.demo.smtp_capture import Conversation, SmtpCapture

TO = "ops@maison-lumiere.example"
SECRET = "smtp-secret"
KEY = "INC-7|page|1"
REF = f"<{hashlib.sha256(KEY.encode()).hexdigest()[:32]}@vigie.example>"


def outbound(**more: object) -> Outbound:
    fields = {
        "key": KEY,
        "incident": "INC-7",
        "client": "maison-lumiere",
        "channel": "mail",
        "purpose": "page",
        "recipient": TO,
        "message": Message(
            subject="[HIGH] 3 fichiers manquent", text="Trois fichiers.\nÀ vous.", html="<p>Trois fichiers.</p>"
        ),
        "claimed_at": datetime.now(UTC),
    }
    return Outbound.model_validate(fields | more)


def messenger(server: SmtpCapture, password: str = SECRET) -> SmtpMessenger:
    def connect() -> smtplib.SMTP:
        smtp = smtplib.SMTP("127.0.0.1", server.port, timeout=5)
        try:
            smtp.login("vigie", password)
        except smtplib.SMTPException:
            smtp.close()
            raise
        return smtp

    return SmtpMessenger(connect, "Vigie · relève <vigie@vigie.example>", "vigie.example")


def failure(sending: Callable[[], object]) -> TransportError:
    with pytest.raises(TransportError) as raised:
        sending()
    return raised.value


def test_a_mail_in_two_forms_with_its_headers(smtp: SmtpCapture):
    assert messenger(smtp).send(outbound()) == REF
    (mail,) = smtp.mails
    assert mail.recipients == [TO]
    assert mail.mail_from == "vigie@vigie.example"
    assert mail.sender == "Vigie · relève <vigie@vigie.example>"
    assert mail.to == TO
    assert mail.subject == "[HIGH] 3 fichiers manquent"
    assert mail.message_id == REF
    assert mail.header("Auto-Submitted") == "auto-generated"
    assert mail.header("X-Auto-Response-Suppress") == "All"
    assert mail.header("X-Vigie-Key") == KEY
    assert mail.header("In-Reply-To") is None
    assert mail.text.replace("\r\n", "\n") == "Trois fichiers.\nÀ vous.\n"
    assert mail.html.strip() == "<p>Trois fichiers.</p>"
    assert all(len(line) <= 998 and line.isascii() for line in mail.raw.split(b"\r\n"))
    assert message_from_bytes(mail.raw, policy=policy.default)["Date"].datetime.tzinfo is not None


def test_a_mail_that_is_sent_twice_is_the_same_mail(smtp: SmtpCapture):
    assert messenger(smtp).send(outbound()) == messenger(smtp).send(outbound(repeated=True))
    first, second = smtp.mails
    assert first.message_id == second.message_id
    assert second.subject == "(perhaps repeated) [HIGH] 3 fichiers manquent"
    assert second.text.startswith("(perhaps repeated)")
    assert second.html.startswith("<p>(perhaps repeated)</p>")


def test_an_answer_stays_in_the_thread(smtp: SmtpCapture):
    messenger(smtp).send(outbound(key="k2"), reply_ref=REF)
    (mail,) = smtp.mails
    assert mail.header("In-Reply-To") == mail.header("References") == REF
    assert mail.message_id != REF


def test_links_follow_the_text_unless_it_holds_them(smtp: SmtpCapture):
    message = Message(subject="s", text="See http://a.example/1", html="<p>See</p>")
    buttons = (
        Button(label="Take it", action="acknowledge", value="INC-7"),
        Button(label="Incident", action="open", url="http://a.example/1"),
        Button(label="Procedure <1>", action="procedure", url='http://a.example/2?"&b=1'),
    )
    messenger(smtp).send(outbound(message=message, buttons=buttons))
    (mail,) = smtp.mails
    assert mail.text.split() == ["See", "http://a.example/1", "Procedure", "<1>:", 'http://a.example/2?"&b=1']
    assert '<a href="http://a.example/2?&quot;&amp;b=1">Procedure &lt;1&gt;</a>' in mail.html


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028"])
def test_no_header_can_be_smuggled_in(smtp: SmtpCapture, end: str):
    evil = f"file{end}Bcc: all@example.org{end}{end}body"
    messenger(smtp).send(
        outbound(key=f"k{end}X-Evil: 1", message=Message(subject=evil, text="t")), reply_ref=f"<a@b>{end}X-Evil: 1"
    )
    (mail,) = smtp.mails
    assert mail.recipients == [TO]
    assert mail.subject == "file Bcc: all@example.org body"
    assert mail.header("Bcc") is None
    assert mail.header("X-Evil") is None
    assert mail.text.strip() == "t"


@pytest.mark.parametrize(
    "recipient", ["", "nobody", "a@b\r\nRCPT TO:<c@d>", "a@b, c@d", "<a@b>", "@", "a b@c", "zoé@b.example"]
)
def test_what_is_no_address_is_refused_for_good(smtp: SmtpCapture, recipient: str):
    error = failure(lambda: messenger(smtp).send(outbound(recipient=recipient)))
    assert error.permanent
    assert str(error) == f"{recipient!r} is not a mail address"
    assert not smtp.mails


@pytest.mark.parametrize(
    ("reply", "permanent"), [("550 5.1.1 no such user", True), ("451 4.7.1 greylisted", False), ("421 busy", False)]
)
def test_a_refused_recipient(smtp: SmtpCapture, reply: str, permanent: bool):
    smtp.refuse(TO, reply)
    error = failure(lambda: messenger(smtp).send(outbound()))
    assert str(error) == f"mail to {TO}: {reply}"
    assert error.permanent is permanent
    assert not isinstance(error, InDoubt | Refused)


def test_a_refused_login_is_refused(smtp: SmtpCapture):
    error = failure(lambda: messenger(smtp, "s3cret").send(outbound()))
    assert isinstance(error, Refused)
    assert str(error).startswith(f"mail to {TO}: the login was refused: 535 ")
    assert "s3cret" not in str(error)


def test_a_server_that_wants_a_login(smtp: SmtpCapture):
    bare = SmtpMessenger(lambda: smtplib.SMTP("127.0.0.1", smtp.port), "vigie@vigie.example", "vigie.example")
    error = failure(lambda: bare.send(outbound()))
    assert isinstance(error, Refused)
    assert str(error) == f"mail to {TO}: 530 5.7.0 Authentication required"


def test_a_text_that_is_refused():
    class NoSpam(SmtpCapture):
        def keep(self, mail: CapturedMail) -> None:
            raise ValueError("spam")  # aiosmtpd makes a 500 of it

    with NoSpam(user="vigie", password="smtp-secret") as server:
        error = failure(lambda: messenger(server).send(outbound()))
    assert str(error) == f"mail to {TO}: 500 Error: (ValueError) spam"
    assert error.permanent
    assert not isinstance(error, InDoubt)


@pytest.mark.parametrize("sender", ["", "Vigie", "vigie@é.example"])
def test_a_sender_that_is_no_address(smtp: SmtpCapture, sender: str):
    wrong = SmtpMessenger(lambda: smtplib.SMTP("127.0.0.1", smtp.port), sender, "vigie.example")
    assert failure(lambda: wrong.send(outbound())).permanent


def test_a_lost_answer_is_a_doubt():
    with LosingSmtp(user="vigie", password="smtp-secret") as server:
        server.answers_to_lose = 1
        error = failure(lambda: messenger(server).send(outbound()))
        assert isinstance(error, InDoubt)
        assert str(error).startswith(f"mail to {TO}: the connection was lost before the server's answer: ")


def test_nobody_listens(smtp: SmtpCapture):
    smtp.stop()
    error = failure(lambda: messenger(smtp).send(outbound()))
    assert str(error) == f"mail to {TO}: [Errno 111] Connection refused"
    assert not isinstance(error, InDoubt)


@pytest.mark.parametrize(
    "reply",
    [
        "550 5.7.30 Basic authentication is not supported for Client Submission.",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        "554 5.2.252 SendAsDenied; vigie@vigie.example not allowed to send as other@vigie.example",
    ],
)
def test_an_answer_about_us_is_no_recipients_whatever_command_it_follows(smtp: SmtpCapture, reply: str):
    smtp.refuse(TO, reply)
    error = failure(lambda: messenger(smtp).send(outbound()))
    assert isinstance(error, Refused)
    assert str(error) == f"mail to {TO}: {reply}"


def test_a_login_that_is_refused_in_any_words_of_the_server_is_a_refused_login():
    def connect() -> smtplib.SMTP:
        raise smtplib.SMTPAuthenticationError(
            550, b"5.7.30 Basic authentication is not supported for Client Submission."
        )

    error = failure(lambda: SmtpMessenger(connect, "vigie@vigie.example", "vigie.example").send(outbound()))
    assert isinstance(error, Refused)
    assert str(error) == (
        f"mail to {TO}: the login was refused: 550 5.7.30 Basic authentication is not supported for Client Submission."
    )


def test_a_login_that_fails_for_now_is_none():
    def connect() -> smtplib.SMTP:
        raise smtplib.SMTPAuthenticationError(454, b"4.7.0 Temporary authentication failure")

    error = failure(lambda: SmtpMessenger(connect, "vigie@vigie.example", "vigie.example").send(outbound()))
    assert (type(error), error.permanent) == (TransportError, False)


def test_signing_in_names_our_sender_and_sends_nothing(smtp: SmtpCapture):
    messenger(smtp).sign_in()
    assert smtp.mails == []
    error = failure(messenger(smtp, "wrong").sign_in)
    assert isinstance(error, Refused)
    assert str(error).startswith("mail: the login was refused: 535 5.7.8")


def test_a_sender_that_is_refused_is_no_recipients():
    class Strict(SmtpCapture):
        def conversation(self) -> Conversation:
            return Denies(self)

    class Denies(Conversation):
        async def handle_MAIL(self, *said: object) -> str:  # noqa: N802 (aiosmtpd's rule)
            return "553 5.7.1 Sender address rejected: not owned by user vigie"

    with Strict() as server:
        bare = SmtpMessenger(lambda: smtplib.SMTP("127.0.0.1", server.port), "vigie@vigie.example", "vigie.example")
        for said, act in ((f"mail to {TO}", lambda: bare.send(outbound())), ("mail", bare.sign_in)):
            error = failure(act)
            assert isinstance(error, Refused)
            assert str(error) == (
                f"{said}: our sender vigie@vigie.example was refused: "
                "553 5.7.1 Sender address rejected: not owned by user vigie"
            )
