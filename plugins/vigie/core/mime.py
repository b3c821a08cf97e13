"""MIME, read tolerantly and in bounded time: the bytes come from anybody."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as MimeMessage
from email.parser import BytesHeaderParser, BytesParser
from email.policy import Compat32
from email.utils import getaddresses

_TEXT_LIMIT = 100_000
_HEADER_LIMIT = 2_000
_HEAD_LIMIT = 200_000
_PARTS_LIMIT = 1_000
_QUESTIONS_LIMIT = 10_000_000

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError)
"""What the standard library's email package was seen to raise for hostile bytes (MessageError apart)."""

_NOT_A_CHARSET = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})
"""Python's codecs that are no charset of a mail, and slow or loud on hostile bytes."""

_ENCODED_WORDS = re.compile(r"=\?[^?\s]+\?[bq]\?.*?\?=(?:\s*=\?[^?\s]+\?[bq]\?.*?\?=)*", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_NESTING = re.compile(rb"boundary|delivery-status", re.IGNORECASE)


class _Tolerant(Compat32):
    """Cuts each header before anything parses it; reads 8-bit headers as UTF-8 (RFC 6532), else as Latin-1."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_HEADER_LIMIT]

    def header_fetch_parse(self, name: str, value: str) -> str:
        return _decode(value.encode("utf-8", "surrogateescape"), None)


_POLICY = _Tolerant()


def read_mime(raw: bytes) -> MimeMessage:
    """The mail and its parts; its headers alone where it is too deep, has too many parts or cannot be parsed.

    Python's parser asks every open part about every line, and recurses into each: hence the limits.
    """
    blank = _BLANK_LINE.search(raw)
    head_ends = blank.start() if blank else len(raw)
    if head_ends > _HEAD_LIMIT:
        whole = max(raw.rfind(b"\n", 0, _HEAD_LIMIT), raw.rfind(b"\r", 0, _HEAD_LIMIT))
        raw = (raw[:whole] if whole > 0 else raw[:_HEAD_LIMIT]).rstrip(b"\r\n") + raw[head_ends:]
    nesting, lines = sum(1 for _ in _NESTING.finditer(raw)), raw.count(b"\n") + raw.count(b"\r")
    try:
        if nesting * lines <= _QUESTIONS_LIMIT:
            return BytesParser(_factory(), policy=_POLICY).parsebytes(raw)
    except (MessageError, *UNREADABLE):
        pass
    return BytesHeaderParser(policy=_POLICY).parsebytes(raw)


def _factory() -> Callable[[], MimeMessage]:
    left = iter(range(_PARTS_LIMIT))

    def part() -> MimeMessage:
        if next(left, None) is None:
            raise ValueError("too many parts")
        return MimeMessage(_POLICY)

    return part


def header(mime: MimeMessage, name: str) -> str:
    """A header on one line, its encoded words (RFC 2047) decoded; empty where it is not there."""
    return _line(str(mime.get(name, "")))


def _line(written: str) -> str:
    unfolded = " ".join(written.split())
    return " ".join(_printable(_ENCODED_WORDS.sub(lambda words: _words(words[0]), unfolded)).split())


def _words(written: str) -> str:
    try:
        pieces = decode_header(written)
    except (MessageError, *UNREADABLE):
        return written
    return "".join(piece if isinstance(piece, str) else _decode(piece, charset) for piece, charset in pieces)


def _decode(raw: bytes, charset: str | None) -> str:
    """The text, in the charset that was named, else in UTF-8, else in Latin-1."""
    for name in (charset, "utf-8"):
        try:
            codec = codecs.lookup((name or "utf-8").partition("*")[0].strip())
            if codec.name not in _NOT_A_CHARSET:
                return raw.decode(codec.name)
        except UNREADABLE:
            continue
    return raw.decode("latin-1")


def _printable(text: str) -> str:
    """Replace what no database and no page can hold: NUL and lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def addresses(mime: MimeMessage, name: str) -> list[str]:
    """The addresses of a header, in lower case; its encoded words are only names and are not decoded here."""
    try:
        found = getaddresses([" ".join(str(mime.get(name, "")).split())])
    except UNREADABLE:
        return []
    return [_printable(address).lower() for _, address in found if address]


def parts(mime: MimeMessage) -> Iterator[MimeMessage]:
    """The parts of a mail in the order of reading, without recursion: a deep nest must not exhaust the stack."""
    waiting = [mime]
    while waiting:
        part = waiting.pop()
        yield part
        if part.is_multipart():
            children: object = part.get_payload()
            if isinstance(children, list):
                waiting.extend(child for child in reversed(children) if isinstance(child, MimeMessage))


def body(part: MimeMessage) -> str:
    """The text of one part, at most 100,000 characters; empty where it cannot be decoded."""
    try:
        payload: object = part.get_payload(decode=True)
    except (MessageError, *UNREADABLE):
        payload = None
    if not isinstance(payload, bytes):
        return ""
    try:
        charset = part.get_content_charset()
    except UNREADABLE:
        charset = None
    return _printable(_decode(payload, charset)[:_TEXT_LIMIT])


def file_name(part: MimeMessage) -> str:
    """The name of an attachment, as its sender wrote it: never a path to trust. Empty where it has none."""
    try:
        name = part.get_filename()
    except UNREADABLE:
        return ""
    return _line(str(name)) if name else ""


def parameter(mime: MimeMessage, name: str) -> str:
    """A parameter of the Content-Type, in lower case; empty where it is not there."""
    try:
        return str(mime.get_param(name) or "").lower()
    except UNREADABLE:
        return ""
