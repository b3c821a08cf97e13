"""The charset of a text: the one that was named, else the one that its bytes look like."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, OverflowError)

_NOT_A_CHARSET = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})
"""Python's codecs that are no charset of a mail, and slow or loud on hostile bytes."""

_WIDER = {
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "johab": "cp949",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "big5": "big5hkscs",
    "iso2022_jp": "iso2022_jp_ext",
}
"""What senders write under these names is what browsers read (https://encoding.spec.whatwg.org/#names-and-labels)."""

_ALIAS = {
    "ks_c_5601-1987": "cp949",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "unicode-1-1-utf-7": "utf-7",
}

_GUESSES = ["utf_8", "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1251", "koi8_r", "cp1252", "cp1250", "cp1253"]
_ISO_2022_JP = re.compile(rb"\x1b(?:\$[@B]|\(J)")
_SAMPLE = 4_096
_ENOUGH = 24
"""Bytes above ASCII: with fewer, a guess is worse than the charset of Western Europe."""


def decode(raw: bytes, named: str | None) -> str:
    """The text. A charset that was named and fits holds; then UTF-8, then a likely one, then Windows-1252."""
    codec = _codec(named)
    if raw.isascii() and codec not in _NOT_ASCII:
        return raw.decode("iso2022_jp_ext", "replace") if _ISO_2022_JP.search(raw) else raw.decode("ascii")
    for name in (codec, "utf-8"):
        if name and (text := _strictly(raw, name)) is not None:
            return text
    if codec and codec != "ascii":
        text = raw.decode(codec, "replace")
        if text.count("\ufffd") * 20 <= len(text):  # a damaged text is nearer than one read in another charset
            return text
    return _strictly(raw, _guessed(raw)) or _strictly(raw, "cp1252") or raw.decode("latin-1")


_NOT_ASCII = frozenset(
    {
        "utf-7",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        "hz",
        "iso2022_jp_ext",
        "iso2022_kr",
    }
)
"""Charsets in which bytes of ASCII do not mean ASCII."""


def _codec(named: str | None) -> str | None:
    if not named:
        return None
    name = named.partition("*")[0].strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_ALIAS.get(name, name))
    except _UNREADABLE:
        return None
    if found.name in _NOT_A_CHARSET or not found._is_text_encoding:  # noqa: SLF001 (the only way to know: bytes.decode asks the same)
        return None
    return _WIDER.get(found.name, found.name)


def _strictly(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except _UNREADABLE:
        return None


def _guessed(raw: bytes) -> str:
    high = [place for place, byte in enumerate(raw[:100_000]) if byte > 127]
    if len(high) < _ENOUGH:
        return "cp1252"
    sample = raw[max(0, high[0] - 64) : high[0] - 64 + _SAMPLE] if high[0] > 64 else raw[:_SAMPLE]
    best = from_bytes(sample, steps=4, chunk_size=512, cp_isolation=_GUESSES, preemptive_behaviour=False).best()
    return best.encoding if best else "cp1252"
