"""The slot through which the world of the demo and the tests put mail into a mailbox."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from imapclient import IMAPClient

from vigie.demo.loopback import HOST


@dataclass(frozen=True)
class PostBox:
    """An account of an IMAP server on loopback, without TLS."""

    port: int
    user: str
    password: str = field(repr=False)

    def connect(self) -> IMAPClient:
        """A logged-in client, for assertions; the caller logs out."""
        client = IMAPClient(HOST, self.port, ssl=False, timeout=10)
        # imapclient writes an APPEND in pieces; the last one would wait 40 ms for the acknowledgement of the one before.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            client.login(self.user, self.password)
        except BaseException:
            client.shutdown()
            raise
        return client

    def deliver(self, mail: bytes, folder: str = "INBOX") -> int:
        """APPEND these bytes as they are, and return the new UID.

        The UID comes from APPENDUID (RFC 4315), which pymap and Dovecot both answer.
        """
        return self.deliver_all([mail], folder)[0]

    def deliver_all(self, mails: list[bytes], folder: str = "INBOX") -> list[int]:
        """The same for several mails through one connection."""
        with self.connect() as client:
            return [_appended_uid(client.append(folder, mail)) for mail in mails]


def _appended_uid(answer: bytes) -> int:
    # b"[APPENDUID 1700000000 17] APPEND completed."
    return int(answer.split(b"APPENDUID", 1)[1].split(b"]", 1)[0].split()[1])
