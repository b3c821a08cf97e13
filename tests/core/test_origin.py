"""Own cases of each class, in the languages in which our clients' servers write; the corpus is at the end."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.mail import Mail, parse_mail

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)

ORIGINAL = """\
From: ops@vigie.example
To: depot@client.example
Subject: [KO] EOD_POS
Date: Mon, 23 Nov 2026 05:00:00 +0100
Message-ID: <7f3a@vigie.example>
X-Vigie-Key: INC-7/page/1

Please look."""


def read(written: str, charset: str = "utf-8") -> Mail:
    return parse_mail(written.encode(charset), received_at=NOW)


def plain(sender: str, subject: str, text: str, *headers: str) -> str:
    head = [f"From: {sender}", "To: ops@vigie.example", f"Subject: {subject}", *headers]
    return "\n".join([*head, "Content-Type: text/plain; charset=utf-8", "", text])


def carrying(sender: str, subject: str, text: str, *headers: str, kind: str = "multipart/mixed") -> str:
    """A mail with another one attached."""
    head = [
        f"From: {sender}",
        "To: ops@vigie.example",
        f"Subject: {subject}",
        *headers,
        f"Content-Type: {kind}; boundary=b",
    ]
    return "\n".join([*head, "", "--b", "Content-Type: text/plain; charset=utf-8", "", text, "--b",
                      "Content-Type: message/rfc822", "", ORIGINAL, "--b--"])  # fmt: skip


def report(action: str, status: str = "5.1.1") -> str:
    fields = f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; Depot@client.example\nAction: {action}\nStatus: {status}\n"
    return carrying(
        "MAILER-DAEMON@mx.example", "report", "see below", kind="multipart/report; report-type=delivery-status"
    ).replace("--b\nContent-Type: message/rfc822", f"--b\nContent-Type: message/delivery-status\n\n{fields}\n--b\nContent-Type: message/rfc822")  # fmt: skip


NULL = "Return-Path: <>"
TO_US = "In-Reply-To: <0123456789abcdef0123456789abcdef@vigie.example>"
"""A Message-ID as ours are."""

QUOTING = {"auto_replied", "dsn_failed", "dsn_delayed", "dsn_delivered", "mdn", "own_loop"}
DAEMON = "MAILER-DAEMON@mx.client.example"

BOUNCES = {
    "report": report("failed"),
    "sendmail": plain("Mail Delivery Subsystem <MAILER-DAEMON@mx.example>", "Returned mail: User unknown",
                      "   ----- The following addresses had permanent fatal errors -----\n<a@b.example>\n"),
    "qmail": plain(DAEMON, "failure notice", "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to"
                   " deliver your message to the following addresses.\n\n<a@b.example>:\nSorry, no mailbox here by that name. (#5.1.1)"),
    "exim": plain("Mail Delivery System <Mailer-Daemon@mx.example>", "Mail delivery failed: returning message to sender",
                  "This message was created automatically by mail delivery software.", "X-Failed-Recipients: a@b.example"),
    "exchange 2003": carrying("System Administrator <postmaster@client.example>", "Undeliverable: [KO] EOD_POS",
                              "Your message did not reach some or all of the intended recipients.\n\nThe following recipient(s) could not be reached:"),
    "domino": carrying("Postmaster@client.example", "DELIVERY FAILURE: User depot not listed in Domino Directory", "Your message\nwas not delivered to:"),
    "groupwise": carrying("Mail Administrator <postmaster@client.example>", "Message status - undeliverable", "The message that you sent was undeliverable to the following: depot"),
    "mdaemon": plain("MDaemon@client.example", "Permanent Delivery Failure", "YOUR MESSAGE WAS NOT DELIVERED!\n550 5.1.1 unknown", NULL),
    "a mobile operator": carrying("no-reply@phone.example", "Mail", "Could not be delivered to: <depot@client.example>\nAs their mailbox is full.", NULL),
    "ses": plain("SES <no-reply@sns.amazonaws.com>", "AWS Notification Message",
                 '{"Message" : "{\\"notificationType\\":\\"Bounce\\",\\"bounce\\":{\\"bounceType\\":\\"Permanent\\"}}"}'),
    "fr, exchange": carrying("Administrateur système <postmaster@client.example>", "Non remis : [KO] EOD_POS",
                             "Votre message n'a pas pu être remis aux destinataires suivants :"),
    "fr, a provider": plain("postmaster@fournisseur.example", "Échec de la remise du message",
                            "Votre message n'a pu être délivré : adresse inconnue.\n\nReceived: from a\nFrom: x\nSubject: [KO] EOD_POS"),
    "de, exchange": carrying("postmaster@kunde.example", "Unzustellbar: [KO] EOD_POS", "Ihre Nachricht hat die folgenden Empfänger nicht erreicht."),
    "de, a provider": carrying("Mail Delivery System <mailer@kunde.example>", "Zustellung fehlgeschlagen", "Die Nachricht konnte nicht zugestellt werden."),
    "es": carrying("postmaster@cliente.example", "No se puede entregar: [KO] EOD_POS", "No se pudo entregar el mensaje."),
    "it": carrying("postmaster@cliente.example", "Impossibile recapitare: [KO] EOD_POS", "Non è stato possibile consegnare il messaggio."),
    "ja": plain("postmaster@kyaku.example", "メールを配信できません", "以下の宛先への送信に失敗しました。\n550 5.1.1 User unknown", NULL),
    "ja, m-filter": plain("<>", "failure notice", "このメールは「m-FILTER」が自動的に生成して送信しています。\nこのメールは送信できませんでした。", NULL),
    "zh": plain("postmaster@kehu.example", "系统退信", "无法送达到以下收件人。", NULL),
}  # fmt: skip


@pytest.mark.parametrize("written", BOUNCES.values(), ids=BOUNCES)
def test_a_bounce_of_any_server_is_one(written: str):
    mail = read(written)
    assert mail.origin == "dsn_failed", mail.reasons
    assert mail.reasons
    assert mail.report is not None


def test_its_words_are_read_in_their_charset():
    written = plain("postmaster@kyaku.example", "report", "以下の宛先への送信に失敗しました。", NULL).replace(
        "utf-8", "iso-2022-jp"
    )
    assert (
        read(
            written.replace("report", "メールを配信できません".encode("iso-2022-jp").decode("ascii")), "iso-2022-jp"
        ).origin
        == "dsn_failed"
    )


LATE = {
    "report": report("delayed", "4.4.1"),
    "sendmail": plain(DAEMON, "Warning: could not send message for past 4 hours", "** THIS IS A WARNING MESSAGE ONLY **"),
    "exim": plain(DAEMON, "Warning: message 1abc-2 delayed 24 hours", "This message was created automatically by mail delivery software.\nThe message has not yet been delivered. Delivery attempts will continue."),
    "its text alone": plain(DAEMON, "Mail Delivery Warning", "Delivery to depot has been postponed. We will continue to try to deliver your message."),
    "fr": plain("postmaster@client.example", "Remise différée : [KO] EOD_POS", "La remise du message est retardée.\n\nReceived: a\nFrom: b\nSubject: c"),
    "de": plain(DAEMON, "Zustellung verzögert", "Ihre Nachricht wurde noch nicht zugestellt."),
    "ja": carrying(DAEMON, "配信遅延のお知らせ", "まだ配信されていません。再送を試みています。"),
}  # fmt: skip


@pytest.mark.parametrize("written", LATE.values(), ids=LATE)
def test_a_delay_is_no_failure(written: str):
    assert read(written).origin == "dsn_delayed"


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "deliverable"])
def test_what_arrived_is_no_failure(action: str):
    assert read(report(action, "2.0.0")).origin == "dsn_delivered"


def test_an_address_that_was_only_verified_and_is_wrong_is_a_failure():
    """Postfix's answer to `sendmail -bv`."""
    assert read(report("undeliverable", "5.1.1")).origin == "dsn_failed"


