"""Japanese as it is really sent: ISO-2022-JP with NEC's and IBM's characters, and bytes that name no charset."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\x1b(\$@|\$B|\$\(D|\(B|\(J|\(I|\$A|\$\(C|\.A|\.F)|\n")
_TWO = frozenset({b"$@", b"$B"})

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_HAN = re.compile("[\u4e00-\u9fff]")
_WORDS = re.compile("[\u3005-\u3007\u3041-\u30ff\u3200-\u33ff\u4e00-\u9fff\uff01-\uff9f\u2460-\u24ff]+")
_SIGN = re.compile(
    "[\u3000-\u30ff\u3200-\u33ff\u4e00-\u9fff\uff01-\uff9f\u2460-\u24ff\u2190-\u21ff\u25a0-\u25ff\u2160-\u217f\u2605\u2606\u203b]"
)
_OFTEN = frozenset(
    "障害異常終了復旧発生警告監視通知報告失敗成功連携処理実行開始停止接続切断回復対応依頼確認緊急重要本番環境店舗倉庫在庫売上夜間日次月次時刻分秒件名東京大阪名古屋札幌福岡京都横浜神戸仙台"
    "中止完了正常送信受信応答遅延超過作業予定保守点検担当者会社株式部門課業務運用管理情報機器電源回線端末画面印刷入力出力更新登録削除変更取得集計配信転送自動手動再起動前後内外上下"
    "不能可定済未全新旧要注意至急第一二三四五六七八九十年月日火水木金土朝昼夕明"
)
"""Characters that stand in what batches and monitors write; a text read in the wrong charset has few of them."""


def from_iso_2022_jp(raw: bytes) -> str:
    """ISO-2022-JP with what Microsoft and NEC put into it (CP50221): ①, ㈱, 髙. What cannot be read becomes U+FFFD."""
    try:
        return raw.decode("iso2022_jp_ext")
    except (UnicodeDecodeError, ValueError):
        pass
    written: list[str] = []
    mode, place = b"(B", 0
    for escape in _ESCAPE.finditer(raw):
        written.append(_read(raw[place : escape.start()], mode))
        if escape[1] is None:  # each line begins in ASCII again (RFC 1468), where its escape was lost too
            written.append("\n")
            mode = b"(B"
        else:
            mode = escape[1]
        place = escape.end()
    written.append(_read(raw[place:], mode))
    return "".join(written)


def _read(raw: bytes, mode: bytes) -> str:
    if not raw:
        return ""
    if mode in _TWO:
        return _two_bytes(raw)
    if mode == b"(I":
        return bytes(byte | 0x80 for byte in raw).decode("cp932", "replace")
    if mode == b"$(D":
        pairs = b"".join(
            b"\x8f" + bytes(each | 0x80 for each in raw[place : place + 2]) for place in range(0, len(raw) - 1, 2)
        )
        return pairs.decode("euc_jp", "replace")
    return raw.decode("cp932", "replace")


def _two_bytes(raw: bytes) -> str:
    """JIS X 0208 as cp932 has it, with NEC's row 13."""
    even = raw[: len(raw) // 2 * 2]
    rest = "\ufffd" if len(raw) % 2 else ""
    try:
        return bytes(byte | 0x80 for byte in even).decode("euc_jp") + rest
    except UnicodeDecodeError:
        pass
    shifted = bytearray()
    for first, second in zip(even[::2], even[1::2], strict=True):
        if not (0x21 <= first <= 0x7E and 0x21 <= second <= 0x7E):
            shifted += b"?"
            continue
        lead = (first - 0x21) // 2 + 0x81
        shifted.append(lead + 0x40 if lead > 0x9F else lead)
        if first % 2:
            shifted.append(second + (0x1F if second < 0x60 else 0x20))
        else:
            shifted.append(second + 0x7E)
    return shifted.decode("cp932", "replace") + rest


def likely_japanese(raw: bytes) -> str | None:
    """The text of bytes that name no charset, in Shift_JIS or EUC-JP, be they few; None where they are hardly Japanese.

    Kana prove it. Han alone might be Chinese, and Latin letters with accents are pairs of bytes too.
    """
    best, most = None, 0
    for codec in ("euc_jp", "cp932"):
        likely = _likelihood(_sample(raw[:_SAMPLE], codec))
        if likely > most:
            best, most = codec, likely
    if best is None:
        return None
    text = raw.decode(best, "replace")
    return text if text.count("\ufffd") * 50 <= len(text) else None


_SAMPLE = 16_000


def _sample(raw: bytes, codec: str) -> str:
    """The beginning as it is in this charset, be it cut in the middle of a letter; empty where it is not."""
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as wrong:
        return raw[: wrong.start].decode(codec) if len(raw) == _SAMPLE and wrong.start > _SAMPLE - 3 else ""


def _likelihood(text: str) -> int:
    """How much of a text is what Japanese writes; 0 where something in it is what nobody writes."""
    sample = text[:4_000]
    foreign = [each for each in sample if ord(each) > 127 and not _SIGN.match(each)]
    if len(foreign) * 10 > len(sample):
        return 0
    runs = _WORDS.findall(sample)
    letters = sum(map(len, runs))
    kana, often = len(_KANA.findall(sample)), sum(each in _OFTEN for each in sample)
    half_width = sum("\uff61" <= each <= "\uff9f" for each in sample)
    if not letters or letters < 2 * len(runs) or (half_width * 2 > letters and half_width < 4 and not often):
        return 0
    han = len(_HAN.findall(sample))
    if kana + often == 0 or (kana * 5 < letters and often * 4 < han):
        return 0
    return kana * 2 + often * 3 + letters - half_width
