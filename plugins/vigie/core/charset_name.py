"""The names of charsets as senders write them, and the codec that each means."""

from __future__ import annotations

import codecs
import re

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, OverflowError)

_NOT_A_CHARSET = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
"""Python's codecs that are no charset of a mail, and slow or loud on hostile bytes."""

_WIDER = {
    "shift_jis": "cp932",
    "shift_jisx0213": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "johab": "cp949",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "big5": "big5hkscs",
    "iso2022_jp": "iso2022_jp_ext",
    "iso2022_jp_1": "iso2022_jp_ext",
    "iso2022_jp_2": "iso2022_jp_ext",
    "iso2022_jp_3": "iso2022_jp_ext",
    "iso2022_jp_2004": "iso2022_jp_ext",
}
"""What senders write under these names is what browsers read (https://encoding.spec.whatwg.org/#names-and-labels)."""

_ALIAS = {
    "ks_c_5601-1987": "cp949",
    "ms-kanji": "cp932",
    "windows-31j": "cp932",
    "windows31j": "cp932",
    "sjis-win": "cp932",
    "sjis": "cp932",
    "shift-jis": "cp932",
    "eucjp": "euc_jp",
    "eucjp-win": "euc_jp",
    "eucjp-ms": "euc_jp",
    "euc-jp-ms": "euc_jp",
    "cp51932": "euc_jp",
    "iso-2022-jp-ms": "iso2022_jp",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "cp50222": "iso2022_jp",
    "jis": "iso2022_jp",
    "gb-18030": "gb18030",
    "gb-2312": "gb18030",
    "gb-2312-80": "gb18030",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "unicode-1-1-utf-7": "utf-7",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
    "ansi": "cp1252",
    "western": "cp1252",
    "7bit": "ascii",
    "8bit": "",
    "unknown-8bit": "",
    "x-unknown": "",
    "default": "",
}
"""Names that Python does not know, without an ``x-`` before them; empty where nothing is meant."""

_PAGE = re.compile(r"(?:cp|ibm|ms|win|windows|dos|oem|code-?page|pc)-?(\d{3,5})")
_ISO = re.compile(r"(?:iso-?)?8859-?(\d{1,2})")


def codec_of(named: str | None) -> str | None:
    """Python's codec for a charset as it is named; None where nobody knows it, or it is no charset."""
    if not named:
        return None
    name = named.partition("*")[0].partition(";")[0].strip().strip("\"'").strip().lower()[:60]
    for each in _spellings(name):
        try:
            found = codecs.lookup(each)
        except _UNREADABLE:
            continue
        if found.name in _NOT_A_CHARSET or not found._is_text_encoding:  # noqa: SLF001 (the only way to know: bytes.decode asks the same)
            return None
        return _WIDER.get(found.name, found.name)
    return None


def _spellings(name: str) -> list[str]:
    """The name, and what may be meant by it."""
    plain = re.sub(r"[\s_]+", "-", name).removeprefix("x-").removeprefix("cs").strip("-:.")
    plain = plain.partition(":")[0].partition("(")[0].strip("-")
    meant = [_ALIAS[each] for each in (name, plain) if each in _ALIAS]
    if page := _PAGE.fullmatch(plain):
        meant.append(f"cp{page[1]}" if page[1] != "65001" else "utf-8")
    if iso := _ISO.match(plain):
        meant.append(f"iso8859-{iso[1]}")
    if plain.replace("-", "").startswith("utf8"):
        meant.append("utf-8")
    return [each for each in (*meant, name, plain, plain.replace("-", "")) if each] if "" not in meant else []
