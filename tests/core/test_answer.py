from __future__ import annotations

import pytest
from tests.core.mail_cases import read_mail


def mail(*headers: str, text: str = "x", sender: str = "jm@client.example", subject: str = "[OK] EOD") -> str:
    return "\n".join([f"From: {sender}", "To: ops@vigie.example", f"Subject: {subject}", *headers, "", text])


@pytest.mark.parametrize(
    ("written", "why", "a_persons"),
    [
        (mail(subject="RE: [OK] EOD"), "it answers a mail (RE:)", True),
        (mail(subject="TR: [OK] EOD"), "it forwards a mail (TR:)", True),
        (mail(subject="Réf. : [OK] EOD"), "it answers a mail (Réf. :)", False),
        (mail("In-Reply-To: <1@x>", subject="Réf. : [OK] EOD"), "it answers a mail (Réf. :)", True),
        (mail(f"Thread-Index: {'A' * 30}", subject="Réf. : [OK] EOD"), "it answers a mail (Réf. :)", False),
        (mail(f"Thread-Index: {'A' * 36}", subject="Réf. : [OK] EOD"), "it answers a mail (Réf. :)", True),
        (mail(subject="Accepté : [OK] EOD"), "it answers an invitation (Accepté :)", False),
        (
            mail(subject="R: [OK] EOD", sender="Martin, Jean <jean.martin@client.example>"),
            "it answers a mail (R:)",
            True,
        ),
        (mail(subject="R: [OK] EOD", sender="Service Paie <paie@client.example>"), "it answers a mail (R:)", False),
        (
            mail("In-Reply-To: <1@x>", subject="Rappel : [OK] EOD"),
            "it calls a mail back, or reminds of it (Rappel :)",
            False,
        ),
        (
            mail(text='Jean would like to recall the message, "[OK] EOD".'),
            "it calls a mail back ('would like to recall the message')",
            True,
        ),
        (mail("Auto-Submitted: auto-generated", subject="RE: [OK] EOD"), "it answers a mail (RE:)", False),
        (mail("In-Reply-To: <1@x>"), "", False),
        (mail(), "", False),
    ],
)
def test_why_a_mail_only_repeats_another_and_whether_a_person_wrote_it(written: str, why: str, a_persons: bool):
    found = read_mail(written)
    assert (found.repeats, found.a_persons) == (why, a_persons)


@pytest.mark.parametrize("method", ["REPLY", "COUNTER", "reply"])
def test_an_answer_to_an_invitation_is_one_whatever_its_subject(method: str):
    written = mail(f"Content-Type: text/calendar; method={method}", text="BEGIN:VCALENDAR")
    assert (
        read_mail(written).repeats == f"it is a calendar's answer to an invitation (METHOD:{method.upper()}, RFC 5546)"
    )


def test_a_digest_is_all_quote():
    found = read_mail(mail(subject="Spam Quarantine Summary", sender="spam@client.example", text="Subject: [KO] EOD"))
    assert (found.text, found.quoted.strip()) == ("", "Subject: [KO] EOD")
    own = mail(subject="KO: 12 files in quarantine", sender="antivirus@client.example", text="KO")
    assert read_mail(own).text == "KO"
    person = mail(subject="Spam report", text="KO")
    assert read_mail(person).text == "KO"
