"""A mail, read tolerantly: whatever the bytes are, a Mail comes out."""

from __future__ import annotations

import hashlib
import html
import re
from datetime import UTC, datetime
from email.message import Message as MimeMessage
from email.utils import parsedate_to_datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vigie.core.mime import UNREADABLE, addresses, body, file_name, header, parameter, parts, read_mime

Origin = Literal["human", "auto_generated", "auto_replied", "dsn_failed", "dsn_delayed", "mdn", "own_loop"]

OWN_HEADER = "X-Vigie-Key"
"""The header that our own mails carry: a mail that has it came back to us."""


class Mail(BaseModel):
    """What a rule may ask of a mail. ``received_at`` is the server's UTC time; ``size`` is in bytes.

    ``identity`` is a digest that stays the same when the mailbox is rebuilt: of Message-ID, date, sender and
    subject, so that two mails of a careless sender with one Message-ID remain two; where there is no Message-ID,
    of the whole mail, so that a storm of mails that differ in their text alone stays a storm.
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
    mime = read_mime(raw)
    subject = header(mime, "Subject")
    message_id = header(mime, "Message-ID")
    sender = next(iter(addresses(mime, "From")), "")
    date = header(mime, "Date")
    named = f"{message_id}\n{date}\n{sender}\n{subject}".encode() if message_id else raw
    return Mail(
        message_id=message_id,
        identity=hashlib.sha256(named).hexdigest(),
        subject=subject,
        sender=sender,
        recipients=tuple(addresses(mime, "To") + addresses(mime, "Cc")),
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


def _date(written: str) -> datetime | None:
    try:
        sent = parsedate_to_datetime(written)
        return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)).astimezone(UTC)
    except UNREADABLE:
        return None


def _text(mime: MimeMessage) -> str:
    marked = ""
    for part in parts(mime):
        kind = part.get_content_type()
        if part.is_multipart() or kind not in {"text/plain", "text/html"} or file_name(part):
            continue
        text = body(part)
        if kind == "text/plain" and text.strip():
            return text
        if kind == "text/html":
            marked = marked or text
    return _without_tags(marked)


def _without_tags(marked: str) -> str:
    text = re.sub(r"<(script|style)\b[^<>]*>[^<]*", " ", marked, flags=re.IGNORECASE)
    text = re.sub(r"<(br|/p|/div|/tr|/li|/h[1-6])\b[^<>]*>", "\n", text, flags=re.IGNORECASE)
    text = re.sub(r"</t[dh]\b[^<>]*>", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"<[^<>]*>", "", text)
    return html.unescape(re.sub(r"&#\d{8,};?", "\ufffd", text))  # html.unescape raises for 4,300 digits


def _attachments(mime: MimeMessage) -> list[str]:
    return [name for part in parts(mime) if (name := file_name(part))]


def _origin(mime: MimeMessage, sender: str) -> Origin:
    """Who wrote it: RFC 3834 for automatic mail, RFC 3464 for delivery reports, RFC 8098 for receipts.

    ``auto-replied`` is not ``auto-generated``: a monitor's KO is automatic mail too.
    """
    if mime.get(OWN_HEADER):
        return "own_loop"
    kind, report = mime.get_content_type(), parameter(mime, "report-type")
    if kind == "multipart/report" and report == "disposition-notification":
        return "mdn"
    returned = header(mime, "Return-Path")
    local = sender.partition("@")[0]
    if (kind == "multipart/report" and report in {"", "delivery-status"}) or (
        local in {"mailer-daemon", "postmaster"} and (returned == "<>" or not sender.startswith("postmaster"))
    ):
        return "dsn_delayed" if _delayed(mime) else "dsn_failed"
    automatic = header(mime, "Auto-Submitted").lower().partition(";")[0].strip()
    if automatic.startswith("auto-replied"):
        return "auto_replied"
    return "auto_generated" if automatic and automatic != "no" else "human"


def _delayed(mime: MimeMessage) -> bool:
    """Whether a delivery report is of a delay alone; its ``Action`` fields are headers of parts (RFC 3464 2.3.3)."""
    actions = {header(part, "Action").lower() for part in parts(mime)} - {""}
    if actions:
        return "delayed" in actions and "failed" not in actions
    return any("action: delayed" in body(part).lower() for part in parts(mime) if not part.is_multipart())
