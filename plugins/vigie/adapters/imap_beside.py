"""What an IMAP account has beside a watched folder: its junk folder (RFC 6154), and how full it is (RFC 9208)."""

from __future__ import annotations

from datetime import datetime

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from vigie.adapters.imap_connection import ImapConnection
from vigie.adapters.imap_fetch import ImapFetch
from vigie.adapters.imap_folder import Folder, same_folder
from vigie.core.ports import JunkPosition, QuotaUse, RawMail

_NO_FOLDER = {b"\\noselect", b"\\nonexistent"}
_JUNK = {b"\\junk", b"\\spam"}
"""RFC 6154 2; the second is that of XLIST, which came before."""


class ImapJunk:
    """The junk folder of an account. ``asked``: True (by its special use), its name as people write it, or False.

    Raises what imapclient raises; nobody reads the watched folder before it is selected again.
    """

    def __init__(self, asked: bool | str) -> None:
        self._asked = asked
        self.name: str | None = None

    def position(self, connection: ImapConnection, watched: str) -> JunkPosition | None:
        """Where it stands; None where there is none, or it is the watched one itself."""
        self.name = self.name or self._found(connection)
        if self.name is None or self.name == watched:
            return None
        status = connection.folder_status(self.name, ["UIDVALIDITY", "UIDNEXT"])
        return JunkPosition(folder=self.name, uidvalidity=status[b"UIDVALIDITY"], uidnext=status[b"UIDNEXT"])

    def mails(
        self, connection: ImapConnection, after_uid: int, limit: int, since: datetime | None, limit_bytes: int
    ) -> list[RawMail]:
        """Select it, read-only, and read it."""
        if self.name is None:
            return []
        answer = connection.select_folder(self.name, readonly=True)
        return ImapFetch(connection, int(answer.get(b"UIDNEXT") or 0), limit_bytes).mails(after_uid, limit, since)

    def _found(self, connection: ImapConnection) -> str | None:
        if self._asked is False:
            return None
        listed = connection.list_folders()
        if self._asked is True:
            named = _of_use(listed, _JUNK) or _of_use(connection.list_special_folders(), _JUNK)
            return named[0].name if named else None
        name = same_folder(str(self._asked), _of_use(listed, None))
        if name is None:
            raise IMAPClientError(f"there is no folder '{self._asked}', which the connection's extra names as junk")
        return name


def _of_use(listed: list[tuple[tuple[bytes, ...], bytes, str]], uses: set[bytes] | None) -> list[Folder]:
    return [
        Folder(str(name), separator.decode("ascii", "replace") if separator else None)
        for flags, separator, name in listed
        if not (lower := {flag.lower() for flag in flags}) & _NO_FOLDER and (uses is None or lower & uses)
    ]


def quota_of(connection: ImapConnection) -> list[QuotaUse]:
    """How full the account is, by each limit that the server tells; empty where it tells none."""
    if not connection.has_capability("QUOTA"):
        return []
    try:
        _, found = connection.get_quota_root("INBOX")
        return [
            QuotaUse(root=each.quota_root, resource=each.resource, used=each.usage, limit=each.limit)
            for each in found
            if each.limit > 0
        ]
    except IMAPClientAbortError:
        raise
    except (IMAPClientError, ValueError, TypeError, IndexError, AttributeError):
        return []  # refused, or in words that nobody reads: then nobody knows
