from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vigie.core.delivery_report import DeliveryReport
from vigie.core.mail import parse_mail

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)
HEAD = "From: MAILER-DAEMON@mx.example\nTo: ops@vigie.example\nSubject: failure notice\n"
SAID = "This is the mail system at host mx.example.\n"
OURS = "From: ops@vigie.example\nSubject: [KO] EOD\nMessage-ID: <7f3a@vigie.example>\nX-Vigie-Key: INC-7/page/1\n"


def report(written: str) -> DeliveryReport:
    found = parse_mail(written.encode(), received_at=NOW).report
    assert found is not None
    return found


def parted(*parts: str) -> str:
    head = f"{HEAD}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    return head + "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"


STATUS = """Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; fine@client.example
Action: delivered
Status: 2.0.0

Final-Recipient: RFC822;<Depot@client.example>
Action: Failed (permanently)
Status: 5.1.1 (no such user)
Diagnostic-Code: smtp; 550 5.1.1 no such user
"""
FAILED = DeliveryReport(
    recipient="depot@client.example",
    action="failed",
    status="5.1.1",
    diagnostic="smtp; 550 5.1.1 no such user",
    original_message_id="<7f3a@vigie.example>",
    vigie_key="INC-7/page/1",
)


@pytest.mark.parametrize(
    "original",
    [
        f"Content-Type: message/rfc822\n\n{OURS}\nPlease look.",
        f"Content-Type: text/rfc822-headers\n\n{OURS}",
        f"Content-Type: text/plain\n\n{OURS}",
    ],
    ids=["mail", "headers", "text"],
)
def test_the_report_names_who_why_and_which_mail_of_ours(original: str):
    if "text/plain" in original:
        written = parted(original.replace("\n\n", "\n\nyour mail:\n\n", 1), STATUS)
    else:
        written = parted("Content-Type: text/plain\n\nyour mail", STATUS, original)
    assert report(written) == FAILED


def test_a_server_that_knows_no_standard_is_read_too():
    told = report(f"{HEAD}X-Failed-Recipients: depot@client.example\n\nThis message was created automatically by mail delivery "
                  f"software.\n550 5.1.1 no such user\n\n--- copy of the message ---\n\n{OURS}")  # fmt: skip
    assert told == DeliveryReport(
        recipient="depot@client.example",
        status="5.1.1",
        original_message_id="<7f3a@vigie.example>",
        vigie_key="INC-7/page/1",
    )


def test_the_recipient_is_the_first_address_that_is_not_ours():
    assert (
        report(f"{HEAD}\n{SAID}to ops@vigie.example: we could not reach <Depot@client.example>").recipient
        == "depot@client.example"
    )


def test_where_nothing_is_carried_the_answer_names_the_mail():
    assert report(f"{HEAD}In-Reply-To: <7f3a@vigie.example>\n\n{SAID}no").original_message_id == "<7f3a@vigie.example>"


def test_what_is_not_told_is_empty():
    assert report(f"{HEAD}\n{SAID}no") == DeliveryReport()


def test_only_a_delivery_report_has_one():
    assert (
        parse_mail(b"From: a@b.example\nSubject: x\n\nFinal-Recipient: rfc822; c@d.example", received_at=NOW).report
        is None
    )
