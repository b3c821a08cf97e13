"""The project's own mails of each kind, with the verdict that is right, in the form of the cases of `mail_cases`.

KO mails that look like bounces and answers, the OKs of the same programs, answers and forwards in many languages, and
bounces in the forms of many servers: what is read here is also counted by benchmarks/mail_corpus.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.core.mail_cases import Case

NULL, GENERATED = "Return-Path: <>", "Auto-Submitted: auto-generated"
BULK, SUPPRESS, THREADED = "Precedence: bulk", "X-Auto-Response-Suppress: All", "In-Reply-To: <t1@client.example>"
FORWARDED = "De : Batch\nEnvoyé : lundi 23 novembre 2026 02:10\nÀ : exploitation\nObjet : KO EOD\n\nORA-00054"
PERSON = "Jean Martin <jean.martin@client.example>"

PLAIN: dict[str, Any] = {"subject": "KO", "resolves": "OK"}
TAGGED: dict[str, Any] = {
    "subject": r"\[KO\] (?P<job>[\w.-]+)",
    "resolves": r"\[OK\] (?P<job>[\w.-]+)",
    "dedup_key": "{job}",
}
TEXT: dict[str, Any] = {"body": "KO", "resolves_body": "OK"}


def written(sender: str, subject: str, text: str = "x", *headers: str) -> str:
    head = [
        f"From: {sender}",
        "To: ops@vigie.example",
        f"Subject: {subject}",
        "Message-ID: <1@client.example>",
        *headers,
    ]
    return "\n".join([*head, "Content-Type: text/plain; charset=utf-8", "", text])


def returning(sender: str, subject: str, text: str, *headers: str) -> str:
    """With the mail that comes back attached."""
    head = [
        f"From: {sender}",
        "To: ops@vigie.example",
        f"Subject: {subject}",
        *headers,
        "Content-Type: multipart/mixed; boundary=b",
    ]
    mine = "From: ops@vigie.example\nTo: depot@client.example\nSubject: [KO] EOD_POS\nMessage-ID: <7f3a@vigie.example>\n\nPlease look."
    return "\n".join(
        [
            *head,
            "",
            "--b",
            "Content-Type: text/plain; charset=utf-8",
            "",
            text,
            "--b",
            "Content-Type: message/rfc822",
            "",
            mine,
            "--b--",
        ]
    )


KO = {
    "a gateway's brand in a name": written("Proofpoint Alert <pps@client.example>", "KO: policy push", "Delivery failed to node 2", NULL),
    "a brand that is a filter": written("IronPort C380 <alert@client.example>", "KO - IronPort", "The mail queue is full, 120 messages could not be delivered", NULL),
    "a brand that is a backup": written("Barracuda Backup <backup@client.example>", "Backup KO: SRV2", "Host srv2 connection refused. 2 files could not be processed."),
    "a brand that is a cluster": written("FortiMail HA <ha@client.example>", "KO - HA status", "HA heartbeat failed: host not found"),
    "an antivirus": written("Trend Micro OfficeScan <av@client.example>", "KO update", "host not found", NULL, BULK),
    "a monitor of the mail system": written("Mail Delivery System Monitoring <mon@client.example>", "KO: queue", "mailbox DB01 unavailable", NULL),
    "a mail delivery system": written("Mail Delivery System <mon@client.example>", "KO mail queue", "120 messages deferred", NULL),
    "a postmaster": written("postmaster@client.example", "KO file SMTP bloquée", "La file contient 120 messages.", NULL),
    "a postmaster, a program": written("Postmaster <postmaster@client.example>", "[KO] relay", "Mailbox unavailable: db01", NULL, GENERATED),
    "a mailer-daemon of its own": written("MAILER-DAEMON@client.example", "KO: SMTP down", "queue", NULL),
    "an appliance without an address": written('"Onduleur 2" <>', "KO onduleur", "Sur batterie.", NULL),
    "an appliance without a name": written("<>", "[KO] UPS", "On battery", NULL),
    "as a mailbox keeps it": f"From MAILER-DAEMON Mon Nov 23 02:10:00 2026\n{written('UPS <ups@client.example>', 'KO UPS', 'On battery', NULL)}",
    "a service called bounces": written("bounces@client.example", "KO: bounce processing", "12 bounces could not be processed", NULL),
    "invoices that were not sent": written("mail-service@client.example", "Error sending invoice batch: KO", "3 invoices could not be sent: recipient address invalid.", NULL),
    "a parcel, en": written("wms@client.example", "Delivery failed: order 12 KO", "The parcel could not be delivered", NULL),
    "a parcel, fr": written("wms@client.example", "Échec de livraison : commande 12 KO", "Le colis n'a pas pu être livré.", NULL),
    "a parcel, de": written("lager@client.example", "Zustellung fehlgeschlagen: Palette 12 KO", "Die Palette konnte nicht zugestellt werden.", NULL),
    "a parcel, ja": written("haisou@client.example", "配送できません: 東京店 KO", "配送できませんでした。", NULL),
    "goods, ja": written("batch@client.example", "配信エラー: KO", "商品データの配信に失敗しました", NULL, BULK),
    "letters returned": written("post@client.example", "Returned mail: KO", "12 letters returned to sender"),
    "a failure notice": written("batch@client.example", "Failure notice: KO EOD", "x", NULL),
    "an EDI message": written("edi@client.example", "KO EDI", "The following message could not be delivered to queue Q1: giving up on 10.1.2.3", NULL),
    "a job that failed permanently": written("edi@client.example", "KO job", "Job failed permanently. An error occurred while processing the message (MQ 2085).", NULL),
    "a program's report": written("cron@client.example", "KO", "This is the report of the program at 02:00", NULL),
    "its log quotes a server": written("monitor@client.example", "KO relay", "Last line of the log:\nThis is the mail system at host mx.", NULL, GENERATED),
    "its log quotes a report": written("zabbix@client.example", "Problem: KO", "550 5.1.1\nFinal-Recipient: rfc822; a@b.example\nAction: failed", NULL, GENERATED),
    "a cron's mail failed": written("root@db1 (Cron Daemon)", "Cron <root@db1> KO", "550 5.1.1: could not be delivered to one or more recipients", NULL, "X-Cron-Env: <SHELL=/bin/sh>"),
    "auto response time": written("apm@client.example", "Auto response time: SRV1 KO", "12 s"),
    "auto re-run": written("sched@client.example", "Auto re-run: EOD_POS KO", "relaunched"),
    "auto, with a colon": written("ordo@client.example", "AUTO : EOD_POS KO", "relance", BULK),
    "automatic message, nl": written("beheer@client.example", "Automatische melding: back-up KO", "mislukt"),
    "automatic message, de": written("betrieb@client.example", "Automatische Meldung: Sicherung KO", "x", NULL, BULK),
    "automatic message, fr": written("exploit@client.example", "Message automatique : sauvegarde KO", "x", NULL, BULK),
    "automatic message, es": written("lote@client.example", "Mensaje automático: KO", "x", BULK),
    "an autoresponder is down": written("batch@client.example", "Auto-reply server KO", "x", BULK, SUPPRESS),
    "an autoresponder is down, ja": written("kanshi@client.example", "自動返信サーバー障害 KO", "障害"),
    "a vacation import": written("pay@client.example", "Vacation: payroll KO", "ORA-00054", NULL),
    "an absence of a file": written("lot@client.example", "Absence du fichier REPL : KO", "Le fichier est absent.", NULL, BULK),
    "an interface of leave": written("rh@client.example", "Congés : interface KO", "0 ligne"),
    "an interface of leave, de": written("hr@client.example", "Abwesenheitsverwaltung KO", "Import fehlgeschlagen", NULL),
    "threads, bulk, null": written("obs@client.example", "[FIRING:1] EOD KO", "batch failed", NULL, GENERATED, SUPPRESS, BULK, THREADED),
    "the same, by its words": written("obs@client.example", "[FIRING:1] EOD KO", "The replica is no longer working with the primary.", GENERATED, SUPPRESS, BULK, THREADED),
    "the same, without Auto-Submitted": written("obs@client.example", "[FIRING:1] EOD KO", "Do not reply.", NULL, SUPPRESS, BULK, THREADED),
    "a tracker": written("Jira <jira@client.example>", "[MCO-1] Ticket created: EOD KO", "The monitoring opened a ticket.", GENERATED, BULK, THREADED),
    "a service desk": written("servicenow@client.example", "INC001 opened: EOD KO", "Your request has been received.", GENERATED, BULK, THREADED),
    "another, with a loop header": written("otrs@client.example", "[Ticket#2026] EOD KO", "Ticket created", NULL, BULK, SUPPRESS, THREADED, "X-OTRS-Loop: yes"),
    "a rule that forwards": written("Exploitation <exploitation@client.example>", "TR: KO EOD", FORWARDED, NULL, GENERATED, SUPPRESS, BULK, THREADED),
    "a rule that forwards, en": written("exploitation@client.example", "FW: KO EOD", "x", NULL, GENERATED, "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent"),
    "an old Exchange": written("itf@client.example", "KO: interface", "3 messages could not be sent", "X-Mailer: Internet Mail Service (5.5.2653.19)"),
    "an old IMail": written("itf@client.example", "KO: interface", "x", NULL, "X-Mailer: <SMTP32 v9.23>"),
    "a loop header": written("itf@client.example", "KO: interface", "x", "X-Loop: mailer-daemon@client.example"),
    "headers that say no": written("itf@client.example", "KO: interface", "x", "X-Autoreply: no", "Auto-Submitted: no"),
    "a person": written(PERSON, "KO EOD", "I am out of office tomorrow, but EOD is KO."),
    "a person in a thread": written(PERSON, "KO EOD", "x", THREADED),
    "a reminder, fr": written("ordo@client.example", "Rappel : EOD KO", "Toujours en erreur."),
    "a refused file, fr": written("facturation@client.example", "Refusé : fichier REPL KO", "x"),
    "a reference, fr": written("facturation@client.example", "Réf. : 12, virement KO", "x"),
    "a list": written("jean@client.example", "KO EOD", "x", "List-Id: <ops.client.example>", "Precedence: list"),
}  # fmt: skip

OK = {
    "a brand in a name": written("Barracuda Backup <backup@client.example>", "Backup OK: SRV2", "120 files"),
    "an old Exchange": written("itf@client.example", "OK: interface", "x", "X-Mailer: Internet Mail Service (5.5.2653.19)"),
    "threads, bulk, null": written("obs@client.example", "[RESOLVED] EOD OK", "batch done", NULL, GENERATED, SUPPRESS, BULK, THREADED),
    "auto, with a colon": written("ordo@client.example", "AUTO : EOD_POS OK", "fini", BULK),
    "auto re-run": written("sched@client.example", "Auto re-run: EOD_POS OK", "done"),
    "auto response time": written("apm@client.example", "Auto response time: SRV1 OK", "1 s"),
    "an autoresponder, ja": written("kanshi@client.example", "自動応答システム OK", "復旧"),
    "an automatic message, nl": written("beheer@client.example", "Automatisch bericht: back-up OK", "x"),
    "a vacation import": written("pay@client.example", "Vacation: payroll OK", "12 rows"),
    "a log that names a host": written("batch@client.example", "EOD OK", "Attempt 1: host not found. Attempt 2: done."),
    "files processed": written("batch@client.example", "EOD OK", "12 files, 0 could not be processed"),
    "an appliance": written("ups@client.example", "OK UPS on mains", "x", NULL),
}  # fmt: skip

PREFIXES = [
    "RE: ",
    "Re : ",
    "RE:RE: ",
    "Re[2]: ",
    "Re(3): ",
    "RE^2: ",
    "ＲＥ：",
    "AW: ",
    "Antw: ",
    "SV: ",
    "VS: ",
    "Odp: ",
    "YNT: ",
    "Vá: ",
    "Rép : ",
    "RÉP : ",
    "RES: ",
    "回复: ",
    "答复: ",
    "返信: ",
    "답장: ",
    "Απ: ",
    "Отв: ",
    "Ats: ",
    "Odg: ",
    "השב: ",
    "رد: ",
    "ตอบกลับ: ",
    "TR: ",
    "Tr : ",
    "FW: ",
    "Fwd: ",
    "WG: ",
    "RV: ",
    "ENC: ",
    "VB: ",
    "VL: ",
    "PD: ",
    "İLT: ",
    "Tov: ",
    "转发: ",
    "轉寄: ",
    "転送: ",
    "전달: ",
    "ΠΡΘ: ",
    "[Fwd: ",
    "Re: Fwd: ",
    "[EXTERNAL] RE: ",
    "[EXT] [list] Re: ",
    "(EXT) AW: ",
    "External: RE: ",
    "[**EXTERNAL**] Re: ",
    "*EXTERNAL* RE: ",
    "{EXTERNAL} RE: ",
    "【外部】RE: ",
    "⚠️ RE: ",
    "*** SPAM *** TR: ",
    "[#12] RE: ",
    "#12 - RE: ",
    "[Ticket#12] Re: ",
    "OPS-12 Re: ",
    "RE: [EXTERNAL] ",
]
"""Those of which no program begins a subject."""

PERHAPS = [
    "R: ",
    "I: ",
    "Réf. : ",
    "Ref: ",
    "Rif: ",
    "Betr: ",
    "НА: ",
    "Réponse : ",
    "Antwort: ",
    "Respuesta: ",
    "Accepté : ",
    "Refusé : ",
    "Accepted: ",
    "Declined: ",
    "Tentative: ",
    "Provisoire : ",
    "Zugesagt: ",
    "Abgelehnt: ",
    "Aceptado: ",
    "Accettato: ",
    "Geaccepteerd: ",
    "Hyväksytty: ",
    "承諾: ",
    "已接受: ",
    "Annulé : ",
    "Canceled: ",
]
RECALLS = [
    "Recall: ",
    "Rappel : ",
    "Rappel de message : ",
    "Message Recall Report: ",
    "Rückruf: ",
    "Recuperar: ",
    "Richiama: ",
    "Intrekken: ",
    "Återkalla: ",
    "Odwołaj: ",
    "Отзыв: ",
    "取り消し: ",
    "撤回: ",
]

_WORDS = "An error has occurred while attempting to deliver a message for the following list of recipients"
RETURNED = (
    "Undeliverable: |Undelivered Mail Returned to Sender |Returned mail: |failure notice |Mail delivery failed: |Delivery Status Notification (Failure) "
    "|Non remis : |Échec de la remise : |Échec de remise du message : |Message non distribué : |Unzustellbar: |Zustellung fehlgeschlagen: |No se puede entregar: |Não é possível entregar: "
    "|Impossibile recapitare: |Onbestelbaar: |Olevererbart: |Kan ikke leveres: |Ei voi toimittaa: |Nie można dostarczyć: |Nelze doručit: |Недоставлено: |Не удалось доставить: |Не вдалося доставити: "
    "|配信不能: |メールを配信できません: |退信通知: |系统退信: |无法传递: |반송: "
)
"""How servers begin the subject of what they return."""

TO_THE_FOLLOWING = {
    "fr": "La remise a échoué pour ces destinataires ou groupes :",
    "fr, exim": "Le message suivant n'a pas pu être délivré :",
    "de": "Die Zustellung an folgende Empfänger ist fehlgeschlagen:",
    "de, exim": "Diese Nachricht wurde automatisch von der E-Mail-Software erstellt.",
    "es": "Error de entrega a los siguientes destinatarios o grupos:",
    "it": "Recapito non riuscito per i seguenti destinatari:",
    "pt": "Falha na entrega para estes destinatários ou grupos:",
    "nl": "Bezorging is mislukt voor deze geadresseerden of groepen:",
    "sv": "Det gick inte att leverera till följande mottagare:",
    "da": "Levering mislykkedes til disse modtagere:",
    "fi": "Viestiä ei voitu toimittaa seuraaville vastaanottajille:",
    "pl": "Nie można dostarczyć wiadomości do następujących adresatów:",
    "cs": "Doručení těmto příjemcům nebo skupinám se nezdařilo:",
    "ru": "Не удалось выполнить доставку следующим получателям или группам:",
    "tr": "Aşağıdaki alıcılara veya gruplara teslim edilemedi:",
    "zh": "无法将邮件传递给以下收件人:",
    "ko": "다음 받는 사람 또는 그룹에게 배달하지 못했습니다:",
    "en, a quota": "The recipient's mailbox is full and can't accept messages now.",
    "en, sent": "The message you sent to depot@client.example could not be delivered.",
}

BOUNCES = {
    "sendmail": written("MAILER-DAEMON@mx.example", "Returned mail: see transcript", "   ----- The following addresses had permanent fatal errors -----\n<a@b.example>", NULL),
    "postfix": returning("MAILER-DAEMON@mx.example (Mail Delivery System)", "Undelivered Mail Returned to Sender", "This is the mail system at host mx.example."),
    "postfix, by its headers": written("MAILER-DAEMON@mx.example", "Undelivered [KO] EOD", "x\n\nReceived: from vigie\nFrom: ops@vigie.example\nSubject: [KO] EOD"),
    "qmail": written("MAILER-DAEMON@mx.example", "failure notice: KO", "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.", NULL),
    "exim": written("Mailer-Daemon@mx.example", "Mail delivery failed: KO", "x", "X-Failed-Recipients: a@b.example"),
    "opensmtpd": written("Mailer Daemon <MAILER-DAEMON@mx.example>", "Delivery status notification: KO", f"Hi!\n\n{_WORDS}:\n\na@b.example: 550 unknown", NULL),
    "exchange, uk": written('"Microsoft Outlook" <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@client.example>', "Не вдалося доставити: [KO] EOD", "x", NULL),
    "exchange, hu": written("MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@client.example", "Nem kézbesíthető: [KO] EOD", "x", NULL),
    "exchange, th": written("MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@client.example", "ไม่สามารถส่งได้: [KO] EOD", "x", NULL),
    "exchange 2003": returning("System Administrator <postmaster@client.example>", "Undeliverable: [KO] EOD_POS", "Your message did not reach some or all of the intended recipients."),
    "exchange, fr": returning("postmaster@client.example", "Non remis : [KO] EOD_POS", "x"),
    "exchange, de": returning("postmaster@client.example", "Unzustellbar: [KO] EOD_POS", "x"),
    "exchange, ja": returning("postmaster@client.example", "配信不能: [KO] EOD_POS", "x"),
    "domino": returning("Postmaster@client.example", "DELIVERY FAILURE: User depot", "Your message\n  Subject: [KO] EOD_POS\nwas not delivered to:"),
    "domino, fr": returning("Postmaster@client.example", "Rapport de non-remise [KO]", "Votre message\n\n  Objet : [KO]\n\nn'a pas été distribué à"),
    "a report in its text": written("postmaster@client.example", "KO", "Final-Recipient: rfc822; a@b.example\nAction: failed", NULL),
    "a gateway, fr": written("passerelle@client.example", "KO", "Votre message n'a pas pu être délivré à a@b.example.", NULL),
    "a gateway, de": written("mailgw@client.example", "KO", "Ihre E-Mail konnte nicht zugestellt werden.", NULL),
    "a gateway, es": written("correo@client.example", "KO", "Su mensaje no se pudo entregar.", NULL),
    "a gateway, it": written("posta@client.example", "KO", "Il suo messaggio non è stato recapitato.", NULL),
    "a gateway, ja": written("gw@client.example", "KO", "以下の宛先への送信に失敗しました。", NULL),
    "a gateway, zh": written("gw@client.example", "KO", "您的邮件被退回。", NULL),
    "a gateway, ru": written("gw@client.example", "KO", "Ваше сообщение не доставлено.", NULL),
    "a gateway, pl": written("gw@client.example", "KO", "Twoja wiadomość nie została dostarczona.", NULL),
    "rfc 3834": written("marie@client.example", "Réponse automatique : [KO] EOD", "x", "Auto-Submitted: auto-replied"),
    "vacation": written("marie@client.example", "[KO] EOD", "x", "X-Vacation: yes"),
    "autoreply": written("marie@client.example", "[KO] EOD", "x", "X-Autoreply: yes"),
    "auto_reply": written("marie@client.example", "[KO] EOD", "x", "Precedence: auto_reply"),
    "to us, out of office": written("marie@client.example", "Automatic reply: [KO] EOD", "x", "In-Reply-To: <0123456789abcdef0123456789abcdef@vigie.example>", SUPPRESS),
    "to us, null": written("robot@client.example", "Votre demande [KO]", "x", "References: <0123456789abcdef0123456789abcdef@vigie.example>", NULL),
    "our own": written("ops@vigie.example", "[KO] EOD", "x", "X-Vigie-Key: INC-1/page/1"),
}  # fmt: skip


def own_cases() -> Iterator[Case]:
    """Every case, its kind first in its name."""

    def case(kind: str, name: str, mail: str, right: str, rule: dict[str, Any]) -> Case:
        return Case(f"{kind}, {name}", (mail.encode(),), right, rule, "")

    yield from (case("KO", name, mail, "ko", PLAIN) for name, mail in KO.items())
    yield from (case("OK", name, mail, "ok", PLAIN) for name, mail in OK.items())
    yield from (case("bounce", name, mail, "ignored", PLAIN) for name, mail in BOUNCES.items())
    for subject in RETURNED.split("|"):
        mail = returning("mail@mx.client.example", f"{subject}[KO] EOD", "x")
        yield case("bounce, by its subject", subject, mail, "ignored", PLAIN)
    for name, text in TO_THE_FOLLOWING.items():
        yield case(
            "bounce, to the following", name, written("gw@mx.client.example", "KO", text, NULL), "ignored", PLAIN
        )
    for prefix in PREFIXES:
        yield case("answer to an OK", prefix, written(PERSON, f"{prefix}[OK] EOD", "Merci"), "unclassified", TAGGED)
        yield case(
            "answer to a KO", prefix, written(PERSON, f"{prefix}[KO] EOD", "C'est corrigé"), "unclassified", TAGGED
        )
        yield case("a program's answer", prefix, written("batch@client.example", f"{prefix}[KO] EOD"), "ko", TAGGED)
        yield case(
            "a program's OK", prefix, written("batch@client.example", f"{prefix}[OK] EOD"), "unclassified", TAGGED
        )
    for prefix in (*PERHAPS, *RECALLS):
        yield case(
            "answer to an OK",
            prefix,
            written("jm@client.example", f"{prefix}[OK] EOD", "Merci"),
            "unclassified",
            TAGGED,
        )
        yield case("a program's", prefix, written("facturation@client.example", f"{prefix}[KO] EOD"), "ko", TAGGED)
    for prefix in PERHAPS:
        yield case(
            "answer to a KO", prefix, written(PERSON, f"{prefix}[KO] EOD", "x", THREADED), "unclassified", TAGGED
        )
    for sender, subject in DIGESTS:
        yield case(
            "a digest",
            subject,
            written(sender, subject, "From: batch@client.example\nSubject: [KO] EOD_POS"),
            "unclassified",
            TEXT,
        )


DIGESTS = (
    ("quarantine@messaging.microsoft.com", "Microsoft 365 security: You have messages in quarantine"),
    ("no-reply@mimecast.example", "You have new held messages"),
    ("spamquarantine@client.example", "Spam Quarantine Notification"),
    ("proofpoint@client.example", "End User Digest: 3 New Messages"),
    ("antispam@client.example", "Rapport de quarantaine"),
    ("quarantaine@client.example", "Vous avez des messages en quarantaine"),
    ("spam@client.example", "Quarantäne-Bericht"),
    ("noreply@client.example", "Resumen de cuarentena"),
    ("noreply@client.example", "隔離されたメールのお知らせ"),
    ("ops-request@list.example", "ops Digest, Vol 12, Issue 3"),
)
