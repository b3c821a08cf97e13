"""Invitations of calendars: what people plan (*Point [KO] EOD_POS*), and no mail of what failed."""

from __future__ import annotations

import re
from email.message import Message as MimeMessage

from vigie.core.mime import UNREADABLE, body, file_name, header, parameter, parts

_METHODS = frozenset({"request", "cancel", "add", "reply", "counter", "declinecounter", "refresh"})
"""RFC 5546 1.4, without PUBLISH: that announces something to whom it may concern, and nobody is asked."""

_METHOD = re.compile(r"^METHOD\s*:\s*([A-Za-z]+)\s*$", re.IGNORECASE | re.MULTILINE)
_NOTICE = re.compile(r"^X-MAINTNOTE-", re.IGNORECASE | re.MULTILINE)
"""Maintenance of network providers in a calendar's form (draft-gunter-calext-maintenance-notifications): a notice."""

_READ = 20_000
_CALENDARS = frozenset({"text/calendar", "application/ics"})


def invitation_of(mime: MimeMessage) -> str:
    """What makes a mail an invitation, its cancellation or an answer to one; empty where it is none.

    Its calendar stands in the text, as one of its forms or all of it; a calendar that is attached makes none.
    """
    if header(mime, "Content-Class").lower() == "urn:content-classes:calendarmessage":
        return "a calendar's message (Content-Class)"
    for part in parts(mime, opened=False):
        if part.get_content_type() in _CALENDARS and (part is mime or not _is_attached(part)):
            written = body(part)[:_READ]
            found = _METHOD.search(written)
            method = parameter(part, "method") or (found[1].lower() if found else "")
            if method in _METHODS and not _NOTICE.search(written):
                return f"a calendar's message (METHOD:{method.upper()}, RFC 5546)"
    return ""


def _is_attached(part: MimeMessage) -> bool:
    try:
        disposition = part.get_content_disposition()
    except UNREADABLE:
        disposition = None
    return disposition == "attachment" or (
        disposition is None and file_name(part) != "" and not parameter(part, "method")
    )
