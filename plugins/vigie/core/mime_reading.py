"""A mail taken apart, in bounded time and memory: the bytes come from anybody."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from email.errors import MessageError
from email.message import Message as MimeMessage
from email.parser import BytesHeaderParser, BytesParser
from email.policy import Compat32
from typing import NamedTuple

from vigie.core.charset import decode
from vigie.core.mime import UNREADABLE, left_out, parts
from vigie.core.mime_head import mended_encoding, mended_type, split_head
from vigie.core.mime_part import Part

_RAW_LIMIT = 8_000_000
_END_LIMIT = 400_000
_HEADER_LIMIT = 2_000
_PARTS_LIMIT = 1_000
_LINES_LIMIT = 400_000
_QUESTIONS_LIMIT = 10_000_000
_HEAD_OF_TEXT = 20_000

_NESTING = re.compile(rb"boundary|delivery-status", re.IGNORECASE)
_SPACED_FIELD = re.compile(rb"^(content-[a-z-]{1,30})[ \t]+:", re.IGNORECASE | re.MULTILINE)
_PARTED = re.compile(rb"^content-type[ \t]*:[^:]{0,200}?(?:multipart|message|boundary)", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(
    rb"^--([^\s-][^\r\n]{0,69}?|-+[^\r\n]{1,69}?)[ \t]*\r?\n(?=content-[a-z-]{1,30}[ \t]*:|\r?\n)",
    re.IGNORECASE | re.MULTILINE,
)


class _Tolerant(Compat32):
    """Cuts each header before anything parses it; reads 8-bit headers as UTF-8 (RFC 6532), else as they look.

    ``hint`` is the charset of the mail's text: who writes headers without naming a charset uses that one.
    """

    hint: str | None = None

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        value = value[:_HEADER_LIMIT]
        if name.lower() == "content-type":
            value = mended_type(value)
        elif name.lower() == "content-transfer-encoding":
            value = mended_encoding(value)
        return name, value

    def header_fetch_parse(self, name: str, value: str) -> str:
        if value.isascii() and "\x1b" not in value:
            return value
        return decode(value.encode("utf-8", "surrogateescape"), None, self.hint)


_POLICY = _Tolerant()


class Reading(NamedTuple):
    """The parts of a mail, and sentences about what was left unread: empty for any decent mail.

    ``digest`` is that of all that stands below its head, whatever ends its lines.
    """

    mime: MimeMessage
    curtailed: tuple[str, ...]
    digest: str


def read(raw: bytes) -> Reading:
    """Take a mail apart; as one text where it is too deep, has too many parts or cannot be parsed.

    Python's parser asks every open part about every line, and recurses into each: hence the limits.
    """
    curtailed: tuple[str, ...] = ()
    end = b""
    if len(raw) > _RAW_LIMIT:
        curtailed = (f"of {len(raw):,} bytes the first {_RAW_LIMIT:,} were read",)
        end, raw = raw[max(_RAW_LIMIT, len(raw) - _END_LIMIT) :], raw[:_RAW_LIMIT]
    head, text, told = split_head(raw)
    del raw
    digest = hashlib.sha256(text.replace(b"\r\n", b"\n").rstrip()).hexdigest()
    parsed: MimeMessage | None = None
    if _PARTED.search(head):
        parsed, reason = _taken_apart(head, text)
        told += reason
    if parsed is None:
        parsed = BytesHeaderParser(Part, policy=_POLICY).parsebytes(head + b"\n\n")
        if end and str(parsed.get("Content-Transfer-Encoding", "")) not in {"base64", "x-uuencode"}:
            text = b"%b\n%b\n%b" % (text, left_out(len(end)), end)
        parsed.set_payload(text.decode("ascii", "surrogateescape"))
    if not head.isascii():
        parsed.policy = _POLICY.clone(hint=_charset_of(parsed))  # type: ignore[call-arg]  # any attribute of the class
    return Reading(parsed, curtailed + told, digest)


def _taken_apart(head: bytes, text: bytes) -> tuple[MimeMessage | None, tuple[str, ...]]:
    """The parts; None and why where they cannot be had."""
    told: tuple[str, ...] = ()
    if b" :" in text or b"\t:" in text:
        text = _SPACED_FIELD.sub(rb"\1:", text)
    place = 0
    lines = text.count(b"\n") + text.count(b"\r")
    if lines > _LINES_LIMIT:
        for _ in range(_LINES_LIMIT):
            place = text.find(b"\n", place) + 1 or len(text)
        text = text[:place]
        told = (f"of {lines:,} lines the first {_LINES_LIMIT:,} were read",)
    nesting = sum(1 for _ in _NESTING.finditer(head)) + sum(1 for _ in _NESTING.finditer(text))
    if nesting * min(lines, _LINES_LIMIT) > _QUESTIONS_LIMIT:
        return None, (*told, "its parts are nested too deeply for its length: it was read as one text")
    try:
        parsed = BytesParser(_factory(), policy=_POLICY).parsebytes(head + b"\n\n" + text)
        if not parsed.is_multipart() and parsed.get_content_maintype() == "multipart":
            parsed = _by_another_boundary(parsed, head, text) or parsed
    except (MessageError, *UNREADABLE) as failed:
        many = isinstance(failed, _TooManyParts)
        reason = f"it has more than {_PARTS_LIMIT:,} parts" if many else "its parts make no sense"
        return None, (*told, f"{reason}: it was read as one text")
    return parsed, told


def _by_another_boundary(mime: MimeMessage, head: bytes, text: bytes) -> MimeMessage | None:
    """The parts of a mail whose boundary is missing, or another than its head says."""
    found = _BOUNDARY.search(text[:_HEAD_OF_TEXT])
    if found is None:
        return None
    boundary = found[1].strip().replace(b'"', b"")
    kind = mime.get_content_type().encode("ascii", "replace")
    fields = [line for line in re.split(rb"\r?\n(?![ \t])", head) if not line.lower().startswith(b"content-type:")]
    mended = b"\n".join([*fields, b'Content-Type: %b; boundary="%b"' % (kind, boundary)])
    parsed = BytesParser(_factory(), policy=_POLICY).parsebytes(mended + b"\n\n" + text)
    return parsed if parsed.is_multipart() else None


def _charset_of(mime: MimeMessage) -> str | None:
    """The first charset that a part names."""
    for part in parts(mime):
        try:
            charset = part.get_content_charset()
        except UNREADABLE:
            continue
        if charset:
            return charset
    return None


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
        return Part(_POLICY)

    return part
