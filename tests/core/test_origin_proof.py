"""Each proof, and the same mail with one half of it missing: then nothing is proved."""

from __future__ import annotations

import pytest
from tests.core.mail_cases import read_mail

from vigie.core.origin import QUOTING

NULL, DAEMON = "Return-Path: <>", "From: MAILER-DAEMON@mx.example"
ORDINARY = "From: gateway@client.example"
SENTENCE = "Your message could not be delivered."
FIELDS = "Final-Recipient: rfc822; a@b.example\nAction: failed"
INLINE = "See below.\n\nReceived: from vigie\nFrom: ops@vigie.example\nSubject: [KO] EOD\n"
SUBJECT = "Undeliverable: [KO] EOD"
OURS = "In-Reply-To: <0123456789abcdef0123456789abcdef@vigie.example>"
EXCHANGE = "From: MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@client.example"


def mail(*headers: str, subject: str = "[KO] EOD", text: str = "x", attached: bool = False) -> str:
    head = ["To: ops@vigie.example", f"Subject: {subject}", *headers]
    if not attached:
        return "\n".join([*head, "", text])
    mine = "From: ops@vigie.example\nTo: depot@client.example\nSubject: [KO] EOD\n\nx"
    parts = f"--b\n\n{text}\n--b\nContent-Type: message/rfc822\n\n{mine}\n--b--"
    return "\n".join([*head, "Content-Type: multipart/mixed; boundary=b", "", parts])


PROVED = {
    "null, attached": mail(NULL, ORDINARY, attached=True),
    "null, headers inline": mail(NULL, ORDINARY, text=INLINE),
    "null, fields": mail(NULL, ORDINARY, text=FIELDS),
    "null, a sentence": mail(NULL, ORDINARY, text=SENTENCE),
    "null, as a mailbox keeps it": f"From MAILER-DAEMON Mon Nov 23 02:10:00 2026\n{mail(ORDINARY, text=SENTENCE)}",
    "daemon, attached": mail(DAEMON, attached=True),
    "daemon, headers inline": mail(DAEMON, text=INLINE),
    "daemon, fields": mail(DAEMON, text=FIELDS),
    "daemon, a sentence": mail(DAEMON, text=SENTENCE),
    "daemon, a sentence, a program": mail(DAEMON, "Auto-Submitted: auto-generated", text=SENTENCE),
    "returned, a sentence": mail(ORDINARY, text=SENTENCE, attached=True),
    "returned, a subject": mail(ORDINARY, subject=SUBJECT, attached=True),
    "returned inline, a subject": mail(ORDINARY, subject=SUBJECT, text=INLINE),
    "returned, a subject behind a tag": mail(ORDINARY, subject=f"[EXTERNAL] {SUBJECT}", attached=True),
    "exchange, null": mail(NULL, EXCHANGE),
    "ours, automation": mail(ORDINARY, OURS, "X-Auto-Response-Suppress: All"),
    "a header": mail(ORDINARY, "X-Failed-Recipients: a@b.example"),
    "auto-replied": mail(ORDINARY, "Auto-Submitted: auto-replied (vacation)"),
    "a report": mail(ORDINARY, "Content-Type: multipart/report; report-type=delivery-status; boundary=b"),
    "a receipt": mail(ORDINARY, "Content-Type: multipart/report; report-type=disposition-notification; boundary=b"),
    "a complaint": mail(ORDINARY, "Content-Type: multipart/report; report-type=feedback-report; boundary=b"),
}
FINAL = {"a report", "a receipt", "a complaint"}

NOT_PROVED = {
    "null alone": mail(NULL, ORDINARY),
    "null and a subject": mail(NULL, ORDINARY, subject=SUBJECT),
    "null and loose words": mail(NULL, ORDINARY, text="3 invoices could not be sent: user unknown"),
    "null and a sentence far down": mail(NULL, ORDINARY, text="ok\n" * 800 + SENTENCE),
    "null and a sentence, a program": mail(NULL, ORDINARY, "Auto-Submitted: auto-generated", text=SENTENCE),
    "null and fields, a program": mail(NULL, ORDINARY, "X-Cron-Env: <SHELL=/bin/sh>", text=FIELDS),
    "null and a forward": mail(NULL, ORDINARY, subject="TR: [KO] EOD", attached=True),
    "null and what stands below a forward's mark": mail(
        NULL, ORDINARY, text=f"x\n---------- Forwarded message ----------\n{INLINE}\n{SENTENCE}"
    ),
    "daemon alone": mail(DAEMON),
    "daemon and a subject": mail(DAEMON, subject=SUBJECT),
    "a sentence alone": mail(ORDINARY, text=SENTENCE),
    "a subject alone": mail(ORDINARY, subject=SUBJECT),
    "a sentence and a subject": mail("From: postmaster@client.example", subject=SUBJECT, text=SENTENCE),
    "returned alone": mail(ORDINARY, attached=True),
    "returned, a loose subject": mail(ORDINARY, subject="Delivery failure: store 12", attached=True),
    "returned, a person's forward": mail(ORDINARY, subject=f"FW: {SUBJECT}", text=SENTENCE, attached=True),
    "a mail that its sender had got": mail(
        "From: depot@client.example", subject=SUBJECT, text="look", attached=True
    ),
    "exchange alone": mail(EXCHANGE),
    "exchange of another form": mail(NULL, "From: microsoftexchange@client.example"),
    "ours, a person": mail(ORDINARY, OURS),
    "theirs, automation": mail(ORDINARY, OURS.replace("vigie", "client"), "X-Auto-Response-Suppress: All"),
    "a header that says no": mail(ORDINARY, "X-Autoreply: no"),
    "auto-generated": mail(ORDINARY, "Auto-Submitted: auto-generated"),
    "a report of something else": mail(ORDINARY, "Content-Type: multipart/report; report-type=tlsrpt; boundary=b"),
    "a brand": mail("From: Proofpoint <x@client.example>", NULL, text="host not found"),
    "bulk, suppressed, threaded, null": mail(
        NULL, ORDINARY, "Precedence: bulk", "X-Auto-Response-Suppress: All", "References: <1@x>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROVED)
def test_each_proof_holds(name: str):
    found = read_mail(PROVED[name])
    assert found.origin in QUOTING, found.reasons
    assert found.final is (name in FINAL)
    assert found.doubts == ()


@pytest.mark.parametrize("written", NOT_PROVED.values(), ids=NOT_PROVED)
def test_half_of_one_proves_nothing(written: str):
    found = read_mail(written)
    assert found.origin not in QUOTING, found.reasons


def test_the_event_of_a_mail_service_is_a_report():
    event = '{"notificationType":"Bounce","bounce":{"bounceType":"Permanent"},"mail":{"messageId":"1"}}'
    assert read_mail(mail(ORDINARY, text=event)).origin == "dsn_failed"
    assert read_mail(mail(ORDINARY, text=event.replace("Bounce", "Complaint", 1))).origin == "auto_replied"
    assert read_mail(mail(ORDINARY, text=f"Log: {event}")).origin not in QUOTING
