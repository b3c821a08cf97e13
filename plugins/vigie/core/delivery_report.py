"""What a delivery report says of the mail that it reports on, in the form of RFC 3464 or of any older server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import Message as MimeMessage
from email.parser import HeaderParser

from pydantic import BaseModel, ConfigDict

from vigie.core.mime import ATTACHED, UNREADABLE, body, header, parts

OWN_HEADER = "X-Vigie-Key"
"""The header that our own mails carry: a mail that has it came back to us."""

_SEARCHED = 20_000

_FIELD = re.compile(
    r"^[ >]{0,4}(original-recipient|final-recipient|action|status|diagnostic-code|reporting-mta|remote-mta)[ \t]{0,4}:[ \t]*(\S[^\r\n]{0,300})",
    re.IGNORECASE | re.MULTILINE,
)
_MESSAGE_ID = re.compile(r"^[ >\t]{0,8}message-id[ \t]{0,4}:[ \t]*(<[^<>\s]{3,300}>)", re.IGNORECASE | re.MULTILINE)
_OWN_KEY = re.compile(r"^[ >\t]{0,8}x-vigie-key[ \t]{0,4}:[ \t]*(\S[^\r\n]{0,300})", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[\w.+=/~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_STATUS = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?![\w.])")
_ACTIONS = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})
_PROBED = {"deliverable": "delivered", "undeliverable": "failed"}
"""What Postfix says where it was asked to verify an address only (sendmail -bv)."""


class DeliveryReport(BaseModel):
    """One recipient of one mail: the first that failed, else the first that is named. Empty is what is not told.

    ``action`` and ``status`` are those of RFC 3464 2.3.3 and RFC 3463; ``vigie_key`` is the key of our own message,
    where the report carries our mail or its headers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipient: str = ""
    action: str = ""
    status: str = ""
    diagnostic: str = ""
    original_message_id: str = ""
    vigie_key: str = ""


def delivery_report(mime: MimeMessage, text: str) -> DeliveryReport:
    """Read what the parts of a report say, else what its text says."""
    blocks = [*_blocks(mime)] or [*_written(text[:_SEARCHED])]
    told = [block for block in blocks if "action" in block or "final-recipient" in block]
    first = next((each for each in told if each.get("action") == "failed"), told[0] if told else {})
    failed = header(mime, "X-Failed-Recipients")
    recipient = first.get("final-recipient") or first.get("original-recipient") or failed or _first_address(mime, text)
    message_id, key = _original(mime, text[:_SEARCHED])
    status = _STATUS.search(first.get("status", "")) or _STATUS.search(
        first.get("diagnostic-code", "") or text[:_SEARCHED]
    )
    return DeliveryReport(
        recipient=_address(recipient),
        action=first.get("action", ""),
        status=status[1] if status else "",
        diagnostic=first.get("diagnostic-code", "")[:300],
        original_message_id=message_id,
        vigie_key=key,
    )


def _blocks(mime: MimeMessage) -> Iterator[dict[str, str]]:
    """The blocks of fields of a delivery-status part."""
    for part in parts(mime, opened=False):
        if not part.get_content_type().endswith("delivery-status"):
            continue
        inner = [each for each in parts(part) if each is not part] or [part]
        for block in inner:
            fields = {
                name: header(block, name)
                for name in ("Final-Recipient", "Original-Recipient", "Action", "Status", "Diagnostic-Code")
            }
            yield _clean({name.lower(): value for name, value in fields.items() if value})
            if not block.is_multipart():
                yield from _written(body(block)[:_SEARCHED])


def _written(text: str) -> Iterator[dict[str, str]]:
    """The same fields where they stand in a text, one block for each recipient."""
    block: dict[str, str] = {}
    for name, value in _FIELD.findall(text):
        if name.lower() == "final-recipient" and "final-recipient" in block:
            yield _clean(block)
            block = {}
        block.setdefault(name.lower(), value)
    if block:
        yield _clean(block)


def _clean(fields: dict[str, str]) -> dict[str, str]:
    action = fields.get("action", "").lower().partition(" ")[0].strip(";.,()")
    action = _PROBED.get(action, action)
    kept = {name: value for name, value in fields.items() if name != "action"}
    return kept | ({"action": action} if action in _ACTIONS else {})


def _address(written: str) -> str:
    found = _ADDRESS.search(written.partition(";")[2] or written)
    return found[0].lower()[:320] if found else ""


def _first_address(mime: MimeMessage, text: str) -> str:
    mine = header(mime, "To").lower()
    named = (found[0] for found in _ADDRESS.finditer(text[:_SEARCHED]))
    return next((each for each in named if each.lower() not in mine), "")


def _original(mime: MimeMessage, text: str) -> tuple[str, str]:
    """The Message-ID and our key of the mail that is reported on."""
    message_id = key = ""
    for part in parts(mime):
        if part is mime:
            continue
        kind = part.get_content_type()
        if kind in {"text/rfc822-headers", "message/global-headers"}:
            part = _headers(body(part))  # noqa: PLW2901
        elif kind in ATTACHED or kind == "message/partial" or not header(part, "Message-ID"):
            continue
        message_id, key = message_id or header(part, "Message-ID"), key or header(part, OWN_HEADER)
    if not message_id:
        found = _MESSAGE_ID.search(text)
        message_id = found[1] if found else header(mime, "In-Reply-To").partition(" ")[0]
    if not key and (found := _OWN_KEY.search(text)):
        key = found[1].strip()
    return message_id[:300], key[:300]


def _headers(written: str) -> MimeMessage:
    try:
        return HeaderParser().parsestr(written)
    except (MessageError, *UNREADABLE):
        return MimeMessage()
