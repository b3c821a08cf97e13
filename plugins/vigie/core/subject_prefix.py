"""The words that mail programs put before the subject of a mail that somebody answers, forwards, accepts or recalls.

Sources: what Outlook, Exchange, Notes, Thunderbird, Gmail, Apple Mail and webmails write in their languages.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

from vigie.core.pattern import phrases

Kind = Literal["answer", "forward", "meeting", "recall"]


class Prefix(NamedTuple):
    """What a subject begins with: as it is written, what it tells, and whether nobody else begins a subject so.

    ``R:``, ``Réf. :``, ``Accepté :`` or ``Rappel :`` are also how programs begin.
    """

    written: str
    kind: Kind
    sure: bool


_COUNTED = r"(\s?[\[(]\d{1,3}[\])]|\^\d{1,3}|\s?\*\d{1,3}|\d{1,2})?"
_COLON = r"\s{0,3}[:：﹕;]"

_ANSWER = (
    r"re|ré|aw|antw|sv|vs|res|rép|odp|odg|ynt|vá|vast|atb|ats|răsp|απ|отв|отг|відп"
    r"|回复|回覆|答复|答覆|返信|답장|회신|השב|תגובה|رد|پاسخ|ตอบกลับ|trả lời|bls"
)
_FORWARD = (
    r"fw|fwd|tr|wg|rv|enc|vb|vl|doorst|pd|réexp|reenv|[iİ]lt|πρθ|пересл|tov|přep|prosl|posr"
    r"|转发|轉寄|轉發|転送|전달|הועבר|إعادة توجيه|ส่งต่อ|chuyển tiếp"
)
_PERHAPS_ANSWER = (
    r"r|réf|ref|rif|betr|na|на|ha|tl|reply|antwort|antwoord|svar|resposta|respuesta|risposta|réponse|odpověď|odpoveď|odpowiedź|yanıt|válasz|vastus|răspuns"
    r"|απάντηση|ответ|отговор|відповідь|balas|ตอบ"
)
_PERHAPS_FORWARD = r"i|fs|vm|forward|forwarded|encaminhado|doorgestuurd|weitergeleitet|reenviado|inoltra|inoltro|inoltrato|переслано|továbbítás|továbbítva|proslijeđeno|transf|transféré|העברה"
_MEETING = (
    r"accepted|declined|tentative(ly accepted)?|new time proposed|cancell?ed|accepté|acceptée?|refusée?|déclinée?|provisoire|tentatif|nouvelle heure proposée|nouvel horaire proposé|annulée?"
    r"|zugesagt|zusage|absage|angenommen|akzeptiert|abgelehnt|vorläufig|mit vorbehalt|neue (uhr)?zeit vorgeschlagen|abgesagt|aceptad[oa]|rechazad[oa]|provisional|cancelad[oa]"
    r"|accettat[oa]|rifiutat[oa]|provvisori[oa]|annullat[oa]|aceit[oea]|recusad[oa]|provisóri[oa]|geaccepteerd|geweigerd|afgewezen|voorlopig|geannuleerd"
    r"|accepterat|godkänt|avböjt|preliminärt|inställt|accepteret|afvist|foreløbig|aflyst|akseptert|godtatt|avslått|avlyst|hyväksytty|hylätty|alustava|peruutettu"
    r"|zaakceptowan[eoya]|odrzucon[eoya]|wstępn[eiya]+|anulowan[eoya]|přijato|odmítnuto|nezávazně|zrušeno|prijaté|odmietnuté|elfogadva|elutasítva|feltételes|acceptat[ăe]?|refuzat[ăe]?"
    r"|принято|отклонено|под вопросом|отменено|прийнято|відхилено|kabul edildi|reddedildi|belirsiz|αποδοχή|απόρριψη|承諾(済み)?|仮承諾|辞退|承認|已?接受|已?拒[绝絕]|[暂暫]定|수락|거절|미정"
)
_RECALL = (
    r"recall( (success|failure))?|message recall( (report|success|failure))?|rappel( de message| réussi)?|(réussite|échec) du rappel|rückruf|nachrichtenrückruf|recuperar|recuperación|revocar|richiam[oa]|richiamare|recolher|revogar|intrekken|terugroepen|ingetrokken"
    r"|återkalla|återkallande|tilbagekald|tilbagekaldelse|tilbakekall|tilbakekalling|peruuta|odwołaj|odwołanie|wycofaj|wycofanie|stažení|odvolání|odvolat|stiahnutie|visszahívás|rechemare|retragere|opoziv|preklic"
    r"|отзыв|отозвать|відкликання|geri çağır(ma)?|ανάκληση|(メッセージの)?(取り消し|取消|回収|リコール)|撤回|召回|收回|회수|메시지 회수|סקור|استرداد|ถอนคืน|thu hồi"
)

_TAGS = (
    r"^\s*((\[[^\[\]]{1,80}\]|\([^()]{1,40}\)|【[^【】]{1,40}】|\{[^{}]{1,40}\}|<[^<>]{1,40}>|\*{1,5}[^*]{1,40}\*{1,5}|#{1,3}[\w-]{1,20}#{0,3}|ticket \w{1,12}|[a-z]{2,10}-\d{1,8}|\pS[\pS\pM]{0,5}"
    r"|(ext|external|externe|extern|esterno|externo|caution|attention|spam|suspected spam|bulk|warning|sécurisé|secure|encrypted)\s?[:：-])[\s:：-]{0,3}){0,5}"
)
"""What gateways, lists and ticket tools put before the words of a mail program."""

_FORMS: tuple[tuple[Kind, bool, str], ...] = (
    ("answer", True, _ANSWER),
    ("forward", True, _FORWARD),
    ("answer", False, _PERHAPS_ANSWER),
    ("forward", False, _PERHAPS_FORWARD),
    ("meeting", False, _MEETING),
    ("recall", False, _RECALL),
)
_KNOWN = tuple(
    (kind, sure, phrases(rf"{_TAGS}(?P<prefix>({words}|\[\s?({words})\s?\])\.?{_COUNTED}{_COLON})"))
    for kind, sure, words in _FORMS
)
_BRACKETED = phrases(r"^\s*(?P<prefix>\[\s?(fwd?|tr|wg)\s?[:：])")
"""As Netscape and its heirs forwarded: ``[Fwd: KO]``."""

_PLAIN = phrases(
    rf"^\s*(re|ref|aw|antw|antwort|sv|vs|rv|rif|odp|ynt|rép|réf|回复|回覆|答复|返信|답장)\.?{_COUNTED}{_COLON}"
)
_PLAIN_FORWARD = phrases(r"^\s*(fw|fwd|tr|wg|i|rv|enc|vb|doorst|pd|转发|轉寄|転送|전달)\s*[:：]")


_TAGGED = phrases(_TAGS)


@lru_cache(maxsize=16)  # a mail's subject is asked several times
def untagged(subject: str) -> str:
    """A subject without what gateways, lists and ticket tools put before it."""
    written = unicodedata.normalize("NFKC", subject[:500])
    found = _TAGGED.search(written)
    return written[found.end() :] if found else written


@lru_cache(maxsize=16)
def answered(subject: str) -> Prefix | None:
    """By which word a subject repeats another one; None where it does not."""
    written = unicodedata.normalize("NFKC", subject[:500])
    if found := _BRACKETED.search(written):
        return Prefix(found["prefix"].strip(), "forward", True)
    for kind, sure, pattern in _KNOWN:
        if found := pattern.search(written):
            return Prefix(" ".join(found["prefix"].split()), kind, sure)
    return None


def is_forward(subject: str) -> bool:
    """Whether a subject says that its mail was forwarded."""
    found = answered(subject)
    return found is not None and found.kind == "forward"


def is_reply(subject: str) -> bool:
    """Whether a subject says that its mail answers another."""
    found = answered(subject)
    return found is not None and found.kind == "answer"


def without_prefixes(subject: str) -> str:
    """A subject without the words by which mail programs mark answers and forwards, at most twenty of them."""
    bare = subject
    for _ in range(20):
        found = _PLAIN.search(bare[:500]) or _PLAIN_FORWARD.search(bare[:500])
        if found is None:
            break
        bare = bare[found.end() :]
    return bare
