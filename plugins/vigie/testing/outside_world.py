"""The world outside the control room, in memory: mailboxes and file servers, by the names of their connections."""

from __future__ import annotations

from collections.abc import Iterable
from email.message import EmailMessage
from itertools import count

from vigie.testing.clock import HandClock
from vigie.testing.memory_drop_zone import MemoryDropZone
from vigie.testing.memory_mailbox import MemoryMailbox


class OutsideWorld:
    """What happens outside, at the time that ``clock`` shows."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self._mailboxes: dict[str, MemoryMailbox] = {}
        self._servers: dict[str, MemoryDropZone] = {}
        self._numbers = count(1)

    def mailbox(self, connection: str) -> MemoryMailbox:
        """The mailbox behind a connection."""
        return self._mailboxes.setdefault(connection, MemoryMailbox())

    def server(self, connection: str) -> MemoryDropZone:
        """The file server behind a connection."""
        return self._servers.setdefault(connection, MemoryDropZone())

    def mail_comes(
        self, subject: str, *, to: str, sender: str = "batch@client.example", text: str = "", message_id: str = ""
    ) -> None:
        """A mail arrives in the mailbox of a connection; who waits there is told at once."""
        self.mails_come([subject], to=to, sender=sender, text=text, message_id=message_id)

    def mails_come(
        self,
        subjects: Iterable[str],
        *,
        to: str,
        sender: str = "batch@client.example",
        text: str = "",
        message_id: str = "",
    ) -> None:
        """Several mails arrive before anybody looks."""
        for subject in subjects:
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = sender, "ops@vigie.example", subject
            mail["Message-ID"] = message_id or f"<{next(self._numbers)}@client.example>"
            mail.set_content(text or "The batch speaks.")
            self.mailbox(to).deliver(mail.as_bytes(), self.clock.now)
        self._is_news(to)

    def raw_mail_comes(self, raw: bytes, *, to: str) -> None:
        """A mail arrives as these very bytes: a bounce, or whatever a server makes of it."""
        self.mailbox(to).deliver(raw, self.clock.now)
        self._is_news(to)

    def file_comes(self, path: str, *, to: str, size: int = 1000) -> None:
        """A file arrives at the server of a connection; nobody is told until the next look."""
        self.server(to).put(path, size, self.clock.now)

    def goes_dark(self, connection: str, *, refused: bool = False) -> None:
        """A mailbox or a server answers no longer, or refuses the login."""
        for place in self._places(connection):
            place.go_dark(refused=refused)
        self._is_news(connection)

    def comes_back(self, connection: str) -> None:
        """It answers again; whoever lost it finds out at the next try."""
        for place in self._places(connection):
            place.come_back()

    def _places(self, connection: str) -> list[MemoryMailbox | MemoryDropZone]:
        found = [self._mailboxes.get(connection), self._servers.get(connection)]
        return [place for place in found if place is not None]

    def _is_news(self, connection: str) -> None:
        """Whoever listens to a mailbox hears at once; a file server pushes nothing."""
