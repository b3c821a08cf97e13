"""Page mails to one person: a few each on its own, many in one mail (GoAlert's message bundling)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import NamedTuple

from vigie.core.message import Message, Outbound

ALONE = 5
"""So many pages that are due at once go each in a mail of its own."""

AT_MOST = 10
"""So many mails with pages one person gets of one client within ``WITHIN``; what is due beyond waits and goes as one."""

WITHIN = timedelta(minutes=1)

_WHOLE = 20
"""So many pages of a bundle are told whole, the others by their subject."""


class Arrangement(NamedTuple):
    """What to do with the pages that are due: each alone, all in one mail, or wait until then (UTC)."""

    alone: tuple[Outbound, ...] = ()
    together: tuple[Outbound, ...] = ()
    until: datetime | None = None


def is_page_mail(outbound: Outbound) -> bool:
    """Whether it may be put together with others."""
    return (outbound.channel, outbound.purpose) == ("mail", "page")


def arranged(due: Sequence[Outbound], sent: Sequence[datetime], now: datetime) -> Arrangement:
    """Arrange the page mails to one person of one client. ``sent`` is when mails with pages went to them lately."""
    lately = [at for at in sent if now - at < WITHIN]
    room = AT_MOST - len(lately)
    if room <= 0:
        return Arrangement(until=min(lately) + WITHIN)
    if len(due) <= min(room, ALONE):
        return Arrangement(alone=tuple(due))
    return Arrangement(together=tuple(due))


def bundle_of(pages: Sequence[Outbound]) -> Outbound:
    """One mail that says what all of these say. Its key is made of theirs."""
    first = pages[0]
    keys = "\n".join(sorted(page.key for page in pages))
    said = [page.message for page in pages]
    return Outbound(
        key=f"bundle/{hashlib.sha256(keys.encode('utf-8', 'backslashreplace')).hexdigest()[:32]}",
        incident=None,
        client=first.client,
        channel="mail",
        purpose="page",
        recipient=first.recipient,
        message=Message(
            subject=f"[{len(pages)} pages] {said[0].subject}",
            text="\n\n".join(_as_text(number, message) for number, message in enumerate(said)),
            html="\n".join(_as_html(number, message) for number, message in enumerate(said)),
        ),
        repeated=any(page.repeated for page in pages),
    )


def _as_text(number: int, message: Message) -> str:
    head = f"{number + 1}. {message.subject}"
    return f"{head}\n\n{message.text}" if number < _WHOLE else head


def _as_html(number: int, message: Message) -> str:
    head = f"<h3>{number + 1}. {escape(message.subject)}</h3>"
    return f"{head}\n{message.html}" if number < _WHOLE and message.html else head