ARRIVED = {
    "en": "Delivered: [OK] EOD_POS",
    "fr": "Remis : [OK] EOD_POS",
    "de": "Zugestellt: [OK] EOD_POS",
    "ja": "配信済み: [OK] EOD_POS",
}


@pytest.mark.parametrize("subject", ARRIVED.values(), ids=ARRIVED)
def test_a_server_that_says_in_words_that_the_mail_arrived(subject: str):
    assert read(carrying("postmaster@client.example", subject, "x", NULL)).origin == "dsn_delivered"


NO_HEADERS = {
    "en, a subject": ("Delivery failure", "Your message to depot@client.example could not be delivered."),
    "en, an old gateway": ("Undeliverable mail", "------ Failed Recipients ------\n<depot@client.example>: 550"),
    "en, a full mailbox": ("Returned mail", "User's mailbox is full: <depot@client.example>\nUnable to deliver mail."),
    "fr": ("Courrier non distribué", "Votre message n'a pas pu être délivré à depot@client.example : boîte pleine."),
    "de": ("Zustellung fehlgeschlagen", "Ihre E-Mail an depot@client.example konnte nicht zugestellt werden."),
    "ja": ("送信エラー", "次のあて先へのメッセージはエラーのため送信できませんでした。\ndepot@client.example"),
}


