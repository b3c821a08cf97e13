"""A mail, read tolerantly: whatever the bytes are, a Mail comes out."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as MimeMessage
from email.utils import getaddresses, parsedate_to_datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Origin = Literal["human", "auto_generated", "auto_replied", "dsn_failed", "dsn_delayed", "mdn", "own_loop"]

OWN_HEADER = "X-Vigie-Key"
"""The header that our own mails carry: a mail that has it came back to us."""

_TEXT_LIMIT = 100_000
_HEADER_LIMIT = 2_000
_PARTS_LIMIT = 200


class Mail(BaseModel):
    """What a rule may ask of a mail. ``received_at`` is the server's UTC time; ``size`` is in bytes.

    ``identity`` is a digest that stays the same when the mailbox is rebuilt: of Message-ID, date, sender and
    subject, so that two mails of a careless sender with one Message-ID remain two.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    message_id: str
    identity: str
    subject: str
    sender: str
    recipients: tuple[str, ...]
    text: str
    attachments: tuple[str, ...]
    origin: Origin
    received_at: datetime
    sent_at: datetime | None
    size: int


def parse_mail(raw: bytes, *, received_at: datetime, size: int | None = None) -> Mail:
    """Read a mail. Never raises for what the bytes hold: what cannot be read is left empty."""
    mime = message_from_bytes(raw)
    subject = _header(mime, "Subject")
    message_id = _header(mime, "Message-ID")
    sender = next(iter(_addresses(mime, "From")), "")
    date = _header(mime, "Date")
    named = f"{message_id}\n{date}\n{sender}\n{subject}" if message_id or date else None
    identity = hashlib.sha256(named.encode("utf-8", "replace") if named else raw).hexdigest()
    return Mail(
        message_id=message_id,
        identity=identity,
        subject=subject,
        sender=sender,
        recipients=tuple(_addresses(mime, "To") + _addresses(mime, "Cc")),
        text=_text(mime),
        attachments=tuple(_attachments(mime)),
        origin=_origin(mime, sender),
        received_at=received_at,
        sent_at=_date(date),
        size=len(raw) if size is None else size,
    )


def normalised_subject(subject: str) -> str:
    """The subject without what changes from one mail to the next: ``Re:``, counters, dates, times."""
    bare = re.sub(r"^(\s*(re|fw|fwd|tr|aw|wg)\s*:)+", "", subject, flags=re.IGNORECASE)
    bare = re.sub(r"\d+([-:./]\d+)*", "#", bare)
    return " ".join(bare.split()).lower()


def _header(mime: MimeMessage, name: str) -> str:
    value = mime.get(name)
    if value is None:
        return ""
    try:
        pieces = decode_header(str(value)[:_HEADER_LIMIT])
    except (HeaderParseError, ValueError):
        pieces = [(str(value)[:_HEADER_LIMIT], None)]
    decoded = "".join(piece if isinstance(piece, str) else _decode(piece, charset) for piece, charset in pieces)
    return " ".join(_printable(decoded).split())


def _decode(raw: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8"):
        try:
            return raw.decode(name or "utf-8")
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("latin-1")


def _printable(text: str) -> str:
    """Replace what no database and no page can hold: NUL and lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _addresses(mime: MimeMessage, name: str) -> list[str]:
    try:
        return [address.lower() for _, address in getaddresses([_header(mime, name)]) if address]
    except (ValueError, IndexError):
        return []


def _date(written: str) -> datetime | None:
    try:
        sent = parsedate_to_datetime(written)
        return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _parts(mime: MimeMessage) -> Iterator[MimeMessage]:
    """The parts of a mail, at most some hundred, without recursion: a deep nest must not exhaust the stack."""
    waiting, seen = [mime], 0
    while waiting and seen < _PARTS_LIMIT:
        part = waiting.pop(0)
        seen += 1
        yield part
        payload = part.get_payload()
        if isinstance(payload, list):
            waiting.extend(child for child in payload if isinstance(child, MimeMessage))


def _text(mime: MimeMessage) -> str:
    plain = marked = ""
    for part in _parts(mime):
        kind = part.get_content_type()
        if part.is_multipart() or kind not in {"text/plain", "text/html"} or _filename(part):
            continue
        text = _body(part)
        if kind == "text/plain":
            plain = plain or text
        else:
            marked = marked or text
    return plain or _without_tags(marked)


def _body(part: MimeMessage) -> str:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        payload = None
    if not isinstance(payload, bytes):
        return ""
    try:
        charset = part.get_content_charset()
    except (ValueError, LookupError):
        charset = None
    return _printable(_decode(payload[:_TEXT_LIMIT], charset))


def _without_tags(marked: str) -> str:
    text = re.sub(r"<(script|style)\b[^>]*>[^<]*", " ", marked, flags=re.IGNORECASE)
    text = re.sub(r"<(br|/p|/div|/tr|/li)\b[^>]*>", "\n", text, flags=re.IGNORECASE)
    return html.unescape(re.sub(r"<[^<>]*>", "", text))


def _filename(part: MimeMessage) -> str:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, AssertionError, TypeError):
        return ""
    return _printable(str(name)) if name else ""


def _attachments(mime: MimeMessage) -> list[str]:
    return [name for part in _parts(mime) if (name := _filename(part))]


def _origin(mime: MimeMessage, sender: str) -> Origin:
    """Who wrote it: RFC 3834 for automatic mail, RFC 3464 for delivery reports, RFC 8098 for receipts.

    ``auto-replied`` is not ``auto-generated``: a monitor's KO is automatic mail too.
    """
    if mime.get(OWN_HEADER):
        return "own_loop"
    kind, report = mime.get_content_type(), str(mime.get_param("report-type") or "").lower()
    if kind == "multipart/report" and report == "disposition-notification":
        return "mdn"
    returned = _header(mime, "Return-Path")
    local = sender.partition("@")[0]
    if (kind == "multipart/report" and report in {"", "delivery-status"}) or (
        local in {"mailer-daemon", "postmaster"} and (returned == "<>" or not sender.startswith("postmaster"))
    ):
        delayed = any("action: delayed" in _body(part).lower() for part in _parts(mime) if not part.is_multipart())
        return "dsn_delayed" if delayed else "dsn_failed"
    automatic = _header(mime, "Auto-Submitted").lower()
    if automatic.startswith("auto-replied"):
        return "auto_replied"
    return "auto_generated" if automatic and automatic != "no" else "human"
