"""A subject as a key: what stays the same from one mail of a kind to the next."""

from __future__ import annotations

import re

from vigie.core.subject_prefix import without_prefixes

_TAG = re.compile(
    r"\s*(\[(nagios|icinga|zabbix|centreon|shinken|prtg|check_?mk|alertmanager|prometheus|grafana|sentry|jenkins|gitlab"
    r"|ext|externe?|external|extern|spam|suspected spam|bulk)([ _-]?(\d{1,2}|prod(uction)?|core|xi))?( e?mail| sender)?\]\s*:?|\*{3,5}\s?spam\s?\*{3,5})",
    re.IGNORECASE,
)
"""What a monitor or a mail gateway puts before every subject: its own name."""

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[t ]\d\d:?\d\d(:?\d\d([.,]\d+)?)?\s?(z\b|utc\b|gmt\b|[+-]\d\d:?\d\d)?"
    r"|(?<![\d.])(\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})(?!\.?\d)|(?<!\d)20\d\d[01]\d[0-3]\d([t_-]?[0-2]\d[0-5]\d([0-5]\d)?)?(?!\d)"
    r"|\d{1,2}(:\d\d){1,2}([.,]\d+)?(\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?h\s?\d\d\b",
    re.IGNORECASE,
)
"""Dates and times, be it as a part of a name (EOD_20261123)."""

_NAME = r"A-Za-zÀ-ɏͰ-ӿ_"
"""Letters of the scripts that part words with spaces: 店12 is a shop with a number, and 11月 has no name."""

_COUNT = re.compile(rf"(?<![{_NAME}\d])(?<![{_NAME}]-)\d+([-:./,]\d+)*(st|nd|rd|th|er|e|ème)?(?![{_NAME}\d]*_)")
"""A number that stands for itself. In web1, vm-2 or JOB_42 it is a part of a name, and tells one from another."""

_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")

_WEEKDAY = (
    r"mon(day)?|tue(s(day)?)?|wed(nesday)?|thu(rs(day)?)?|fri(day)?|sat(urday)?|sun(day)?|lun(di)?|mar(di)?|mer(credi)?|jeu(di)?|ven(dredi)?|sam(edi)?"
    r"|dim(anche)?|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica"
)
_MONTH = (
    r"jan(uary|vier|uar|v)?|feb(ruary|ruar)?|f[ée]vr?(ier)?|mar(ch|s)?|märz|apr(il)?|avr(il)?|may|mai|june?|juin|juni|july?|juil(let)?|juli|aug(ust)?|ao[ûu]t"
    r"|sep(t(embre|ember)?)?|oct(ober|obre)?|okt(ober)?|nov(ember|embre)?|dec(ember)?|d[ée]c(embre)?|dez(ember)?"
)
_NAMED = re.compile(
    rf"\b({_WEEKDAY})\b[.,]?\s*(?=#)|(?<=#)[.,]?\s*\b({_WEEKDAY})\b|\b({_MONTH})\b\.?\s*(?=#)|(?<=#)[.\s-]*\b({_MONTH})\b\.?"
    r"|(?<=[#日])\s?[(（][月火水木金土日][)）]",
    re.IGNORECASE,
)
"""The names of days and months, beside a number alone: a shop may be called Mars."""


def normalised_subject(subject: str) -> str:
    """The subject without what changes from one mail to the next: ``Re:``, ``[Nagios]``, counters, dates, times."""
    bare = subject[:2_000]
    for _ in range(5):
        shorter = _TAG.sub("", without_prefixes(bare), count=1) if _TAG.match(bare) else without_prefixes(bare)
        if shorter == bare:
            break
        bare = shorter
    bare = _COUNT.sub(_unless_an_address, _MOMENT.sub("#", bare))
    for _ in range(2):  # Mon 23 Nov: the month stands beside a number, then the day
        bare = _NAMED.sub("", bare)
    return " ".join(bare.split()).lower()


def _unless_an_address(found: re.Match[str]) -> str:
    return found[0] if _ADDRESS.fullmatch(found[0]) else "#"


def kind_of(subject: str) -> str:
    """Coarser still: also the numbers within names count as one. Who looks through mails sees web1 and web2 together."""
    return re.sub(r"\d+", "#", normalised_subject(subject))