@pytest.mark.parametrize(("subject", "text"), NO_HEADERS.values(), ids=NO_HEADERS)
@pytest.mark.parametrize("sender", ["notification@mx.example", "Mail Gateway <noreply@mx.example>"])
def test_a_server_of_which_words_alone_speak_is_in_doubt(sender: str, subject: str, text: str):
    mail = read(plain(sender, subject, text))
    assert mail.origin not in QUOTING
    assert len(mail.doubts) >= 2, mail.reasons


@pytest.mark.parametrize("text", [text for _, text in NO_HEADERS.values()], ids=NO_HEADERS)
def test_its_own_sentence_and_an_empty_envelope_prove_it(text: str):
    assert read(plain("noreply@mx.example", "Your mail", text, NULL)).origin == "dsn_failed"


def test_a_provider_whose_answer_looks_like_a_persons_is_one_until_something_proves_it():
    told = "Error: Invalid user address\n\n550 - no such user here\n\n  MAIL FROM: ops@vigie.example"
    mail = read(plain("post_master@phone.example", "Re:Test", told, "In-Reply-To: <1@x>"))
    assert (mail.origin, mail.a_persons) == ("unknown", True)
    assert read(plain("post_master@phone.example", "Re:Test", told, "In-Reply-To: <1@x>", NULL)).origin == "dsn_failed"


def test_a_server_that_gave_up_does_not_go_on():
    assert (
        read(
            plain(
                DAEMON,
                "Mail delivery failed",
                "This is the mail system at mx.\nCould not deliver for the last 432000 seconds. Giving up.",
            )
        ).origin
        == "dsn_failed"
    )


REPLIES = {
    "rfc 3834": plain("marie@client.example", "Re: hello", "x", "Auto-Submitted: auto-replied (vacation)"),
    "precedence": plain("marie@client.example", "Re: hello", "x", "Precedence: auto_reply"),
    "a responder": plain("marie@client.example", "Re: hello", "x", "X-Autoreply: yes"),
    "apple": plain("marie@client.example", "Re: hello", "x", "X-Apple-Action: VACATION"),
    "an abuse report": carrying("fbl@provider.example", "FW: [KO] EOD_POS", "This is an email abuse report.", kind="multipart/report; report-type=feedback-report"),
    "hotmail's": carrying("staff@hotmail.com", "complaint about message from 192.0.2.1", ""),
    "to us, exchange": plain("marie@client.example", "Automatic reply: [KO] EOD_POS", "I am out of the office.", "X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated", TO_US),
    "to us, its words": plain("marie@client.example", "RE: [KO] EOD_POS", "Bonjour,\nJe suis absente jusqu'au 3 décembre.", TO_US),
    "to us, its envelope": plain("support@client.example", "Re: [KO] EOD_POS", "Votre demande a bien été enregistrée sous le numéro 12.", NULL, TO_US),
}  # fmt: skip


