from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.logbook.samples import outbound

from vigie.core.bounce import Bounce, bounce_of, undelivered
from vigie.core.mail import parse_mail

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def report(action: str = "failed", *, original: str = "X-Vigie-Key: INC-7/page/1/mail/camille\n") -> bytes:
    """What a mail server writes back (RFC 3464), with the headers of the mail that it is about."""
    return f"""\
From: MAILER-DAEMON@mx.example
To: vigie@vigie.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

I'm sorry to have to inform you that your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; camille@vigie.example
Action: {action}
Status: 5.2.2
Diagnostic-Code: smtp; 552 mailbox full
--b
Content-Type: text/rfc822-headers

From: vigie@vigie.example
Subject: [KO] EOD_POS
Message-ID: <0a1b@vigie.example>
{original}
--b--
""".encode()


def bounce(raw: bytes) -> Bounce | None:
    return bounce_of(parse_mail(raw, received_at=NOW), "mail|1", NOW)


def test_a_report_of_a_failure_names_our_mail():
    assert bounce(report()) == Bounce(
        key="mail|1",
        seen_at=NOW,
        message_key="INC-7/page/1/mail/camille",
        message_id="<0a1b@vigie.example>",
        recipient="camille@vigie.example",
        reason="5.2.2 smtp; 552 mailbox full",
    )


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_a_delay_or_a_delivery_is_no_bounce(action: str):
    assert bounce(report(action)) is None


def test_a_report_without_our_header_names_the_message_id_alone():
    found = bounce(report(original=""))
    assert found is not None
    assert (found.message_key, found.message_id) == ("", "<0a1b@vigie.example>")


def test_a_ko_mail_is_no_bounce():
    assert bounce(b"From: batch@nordwind.example\nSubject: [KO] EOD\n\nDelivery failed: store 12") is None


def test_one_dead_address_is_one_incident_of_the_platform():
    mail = outbound("INC-7/page/1/mail/camille", channel="mail", recipient="camille@vigie.example")
    told = undelivered(Bounce(key="mail|1", seen_at=NOW, reason="5.1.1"), mail)
    assert (told.client, told.audience, told.severity, told.template) == ("platform", "platform", "critical", "bounced")
    assert told.dedup_key == "bounced|camille@vigie.example"
    assert told.title == "Bounced: camille@vigie.example does not get our mail"
    assert told.facts == {"recipient": "camille@vigie.example", "reason": "5.1.1", "about": "INC-1", "subject": "KO"}


def test_a_message_to_a_client_that_bounced_is_high_and_no_page():
    mail = outbound("INC-7/step/inform/mail/operations", channel="mail", purpose="message")
    assert undelivered(Bounce(key="mail|1", seen_at=NOW), mail).severity == "high"
