"""MIME, read tolerantly and in bounded time: the bytes come from anybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as MimeMessage
from email.parser import BytesHeaderParser, BytesParser
from email.policy import Compat32
from email.utils import getaddresses
from typing import NamedTuple

from vigie.core.charset import decode

_RAW_LIMIT = 8_000_000
TEXT_LIMIT = 100_000
_HEADER_LIMIT = 2_000
_HEAD_LIMIT = 200_000
_PARTS_LIMIT = 1_000
_QUESTIONS_LIMIT = 10_000_000

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError)
"""What the standard library's email package was seen to raise for hostile bytes (MessageError apart)."""

ATTACHED = frozenset({"message/rfc822", "message/global"})
"""A mail within a mail (RFC 2046 5.2.1, RFC 6532 3.7)."""

_BASE64_WORD = re.compile(r"(\?b\?)([^?]*)(\?=)", re.IGNORECASE)
_ENCODED_WORDS = re.compile(r"=\?[^?\s]+\?[bq]\?.*?\?=(?:\s*=\?[^?\s]+\?[bq]\?.*?\?=)*", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_TURN = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_NESTING = re.compile(rb"boundary|delivery-status", re.IGNORECASE)


class _Tolerant(Compat32):
    """Cuts each header before anything parses it; reads 8-bit headers as UTF-8 (RFC 6532), else as they look."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_HEADER_LIMIT]

    def header_fetch_parse(self, name: str, value: str) -> str:
        return decode(value.encode("utf-8", "surrogateescape"), None)


_POLICY = _Tolerant()


class Reading(NamedTuple):
    """The parts of a mail, and sentences about what was left unread: empty for any decent mail."""

    mime: MimeMessage
    curtailed: tuple[str, ...]


def read(raw: bytes) -> Reading:
    """Take a mail apart; its headers alone where it is too deep, has too many parts or cannot be parsed.

    Python's parser asks every open part about every line, and recurses into each: hence the limits.
    """
    curtailed = []
    if len(raw) > _RAW_LIMIT:
        curtailed.append(f"of {len(raw):,} bytes the first {_RAW_LIMIT:,} were read")
        raw = raw[:_RAW_LIMIT]
    blank = _BLANK_LINE.search(raw)
    head_ends = blank.start() if blank else len(raw)
    if head_ends > _HEAD_LIMIT:
        curtailed.append(f"of {head_ends:,} bytes of headers the first {_HEAD_LIMIT:,} were read")
        whole = max(raw.rfind(b"\n", 0, _HEAD_LIMIT), raw.rfind(b"\r", 0, _HEAD_LIMIT))
        raw = (raw[:whole] if whole > 0 else raw[:_HEAD_LIMIT]).rstrip(b"\r\n") + raw[head_ends:]
    nesting, lines = sum(1 for _ in _NESTING.finditer(raw)), raw.count(b"\n") + raw.count(b"\r")
    try:
        if nesting * lines <= _QUESTIONS_LIMIT:
            return Reading(BytesParser(_factory(), policy=_POLICY).parsebytes(raw), tuple(curtailed))
        reason = "its parts are nested too deeply for its length"
    except (MessageError, *UNREADABLE) as failed:
        reason = (
            f"it has more than {_PARTS_LIMIT:,} parts"
            if isinstance(failed, _TooManyParts)
            else "its parts make no sense"
        )
    curtailed.append(f"{reason}: it was read as one text")
    return Reading(BytesHeaderParser(policy=_POLICY).parsebytes(raw), tuple(curtailed))


def read_mime(raw: bytes) -> MimeMessage:
    """The mail and its parts."""
    return read(raw).mime


class _TooManyParts(ValueError):
    """Nobody's mail has so many."""


def _factory() -> Callable[[], MimeMessage]:
    left = iter(range(_PARTS_LIMIT))

    def part() -> MimeMessage:
        if next(left, None) is None:
            raise _TooManyParts
        return MimeMessage(_POLICY)

    return part


def header(mime: MimeMessage, name: str) -> str:
    """A header on one line, its encoded words (RFC 2047) decoded; empty where it is not there."""
    return line(str(mime.get(name, "")))


def line(written: str) -> str:
    """A text on one line, its encoded words (RFC 2047) decoded, fit to be stored and shown: nothing in it steers a terminal."""
    unfolded = " ".join(written.split())
    decoded = " ".join(printable(_ENCODED_WORDS.sub(lambda words: _words(words[0]), unfolded)).split())
    return _steerless(decoded)


def _steerless(text: str) -> str:
    """Without what turns the direction of writing; a sign for each other character that steers."""
    return _CONTROL.sub("\ufffd", _TURN.sub("", text))


def _words(written: str) -> str:
    whole = _BASE64_WORD.sub(lambda word: word[1] + word[2].replace(" ", "") + word[3], written)  # folded within
    try:
        pieces = decode_header(whole)
    except (MessageError, *UNREADABLE):
        return written
    return "".join(piece if isinstance(piece, str) else decode(piece, charset) for piece, charset in pieces)


def printable(text: str) -> str:
    """Replace what no database and no page can hold: NUL and lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def addresses(mime: MimeMessage, name: str) -> list[str]:
    """The addresses of a header, in lower case; its encoded words are only names and are not decoded here."""
    try:
        found = getaddresses([" ".join(str(mime.get(name, "")).split())])
    except UNREADABLE:
        return []
    return [_steerless(printable(address)).lower() for _, address in found if address]


def parts(mime: MimeMessage, *, opened: bool = True) -> Iterator[MimeMessage]:
    """The parts of a mail in the order of reading, without recursion: a deep nest must not exhaust the stack.

    With ``opened`` false an attached mail is yielded, what is in it is not.
    """
    waiting = [mime]
    while waiting:
        part = waiting.pop()
        yield part
        if part.is_multipart() and (opened or part is mime or part.get_content_type() not in ATTACHED):
            children: object = part.get_payload()
            if isinstance(children, list):
                waiting.extend(child for child in reversed(children) if isinstance(child, MimeMessage))


def body(part: MimeMessage, limit: int = TEXT_LIMIT) -> str:
    """The text of one part, at most so many characters; empty where it cannot be decoded."""
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
    return printable(decode(payload, charset)[:limit])


def file_name(part: MimeMessage) -> str:
    """The name of an attachment, as its sender wrote it: never a path to trust. Empty where it has none."""
    try:
        name = part.get_filename()
    except UNREADABLE:
        return ""
    return line(str(name)) if name else ""


def parameter(mime: MimeMessage, name: str) -> str:
    """A parameter of the Content-Type, in lower case; empty where it is not there."""
    try:
        return str(mime.get_param(name) or "").lower()
    except UNREADABLE:
        return ""