@pytest.mark.parametrize("written", REPLIES.values(), ids=REPLIES)
def test_an_answer_that_nobody_wrote_is_one(written: str):
    mail = read(written)
    assert mail.origin == "auto_replied", mail.reasons
    assert mail.report is None


DOUBTFUL = {
    "exchange": plain("marie@client.example", "Automatic reply: [KO] EOD_POS", "I am out of the office.", "X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated"),
    "words alone": plain("marie@client.example", "Out of office", "I'm currently out of the office until Monday."),
    "fr": plain("marie@client.example", "Réponse automatique : [KO] EOD_POS", "Je suis absente jusqu'au 1er décembre."),
    "fr, absence": plain("marie@client.example", "Absence du bureau : [KO] EOD_POS", "x"),
    "de": plain("hans@kunde.example", "Automatische Antwort: [KO] EOD_POS", "Ich bin bis Montag nicht im Büro."),
    "de, notes": plain("hans@kunde.example", "Abwesenheitsnotiz: [OK] EOD_POS", "x"),
    "ja": plain("yamada@kyaku.example", "自動返信: [KO] EOD_POS", "ただいま不在にしております。"),
    "ja, leave": plain("yamada@kyaku.example", "不在のお知らせ", "休暇中です。", "In-Reply-To: <1@x>"),
    "es": plain("ana@cliente.example", "Respuesta automática: [KO] EOD_POS", "Estoy de vacaciones."),
    "notes": plain("hans@kunde.example", "AUTO: Hans ist außer Haus (Rückkehr am 01.12.2026)", "Ich kehre zurück am 01.12.2026."),
    "before an answer": plain("marie@client.example", "Absence Re: [KO] EOD_POS", "x"),
    "in brackets": plain("marie@client.example", "[Auto-Reply] [KO] EOD_POS", "x"),
    "a ticket": plain("support@vendor.example", "[Ticket 12] We received your request: [KO] EOD_POS", "x", "In-Reply-To: <1@x>", "X-Auto-Response-Suppress: All"),
    "a list's keeper": plain("talk-owner@list.example", "Your message to talk awaits moderator approval", "x", "In-Reply-To: <1@x>", "Precedence: bulk"),
    "a gateway": plain("<>", "failure notice", "550 depot@client.example... No such user"),
    "a list": plain("talk-admin@list.example", "You ops@vigie.example are not member (talk ML)", "You are not a member of this mailing list.", "X-MLServer: fml"),
    "a server's account": plain(DAEMON, "[KO] EOD_POS", "x"),
    "a postmaster and an empty envelope": plain("postmaster@client.example", "[KO] EOD_POS", "x", NULL),
}  # fmt: skip


