"""How the mail desk works: whom it tells of unclassified mail and how often, and where it files what is done with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, field_validator

from vigie.core.duration import Duration
from vigie.core.seen_mail import Fate, SeenMail

_FOLDER = re.compile(r"[^*%\x00-\x1f\x7f]+")
"""A name without the wildcards of RFC 3501 6.3.8: they would be read as a pattern."""


class Filing(BaseModel):
    """Where the mails of one mailbox go once every watch has passed them and ``after`` is over.

    A folder for each fate; a fate without one stays where it is. What was set aside goes where the *ignored* go.
    *Settled* are the unclassified mails of which a
    person has decided; nothing that still waits for a person is ever moved, and nothing is deleted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: Duration = timedelta(days=1)
    claimed: str | None = None
    ignored: str | None = None
    settled: str | None = None

    @field_validator("claimed", "ignored", "settled")
    @classmethod
    def _a_folder(cls, folder: str | None) -> str | None:
        if folder is not None and not folder.strip():
            raise ValueError("write the name of a folder, or leave the line out")
        if folder is not None and not _FOLDER.fullmatch(folder):
            raise ValueError(f"the name of a folder has no '*', '%' or control character (found {folder!r})")
        return folder

    def targets(self) -> dict[str, str]:
        """The folders that are written, by the line that names each."""
        written = {"claimed": self.claimed, "ignored": self.ignored, "settled": self.settled}
        return {fate: folder for fate, folder in written.items() if folder is not None}

    def fates(self) -> tuple[Fate, ...]:
        """The fates of which a mail may be filed one day."""
        lines: dict[str, tuple[Fate, ...]] = {
            "claimed": ("claimed",),
            "ignored": ("ignored", "set_aside"),
            "settled": ("unclassified", "unreadable"),
        }
        return tuple(fate for line in self.targets() for fate in lines[line])

    def is_ripe(self, mail: SeenMail, now: datetime) -> bool:
        """Whether ``after`` is over: since it was read, or since a person settled it. ``now`` is UTC."""
        return now - (mail.settled_at or mail.seen_at) >= self.after

    def folder_of(self, mail: SeenMail) -> str | None:
        """Where this mail goes; None where it stays."""
        if mail.fate in {"unclassified", "unreadable"}:
            return self.settled if mail.settled_at is not None else None
        return self.claimed if mail.fate == "claimed" else self.ignored


class MailDeskRules(BaseModel):
    """``include/mail_desk.yaml``. ``returns`` is the connection of the mailbox that our own mails come back to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quiet: Duration = timedelta(minutes=30)
    returns: str | None = None
    returns_folder: str = "INBOX"
    filing: dict[str, Filing] = {}


class Kind(NamedTuple):
    """Unclassified mails that are alike: the latest of them, how many, and whether one was ever told before."""

    latest: SeenMail
    number: int
    is_new: bool


def kinds_of(mails: Iterable[SeenMail], known: Iterable[str]) -> list[Kind]:
    """The kinds among these mails, the first of their kind first, then by the latest mail."""
    found: dict[str, list[SeenMail]] = {}
    for mail in mails:
        found.setdefault(mail.alike, []).append(mail)
    before = frozenset(known)
    kinds = [
        Kind(max(alike, key=lambda mail: (mail.received_at, mail.uid)), len(alike), digest not in before)
        for digest, alike in found.items()
    ]
    kinds.sort(key=lambda kind: (kind.latest.received_at, kind.latest.uid), reverse=True)
    return sorted(kinds, key=lambda kind: not kind.is_new)


def is_quiet(told_at: datetime | None, quiet: timedelta, now: datetime) -> bool:
    """Whether it is too early to tell again. Both instants are UTC."""
    return told_at is not None and now - told_at < quiet
