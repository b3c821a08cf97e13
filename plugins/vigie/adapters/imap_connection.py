"""A connection to an IMAP server whose IDLE misses nothing and notices the end of the connection."""

from __future__ import annotations

import select
import socket
import ssl
import time
from contextlib import suppress

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

_POLL_EVERY = 5.0  # seconds between two questions, where the server has no IDLE
_ANSWER_WITHIN = 10.0  # seconds for the answer to a sign of life


class ImapConnection(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """imapclient 4.1, with a way to listen that replaces ``idle_check``.

    That one polls the socket and not what was read ahead of it (an EXISTS in the same packet as the answer to IDLE),
    takes a closed connection for silence, and loses half a line. It leans on imaplib as it is in Python 3.11 to 3.13.
    Times are seconds. Raises what imapclient raises: IMAPClientError, OSError.
    """

    re_idle_after = 25 * 60.0
    """RFC 2177: a server may end an IDLE after 30 minutes."""

    _idle_since: float | None = None
    _heard_at = 0.0

    def __init__(
        self,
        host: str,
        port: int,
        secure: bool | ssl.SSLContext,
        timeout: float,
        *,
        starttls: bool = False,
        poll_every: float | None = None,
    ) -> None:
        """``starttls``: begin in the clear and end with an error where TLS cannot follow. ``poll_every``: never IDLE."""
        self._poll_every = poll_every
        context = ssl.create_default_context() if secure is True else secure or None
        super().__init__(
            host,
            port,
            ssl=secure is not False and not starttls,
            ssl_context=context,
            timeout=SocketTimeout(connect=timeout, read=timeout),
        )
        self.normalise_times = False
        self.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # imapclient writes a command in pieces
        _keep_alive(self.socket())
        if starttls:
            self._begin_tls(context or ssl.create_default_context())

    @property
    def takes_passwords(self) -> bool:
        """Whether the server lets anybody sign in by password on this connection (RFC 3501, LOGINDISABLED)."""
        return "LOGINDISABLED" not in self._imap.capabilities

    def list_special_folders(self) -> list[tuple[tuple[bytes, ...], bytes, str]]:
        """The folders with their special uses, for a server that tells them only when asked so (RFC 6154 3)."""
        if not self.has_capability("SPECIAL-USE"):
            return []
        kind, said = self._imap._simple_command("LIST", '""', '"*"', "RETURN", "(SPECIAL-USE)")  # noqa: SLF001
        self._checkok("LIST", kind, said)
        kind, said = self._imap._untagged_response(kind, said, "LIST")  # noqa: SLF001
        return list(self._proc_folder_list(said))

    def signed_in(self) -> None:
        """Forget what the server could do before the login: imapclient would go on believing it."""
        self._cached_capabilities = None

    def _begin_tls(self, context: ssl.SSLContext) -> None:
        if "STARTTLS" not in self._imap.capabilities:
            self.end(polite=False)
            raise IMAPClientError("the server has no STARTTLS on this port; without starttls Vigie speaks TLS at once")
        try:
            self.starttls(context)
        except BaseException:
            self.end(polite=False)
            raise

    def listen(self, seconds: float, quiet_after: float) -> bool:
        """Listen at most so long; true if the server spoke of new mail. May return earlier with false."""
        if self.exists_came():
            return True
        idles = self._poll_every is None and self.has_capability("IDLE")
        if idles and self._idle_since is None:
            self.noop()  # some servers (pymap) push in an IDLE only what comes after its beginning
            if self.exists_came():
                return True
            self._enter_idle()
            if self.exists_came():
                return True
        patience = quiet_after if idles else self._poll_every or _POLL_EVERY
        now = time.monotonic()
        news = False
        while self._line_comes(min(seconds, self._heard_at + patience - now)):
            news |= self._take(self._imap._get_line())  # noqa: SLF001
            seconds = 0.0
        now = time.monotonic()
        if self._idle_since is not None and now >= self._idle_since + self.re_idle_after:
            self.leave_idle()
        elif now >= self._heard_at + patience:
            self._ask()
        return self.exists_came() or news

    def exists_came(self) -> bool:
        """Whether the server spoke of new mail in its answer to some command; asked once."""
        return bool(self._imap.response("EXISTS")[1] != [None])

    def leave_idle(self) -> None:
        """End an open IDLE; does nothing where there is none."""
        if self._idle_since is not None:
            self._idle_since = None
            self.idle_done()

    def end(self, *, polite: bool) -> None:
        """Drop the connection, after a LOGOUT if ``polite``; never raises."""
        if polite:
            with suppress(Exception):
                self.socket().settimeout(1.0)
                self.leave_idle()
                self.logout()
        with suppress(Exception):
            self.shutdown()

    def _enter_idle(self) -> None:
        self._idle_tag = self._imap._command("IDLE")  # noqa: SLF001
        # Data may come before the continuation; imapclient's own idle() takes that for an error.
        while self._imap._get_response() is not None:  # noqa: SLF001
            if self._imap.tagged_commands[self._idle_tag]:
                raise IMAPClientError(f"IDLE was refused: {self._imap.tagged_commands[self._idle_tag]}")
        self._idle_since = self._heard_at = time.monotonic()

    def _ask(self) -> None:
        """A sign of life: the end of the IDLE, or a NOOP."""
        self.socket().settimeout(min(_ANSWER_WITHIN, self._timeout.read))
        if self._idle_since is not None:
            self.leave_idle()
        else:
            self.noop()
        self._set_read_timeout()
        self._heard_at = time.monotonic()

    def _line_comes(self, seconds: float) -> bool:
        """Whether a line has begun to come within so many seconds."""
        sock = self.socket()
        sock.setblocking(False)
        try:
            with suppress(ssl.SSLWantReadError):
                if self._imap.file.peek():
                    return True
            poller = select.poll()
            poller.register(sock.fileno(), select.POLLIN)
            if not poller.poll(max(seconds, 0.0) * 1000):
                return False
            with suppress(ssl.SSLWantReadError):  # TLS spoke, and not the server behind it
                if not self._imap.file.peek():
                    raise IMAPClientAbortError("the server closed the connection")
                return True
            return False
        finally:
            self._set_read_timeout()

    def _take(self, line: bytes) -> bool:
        """One line that came unasked; true if it speaks of new mail."""
        self._heard_at = time.monotonic()
        words = line.upper().split(maxsplit=3)
        if words[:2] == [b"*", b"BYE"]:
            raise IMAPClientAbortError(line[2:].decode("ascii", "replace"))
        if self._idle_since is not None and line.startswith(self._idle_tag + b" "):  # it ended the IDLE itself
            self._imap.tagged_commands.pop(self._idle_tag, None)
            self._idle_since = None
        return words[:1] == [b"*"] and words[2:3] == [b"EXISTS"]


def _keep_alive(sock: socket.socket) -> None:
    """Let the kernel notice a peer that is gone within about a minute and a half."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, seconds in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), seconds)
