"""A mail that a session has read, and its fate: nothing that reaches a watched mailbox is without one."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vigie.core.mail import Mail
from vigie.core.subject import kind_of

Fate = Literal["claimed", "ignored", "set_aside", "unclassified", "unreadable"]


class SeenMail(BaseModel):
    """One mail of a watched mailbox. ``key`` is that of its entry; both instants are UTC.

    ``fate_by`` names the watches that claimed or ignored it, or whose KO it would be but for its origin (*set aside*);
    where no watch did, why nobody has to look at it. ``alike`` is
    the same for mails of one sender whose subjects differ in numbers and dates only. ``uid`` is its place in the
    folder ``source`` while that has this ``uidvalidity``. ``content`` is by what it is known in a rebuilt folder (None:
    an older version read it), ``unread`` says what of it nobody could read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    client: str
    source: str
    uidvalidity: int
    uid: int
    seen_at: datetime
    received_at: datetime
    sender: str
    subject: str
    message_id: str
    origin: str
    content: str | None = None
    unread: str = ""
    fate: Fate
    fate_by: tuple[str, ...] = ()
    alike: str
    told_at: datetime | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    filed_at: datetime | None = None
    filed_to: str | None = None


def alike(mail: Mail) -> str:
    """What mails of the same kind have in common, as a digest."""
    return hashlib.sha256(f"{mail.sender}\n{kind_of(mail.subject)}".encode()).hexdigest()[:32]
