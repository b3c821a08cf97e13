"""A folder in memory, out of which mails are moved."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.core.errors import TransportError
from vigie.core.ports import Moved
from vigie.testing.memory_mailbox import MemoryMailbox


class MemoryMailFiler:
    """The twin of ImapMailFiler. ``folders`` holds the other folders of the mailbox; a missing one is made in it."""

    def __init__(self, mailbox: MemoryMailbox, folders: dict[str, MemoryMailbox], *, can_move: bool = True) -> None:
        self.closed = False
        self._mailbox = mailbox
        self._folders = folders
        self._can_move = can_move

    def move(self, uidvalidity: int, uids: Sequence[int], target: str) -> Moved | None:
        """Move what is still there of these mails; None where the folder was rebuilt."""
        self.closed = False
        position = self._mailbox.position()
        if not self._can_move:
            raise TransportError("memory/INBOX: the server cannot move mails (RFC 6851)", permanent=True)
        into = self._folders.setdefault(target, MemoryMailbox())
        if position.uidvalidity != uidvalidity:
            return None
        there = {mail.uid: mail for mail in self._mailbox.fetch(0, position.uidnext) if mail.uid in set(uids)}
        for uid, mail in sorted(there.items()):
            self._mailbox.remove(uid)
            into.deliver(mail.raw, mail.received_at)
        return Moved(moved=frozenset(there), gone=frozenset(uids) - there.keys())

    def close(self) -> None:
        """Note that it was closed; it opens again by itself, as the real one does."""
        self.closed = True
