"""Mails that repeat another: answers, forwards, replies to an invitation, recalls, digests. They end no alarm.

A person who answers or forwards a KO says nothing new either; a program that does is heard, for that is how some
alarms come (a rule of a mailbox that forwards, a tracker that threads).
"""

from __future__ import annotations

import re
from email.message import Message as MimeMessage
from typing import NamedTuple

from vigie.core.mime import addresses, header, parameter, parts
from vigie.core.origin_clues import Clues
from vigie.core.origin_headers import AUTOMATION
from vigie.core.pattern import phrases
from vigie.core.subject_prefix import answered

_HEAD = 600

_RECALLED = phrases(
    r"\b(would like to recall the message|wants to recall the message|has recalled (the|this) message|souhaite rappeler le message|a rappelé le message|möchte die (nachricht|e-mail) .{0,200}zurückrufen|hat die nachricht .{0,200}zurückgerufen"
    r"|(desea|quiere) (recuperar|revocar) el mensaje|(desidera|vorrebbe) (richiamare|ritirare) il messaggio|(gostaria de|deseja) (cancelar|recolher|revogar|recuperar) a mensagem|wil het bericht .{0,200}(intrekken|terugroepen)|(wil|wenst) .{0,200}bericht (in te trekken|terug te roepen))\b",
    r"(vill återkalla meddelandet|(ønsker|vil gerne|vil) (at )?(tilbagekalde|tilbakekalle|kalle tilbake) (meddelelsen|meldingen)|haluaa (peruuttaa|kutsua takaisin) viestin|chce (odwołać|wycofać) wiadomość|(chce|si přeje) (odvolat|stáhnout) zprávu|szeretné visszahívni a(z)? |dorește să (retragă|recheme) mesajul)",
    r"(хочет отозвать сообщение|хотел бы отозвать сообщение|хоче відкликати повідомлення|iletiyi geri çağırmak isti|θα ήθελε να ανακαλέσει|メッセージ.{0,200}(取り消そう|取り消し|回収|リコール)(と?して|を希望|を要求)|(希望|想要|想)(撤回|召回|收回)(邮件|郵件|消息|此)|메시지.{0,200}회수(하려고|를 요청))",
)
"""What Outlook says in a mail that calls another back."""

_DIGEST = phrases(
    r"\b((spam|junk|e-?mail|mail|message|user|end user|personal)[ -])?quarantine[d]?[ -](digest|summary|notification|report|list)|(messages?|e-?mails?|mail) (is |are |held )?(in|on) (quarantine|hold)|new held messages?|end[ -]?user digest|(spam|junk)([ -]?mail)? (digest|summary|report)|quarantined (messages?|e-?mails?)|digest, vol \d+, issue \d+",
    r"\b(rapport|résumé|liste|notification) de (la )?quarantaine|(messages?|e-?mails?|courriels?) (mis |placés )?en quarantaine|quarantäne[- ]?(bericht|benachrichtigung|übersicht|zusammenfassung)|(nachrichten?|e-?mails?) in (der )?quarantäne|(informe|resumen|notificación) de (la )?cuarentena|(mensajes?|correos?) en cuarentena"
    r"|(rapporto|riepilogo|notifica) (di|della) quarantena|messaggi(o)? in quarantena|(resumo|relatório|notificação) d[ae] quarentena|mensage(m|ns) em quarentena|quarantaine[- ]?(overzicht|rapport|melding)|berichten? in quarantaine",
    r"(検疫|隔離)(された|済み|メール|メッセージ|通知|レポート|のお知らせ)|(迷惑|スパム)メール(の)?(検疫|隔離|通知|レポート|ダイジェスト)|隔离(邮件|的邮件|通知|报告|摘要)|垃圾邮件(隔离|报告|摘要)|격리(된)? ?(메일|메시지|알림|보고)",
)
_KEEPER = phrases(
    r"quarantin|spam|digest|antivirus|mimecast|proofpoint|barracuda|postmaster|no-?reply|mail-?(security|guard|gateway)|-request$|-owner$|listserv|majordomo"
)
_QUOTED_SUBJECT = re.compile(
    r"^[ \t>|*-]{0,8}(subject|objet|betreff|asunto|oggetto|assunto|onderwerp|件名|主题|主旨|제목)[ \t]{0,3}[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_METHODS = frozenset({"reply", "counter", "declinecounter", "refresh"})
"""What people do with an invitation (RFC 5546)."""

_ROOT = 30
"""Characters of Outlook's Thread-Index at the head of a thread; each answer makes it longer (MS-OXOMSG 2.2.1.3)."""


class Answer(NamedTuple):
    """Why a mail repeats another; whether a mail program must have written it, and even where its sender is a program's.

    A shared mailbox, ``supervision@``, is a program by its name. Who quotes there and has no header of a program is a
    person.
    """

    why: str
    surely: bool
    quotes: bool = False


def is_threaded(mime: MimeMessage) -> bool:
    """Whether its headers name the mail that it answers."""
    if mime.get("In-Reply-To") or mime.get("References"):
        return True
    return len(header(mime, "Thread-Index")) > _ROOT


def answer_of(mime: MimeMessage, subject: str, text: str, quoted: str) -> Answer | None:
    """Whether it repeats another mail. ``text`` is its own words, ``quoted`` what mail programs put below them."""
    method = next((said for part in parts(mime, opened=False) if (said := _method(part))), "")
    if method:
        return Answer(f"it is a calendar's answer to an invitation (METHOD:{method.upper()}, RFC 5546)", True)
    if found := _RECALLED.search(" ".join(text[:_HEAD].split())):
        return Answer(f"it calls a mail back ('{found[0].strip()[:80]}')", True)
    prefix = answered(subject)
    if prefix is None:
        return None
    surely = prefix.sure or is_threaded(mime) or bool(quoted.strip()) or _is_person(mime)
    clues = Clues(mime, subject, text)
    quotes = prefix.kind == "answer" and bool(quoted.strip()) and not clues.program and not clues.written(AUTOMATION)
    return Answer(f"it {_DOES[prefix.kind]} ({prefix.written})", surely and prefix.kind != "recall", quotes)


_DOES = {
    "answer": "answers a mail",
    "forward": "forwards a mail",
    "meeting": "answers an invitation",
    "recall": "calls a mail back, or reminds of it",
}


def _method(part: MimeMessage) -> str:
    method = parameter(part, "method") if part.get_content_type() == "text/calendar" else ""
    return method if method in _METHODS else ""


def _is_person(mime: MimeMessage) -> bool:
    """Whether its sender is called as its address is: Jean Martin <jean.martin@…>."""
    name = header(mime, "From").rpartition("<")[0].strip("\"' ").lower()
    local = next(iter(addresses(mime, "From")), "").partition("@")[0]
    words = [word for word in re.split(r"[\s,]+", name) if word]
    return len(words) > 1 and len(local) > 3 and all(word in local for word in words[:2])


def is_digest(mime: MimeMessage, subject: str, text: str) -> bool:
    """Whether it lists the subjects of mails that it keeps (a quarantine) or gathers (a list): all of it is others' words."""
    if mime.get_content_type() == "multipart/digest":
        return True
    if not _DIGEST.search(subject):
        return False
    sender = next(iter(addresses(mime, "From")), "")
    return _KEEPER.search(sender) is not None or _QUOTED_SUBJECT.search(text) is not None
