"""More families of servers and more languages than test_origin.py has: short mails in each one's own words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vigie.core.mail import Mail, parse_mail
from vigie.core.origin import QUOTING
from vigie.core.pattern import phrases

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)
ANSWER = "In-Reply-To: <7f3a@vigie.example>"
NULL = "Return-Path: <>"


def written(sender: str, subject: str, text: str, *headers: str, kind: str = "text/plain") -> str:
    head = [f"From: {sender}", "To: ops@vigie.example", f"Subject: {subject}", *headers]
    return "\n".join([*head, f"Content-Type: {kind}; charset=utf-8", "", text])


def mail(sender: str, subject: str, text: str, *headers: str, kind: str = "text/plain") -> Mail:
    return read(written(sender, subject, text, *headers, kind=kind))


def read(whole: str) -> Mail:
    return parse_mail(whole.encode(), received_at=NOW)


def carrying(sender: str, subject: str, text: str, *headers: str) -> str:
    parts = f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b\nContent-Type: message/rfc822\n\nSubject: [KO] EOD_POS\n\nx\n--b--"
    return written(sender, subject, parts, *headers, kind="multipart/mixed; boundary=b")


BOUNCES = {
    "james": carrying("postmaster@james.example", "Re:[OK] EOD_POS", "Hi. This is the James mail server at james.example.\nI'm afraid I wasn't"
                      " able to deliver your message to the following addresses.\n\nFailed recipient(s):\na@b.example", ANSWER),
    "an operator's gateway": written("post_master@phone.example", "Re:[OK] EOD_POS", "Error: Invalid user address\n\nError message below:\n550 - Requested"
                                     " action not taken: no such user here\n\nMessage details:\n  Subject: [OK] EOD_POS\n  RCPT TO: 0600@phone.example", ANSWER),
    "a bank, behind the subject": written("desk.internet@bank.example", "RE: [KO] EOD_POS : non remis (delivery failed)", "Votre message n'a pas pu etre delivre"
                                       " a\na@b.example\n\nYour message could not be delivered to\na@b.example"),
    "one that quotes a robot": written("System Attendant <postmaster@client.example>", "Non-Delivery: Your message to Talk awaits moderator approval",
                                    "--- Non-Delivery Report ---\nThe email below could not be delivered to the following user: depot\n" + "\n" * 40 + "Old message:\n"
                                    + "Your mail to 'Talk' with the subject\n" * 20 + "Is being held until the list moderator can review it.", "X-List-Administrivia: yes"),
    "biglobe": carrying("postmaster@provider.jp.example", "Returned mail: Service unavailable", "----- The following addresses had delivery problems -----"),
    "kddi": carrying("no-reply@app.phone.jp.example", "メールエラー通知", "送信先のメールボックスが一杯のため、送信できませんでした。"),
    "x5": carrying('"mailer daemon" <support@mx.example>', "邮件投递失败通知", "发往以下地址的邮件被退回"),
    "interscan, ja": carrying("InterScan Notification <scan@kyaku.example>", "メッセージを配信できません。", "メッセージを配信できませんでした"),
    "courier": written('"Courier mail server at mx.example" <@mx.example>', "NOTICE: mail delivery status.", "This is a delivery status notification from"
                    " mx.example,\nrunning the Courier mail server.\n\nUNDELIVERABLE MAIL"),
    "communigate": written("<MAILER-DAEMON@cgp.example>", "Undeliverable mail", "Failed to deliver to 'a@b.example'\n account is full"),
    "microsoft 365, fr": written("postmaster@client.onmicrosoft.example", "Non remis : [OK] EOD_POS", "Échec de remise pour les destinataires suivants :"),
    "microsoft 365, de": written("postmaster@client.onmicrosoft.example", "Unzustellbar: [OK] EOD_POS", "Fehler bei der Nachrichtenzustellung an folgende Empfänger:"),
    "microsoft 365, ja": written("postmaster@client.onmicrosoft.example", "配信不能: [OK] EOD_POS", "次の受信者またはグループへの配信に失敗しました:"),
    "domino, fr": carrying("Postmaster@notes.example", "ECHEC DE LA DISTRIBUTION : L'utilisateur depot", "Votre message\n\n  Objet : [OK]\n\nn'a pas été distribué à"),
    "domino, de": carrying("Postmaster@notes.example", "Zustellfehler: User depot", "Ihre Nachricht\n\nwurde nicht zugestellt an"),
    "a provider, fr in ASCII": written("postmaster@fournisseur.example", "Echec de la remise du message", "Votre message n'a pas pu etre delivre."),
    "a provider, de in ASCII": written("postmaster@anbieter.example", "Zustellung fehlgeschlagen", "Empfaenger unbekannt. Ihre Nachricht konnte nicht uebermittelt werden."),
}  # fmt: skip


@pytest.mark.parametrize("bounce", BOUNCES.values(), ids=BOUNCES)
def test_a_bounce_in_its_own_words_is_one_where_nobody_may_answer_it(bounce: str):
    found = read(f"{NULL}\n{bounce}")
    assert found.origin == "dsn_failed", found.reasons


@pytest.mark.parametrize("bounce", BOUNCES.values(), ids=BOUNCES)
def test_and_it_is_in_doubt_where_that_is_not_known(bounce: str):
    found = read(bounce)
    assert found.origin in QUOTING or found.doubts, found.reasons


CALENDAR = "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR"
ROBOTS = {
    **{
        subject: mail("a.person@client.example", f"{subject}: [OK] EOD_POS", "x")
        for subject in (
            "Automatic reply", "Réponse automatique", "Automatische Antwort", "自動返信", "Respuesta automática", "Risposta automatica",
            "Resposta automática", "Automatisch antwoord", "Automatiskt svar", "Automatisk svar", "Automaattinen vastaus",
            "Odpowiedź automatyczna", "Automatická odpověď", "Automatická odpoveď", "Automatikus válasz", "Răspuns automat",
            "Automatski odgovor", "Автоматический ответ", "Автоматична відповідь", "Otomatik yanıt", "Αυτόματη απάντηση",
            "자동 회신", "自动答复", "自動回覆", "رد تلقائي", "מענה אוטומטי", "ตอบกลับอัตโนมัติ", "Trả lời tự động", "Resposta automàtica",
            "Reponse automatique", "Automatisk melding",
        )
    },
    "challenge": mail("joe@client.example", "Your email requires verification verify#AbC", "The message you sent requires that you verify that you are a real human being."),
    "challenge, fr": mail("jean@client.example", "Authentification requise : [OK] EOD_POS", "Je protège ma messagerie avec Mailinblack. Cliquez pour vous authentifier."),
    "held by a list": mail("talk-owner@list.example", "Your message to Talk awaits moderator approval", "Is being held until the list moderator can review it.",
                           "Precedence: bulk", "X-List-Administrivia: yes"),
}  # fmt: skip


@pytest.mark.parametrize("answer", ROBOTS.values(), ids=ROBOTS)
def test_a_robots_words_alone_are_a_doubt(answer: Mail):
    assert answer.origin == "unknown", answer.reasons
    assert answer.doubts
    assert not answer.a_persons


REPEATING = {
    "on leave, fr": mail(
        "jean@client.example",
        "Re: [OK] EOD_POS",
        "Bonjour,\n\nActuellement en congés, je serai de retour le 3.",
        ANSWER,
    ),
    "on leave, es": mail(
        "ana@cliente.example", "Re: [OK] EOD_POS", "Hola, estoy de vacaciones hasta el lunes.", ANSWER
    ),
    "on leave, de": mail(
        "jens@kunde.example", "Re: [OK] EOD_POS", "Vielen Dank. Ich bin derzeit nicht im Büro.", ANSWER
    ),
    "on leave, ja": mail(
        "taro@kyaku.example", "Re: [OK] EOD_POS", "お世話になっております。\n30日まで休暇をいただいております。", ANSWER
    ),
    "invitation, accepted": mail(
        "jean@client.example", "Accepted: [OK] EOD_POS", CALENDAR, kind="text/calendar; method=REPLY"
    ),
    "invitation, refusée": mail(
        "jean@client.example", "Refusé : [OK] EOD_POS", CALENDAR, kind="text/calendar; method=reply"
    ),
    "invitation, anderer Termin": mail(
        "jens@kunde.example", "Neuer Termin: [OK] EOD_POS", CALENDAR, kind="text/calendar; method=COUNTER"
    ),
    "called back": mail(
        "joe@client.example", "Recall: [OK] EOD_POS", 'Joe would like to recall the message, "[OK] EOD_POS".'
    ),
    "called back, fr": mail(
        "jean@client.example", "Rappel : [OK] EOD_POS", "Jean souhaite rappeler le message « [OK] EOD_POS »."
    ),
}


@pytest.mark.parametrize("answer", REPEATING.values(), ids=REPEATING)
def test_an_answer_that_looks_like_a_persons_only_repeats(answer: Mail):
    assert answer.origin not in QUOTING, answer.reasons
    assert answer.repeats
    assert answer.a_persons


def test_a_complaint_before_there_was_a_form_for_it():
    told = mail(
        "staff@provider.example", "complaint about message from 192.0.2.1", "x", "X-HmXmrOriginalRecipient: a@b.example"
    )
    assert told.origin == "auto_replied", told.reasons


ORDINARY = {
    "an invitation": mail("noc@provider.example", "Maintenance", "BEGIN:VCALENDAR", kind="text/calendar; method=REQUEST"),
    "a header that says no": mail("noc@provider.example", "Maintenance", "x", "X-Autoreply: no", "X-Auto-Response-Suppress: All"),
    "a reminder, fr": mail("batch@client.example", "Rappel : [KO] EOD_POS", "Toujours en erreur."),
    "a KO that speaks of mail": mail("batch@client.example", "[KO] EOD_POS", "The mail of the report could not be delivered: 550 5.1.1 user unknown"),
    "a KO whose end is a server's": mail("batch@client.example", "[KO] EOD_POS (delivery failed)", "Three stores have no file."),
    "a forward": mail("jean@client.example", "TR: [KO] EOD_POS", "Pour info, je serai de retour à 14 h."),
}  # fmt: skip


@pytest.mark.parametrize("ordinary", ORDINARY.values(), ids=ORDINARY)
def test_what_has_something_to_say_is_heard(ordinary: Mail):
    assert ordinary.origin not in QUOTING, ordinary.reasons


@pytest.mark.parametrize("said", ["Empfänger", "EMPFÄNGER", "Empfaenger", "Empfanger"])
def test_an_accent_may_be_left_out_or_spelt_out(said: str):
    assert phrases("empfänger").search(said)
    assert not phrases("empfanger").search("Empfänger")


def test_a_set_of_letters_stays_as_it_is():
    assert phrases("[éè]t").search("ét")
    assert not phrases("[éè]t").search("et")
