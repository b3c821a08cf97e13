"""An SMTP server that keeps every mail and delivers none.

A mail that it answered 250 is already in `mails`, and in the spool file when there is one. Recipients can be refused,
for now (4xx) or for good (5xx).
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from vigie.demo.captured_mail import CapturedMail, read_mail
from vigie.demo.foreground import argument_parser, secret, serve
from vigie.demo.loopback import HOST, LoopbackServer

# aiosmtpd warns of its own old attribute at each login, and names no way to keep from it.
logging.getLogger("mail.log").setLevel(logging.ERROR)

_LARGEST_MAIL = 35 * 1024 * 1024


class SmtpCapture(LoopbackServer):
    """A capture. With a user, senders must log in; with a TLS context, STARTTLS is offered.

    `excluded`: ways to sign in that are not offered. `spool`: each mail is also appended there, one JSON line each. `refusals`: a JSON file `{address: reply}`, read at
    each recipient, through which another process refuses addresses.
    """

    def __init__(
        self,
        *,
        user: str | None = None,
        password: str = "",
        port: int = 0,
        spool: Path | None = None,
        refusals: Path | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(port)
        self.user = user
        self.password = password
        self.mails: list[CapturedMail] = []
        self.spool = spool
        self._refused: dict[str, str] = {}
        self._refusals = refusals
        self._tls = tls
        self.excluded: tuple[str, ...] = ()
        self._came = threading.Condition()
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    def refuse(self, address: str, reply: str = "550 5.1.1 no such user") -> None:
        """Answer this reply to each `RCPT TO` of this address, until `accept`."""
        self._refused[address.lower()] = reply

    def accept(self, address: str) -> None:
        """Take mail for this address again."""
        self._refused.pop(address.lower(), None)

    def forget(self) -> None:
        """Drop what was captured (not what is in the spool)."""
        with self._came:
            self.mails.clear()

    def wait_for(self, wanted: Callable[[CapturedMail], bool] = lambda _: True, within: float = 10.0) -> CapturedMail:
        """The first mail that is wanted, come or to come. Raises TimeoutError after `within` seconds, with what came."""
        end = time.monotonic() + within
        with self._came:
            while True:
                for mail in self.mails:
                    if wanted(mail):
                        return mail
                if not self._came.wait(end - time.monotonic()):
                    subjects = [mail.subject for mail in self.mails]
                    raise TimeoutError(f"no such mail within {within:g} s; captured: {subjects}")

    def refusal(self, address: str) -> str | None:
        """The reply that refuses this recipient, or None."""
        known = dict(self._refused)
        if self._refusals is not None and self._refusals.exists():
            known |= {key.lower(): reply for key, reply in json.loads(self._refusals.read_text("utf-8")).items()}
        return known.get(address.lower())

    def keep(self, mail: CapturedMail) -> None:
        """Note one mail: first in the spool, then in memory."""
        if self.spool is not None:
            with self.spool.open("a", encoding="utf-8") as file:
                file.write(mail.as_line() + "\n")
        with self._came:
            self.mails.append(mail)
            self._came.notify_all()

    async def _open(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, sock=listener)

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            if connection.transport is not None:
                connection.transport.close()

    def conversation(self) -> Conversation:
        """How this server talks: of a subclass, in another way."""
        return Conversation(self)

    def _connection(self) -> _Connection:
        # auth_required of aiosmtpd warns when AUTH works without TLS; Conversation.handle_MAIL asks for it instead.
        connection = _Connection(
            self.conversation(),
            data_size_limit=_LARGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname=HOST,
            ident="captures all mail, delivers none",
            tls_context=self._tls,
            authenticator=self._authenticate,
            auth_exclude_mechanism=self.excluded,
            auth_require_tls=self._tls is not None,
            loop=asyncio.get_running_loop(),
        )
        connection.others = self._connections
        self._connections.add(connection)
        return connection

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        given = (data.login, data.password) if isinstance(data, LoginPassword) else None
        known = ((self.user or "").encode(), self.password.encode())
        if self.user is not None and given == known:
            return AuthResult(success=True, auth_data=data)
        return AuthResult(success=False, handled=False)


class _Connection(SMTP):
    """A connection that leaves the set of live ones when it ends."""

    others: set[_Connection]

    def connection_lost(self, error: Exception | None) -> None:
        self.others.discard(self)
        super().connection_lost(error)


class Conversation:
    """aiosmtpd's hooks (their names are its rule)."""

    def __init__(self, capture: SmtpCapture) -> None:
        self._capture = capture

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._capture.user is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refusal = self._capture.refusal(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        mail = read_mail(
            raw,
            mail_from=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            login=self._capture.user if session.authenticated else None,
        )
        self._capture.keep(mail)
        return f"250 2.0.0 kept as number {len(self._capture.mails)}"


def main() -> int:
    """Run it as a process; with `--user` the password comes from the environment variable SMTP_PASSWORD."""
    parser = argument_parser("smtp_capture", "An SMTP server that keeps every mail and delivers none.")
    parser.add_argument("--spool", type=Path, help="file to which each mail is appended as a JSON line")
    parser.add_argument("--refusals", type=Path, help="JSON file {address: reply}, read at each recipient")
    parser.add_argument("--user", help="senders must log in as this user")
    arguments = parser.parse_args()
    capture = SmtpCapture(
        user=arguments.user,
        password=secret(parser, "SMTP_PASSWORD") if arguments.user else "",
        port=arguments.port,
        spool=arguments.spool,
        refusals=arguments.refusals,
    )
    return serve(capture, leash=arguments.leash)


if __name__ == "__main__":
    sys.exit(main())