@pytest.mark.parametrize("written", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_words_and_senders_say_is_a_doubt_and_no_proof(written: str):
    mail = read(written)
    assert mail.origin not in QUOTING
    assert mail.doubts, mail.reasons
    assert not mail.final


A_PERSONS = {
    "behind the subject": plain("ann@client.example", "Re: [KO] EOD_POS (Out of Office)", "I will be out of the office until Monday."),
    "in brackets, de": plain("hans@kunde.example", "Re: [KO] EOD_POS (Abwesenheitsnotiz)", "x"),
    "its beginning, en": plain("ann@client.example", "Re: [KO] EOD_POS", "Hello,\nI am currently out of the office until Monday.", "In-Reply-To: <1@x>"),
    "its beginning, fr": plain("marie@client.example", "RE: [KO] EOD_POS", "Bonjour,\nJe suis absente jusqu'au 3 décembre.", "In-Reply-To: <1@x>"),
    "its beginning, de": plain("hans@kunde.example", "AW: [KO] EOD_POS", "Ich bin bis Montag nicht im Büro.", "In-Reply-To: <1@x>"),
    "its beginning, ja": plain("yamada@kyaku.example", "Re: [KO] EOD_POS", "お世話になっております。ただいま不在にしております。", "In-Reply-To: <1@x>"),
    "a robot's answer, fr": plain("support@client.example", "Re: [KO] EOD_POS", "Votre demande a bien été enregistrée sous le numéro 12.", NULL),
}  # fmt: skip


@pytest.mark.parametrize("written", A_PERSONS.values(), ids=A_PERSONS)
def test_an_absence_that_looks_like_a_persons_answer_is_in_doubt_too(written: str):
    mail = read(written)
    assert mail.origin not in QUOTING
    assert mail.repeats
    assert mail.doubts, mail.reasons


def test_a_receipt_is_one():
    written = carrying(
        "marie@client.example", "Read: [KO] EOD_POS", "", kind="multipart/report; report-type=disposition-notification"
    )
    assert (read(written).origin, read(written).final) == ("mdn", True)


RECEIPTS_IN_WORDS = {
    "exchange": plain("marie@client.example", "Read: [KO] EOD_POS", "Your message\n\n  To: marie\n\nwas read on Monday."),
    "fr": plain("marie@client.example", "Lu : [KO] EOD_POS", "Votre message\nÀ : Marie\na été lu le lundi."),
    "de": plain("hans@kunde.example", "Gelesen: [KO] EOD_POS", "Ihre Nachricht an Hans wurde am Montag gelesen."),
    "ja": plain("yamada@kyaku.example", "開封済み: [KO] EOD_POS", "メッセージは開封されました。"),
    "thunderbird": plain("ann@client.example", "Return Receipt (displayed) - [OK] EOD_POS", "x"),
    "thunderbird, de": plain("hans@kunde.example", "Lesebestätigung: [OK] EOD_POS", "x"),
    "thunderbird, fr": plain("marie@client.example", "Confirmation de lecture : [OK] EOD_POS", "x"),
    "thunderbird, ja": plain("yamada@kyaku.example", "開封確認: [OK] EOD_POS", "x"),
}  # fmt: skip


@pytest.mark.parametrize("written", RECEIPTS_IN_WORDS.values(), ids=RECEIPTS_IN_WORDS)
def test_a_receipt_of_which_words_alone_speak_is_in_doubt(written: str):
    assert read(written).origin == "unknown"
    assert read(written).doubts


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ((), "human"),
        (("Precedence: bulk", "List-Id: <ops.client.example>"), "list"),  # a list wrote it
        (("Precedence: bulk",), "auto_replied"),
        (("X-Auto-Response-Suppress: All",), "auto_replied"),
        (("Auto-Submitted: auto-generated",), "auto_replied"),
        ((NULL,), "auto_replied"),
    ],
)
def test_a_person_who_answers_us_is_heard_and_a_robot_is_not(headers: tuple[str, ...], origin: str):
    assert read(plain("marie@client.example", "RE: our page", "I take it.", TO_US, *headers)).origin == origin


def test_a_mail_of_others_in_the_same_form_is_not_ours():
    theirs = "In-Reply-To: <0123456789abcdef0123456789abcdef@mon.client.example>"
    assert (
        read(plain("obs@client.example", "[FIRING] KO", "x", theirs, "Auto-Submitted: auto-generated")).origin
        == "auto_generated"
    )


