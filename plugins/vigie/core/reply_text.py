"""A text taken apart: the author's own words, what they quote, and their signature.

Careful by intent: a batch that writes ``> ORA-00054`` or ``--`` means it. Quotes are looked for in replies alone, or
behind a line that only a mail program writes; a forward keeps what it forwards, for that is why it was sent.
"""

from __future__ import annotations

from typing import NamedTuple

import re2

from vigie.core.pattern import phrases
from vigie.core.subject_prefix import is_forward, is_reply

_SEARCHED = 100
"""How many lines of a text are looked at for the beginning of a quote, from either end, and a signature from the end."""

_SIGNATURE = 20
_ATTRIBUTION = 4


class Pieces(NamedTuple):
    """The three parts of a text; joined they hold every line of it."""

    own: str
    quoted: str = ""
    signature: str = ""


_ORIGINAL = phrases(
    r"^\W{2,}\s*(original message|original appointment|message d['’]origine|message original|ursprüngliche nachricht"
    r"|original ?nachricht|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht"
    r"|ursprungligt meddelande|元のメッセージ|原始邮件|原始郵件|원본 메시지)\s*\W{2,}$"
)
"""Outlook and its kin."""

_WROTE = phrases(
    r"^\W*(on|le|am|el|il|em|op|den|em)\b.{5,250}(wrote|a écrit|schrieb|escribió|ha scritto|escreveu|schreef|skrev).{0,80}[:：]\s*$",
    r"^.{3,200}\b(schrieb am|wrote on|a écrit le)\b.{3,120}[:：]\s*$",
    r"^\d{4}\s?[年/.-].{5,200}<\s?[^<>@\s]+@[^<>\s]+>\s*[:：]\s*$",
    r"^.{2,200}(さん|様|氏)?(は|が)?(書きました|のメール|wrote)\s*[:：]\s*$",
)
"""A line of attribution; mail programs break it into two."""

_WROTE_ABOVE = phrases(r"^.{2,200}\s(schrieb|a écrit)\s*[:：]\s*$")
"""Short ones: they count right above a ``>`` alone, for a batch may say that somebody wrote."""

_HEAD = phrases(r"^\W*(from|de|von|da|van|från|差出人|发件人|寄件者|보낸 사람)\s?\*?[:：]\s*\S")
_HEAD_NEXT = phrases(
    r"^\W*(sent|date|to|subject|envoyé|à|objet|gesendet|an|betreff|datum|enviado|para|asunto|assunto|inviato|oggetto|a"
    r"|verzonden|aan|onderwerp|skickat|till|ämne|送信日時|日時|宛先|件名|发送时间|日期|收件人|主题|보낸 날짜|받는 사람|제목)\s?\*?[:：]"
)

_DEVICE = phrases(
    r"^sent (from (my|mail for|outlook|yahoo mail|proton mail|samsung|gmail)|via blackberry|with proton mail)\b",
    r"^envoyé (de(puis)? mon|(à partir d['’e]\s?|depuis |avec |via )(outlook|courrier|mail|yahoo|proton|gmail|l['’]application))\b",
    r"^(diese nachricht wurde )?von mein(em|er) .{2,60} gesendet",
    r"^gesendet (von|mit|über) (mein(em|er)|outlook|mail für|yahoo|gmx|web\.de|proton|samsung|gmail|der .{2,40}app)\b",
    r"^(get|télécharger|obtenez|obtenir|téléchargez|holen sie sich) outlook (for|pour|für) ",
    r"^outlook (for|für) \w+( beziehen| herunterladen)?(<[^<>]*>)?\s*(を(入手|取得).{0,4})?$",
    r"^(ios|android) 用 outlook(<[^<>]*>)?\s*を(取得|入手)",
    r"^.{0,10}(iphone|ipad|android|galaxy|xperia|pixel|aquos|outlook|yahoo|gmail|スマートフォン|スマホ|携帯).{0,20}から送信(しています|されました)?。?$",
    r"^(enviado desde mi|enviado do meu|inviato da(l mio)? |verzonden vanaf|发自我的)",
)
"""Only devices and mail programs: *Gesendet von Filiale 12* is what a batch says."""

_RULE = phrases(r"^\s*([-=_*─━＝―~]{8,}|[◆◇■□☆★…]{4,}|(_/){4,}_?)\s*$")
_CONTACT = phrases(r"(\S@\S+\.\S|https?://|www\.|\b(tel|tél|fon|phone|mobile|fax)\b|電話|携帯|〒|\+\d{2})")


