from __future__ import annotations

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

from vigie.core.charset import decode

JAPANESE = "倉庫の在庫連携バッチが異常終了しました。至急確認をお願いします。"
CHINESE = "仓库库存接口失败，请立即检查。任务名称为日终头寸。谢谢您的配合与支持。"
RUSSIAN = "Не удалось загрузить файл остатков склада. Проверьте пожалуйста журнал."
FRENCH = "L'interface des stocks a échoué à la clôture; dépôt fermé, délai dépassé, côté entrepôt."


@pytest.mark.parametrize("named", [None, "us-ascii", "utf-8", "x-unknown", "unknown-8bit", "zlib", "idna"])
@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (JAPANESE, "shift_jis"), (JAPANESE, "euc_jp"), (JAPANESE, "iso2022_jp"), (JAPANESE, "utf-8"), (CHINESE, "gb18030"),
        (CHINESE, "big5"), (RUSSIAN, "koi8_r"), (RUSSIAN, "cp1251"), (FRENCH, "latin-1"), (FRENCH, "utf-8"),
    ],
)  # fmt: skip
def test_a_charset_that_is_wrong_or_missing_is_found(text: str, charset: str, named: str | None):
    raw = text.encode(charset, "ignore")
    assert decode(raw, named) == raw.decode(charset)


@pytest.mark.parametrize(
    ("named", "raw", "text"),
    [
        ("gb2312", "镕".encode("gb18030"), "镕"),  # senders of the narrow name send the wide charset
        ("shift_jis", "①".encode("cp932"), "①"),
        ("iso-8859-1", b"\x93OK\x94 \x80", "“OK” €"),
        ("ks_c_5601-1987", "똠".encode("cp949"), "똠"),
        ("utf-7", b"+AOk-t+AOk-", "été"),
        ("utf-16", "été".encode("utf-16"), "été"),
        ("iso-2022-jp", "①".encode("iso2022_jp_ext", "ignore") or b"x", "x"),
        ("utf-8", "été".encode("latin-1"), "été"),
        ("utf-8", "é".encode() * 40 + b"\xff", "é" * 40 + "\ufffd"),  # damaged
        (None, b"", ""),
        (None, "été".encode("latin-1"), "été"),
    ],
)
def test_a_charset_that_is_named_holds_where_it_can(named: str | None, raw: bytes, text: str):
    assert decode(raw, named) == text


@pytest.mark.parametrize("raw", [bytes(range(256)) * 400, b"\x1b$B" + b"!!" * 50_000, b"\xff" * 100_000])
def test_no_bytes_take_long(raw: bytes):
    before = time.process_time()
    decode(raw, None)
    assert time.process_time() - before < 1


@examples(200)
@given(
    st.binary(max_size=200),
    st.one_of(
        st.none(),
        st.text(max_size=12),
        st.sampled_from(["utf-7", "hz", "utf-32", "iso-2022-kr", "rot13", "base64", "mbcs"]),
    ),
)
def test_any_bytes_are_a_text(raw: bytes, named: str | None):
    assert isinstance(decode(raw, named), str)


MESSAGES = [
    "障害発生", "障害", "【障害】倉庫連携バッチ", "夜間バッチ異常終了", "エラー", "ジョブ失敗: EOD_POS", "在庫連携 KO", "東京店 売上集計 異常終了(RC=8)",
    "復旧しました", "確認依頼", "※至急", "→ 停止",
]  # fmt: skip


@pytest.mark.parametrize("named", [None, "utf-8", "us-ascii", "iso-8859-1", "windows-1252", "x-unknown"])
@pytest.mark.parametrize("charset", ["euc_jp", "cp932"])
@pytest.mark.parametrize("text", MESSAGES)
def test_few_letters_of_japanese_suffice(text: str, charset: str, named: str | None):
    assert decode(text.encode(charset), named) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x1b$B-!>c32\x1b(B", "①障害"),  # NEC's row 13
        (b'\x1b$B-j%"%/%a\x1b(B KO', "㈱アクメ KO"),
        (b"\x1b$B\xe3q\x1b(B".replace(b"\xe3q", b"|b"), "髙"),  # IBM's, selected by NEC
        (b"\x1b(I4W0\x1b(B", "ｴﾗｰ"),
        (b"\x1b$@>c32\x1b(J KO", "障害 KO"),
        (b"\x1b$B>c3\x1b(B", "障\ufffd"),  # cut
        (b"\x1b$B>c32\nKO\x1b$B-!\x1b(B", "障害\nKO①"),  # an escape was lost at the end of the line
        (b"\x1b$(D0!\x1b(B", "丂"),
        (b"no escape", "no escape"),
    ],
)
@pytest.mark.parametrize(
    "named", ["iso-2022-jp", "ISO-2022-JP-MS", "cp50221", "csISO2022JP", None, "utf-8", "us-ascii"]
)
def test_iso_2022_jp_as_it_is_sent(raw: bytes, text: str, named: str | None):
    assert decode(raw, named) == text