PROGRAMS = {
    "nagios": plain("nagios@mon.example", "** PROBLEM Service Alert: smtp01/SMTP is CRITICAL **", "State: CRITICAL\n550 5.1.1 unknown user",
                    "Sender: nagios-bounces@mon.example", "Errors-To: nagios-bounces@mon.example", "List-Id: <nagios.mon.example>",
                    "Precedence: bulk", "X-Auto-Response-Suppress: All"),
    "a monitor of mail": plain("monitor@client.example", "[KO] SMTP_RELAY 120 mails could not be delivered",
                               "Diagnostic-Code: smtp; 550 5.1.1\nFinal-Recipient: rfc822; x@y.example", NULL, "Auto-Submitted: auto-generated"),
    "cron": plain("root@db1 (Cron Daemon)", "Cron <root@db1> /opt/eod.sh", "[KO] EOD_POS", "X-Cron-Env: <SHELL=/bin/sh>"),
    "a notice": plain("no-reply@provider.example", "Planned maintenance", "x", "Precedence: bulk", "List-Unsubscribe: <mailto:x@y.example>"),
    "zabbix": plain("Zabbix <zbx@client.example>", "Problem: disk full", "x"),
    "jenkins": plain("ci@client.example", "[KO] Build failed: eod #12", "x", "In-Reply-To: <1@x>", "Precedence: bulk", "X-Jenkins-Job: eod"),
    "control-m": plain("ctmserver@client.example", "[KO] Job EOD_POS ended NOTOK", "Return code 8"),
    "a monitor that quotes a bounce": plain("monitor@client.example", "[KO] SMTP relay", "Last line of the log:\nThis is the mail system at host mx.example.", NULL, "Auto-Submitted: auto-generated"),
    "a job that sends mail": plain("root@db1 (Cron Daemon)", "Cron <root@db1> send", "550 5.1.1: could not be delivered to one or more recipients", NULL, "X-Cron-Env: <SHELL=/bin/sh>"),
    "a rule that forwards": plain("batch@client.example", "[KO] EOD_POS", "x", "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated"),
    "an issue tracker": plain('"Marie (Jira)" <jira@client.example>', "(OPS-1) [KO] EOD_POS", "x", "In-Reply-To: <1@x>", "Auto-Submitted: auto-generated", "Precedence: bulk"),
    "fr": plain("ordonnanceur@client.example", "[KO] Absence du fichier REPL", "Le fichier n'a pas pu être livré au magasin.", NULL, "Auto-Submitted: auto-generated"),
    "fr, supervision": plain("supervision@client.example", "[KO] Échec de livraison : commande 12", "Échec.", "Precedence: bulk"),
    "de": plain("batch@kunde.example", "[KO] Lieferung 12 nicht zugestellt", "Die Palette konnte nicht zugestellt werden.", NULL, "Auto-Submitted: auto-generated"),
    "ja": plain("batch@kyaku.example", "[KO] 配信エラー 東京店", "商品データの配信に失敗しました。", NULL, "Auto-Submitted: auto-generated"),
    "a service desk": plain("servicenow@client.example", "Ticket created INC0012: [KO] EOD_POS", "x", NULL, "X-Auto-Response-Suppress: All", "Precedence: bulk"),
}  # fmt: skip


