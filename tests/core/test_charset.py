from __future__ import annotations

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