def divide(text: str, *, subject: str = "", answers: bool = False) -> Pieces:
    """Take a text apart. ``answers`` says that its headers name the mail that it answers."""
    lines = text.splitlines(keepends=True)
    if is_forward(subject):
        return _signed(lines, [], a_reply=False)
    a_reply = answers or is_reply(subject)
    cut = _quote(lines, a_reply=a_reply)
    if cut is None:
        return _signed(lines, [], a_reply=a_reply)
    beside, quoted = _sorted(lines[cut:])
    if not "".join([*lines[:cut], *beside]).strip():
        return Pieces(text)  # nothing but a quote: then the quote is the message
    return _signed([*lines[:cut], *beside], quoted, a_reply=True)


def _sorted(lines: list[str]) -> tuple[list[str], list[str]]:
    """What the author wrote between and below ``>`` lines, and the rest; of any other quote all is the rest."""
    marked = [place for place, line in enumerate(lines) if line.startswith(">")]
    if not marked or marked[0] > _ATTRIBUTION:
        return [], lines
    answers = [line for place, line in enumerate(lines) if place > marked[0] and not line.startswith(">")]
    return answers, [line for place, line in enumerate(lines) if place < marked[0] or line.startswith(">")]


def _matches(pattern: re2._Regexp, line: str) -> bool:
    return pattern.search(line[:500]) is not None


def _tells(line: str) -> bool:
    """Whether it may say who wrote: each such line has a colon. Most lines have none, and need not be searched."""
    return ":" in line or "：" in line


def _begins_with_a_word(line: str) -> bool:
    """What says *original message* begins with a sign."""
    return line[:1].isascii() and line[:1].isalnum()


def _quote(lines: list[str], *, a_reply: bool) -> int | None:
    """The line where the quote begins."""
    for place, line in enumerate(lines[:_SEARCHED] if len(lines) > _SEARCHED else lines):
        if not line.strip():
            continue
        below = lines[place + 1].strip() if place + 1 < len(lines) else ""
        told = _tells(line)
        if told and _matches(_WROTE, line.strip()):
            return place
        if (
            not _begins_with_a_word(line.strip())
            and _matches(_ORIGINAL, line.strip())
            and (a_reply or _matches(_HEAD, "".join(lines[place + 1 : place + 2])))
        ):
            return place
        if (
            a_reply
            and (told or _tells(below))
            and not _matches(_WROTE, below)
            and _matches(_WROTE, f"{line.rstrip()} {below}")
        ):
            return place
        if a_reply and line.startswith(">"):
            return place - 1 if place and _matches(_WROTE_ABOVE, lines[place - 1].strip()) else place
        if (
            told
            and _matches(_HEAD, line)
            and sum(_matches(_HEAD_NEXT, after) for after in lines[place + 1 : place + 6]) >= 2
        ):
            return _head(lines, place) if a_reply else None
    return None


def _head(lines: list[str], place: int) -> int:
    """Where the head of a quoted mail begins: some write its date, or a ruled line, above the sender."""
    while place and (_matches(_HEAD_NEXT, lines[place - 1]) or _matches(_RULE, lines[place - 1])):
        place -= 1
    return place


def _signed(lines: list[str], quoted: list[str], *, a_reply: bool) -> Pieces:
    begins = _signature(lines, a_reply=a_reply)
    own = lines if begins is None else lines[:begins]
    signature = [] if begins is None else lines[begins:]
    if not "".join(own).strip():
        own, signature = lines, []
    return Pieces("".join(own), "".join(quoted), "".join(signature))


def _signature(lines: list[str], *, a_reply: bool) -> int | None:
    """The line where the signature begins: ``-- `` (RFC 3676 4.3), a telephone's line, a ruled box with an address."""
    last = len(lines)
    first = max(0, last - _SIGNATURE)
    for place in range(first, last):
        line = lines[place].rstrip("\r\n")
        rest = "".join(lines[place + 1 :])
        if line == "-- " or (line == "--" and (a_reply or _matches(_CONTACT, rest))):
            return place
        if rest.count("\n") < 4 and _matches(_DEVICE, line.strip()):
            return place
        if (
            not line.rstrip()[-1:].isalnum()
            and _matches(_RULE, line)
            and _matches(_RULE, lines[-1].strip() or lines[-2].strip())
            and place < last - 2
            and _matches(_CONTACT, rest)
        ):
            return place
    return None
