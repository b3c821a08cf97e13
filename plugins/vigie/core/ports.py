"""What the control room needs of the outside world. Adapters satisfy these; so do their twins in ``testing``.

Every method raises TransportError when the other side fails, Refused when it refuses the credential.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from vigie.core.message import Outbound


class MailboxPosition(BaseModel):
    """Where a folder stands: its UIDVALIDITY, and the UID that the next mail will get."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uidvalidity: int
    uidnext: int


class JunkPosition(MailboxPosition):
    """Where the junk folder of a mailbox stands; ``folder`` is its name."""

    folder: str


class QuotaUse(BaseModel):
    """How full a mailbox is: so much ``used`` of a ``limit`` on one ``resource`` (RFC 9208 5: STORAGE in KiB, MESSAGE…).

    ``root`` is the server's name for what shares the limit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    root: str
    resource: str
    used: int
    limit: int


class RawMail(BaseModel):
    """A mail as the server gave it. ``raw`` is cut at the adapter's limit; ``size`` (bytes) is the whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uid: int
    raw: bytes
    size: int
    received_at: datetime


class AccessToken(BaseModel):
    """What signs in to a mail server in place of a password, for so many ``seconds``; None where nobody said how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(repr=False)
    seconds: float | None = None


class TokenSource(Protocol):
    """Who gives access tokens."""

    def fetch(self) -> AccessToken:
        """A new token."""


class Mailbox(Protocol):
    """One folder of one mailbox, read without marking anything."""

    def position(self) -> MailboxPosition:
        """Connect if need be, select the folder read-only, and say where it stands."""

    def fetch(self, after_uid: int, limit: int) -> Sequence[RawMail]:
        """The first ``limit`` mails with a UID above ``after_uid``, in order of UID."""

    def fetch_since(self, since: datetime, after_uid: int, limit: int) -> Sequence[RawMail]:
        """As ``fetch``, only mails received on or after the day of ``since`` (RFC 3501 SEARCH SINCE)."""

    def junk(self) -> JunkPosition | None:
        """Where the junk folder of the mailbox stands; None where there is none, or none is wanted.

        A TransportError of this, or of ``fetch_junk``, says nothing of the folder itself, which is read as before.
        """

    def fetch_junk(self, after_uid: int, limit: int, since: datetime | None = None) -> Sequence[RawMail]:
        """As ``fetch`` and ``fetch_since``, of the junk folder that ``junk`` found."""

    def quota(self) -> Sequence[QuotaUse]:
        """How full the mailbox is, by each limit; empty where the server tells none."""

    def wait(self, seconds: float) -> bool:
        """Wait for news (IDLE, RFC 2177) at most so long; true if there may be some."""

    def close(self) -> None:
        """End the session; never raises."""


class Moved(BaseModel):
    """What became of mails that were to be moved: those that were, and those that were not there any more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    moved: frozenset[int]
    gone: frozenset[int]


class MailFiler(Protocol):
    """One folder of one mailbox, out of which mails are moved. Nothing is copied, deleted or marked."""

    def move(self, uidvalidity: int, uids: Sequence[int], target: str) -> Moved | None:
        """Move these mails into another folder of the mailbox, which is made where it is missing.

        None, and nothing moved, where the folder has another UIDVALIDITY: the UIDs are then those of other mails.
        ``target`` is written as people read it, with ``/`` between its levels. Raises TransportError (permanent) where
        the server cannot move (RFC 6851), or the account may not.
        """

    def close(self) -> None:
        """End the session; never raises."""


class ListedFile(NamedTuple):
    """One entry of a folder. ``name`` may hold any character; ``modified_at`` is UTC, ``size`` in bytes.

    A plain tuple: a folder may have a hundred thousand of them.
    """

    name: str
    size: int
    modified_at: datetime


Follow = Callable[[str], bool]
"""Whether a link of this name is worth a question to the server."""


class DropZone(Protocol):
    """A file server, a folder, or whatever else has names in folders (an object store, by its prefixes)."""

    def listing(self, folder: str, follow: Follow | None = None) -> Sequence[ListedFile] | None:
        """The files of a folder (no folders, no links followed out of it); None where the folder is not there.

        A link is listed where ``follow`` says so of its name and it leads to a file: with the size of that, and the
        later of both times, for a file may be published by a link to it. A name or a folder is found in whatever form
        of Unicode it has there (NFC, NFD); names are given as they are.

        Whole or not at all: where the connection is lost in the middle of it, TransportError is raised. So is
        FolderUnreadable where the server answers and does not show this one folder.
        """

    def close(self) -> None:
        """End the session; never raises."""


@runtime_checkable
class PatientDropZone(DropZone, Protocol):
    """A drop zone whose listings go on while others are asked for."""

    def listing_within(self, folder: str, seconds: float, follow: Follow | None = None) -> Sequence[ListedFile] | None:
        """As ``listing``; raises FolderSlow where it takes longer. Asked again, the same listing goes on."""

    def go_on(self, seconds: float) -> bool:
        """Let the listings go on that are not whole, at most so long; whether one of them is to be asked for again."""

    def abandon(self, folder: str) -> None:
        """Give up a listing that is not whole; nothing where there is none."""


class Messenger(Protocol):
    """A way to say something. ``reply_ref`` is the ref of the message that ``reply_to`` or ``edits`` names."""

    def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
        """Send, and return the other side's name for the message. The key travels with it."""

    def find(self, outbound: Outbound, *, reply_ref: str | None = None) -> str | None:
        """The ref under which this key arrived, None if it did not; raises CannotTell where nobody can know."""


class SignsIn(Protocol):
    """A messenger that can be asked whether the other side still takes our sign-in."""

    def sign_in(self) -> None:
        """Sign in, and say nothing. Raises Refused where that is refused, TransportError where nobody answers."""


@runtime_checkable
class Places(Protocol):
    """A messenger whose recipients have two names: the one that people write, and its own."""

    def place_of(self, recipient: str) -> str:
        """The other side's own name of a recipient (Slack's id of a channel)."""
