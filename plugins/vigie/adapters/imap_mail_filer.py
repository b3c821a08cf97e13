"""Mails moved out of a folder of an IMAP server into another one: MOVE (RFC 6851), and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, IMAPClientReadOnlyError

from vigie.adapters.imap_connection import ImapConnection
from vigie.adapters.imap_folder import select_folder
from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.errors import TransportError
from vigie.core.ports import Moved

_NO_FOLDER = {b"\\noselect", b"\\nonexistent"}


class ImapMailFiler:
    """The folder of ``mailbox``, opened for writing; the mailbox must be one that nobody else uses.

    A server without MOVE would have to copy and delete, and Vigie never deletes: there nothing is moved. UIDVALIDITY
    is compared after the folder was selected, so that no other command stands between the two and the MOVE.
    """

    def __init__(self, mailbox: ImapMailbox) -> None:
        self._mailbox = mailbox
        self._targets: dict[str, str] = {}

    def move(self, uidvalidity: int, uids: Sequence[int], target: str) -> Moved | None:
        """Move what is still there of these mails; None where the folder was rebuilt."""
        with self._mailbox.connected() as connection:
            if not connection.has_capability("MOVE"):
                raise TransportError(
                    f"{self._mailbox.where}: the server cannot move mails (RFC 6851), and Vigie does not copy and delete; "
                    "take the mailbox out of filing",
                    permanent=True,
                )
            name = self._target(connection, target)
            if self._select(connection) != uidvalidity:
                return None
            asked = frozenset(uids)
            there = _there(connection, asked)
            if there:
                connection.move(sorted(there), name)
            return Moved(moved=there - _there(connection, there), gone=asked - there)

    def close(self) -> None:
        """Log out if the server answers within a second."""
        self._mailbox.close()

    def _select(self, connection: ImapConnection) -> int | None:
        try:
            name, answer = select_folder(connection, self._mailbox.folder, self._mailbox.where, readonly=False)
        except IMAPClientReadOnlyError as refused:
            raise TransportError(
                f"{self._mailbox.where}: the account may only read this folder; to file, it must be allowed to take mails "
                "out of it and to put them into another one (RFC 4314: t, e and i)",
                permanent=True,
            ) from refused
        if b"UIDVALIDITY" not in answer:  # older servers leave it out
            answer = connection.folder_status(name, ["UIDVALIDITY"])
        return int(answer[b"UIDVALIDITY"])

    def _target(self, connection: ImapConnection, written: str) -> str:
        """The server's name of the target; the folder is made and subscribed where it is missing."""
        if written not in self._targets:
            name = _on_this_server(connection, written)
            if not _is_there(connection, name):
                _make(connection, name)
            self._targets[written] = name
        return self._targets[written]


def _on_this_server(connection: ImapConnection, written: str) -> str:
    """With the server's separator, in the part of the mailbox that is the account's own (RFC 2342)."""
    prefix, separator = "", None
    if connection.has_capability("NAMESPACE"):
        own = connection.namespace().personal
        prefix, separator = own[0] if own else ("", None)
    if not separator:
        ((_, delimiter, _), *_) = connection.list_folders("", "")
        separator = delimiter.decode("ascii") if delimiter else None
    name = written.replace("/", separator) if separator else written
    return name if name.startswith(prefix) or name.upper() == "INBOX" else prefix + name


def _is_there(connection: ImapConnection, name: str) -> bool:
    return any(not {flag.lower() for flag in flags} & _NO_FOLDER for flags, _, _ in connection.list_folders("", name))


def _make(connection: ImapConnection, name: str) -> None:
    try:
        connection.create_folder(name)
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        if not _is_there(connection, name):  # somebody else was faster
            raise
    # Mail programs show what is subscribed. A server that knows no subscriptions shows everything.
    with suppress(IMAPClientError):
        connection.subscribe_folder(name)


def _there(connection: ImapConnection, uids: frozenset[int]) -> frozenset[int]:
    if not uids:
        return frozenset()
    found = connection.search(["UID", ",".join(map(str, sorted(uids)))])
    return frozenset(map(int, found)) & uids
