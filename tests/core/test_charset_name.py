from __future__ import annotations

import pytest

from vigie.core.charset_name import codec_of


@pytest.mark.parametrize(
    ("names", "codec"),
    [
        (["cp-850", "CP_850", "cp850", "ibm850", "IBM-850", "dos-850", "oem850", "codepage850", "code page 850", "pc850"], "cp850"),
        (["windows1252", "win-1252", "Windows 1252", "x-cp1252", "cp-1252", "ansi", "latin-1", "latin1", "iso-8859-1",
          "ISO_8859-1", "iso8859_1", "8859-1", "ISO-8859-1:1987", "iso-8859-1;", "l1"], "cp1252"),
        (["utf8", "UTF_8", "utf-8", '"utf-8"', "'utf-8'", "utf8mb4", "utf-8mb4", "cp65001", "utf-8 (unicode)", "x-utf-8", "UTF 8"], "utf-8"),
        (["x-sjis", "MS932", "windows-31j", "csWindows31J", "shift-jis", "Shift_JIS", "sjis-win", "ms_kanji", "cp932"], "cp932"),
        (["iso-2022-jp", "csISO2022JP", "ISO-2022-JP-MS", "cp50220", "CP50221", "jis"], "iso2022_jp_ext"),
        (["euc-jp", "eucJP", "eucjp-win", "cp51932", "x-euc-jp"], "euc_jp"),
        (["gb2312", "GBK", "x-gbk", "gb18030", "gb_2312-80"], "gb18030"),
        (["iso-8859-15", "iso8859_15", "latin-9"], "iso8859-15"),
        (["koi8-r", "KOI8_R"], "koi8-r"),
        ([None, "", "x-unknown", "unknown-8bit", "default", "8bit", "zlib", "rot13", "idna", "../x", "a\0b", "x" * 5_000, "cp99999"], None),
    ],
)  # fmt: skip
def test_a_charset_as_senders_name_it(names: list[str | None], codec: str | None):
    assert {name: codec_of(name) for name in names} == dict.fromkeys(names, codec)
