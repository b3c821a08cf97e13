"""What may end an alarm, or count as the OK that was expected: nothing that might be another's words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.core.ok_mails import OPENS, backups

from vigie.core.mail import Mail, parse_mail
from vigie.core.mail_rule import counted, weigh
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
    "an absence's": ("I am on leave until Monday.", "its text says 'I am on leave until'"),
    "a complaint's": ("This is an email abuse report for an email message.", "its text says"),
}


@pytest.mark.parametrize(("text", "why"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_speaks_as_a_bounce_or_an_absence_does_ends_no_alarm_and_raises_one(text: str, why: str):
    weighed = weigh(watch(), mail("[OK] EOD_POS", text))
    assert weighed.event is None
    assert f"; but in doubt: {why}" in weighed.tried[-1].why
    assert weighed.tried[-1].withheld == "in doubt"
    assert weigh(watch(), mail("[KO] EOD_POS", text)).event == "trigger"


def test_its_reason_says_how_to_count_it():
    assert weigh(watch(), mail("[OK] EOD_POS", BOUNCED)).tried[-1].why == (
        r"subject '\[OK\] (?P<job>\w+)' found '[OK] EOD_POS'; but in doubt: its text says 'unable to deliver', as bounces and"
        " automatic answers do; it may raise an alarm, never end one. To count it, give its whole address to sender="
    )


@pytest.mark.parametrize(
    ("sender", "event"), [("batch@client.example", "resolve"), ("@client.example", None), (None, None)]
)
def test_a_rule_that_names_the_sender_believes_it(sender: str | None, event: str | None):
    assert weigh(watch(sender=sender), mail("[OK] EOD_POS", "0 messages could not be delivered")).event == event


ANSWERED = [
    "RE: [OK] EOD_POS", "Re: [OK] EOD_POS", "AW: [OK] EOD_POS", "Rép : [OK] EOD_POS", "Réf. : [OK] EOD_POS", "R: [OK] EOD_POS", "SV: [OK] EOD_POS",
    "Antw: [OK] EOD_POS", "回复: [OK] EOD_POS", "返信: [OK] EOD_POS", "ＲＥ：[OK] EOD_POS", "Re[2]: [OK] EOD_POS", "RE : RE : [OK] EOD_POS",
    "[EXTERNAL] RE: [OK] EOD_POS", "[list] Re: [OK] EOD_POS", "EXT: RE: [OK] EOD_POS", "*** SPAM *** Re: [OK] EOD_POS", "[EXT][ops] AW: [OK] EOD_POS",
    "TR: [OK] EOD_POS", "Fwd: [OK] EOD_POS", "FW: [OK] EOD_POS", "WG: [OK] EOD_POS", "RV: [OK] EOD_POS", "I: [OK] EOD_POS", "転送: [OK] EOD_POS", "[Fwd: [OK] EOD_POS]",
    "Accepté : [OK] EOD_POS", "Accepted: [OK] EOD_POS", "Refusé : [OK] EOD_POS", "Zugesagt: [OK] EOD_POS", "承諾: [OK] EOD_POS",
    "Recall: [OK] EOD_POS", "Rappel : [OK] EOD_POS", "Rückruf: [OK] EOD_POS", "Recuperar: [OK] EOD_POS", "Intrekken: [OK] EOD_POS", "Отзыв: [OK] EOD_POS", "撤回: [OK] EOD_POS",
]  # fmt: skip


@pytest.mark.parametrize("subject", ANSWERED)
@pytest.mark.parametrize("headers", [(), ("In-Reply-To: <1@client.example>",)], ids=["alone", "threaded"])
@pytest.mark.parametrize("sender", ["jean.martin@client.example", "batch@client.example"])
def test_no_answer_forward_or_recall_ends_an_alarm(subject: str, headers: tuple[str, ...], sender: str):
    """Yesterday's OK, answered this morning, is not this morning's, whoever answers it."""
    rule = watch(sender=sender)
    weighed = weigh(rule, mail(subject, "Thanks", *headers, sender=sender))
    assert (weighed.event, weighed.tried[-1].withheld) == (None, "repeated"), weighed.tried


@pytest.mark.parametrize("subject", ANSWERED)
def test_nor_does_it_count_as_the_mail_that_was_expected(subject: str):
    expected = backups(subject=r"\[OK\] (?P<vm>\w+)", expect=["EOD_POS"], expect_count=None)
    came = mail(subject, "Thanks").model_copy(update={"received_at": OPENS})
    assert counted(expected, came) is None
    assert counted(expected, came.model_copy(update={"subject": "[OK] EOD_POS", "repeats": ""})) is not None


def test_it_says_why():
    assert [each.why for each in weigh(watch(), mail("Re: [OK] EOD_POS", "Thanks!")).tried][1:] == [
        (
            r"subject '\[OK\] (?P<job>\w+)' found '[OK] EOD_POS'; but repeated: it answers a mail (Re:), and so repeats"
            " what that one said"
        )
    ]


@pytest.mark.parametrize(
    ("rule", "subject", "headers"),
    [
        ({}, "[OK] EOD_POS", ("References: <1@client.example>",)),  # monitors thread their mails
        ({}, "Rerun: [OK] EOD_POS", ()),
        ({"resolves": r"^Re: .*\[OK\] (?P<job>\w+)"}, "Re: case 7 [OK] EOD_POS", ("In-Reply-To: <1@client.example>",)),
        ({"resolves": r"TR: \[OK\] (?P<job>\w+)"}, "TR: [OK] EOD_POS", ()),
        ({"resolves": r"\[EXTERNAL\] RE: \[OK\] (?P<job>\w+)"}, "[EXTERNAL] RE: [OK] EOD_POS", ()),
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


OF_A_PERSON = [
    (subject.replace("[OK]", "[KO]"), headers, sender)
    for subject in ANSWERED
    for headers, sender in [
        (("In-Reply-To: <1@client.example>",), "jean@client.example"),
        ((), "Jean Martin <jean.martin@client.example>"),
    ]
    if not subject.startswith(("Recall", "Rappel", "Rückruf", "Recuperar", "Intrekken", "Отзыв", "撤回"))
]


@pytest.mark.parametrize(("subject", "headers", "sender"), OF_A_PERSON)
def test_a_person_who_answers_or_forwards_a_ko_says_nothing_new(subject: str, headers: tuple[str, ...], sender: str):
    weighed = weigh(watch(), mail(subject, "C'est corrigé, merci.", *headers, sender=sender))
    assert weighed.event is None
    assert weighed.withholds("repeated"), weighed.tried


RECALLED = {
    "en": ("Recall: [KO] EOD_POS", 'Jean Martin would like to recall the message, "[KO] EOD_POS".'),
    "fr": ("Rappel : [KO] EOD_POS", "Jean Martin souhaite rappeler le message « [KO] EOD_POS »."),
    "de": ("Rückruf: [KO] EOD_POS", 'Jean Martin möchte die Nachricht "[KO] EOD_POS" zurückrufen.'),
    "es": ("Recuperar: [KO] EOD_POS", 'Jean Martin desea recuperar el mensaje "[KO] EOD_POS".'),
    "it": ("Richiama: [KO] EOD_POS", 'Jean Martin desidera richiamare il messaggio "[KO] EOD_POS".'),
    "nl": ("Intrekken: [KO] EOD_POS", 'Jean Martin wil het bericht "[KO] EOD_POS" intrekken.'),
    "pt": ("Recolher: [KO] EOD_POS", 'Jean Martin gostaria de recolher a mensagem "[KO] EOD_POS".'),
    "sv": ("Återkalla: [KO] EOD_POS", 'Jean Martin vill återkalla meddelandet "[KO] EOD_POS".'),
    "pl": ("Odwołaj: [KO] EOD_POS", 'Jean Martin chce odwołać wiadomość "[KO] EOD_POS".'),
    "ru": ("Отзыв: [KO] EOD_POS", "Jean Martin хочет отозвать сообщение «[KO] EOD_POS»."),
    "ja": ("取り消し: [KO] EOD_POS", "Jean Martin がメッセージ「[KO] EOD_POS」を取り消そうとしています。"),
    "zh": ("撤回: [KO] EOD_POS", "Jean Martin 希望撤回邮件“[KO] EOD_POS”。"),
}


@pytest.mark.parametrize(("subject", "text"), RECALLED.values(), ids=RECALLED)
def test_nor_does_who_calls_a_mail_back(subject: str, text: str):
    assert weigh(watch(), mail(subject, text, sender="jean@client.example")).withholds("repeated")


HEARD = {
    "a reminder of a program": ("Rappel : [KO] EOD_POS", (), "ordo@client.example"),
    "a program that forwards": ("TR: [KO] EOD_POS", ("Auto-Submitted: auto-generated",), "exploitation@client.example"),
    "a tracker that threads": (
        "Re: [KO] EOD_POS",
        ("In-Reply-To: <1@x>", "Auto-Submitted: auto-generated"),
        "jira@client.example",
    ),
    "a program by its name": ("TR: [KO] EOD_POS", (), "batch@client.example"),
    "a refused file": ("Refusé : [KO] fichier REPL", (), "facturation@client.example"),
    "a reference": ("Réf. : 12 [KO] EOD_POS", (), "facturation@client.example"),
    "a thread without a word of it": ("[KO] EOD_POS", ("In-Reply-To: <1@x>",), "jean@client.example"),
}


@pytest.mark.parametrize(("subject", "headers", "sender"), HEARD.values(), ids=HEARD)
def test_a_program_that_forwards_or_threads_a_ko_is_heard(subject: str, headers: tuple[str, ...], sender: str):
    assert weigh(watch(), mail(subject, "ORA-00054", *headers, sender=sender)).event == "trigger"


QUOTE = "C'est corrigé.\n\nDe : batch@client.example\nEnvoyé : lundi 23 novembre 2026 02:10\nÀ : supervision\nObjet : [KO] EOD_POS\n\nORA-00054"


@pytest.mark.parametrize(
    ("text", "headers", "heard"),
    [
        (QUOTE, ("In-Reply-To: <1@x>",), False),  # a person in a shared mailbox
        (QUOTE, ("In-Reply-To: <1@x>", "Auto-Submitted: auto-generated"), True),
        (QUOTE, ("In-Reply-To: <1@x>", "Precedence: bulk"), True),
        ("C'est corrigé.", ("In-Reply-To: <1@x>",), True),  # nothing says that it is a person's
    ],
)
def test_who_quotes_in_a_shared_mailbox_is_a_person(text: str, headers: tuple[str, ...], heard: bool):
    answer = mail("RE: [KO] EOD_POS", text, *headers, sender="supervision@client.example")
    assert (weigh(watch(), answer).event == "trigger") is heard


def test_an_author_may_ask_for_answers():
    rule = watch(subject=r"RE: .*\[KO\] (?P<job>\w+)")
    assert weigh(rule, mail("RE: case 7 [KO] EOD_POS", "x", sender="jean@client.example")).event == "trigger"


def test_what_a_person_answers_ends_nothing_because_an_ok_stands_in_it_too():
    answer = mail("RE: [KO] EOD_POS, then [OK] EOD_POS", "x", sender="jean@client.example")
    assert [each.event for each in weigh(watch(), answer).tried] == ["trigger"]


BOUNCE_OF_AN_OK = ("Undeliverable: [OK] EOD_POS", "Your message could not be delivered.", "Return-Path: <>")


@pytest.mark.parametrize(
    ("rule", "ends"),
    [
        ({"trust_sender": True}, False),  # anybody's bounce
        ({"trust_sender": True, "sender": "@client.example"}, True),
        ({"monitors": [{"sender": "batch@client.example"}]}, True),
        ({"monitors": [{"sender": "other@client.example"}], "sender": "batch@client.example"}, False),
    ],
)
def test_what_is_trusted_ends_an_alarm_only_where_the_trust_names_somebody(rule: dict[str, Any], ends: bool):
    assert (weigh(watch(**rule), mail(*BOUNCE_OF_AN_OK)).event == "resolve") is ends