@pytest.mark.parametrize("written", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_that_has_something_to_say_is_heard(written: str):
    assert read(written).origin == "auto_generated", read(written).reasons


PEOPLE = {
    "en": plain("jean@client.example", "Re: [KO] EOD_POS", "I am looking at it.", "In-Reply-To: <1@x>"),
    "fr": plain("marie@client.example", "[KO] EOD_POS", "Je suis en congé demain, je regarde ce soir. Le mail d'hier n'a pas pu être délivré."),
    "de": plain("hans@kunde.example", "[KO] EOD_POS", "Die Ware wurde nicht geliefert."),
    "ja": plain("yamada@kyaku.example", "[KO] 東京店", "在庫連携が停止しています。"),
    "a forward of a bounce": plain("jean@client.example", "FW: Undeliverable: [KO] EOD_POS", "See below.\n\nBegin forwarded message:\n\nThis is the mail system at host mx."),
    "a bounce as a file": carrying("jean@client.example", "look at this", "our alert bounced"),
    "a parcel that found nobody": plain("haisou@kyaku.example", "[KO] 配達 ご不在のため持ち戻り 東京店", "ご不在でしたので持ち戻りました。", NULL),
    "a calendar of leave": plain("jinji@kyaku.example", "[KO] 休暇カレンダー連携", "休暇データの取込に失敗しました。", NULL),
    "on leave and at work": plain("marie@client.example", "Re: [KO] EOD_POS", "Je suis en congé demain, je relance la chaîne ce soir.", "In-Reply-To: <1@x>"),
    "a tag that says absent": plain("lot@client.example", "[Absence] fichier REPL (absent) [KO]", "x"),
    "a parcel's tag": plain("haisou@kyaku.example", "[KO] 配達 東京店 (不在)", "x"),
    "a file that is absent": plain("lot@client.example", "[KO] Absence du fichier REPL", "Le fichier est absent du bureau de Lyon.", NULL),
}  # fmt: skip


BOUNCED = "This is the mail system at host mx.example.\n\nYour message could not be delivered to: 550 5.1.1 unknown"

ASKED = {
    "a forward of a bounce, en": plain("jean@client.example", "FW: Undeliverable: [KO] EOD", f"Look.\n\nFrom: mailer-daemon@mx\nSent: Monday\nTo: jean\n\n{BOUNCED}"),
    "fr": plain("jean@client.example", "TR: Non remis : [KO] EOD", f"Voir.\n\nDe : mailer-daemon@mx\nEnvoyé : lundi\nÀ : jean\n\n{BOUNCED}"),
    "de": plain("hans@kunde.example", "WG: Unzustellbar: [KO] EOD", f"Siehe.\n\nVon: mailer-daemon@mx\nGesendet: Montag\nAn: hans\n\n{BOUNCED}"),
    "ja": plain("yamada@kyaku.example", "FW: 配信不能: [KO] EOD", f"ご確認ください。\n\n差出人: mailer-daemon@mx\n送信日時: 月曜\n宛先: y\n\n{BOUNCED}"),
    "an answer to a bounce": plain("jean@client.example", "Re: Undelivered Mail Returned to Sender", f"KO since today.\n\n> {BOUNCED}", "In-Reply-To: <1@x>"),
    "an incident that quotes one": plain("marie@client.example", "[KO] relais SMTP", f"Nous recevons ceci depuis 02:00 :\n\n{BOUNCED}"),
    "a postmaster": plain("postmaster@client.example", "[KO] MAIL_GATEWAY", "12 mails could not be delivered since 02:00, the queue is full."),
}  # fmt: skip


@pytest.mark.parametrize("written", ASKED.values(), ids=ASKED)
def test_who_quotes_a_bounce_in_a_ko_is_asked(written: str):
    assert read(written).origin in {"human", "unknown", "auto_generated"}, read(written).reasons


LISTS = {
    "en": ("List-Id: <ops.client.example>", "[KO] EOD_POS", "It stands still."),
    "fr": ("List-Post: <mailto:exploitation@client.example>", "[KO] EOD_POS", "La chaîne est arrêtée."),
    "de": ("X-BeenThere: betrieb@kunde.example", "[KO] EOD_POS", "Die Kette steht."),
    "ja": ("Mailing-List: list unyou@kyaku.example", "[KO] EOD_POS", "停止しています。"),
}


@pytest.mark.parametrize(("header", "subject", "text"), LISTS.values(), ids=LISTS)
def test_a_list_is_one(header: str, subject: str, text: str):
    assert read(plain("jean@client.example", subject, text, header)).origin == "list"


@pytest.mark.parametrize("text", ["Please look.", "Merci de regarder.", "Bitte prüfen.", "ご確認ください。"])
def test_our_own_mail_that_comes_back_is_known_in_any_language(text: str):
    assert read(plain("ops@vigie.example", "[KO] EOD_POS", text, "X-Vigie-Key: INC-7/page/1")).origin == "own_loop"


@pytest.mark.parametrize("written", PEOPLE.values(), ids=PEOPLE)
def test_a_person_is_one(written: str):
    assert read(written).origin == "human", read(written).reasons


PARCELS = {
    "en": plain("wms@client.example", "Delivery failure: store TYO-3", "The parcel could not be delivered. Recipient unknown.", NULL),
    "fr": plain("wms@client.example", "Échec de livraison du courrier", "Le colis n'a pas pu être livré."),
    "de": plain("lager@kunde.example", "Zustellung fehlgeschlagen: Palette 12", "Die Zustellung der Palette ist fehlgeschlagen."),
    "ja": plain("haisou@kyaku.example", "配送できません: 東京店", "配送できませんでした。"),
}  # fmt: skip


@pytest.mark.parametrize("written", PARCELS.values(), ids=PARCELS)
def test_words_alone_never_make_a_bounce(written: str):
    """Our clients deliver parcels: their KO speaks like a mail server, so it stays with people."""
    assert read(written).origin in {"unknown", "human"}


def test_the_rest():
    assert read(plain("a@b.example", "hello", "x", "List-Id: <talk.example>")).origin == "list"
    assert read(plain("a@b.example", "hello", "x", "X-Vigie-Key: INC-1/page/1")).origin == "own_loop"
    assert read("\n\nx").origin == "unknown"


def test_every_proof_is_told_and_what_became_of_the_mail():
    assert read(BOUNCES["qmail"]).reasons == (
        "its sender is mailer-daemon",
        "it begins as only mail servers do ('This is the qmail-send program')",
        "nothing in it says that the delivery goes on",
    )


# --- the corpus ------------------------------------------------------------------------------------------------


@pytest.mark.needs("corpus")
def test_nearly_every_real_bounce_is_proved_to_be_one(corpus: Path):
    mails = {
        path.name: parse_mail(path.read_bytes(), received_at=NOW) for path in (corpus / "mail/bounces").glob("*.eml")
    }
    assert len(mails) == 367
    heard = {name: mail for name, mail in mails.items() if mail.origin not in QUOTING}
    assert {name: mail.reasons for name, mail in heard.items() if not mail.doubts} == {}
    assert len(mails) - len(heard) >= 0.98 * len(mails)
    assert Counter(mail.origin for mail in mails.values())["auto_replied"] == 12  # 9 complaints, 3 on leave


@pytest.mark.needs("corpus")
@pytest.mark.parametrize("folder", ["notices", "cases"])
def test_nothing_else_is_proved_to_be_one(corpus: Path, folder: str):
    mails = {
        path.name: parse_mail(path.read_bytes(), received_at=NOW) for path in (corpus / "mail" / folder).glob("*.eml")
    }
    assert mails
    proved = {name for name, mail in mails.items() if mail.origin in QUOTING}
    assert proved - {"95-ndr-text-only-ukrainian.eml"} == set()


@pytest.mark.needs("corpus")
def test_a_real_bounce_without_its_subject_is_still_known(corpus: Path):
    """What unseen servers write into it is unknown; few may depend on it (only replies and complaints do)."""
    known = 0
    for path in (corpus / "mail/bounces").glob("*.eml"):
        mail = parse_mail(path.read_bytes().replace(b"\nSubject:", b"\nX-Subject:", 1), received_at=NOW)
        known += mail.origin in QUOTING
    assert known >= 350


PIECES = st.sampled_from(
    ["Undeliverable: ", "failure notice", "From: ", "MAILER-DAEMON", "<>", "Auto-Submitted: ", "auto-replied", "Return-Path: <>", "\n", "\n\n",
     "Content-Type: ", "multipart/report", "; report-type=", "delivery-status", "Action: ", "failed", "X-Vigie-Key: ", "配信できません", '{"notificationType":"Bounce"']
)  # fmt: skip


@examples(200)
@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map("".join))
def test_any_mail_has_an_origin_and_a_reason(written: str):
    mail = parse_mail(written.encode("utf-8", "surrogateescape"), received_at=NOW)
    assert mail.reasons
