"""What may end an alarm, or count as the OK that was expected: nothing that might be another's words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from vigie.core.mail import Mail, parse_mail
from vigie.core.mail_rule import weigh
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)
BOUNCED = (
    "Sorry, we were unable to deliver your message to the following address.\n<depot@client.example>: quota exceeded"
)


def watch(**rule: Any) -> MailWatch:
    patterns = {"subject": r"\[KO\] (?P<job>\w+)", "resolves": r"\[OK\] (?P<job>\w+)"} | rule
    respond = Respond(severity="critical", template="mail_ko")
    return MailWatch(client="acme", flux="jobs", task_id="ko", mailbox="m", respond=respond, **patterns)


def mail(subject: str, text: str, *headers: str, sender: str = "batch@client.example") -> Mail:
    head = [f"From: {sender}", "To: ops@vigie.example", f"Subject: {subject}", *headers]
    return parse_mail("\n".join([*head, "Content-Type: text/plain; charset=utf-8", "", text]).encode(), received_at=NOW)


FINE = {
    "en": "120 files delivered, 0 errors. Attempt 1: connection refused. Attempt 2: done.",
    "fr": "Traitement terminé. 12 fichiers envoyés, 0 rejet. Interface des congés : 12 absences exportées.",
    "de": "Verarbeitung beendet, 12 Dateien übertragen, keine Fehler.",
    "ja": "処理が正常に終了しました。12件送信完了。エラー0件。",
    "a long log": "All jobs are done.\n" + "job done\n" * 400 + "mail to depot: user unknown, could not be delivered\n",
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_an_ok_ends_the_alarm(text: str):
    assert weigh(watch(), mail("[OK] EOD_POS", text)).event == "resolve"


DOUBTFUL = {
    "a bounce's words": (BOUNCED, "its text says 'unable to deliver'"),
    "fr": ("Le message n'a pas pu être remis à depot.", "its text says"),
    "de": ("Die Nachricht konnte nicht zugestellt werden.", "its text says"),
    "ja": ("以下の宛先への送信に失敗しました。", "its text says"),
    "an absence's": ("I am on leave until Monday.", "its text says 'I am on leave'"),
    "a complaint's": ("This is an email abuse report for an email message.", "its text says"),
}


@pytest.mark.parametrize(("text", "why"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_speaks_as_a_bounce_or_an_absence_does_ends_no_alarm_and_raises_one(text: str, why: str):
    weighed = weigh(watch(), mail("[OK] EOD_POS", text))
    assert weighed.event is None
    assert weighed.tried[-1].why.startswith(f"not asked: {why}")
    assert weigh(watch(), mail("[KO] EOD_POS", text)).event == "trigger"


def test_its_reason_says_how_to_count_it():
    assert weigh(watch(), mail("[OK] EOD_POS", BOUNCED)).tried[-1].why == (
        "not asked: its text says 'unable to deliver', as bounces and automatic answers do; it may raise an alarm, never"
        " end one. To count it, give its whole address to sender="
    )


@pytest.mark.parametrize(
    ("sender", "event"), [("batch@client.example", "resolve"), ("@client.example", None), (None, None)]
)
def test_a_rule_that_names_the_sender_believes_it(sender: str | None, event: str | None):
    assert weigh(watch(sender=sender), mail("[OK] EOD_POS", "0 messages could not be delivered")).event == event


def test_nor_does_a_person_who_answers_an_ok():
    """Yesterday's OK, answered this morning, is not this morning's."""
    answer = mail("Re: [OK] EOD_POS", "Thanks!", "In-Reply-To: <1@client.example>")
    assert [each.why for each in weigh(watch(), answer).tried][1:] == [
        "not asked: it answers a mail (Re:), and so quotes what that one said"
    ]


@pytest.mark.parametrize(
    ("rule", "subject", "headers"),
    [
        ({}, "Re: [OK] EOD_POS", ()),  # a program that writes Re: and answers nothing
        ({}, "[OK] EOD_POS", ("References: <1@client.example>",)),  # monitors thread their mails
        ({}, "TR: [OK] EOD_POS", ("References: <1@client.example>",)),  # a forward is how some OKs come
        ({"resolves": r"^Re: .*\[OK\] (?P<job>\w+)"}, "Re: case 7 [OK] EOD_POS", ("In-Reply-To: <1@client.example>",)),
    ],
)
def test_but_these_do(rule: dict[str, str], subject: str, headers: tuple[str, ...]):
    assert weigh(watch(**rule), mail(subject, "done", *headers)).event == "resolve"


def plain(**rule: Any) -> MailWatch:
    return watch(**{"subject": "KO", "resolves": "OK"} | rule)


@pytest.mark.parametrize(
    ("subject", "event", "why"),
    [
        ("Sauvegarde SRV1 OK (512 Ko)", "resolve", "subject 'KO' found only 'SRV1 OK (512 Ko)': a size in octets"),
        ("EOD_POS : KO -> OK", "resolve", "subject 'KO' found only 'EOD_POS : KO -> OK': a state that is over"),
        ("EOD_POS OK: 12, KO: 0", "resolve", "subject 'KO' found only 'EOD_POS OK: 12, KO: 0': a count of none"),
        ("EOD_POS OK -> KO", "trigger", "subject 'KO' found 'KO'"),
        ("Backup SRV1 NOT OK", None, "subject 'KO' found nothing in 'Backup SRV1 NOT OK'"),
    ],
)
def test_a_plain_word_is_read_where_it_stands(subject: str, event: str | None, why: str):
    weighed = weigh(plain(), mail(subject, "x"))
    assert weighed.event == event
    assert weighed.tried[0].why == why


def test_an_ok_that_is_denied_says_so():
    assert weigh(plain(), mail("Backup SRV1 NOT OK", "x")).tried[1].why == (
        "subject 'OK' found only 'Backup SRV1 NOT OK': denied"
    )


def test_nor_does_a_header_that_denies_it():
    """Headers are asked as the subject and the text are."""
    rule = watch(subject=None, resolves=None, headers={"X-Job-Status": "failed"})
    assert weigh(rule, mail("EOD_POS", "x", "X-Job-Status: 0 failed")).event is None
    assert weigh(rule, mail("EOD_POS", "x", "X-Job-Status: failed")).event == "trigger"


@pytest.mark.parametrize(
    ("rule", "subject", "text", "headers", "event", "why"),
    [
        (
            {"subject": "K.?O", "unless": [r"KO *= *0\b"]},
            "EOD KO=0",
            "x",
            (),
            None,
            "subject 'K.?O' found 'KO'; but unless 'KO *= *0\\b' found 'KO=0'",
        ),
        ({"subject": "K.?O", "unless": [r"KO *= *0\b"]}, "EOD KO=10", "x", (), "trigger", "subject 'K.?O' found 'KO'"),
        (
            {"subject": None, "body": "K.?O", "unless": ["dry run"]},
            "EOD",
            "dry run: KO",
            (),
            None,
            "body 'K.?O' found 'KO'; but unless 'dry run' found 'dry run'",
        ),
        ({"unless": ["dry run"]}, "[KO] EOD", "dry run", (), "trigger", None),  # asked where the rule asks: the subject
        (
            {"unless": [{"body": "dry run"}]},
            "[KO] EOD",
            "a dry run",
            (),
            None,
            "subject '\\[KO\\] (?P<job>\\w+)' found '[KO] EOD'; but unless body 'dry run' found 'dry run'",
        ),
        ({"unless": [{"headers": {"X-Env": "test"}}]}, "[KO] EOD", "x", ("X-Env: Test",), None, None),
        ({"unless": [{"headers": {"X-Env": "test"}}]}, "[KO] EOD", "x", ("X-Env: prod",), "trigger", None),
        ({"unless": [{"subject": "EOD", "body": "test"}]}, "[KO] EOD", "x", (), "trigger", None),  # both must be found
        ({"unless": [{"subject": "EOD", "body": "test"}]}, "[KO] EOD", "test", (), None, None),
        ({"unless": ["EOD"], "ignore_case": False}, "[KO] eod", "x", (), "trigger", None),
        ({"resolves_unless": ["rejets?"]}, "[OK] EOD, 3 rejets", "x", (), None, None),
        ({"unless": ["rejets?"]}, "[OK] EOD, 3 rejets", "x", (), "resolve", None),  # that is of the KO alone
        (
            {"headers": {"X-Job": "EOD"}, "subject": None, "unless": ["test"]},
            "a test",
            "x",
            ("X-Job: EOD",),
            None,
            None,
        ),
    ],
)
def test_an_exception_takes_a_match_back(
    rule: dict[str, Any], subject: str, text: str, headers: tuple[str, ...], event: str | None, why: str | None
):
    weighed = weigh(watch(**rule), mail(subject, text, *headers))
    assert weighed.event == event
    assert why is None or weighed.tried[0].why == why
