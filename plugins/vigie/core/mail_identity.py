"""What makes a mail the same mail: by what it is known again when it is read a second time.

A UID is not part of it, for a server that rebuilds a mailbox numbers its mails anew. A Message-ID alone is not enough:
some senders write the same one into every mail.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

NEAR = timedelta(hours=1)
"""A Date so near to when the server received the mail tells it from another one; one that is farther may be a constant."""


class Named(NamedTuple):
    """What the head of a mail calls it. Each may be empty."""

    message_id: str
    date: str
    sender: str
    subject: str


class Identity(NamedTuple):
    """The digests by which a mail is known.

    ``identity`` is of its head, its text and, where its own Date does not tell when it was sent, of the moment at which
    the server received it: the second alarm of a sender who writes the same mail each time is another mail.
    ``content`` leaves that moment out: some servers change it when a mailbox is restored. ``former`` is the identity of
    versions before, which knew neither the text nor the moment.
    """

    identity: str
    content: str
    former: str


def identified(named: Named, digest: str, raw: bytes, sent_at: datetime | None, received_at: datetime) -> Identity:
    """The identity of a mail; ``digest`` is that of its text, both instants are UTC.

    A mail without a Message-ID goes by all its bytes, with the marks of the servers on its way.
    """
    head = "\n".join(named).encode()
    whole = hashlib.sha256(raw).hexdigest() if not named.message_id else ""
    content = _digest(head, digest.encode(), whole.encode())
    dated = sent_at is not None and abs(received_at - sent_at) <= NEAR
    moment = b"" if dated else received_at.isoformat().encode()
    return Identity(_digest(content.encode(), moment), content, whole or hashlib.sha256(head).hexdigest())


def _digest(*pieces: bytes) -> str:
    return hashlib.sha256(b"\n".join(pieces)).hexdigest()
