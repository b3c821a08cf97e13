"""The charset of a text: the one that was named where it fits, else the one that its bytes look like."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from vigie.core.charset_name import codec_of
from vigie.core.japanese import from_iso_2022_jp, likely_japanese

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, OverflowError)

_GUESSES = ["utf_8", "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1251", "koi8_r", "cp1252", "cp1250", "cp1253"]
_ISO_2022_JP = re.compile(rb"\x1b(?:\$[@B]|\(J|\(I|\$\(D)")
_SAMPLE = 4_096
_ENOUGH = 24
"""Bytes above ASCII: with fewer, a guess is worse than the charset of Western Europe."""

_WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_WIDE_HEAD = 2_000
_NOT_ASCII = _WIDE | {"utf-7", "hz", "iso2022_jp_ext", "iso2022_kr"}
"""Charsets in which bytes of ASCII do not mean ASCII."""

_PAIRS = frozenset({"cp932", "euc_jp", "gb18030", "cp949", "big5hkscs", "euc_jis_2004"})
"""Charsets of two bytes a letter: a short text of theirs may be valid UTF-8 by chance."""

_WESTERN = frozenset({"cp1252", "iso8859-15", "cp850", "cp1250", "mac-roman"})

_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf4][\x80-\xbf]{3}"
)
_CUT_END = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")
_NO_LAST_LETTERS = {b"\xc2", b"\xc3", b"\xe2"}
"""Â, Ã, â: no word ends with them, and half of all accents and quotes of UTF-8 begins so."""

_TWICE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u20ac\u201a-\u2122\u0152-\u017e\u0192\u02c6\u02dc]")
"""A letter of UTF-8 that was taken for two or three of Windows-1252."""


def decode(raw: bytes, named: str | None, hint: str | None = None) -> str:
    """The text. A charset that was named and fits holds; then UTF-8, then a likely one, then Windows-1252.

    UTF-8 is recognised whatever was named: no other text looks like it by chance. ``hint`` is a charset that the
    neighbourhood names, for what names none.
    """
    if wide := _wide(raw):
        return raw.decode(wide, "replace").removeprefix("\ufeff")
    codec = codec_of(named)
    if codec in _WIDE and b"\0" not in raw and _strictly(raw, "utf-8") is not None:
        codec = "utf-8"  # who writes it writes UTF-8 all the same
    if raw.isascii() and codec not in _NOT_ASCII:
        return from_iso_2022_jp(raw) if _ISO_2022_JP.search(raw) else raw.decode("ascii")
    if codec == "iso2022_jp_ext" and (raw.isascii() or _ISO_2022_JP.search(raw)):
        return from_iso_2022_jp(raw)
    text = _named(raw, codec) if codec and codec != "ascii" else _unnamed(raw, codec_of(hint))
    return _once(text.removeprefix("\ufeff"))


def _wide(raw: bytes) -> str | None:
    """UTF-16 by its byte order mark, or by every second byte being nothing: so Windows writes logs, under any name."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None if raw.startswith(codecs.BOM_UTF32_LE) else "utf-16"
    head = raw[: _WIDE_HEAD - _WIDE_HEAD % 2]
    first, second = head[::2].count(0), head[1::2].count(0)
    if first + second < max(2, len(head) * 2 // 5) or (first and second):
        return None
    return "utf-16-be" if first else "utf-16-le"


def _named(raw: bytes, codec: str) -> str:
    if codec == "utf-8":
        return _as_utf_8(raw) or _guessed(raw)
    if codec not in _NOT_ASCII and _is_utf_8(raw, sure=codec in _PAIRS):
        return raw.decode("utf-8")
    text = (likely_japanese(raw) if codec in _WESTERN else None) or _strictly(raw, codec)
    if text is not None:
        return text
    text = _strictly(raw, "utf-8") or raw.decode(codec, "replace")
    damaged = text.count("\ufffd")
    if damaged <= 1 or damaged * 20 <= len(text):  # a damaged text is nearer than one read in another charset
        return text
    return _guessed(raw)


def _unnamed(raw: bytes, hint: str | None) -> str:
    if hint and hint not in _NOT_ASCII | _WESTERN | {"ascii", "utf-8"} and _strictly(raw, "utf-8") is None:
        text = likely_japanese(raw) or _strictly(raw, hint)
        if text is not None:
            return text
    return _as_utf_8(raw) or _guessed(raw)


def _is_utf_8(raw: bytes, *, sure: bool) -> bool:
    """Whether these bytes, which name another charset, are UTF-8.

    With ``sure`` they must be what no pairs are by chance: Latin letters and their accents, or longer letters.
    """
    if _strictly(raw, "utf-8") is None:
        return False
    found = _SEQUENCE.findall(raw)
    accents = all(each[0] in {0xC2, 0xC3} for each in found) and re.search(rb"[A-Za-z0-9]", raw)
    cyrillic = len(found) > 3 and all(each[0] in {0xC2, 0xC3, 0xD0, 0xD1} for each in found)
    return bool(not sure or accents or cyrillic or sum(len(each) > 2 for each in found) > 1)


def _as_utf_8(raw: bytes) -> str | None:
    """UTF-8, be it cut in the middle of a letter or damaged; else what is Japanese for certain.

    None where no letter above ASCII is one of UTF-8, or too few are.
    """
    text = _strictly(raw, "utf-8")
    if text is not None:
        return text
    letters = _SEQUENCE.findall(raw)
    stray = sum(byte > 127 for byte in raw) - sum(map(len, letters))
    if stray * 20 <= len(letters):
        return raw.decode("utf-8", "replace")
    japanese = likely_japanese(raw)  # pairs of EUC-JP are often letters of UTF-8 by chance
    if japanese is not None or not letters:
        return japanese or _cut_utf_8(raw)
    return raw.decode("utf-8", "replace") if stray <= 3 or stray * 3 <= len(letters) else None


def _cut_utf_8(raw: bytes) -> str | None:
    """A text with nothing of UTF-8 but the beginning of a letter, at its very end; that may be an accent of Latin-1."""
    end = _CUT_END.search(raw)
    cut = end is not None and raw[: end.start()].isascii() and (len(end[0]) > 1 or end[0] in _NO_LAST_LETTERS)
    return raw.decode("utf-8", "replace") if cut else None


def _once(text: str) -> str:
    """A text that was made UTF-8 twice, once."""
    if text.isascii() or not _TWICE.search(text):
        return text
    try:
        raw = text.encode("cp1252")
        again = raw.decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return text
    return again


def _strictly(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except _UNREADABLE:
        return None


def _guessed(raw: bytes) -> str:
    return _strictly(raw, _guess(raw)) or _strictly(raw, "cp1252") or raw.decode("latin-1")


def _guess(raw: bytes) -> str:
    high = [place for place, byte in enumerate(raw[:100_000]) if byte > 127]
    if len(high) < _ENOUGH:
        return _guess_of_few(raw)
    sample = raw[max(0, high[0] - 64) : high[0] - 64 + _SAMPLE] if high[0] > 64 else raw[:_SAMPLE]
    best = from_bytes(sample, steps=4, chunk_size=512, cp_isolation=_GUESSES, preemptive_behaviour=False).best()
    return best.encoding if best else "cp1252"


_NO_WESTERN_WORD = re.compile(rb"[\xc0-\xff]{4}|[\xa8\xb8\xc0-\xff]{3}(?![A-Za-z])")
_CHINESE = re.compile(rb"(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])+")


def _guess_of_few(raw: bytes) -> str:
    """Few letters: words that consist of accents alone are no Western European ones."""
    runs = re.findall(rb"[\x80-\xff]+", raw)
    pairs = all(_CHINESE.fullmatch(run) for run in runs) and any(len(run) > 3 for run in runs)
    if pairs and any(0xA1 <= byte < 0xC0 for run in runs for byte in run[1::2]):
        return "gb18030"
    if not _NO_WESTERN_WORD.search(raw):
        return "cp1252"
    low = sum(0xC0 <= byte < 0xE0 for byte in raw)
    return "koi8_r" if low * 2 > sum(byte >= 0xC0 for byte in raw) else "cp1251"