WESTERN = [
    "échec", "Échec à la clôture", "À ÉTÉ CRÉÉE", "dépôt fermé, délai dépassé", "déjà", "ÉCHEC", "été", "créée", "prêt à", "garçon",
    "Überprüfung fehlgeschlagen", "größer", "Straße", "não", "coração", "Erreur n° 12 – « échec »", "°C", "‘quoted’", "forêt brûlée", "£100",
]  # fmt: skip


@pytest.mark.parametrize("named", [None, "utf-8", "us-ascii", "iso-8859-1", "windows-1252", "cp-1252", "x-unknown"])
@pytest.mark.parametrize("text", WESTERN)
def test_latin_1_under_any_of_its_names(text: str, named: str | None):
    assert decode(text.encode("cp1252"), named) == text


@pytest.mark.parametrize(
    "named",
    [None, "us-ascii", "iso-8859-1", "windows-1252", "iso-8859-15", "cp850", "koi8-r", "windows-1251", "gb2312", "euc-jp", "big5", "utf-16", "ansi"],
)  # fmt: skip
@pytest.mark.parametrize("text", [*WESTERN, "Ошибка: échec", "障害が発生しました", "失败：échec"])
def test_utf_8_under_another_name(text: str, named: str | None):
    assert decode(text.encode(), named) == text


@pytest.mark.parametrize("named", [None, "utf-8", "us-ascii", "iso-8859-1", "utf-16", "shift_jis"])
@pytest.mark.parametrize("text", ["[KO] échec à 02:10", "Job EOD_POS failed", "障害が発生しました"])
@pytest.mark.parametrize("order", ["le", "be"])
def test_utf_16_by_its_mark_whatever_it_is_called(text: str, named: str | None, order: str):
    mark = {"le": codecs.BOM_UTF16_LE, "be": codecs.BOM_UTF16_BE}[order]
    assert decode(mark + text.encode(f"utf-16-{order}"), named) == text


@pytest.mark.parametrize("named", [None, "utf-8", "us-ascii", "windows-1252", "utf-16"])
@pytest.mark.parametrize("text", ["[KO] échec à 02:10", "Job EOD_POS failed", "KO"])
@pytest.mark.parametrize("order", ["le", "be"])
def test_utf_16_of_western_text_without_its_mark(text: str, named: str | None, order: str):
    assert decode(text.encode(f"utf-16-{order}"), named) == text


@pytest.mark.parametrize(
    "raw",
    [
        b"KO\0",
        b"\0KO",
        b"\0\0KO\0\0",
        b"a log with one \0 in it, and another \0",
        b"\0" * 99,
        b"02:10 [KO] EOD_POS\n" * 9 + b"O\0K\0" * 9,
    ],
)
def test_nothing_here_and_there_is_no_utf_16(raw: bytes):
    assert decode(raw, "utf-8") == raw.decode()


@pytest.mark.parametrize("text", [*WESTERN, "障害が発生しました"])
def test_utf_8_that_is_cut_keeps_what_is_whole(text: str):
    raw = text.encode()
    for end in range(1, len(raw)):
        if len(raw[:end].decode("utf-8", "ignore").encode()) > 4 and not raw[:end].decode("utf-8", "ignore").isascii():
            assert text.startswith(decode(raw[:end], "utf-8").rstrip("\ufffd"))


@pytest.mark.parametrize(
    ("raw", "named", "text"),
    [
        ("Job en échec : clé".encode()[:-1], "utf-8", "Job en échec : cl\ufffd"),
        (b"cl\xc3", "utf-8", "cl\ufffd"),
        ("dépôt ".encode() * 9 + b"\xff", "utf-8", "dépôt " * 9 + "\ufffd"),
        (b"\xe9chec" + "é".encode() * 60, "utf-8", "\ufffdchec" + "é" * 60),
        ("障害".encode("cp932")[:-1] + b"", "shift_jis", "障\ufffd"),
        ("échec".encode().decode("latin-1").encode(), "utf-8", "échec"),  # made UTF-8 twice
        ("l’échec".encode().decode("cp1252").encode(), None, "l’échec"),
        (b"\xef\xbb\xbf[KO]", "utf-8", "[KO]"),
        (b"\xef\xbb\xbf[KO]", "iso-8859-1", "[KO]"),
        (b"plain", "utf-16", "plain"),
        ("échec".encode("cp850"), "cp-850", "échec"),
        ("échec".encode("cp850"), "IBM_850", "échec"),
        ("Ошибка".encode("cp1251"), None, "Ошибка"),
        ("Ошибка".encode("koi8_r"), "utf-8", "Ошибка"),
        ("仓库接口失败".encode("gb18030"), None, "仓库接口失败"),
    ],
)
def test_what_is_damaged_or_misnamed(raw: bytes, named: str | None, text: str):
    assert decode(raw, named) == text


def test_the_neighbourhood_names_a_charset_for_what_names_none():
    assert decode("失败".encode("gb18030"), None, "gb2312") == "失败"
    assert decode("Сбой".encode("koi8_r"), None, "koi8-r") == "Сбой"
    assert decode("échec".encode(), None, "gb2312") == "échec"
    assert decode("échec".encode("latin-1"), None, "utf-8") == "échec"
