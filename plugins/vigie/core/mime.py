"""MIME, read tolerantly and in bounded time: the bytes come from anybody."""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as MimeMessage

import re2

from vigie.core.charset import decode
from vigie.core.mail_address import addresses_of

TEXT_LIMIT = 100_000
_BYTES_HEAD, _BYTES_END = 2_000_000, 400_000
"""Of the bytes of one part as many are decoded; of a page of HTML most may be styles."""

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError)
"""What the standard library's email package was seen to raise for hostile bytes (MessageError apart)."""

ATTACHED = frozenset({"message/rfc822", "message/global"})
"""A mail within a mail (RFC 2046 5.2.1, RFC 6532 3.7)."""

_BASE64_WORD = re.compile(r"(\?b\?)([^?]*)(\?=)", re.IGNORECASE)
_ENCODED_WORDS = re.compile(r"=\?[^?\s]+\?[bq]\?.*?\?=(?:\s*=\?[^?\s]+\?[bq]\?.*?\?=)*", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_MARKS = re2.compile(r"(\p{M}{30})\p{M}+")
"""A letter with more marks than any script has (https://unicode.org/reports/tr15/#Stream_Safe_Text_Format)."""

_TURN = re.compile("[\u202a-\u202e\u2066-\u2069]")


def header(mime: MimeMessage, name: str) -> str:
    """A header on one line, its encoded words (RFC 2047) decoded; empty where it is not there."""
    return line(str(mime.get(name, "")))


def line(written: str) -> str:
    """A text on one line, its encoded words (RFC 2047) decoded, fit to be stored and shown: nothing in it steers a terminal.

    Its letters with accents are composed (NFC), as people type them into a rule.
    """
    unfolded = " ".join(written.split())
    if unfolded.isascii() and unfolded.isprintable() and "=?" not in unfolded:
        return unfolded
    decoded = " ".join(printable(_ENCODED_WORDS.sub(lambda words: _words(words[0]), unfolded)).split())
    return composed(_steerless(decoded))


def composed(text: str) -> str:
    """The text with its accents composed (NFC). Of marks on one letter 30 stay: putting them in order costs their square."""
    return text if text.isascii() else unicodedata.normalize("NFC", _MARKS.sub(r"\1", text))


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
    """The addresses of a header, in lower case; its encoded words are only names, unless there is nothing else."""
    written = str(mime.get(name, ""))
    found = addresses_of(written)
    if not any("@" in each for each in found) and "=?" in written:
        found = addresses_of(line(written))
    return [_steerless(printable(address)) for address in found]


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


def body(part: MimeMessage) -> str:
    """The text of one part, of a very long one the head and the end; empty where it cannot be decoded."""
    payload = _payload(part)
    if payload is None:
        return ""
    try:
        charset = part.get_content_charset()
    except UNREADABLE:
        charset = None
    return composed(printable(decode(_ends_of(payload), charset or named_within(payload))))


def _payload(part: MimeMessage) -> bytes | None:
    """The bytes of a part. The email package takes base64 apart line by line, which costs much where lines are short."""
    try:
        if str(part.get("Content-Transfer-Encoding", "")) == "base64":
            written: object = part.get_payload()
            if isinstance(written, str):
                return _from_base64(written.encode("ascii", "replace"))
        payload: object = part.get_payload(decode=True)
    except (MessageError, *UNREADABLE):
        return None
    return payload if isinstance(payload, bytes) else None


def _from_base64(written: bytes) -> bytes:
    """What is not base64 is skipped (RFC 2045 6.8); one that was cut is read as far as it goes."""
    for end in (b"", b"=", b"=="):
        try:
            return binascii.a2b_base64(written + end)
        except binascii.Error:
            continue
    bare = _NOT_BASE64.sub(b"", written)
    return binascii.a2b_base64(bare[: len(bare) // 4 * 4])


def _ends_of(payload: bytes) -> bytes:
    if len(payload) <= _BYTES_HEAD + _BYTES_END:
        return payload
    place = payload.find(b"\n", len(payload) - _BYTES_END) + 1 or len(payload) - _BYTES_END
    return b"%b\n%b\n%b" % (payload[:_BYTES_HEAD], left_out(place - _BYTES_HEAD), payload[place:])


def left_out(between: int) -> bytes:
    """What stands in the place of bytes that were left out, in every charset but the widest."""
    return f"[... {between:,} bytes not read ...]".encode("ascii")


def named_within(payload: bytes) -> str | None:
    """The charset that an HTML or XML text names itself."""
    found = _WITHIN.search(payload[:2_000])
    return found[1].decode("ascii", "replace") if found else None


_WITHIN = re.compile(
    rb"<(?:meta\b[^<>]{0,200}charset|\?xml\b[^<>]{0,100}encoding)\s?=\s?[\"']?\s?([\w:.-]{2,40})", re.IGNORECASE
)


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
