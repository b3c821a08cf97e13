"""A folder of an IMAP server, read without marking anything."""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar, cast

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from vigie.adapters.imap_beside import ImapJunk, quota_of
from vigie.adapters.imap_complaint import complaint
from vigie.adapters.imap_connection import ImapConnection
from vigie.adapters.imap_fetch import ImapFetch
from vigie.adapters.imap_folder import select_folder
from vigie.adapters.imap_login import by_password, by_token
from vigie.core.errors import Refused, TransportError
from vigie.core.ports import AccessToken, JunkPosition, MailboxPosition, QuotaUse, RawMail, TokenSource

_Found = TypeVar("_Found")

_RENEW_EARLY, _RENEW_AGAIN = 300.0, 60.0  # seconds before a token's end; between two tries


class ImapMailbox:
    """One folder, over one connection that is opened when first needed and again after each failure.

    ``ssl``: True checks the server's certificate against the system's authorities, a context against its own,
    False is plain text; with ``starttls`` the connection begins in the clear and TLS must follow. With
    ``access_token`` (a token, or who gives one at each login) the login is XOAUTH2, else by password. ``folder`` is
    written as people read it. ``timeout`` (seconds) holds for connecting and for each answer; a mail is cut at
    ``limit_bytes``; after ``quiet_after`` seconds without a word from the server it is asked for a sign of life.
    ``poll_every``: ask so often in place of IDLE; without it only a server that has no IDLE is asked, each 5 seconds.
    ``junk``: whether the account's junk folder is looked into, by its special use, or its name. ``login_ended`` hears of each login: refused, or (None) gone well.
    A UIDVALIDITY that changes shows at the next ``position``; where the connection was made anew in between, fetch and
    wait fail until then, for UIDs of before mean nothing any more. One thread at a time.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str = "",
        *,
        folder: str = "INBOX",
        ssl: bool | ssl.SSLContext = True,
        starttls: bool = False,
        timeout: float = 30.0,
        access_token: str | TokenSource | None = None,
        limit_bytes: int = 5_000_000,
        quiet_after: float = 60.0,
        poll_every: float | None = None,
        junk: bool | str = True,
        login_ended: Callable[[Refused | None], None] = lambda refused: None,
    ) -> None:
        self._host, self._port, self._user = host, port, user
        self.folder, self.where = folder, f"{host}:{port}/{folder}"  # the second is what errors name
        self._password, self._token_source = password, access_token
        self._ssl, self._starttls, self._timeout, self._login_ended = ssl, starttls, timeout, login_ended
        self._limit_bytes, self._quiet_after, self._poll_every = limit_bytes, quiet_after, poll_every
        self._connection: ImapConnection | None = None
        self._position: MailboxPosition | None = None
        self._token: AccessToken | None = None
        self._last_token, self._renew_at = "", math.inf
        self._junk, self._name = ImapJunk(junk), folder  # the second as the server writes it

    def __repr__(self) -> str:
        return f"ImapMailbox({self.where})"

    @contextmanager
    def connected(self) -> Iterator[ImapConnection]:
        """The connection, signed in, for one who does more than read; what goes wrong is told as everywhere here."""
        with self._failures():
            yield self._awake()

    def position(self) -> MailboxPosition:
        """Select the folder again, read-only, and say where it stands.

        What came before is news until it is fetched: a ``wait`` that follows at once says true.
        """
        with self._failures():
            return self._examine(self._awake())

    def fetch(self, after_uid: int, limit: int) -> Sequence[RawMail]:
        """The first ``limit`` mails above ``after_uid``; one that vanishes meanwhile is left out."""
        return self._fetch(after_uid, limit, since=None)

    def fetch_since(self, since: datetime, after_uid: int, limit: int) -> Sequence[RawMail]:
        """As ``fetch``, received on the UTC day of ``since`` or later."""
        return self._fetch(after_uid, limit, since=since)

    def wait(self, seconds: float) -> bool:
        """Wait for a new mail. IDLE stays open from one call to the next; without IDLE the server is asked by NOOP."""
        until = time.monotonic() + seconds
        with self._failures():
            self._renew_token()
            connection = self._selected()
            while True:
                if connection.listen(until - time.monotonic(), self._quiet_after):
                    return True
                if time.monotonic() >= until:
                    return False

    def close(self) -> None:
        """Log out if the server answers within a second, and drop the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.end(polite=True)

    def _fetch(self, after_uid: int, limit: int, since: datetime | None) -> list[RawMail]:
        with self._failures():
            self._selected()
            connection = self._awake()
            connection.exists_came()  # what came until now is found by the search that follows
            uidnext = self._position.uidnext if self._position else 0
            return ImapFetch(connection, uidnext, self._limit_bytes).mails(after_uid, limit, since)

    def junk(self) -> JunkPosition | None:
        """Where the account's junk folder stands, asked beside the selected folder."""
        return self._beside(lambda connection: self._junk.position(connection, self._name))

    def fetch_junk(self, after_uid: int, limit: int, since: datetime | None = None) -> Sequence[RawMail]:
        """As ``fetch``, of the junk folder; the watched folder is selected again behind it."""
        return self._beside(
            lambda connection: self._junk.mails(connection, after_uid, limit, since, self._limit_bytes), leaves=True
        )

    def quota(self) -> Sequence[QuotaUse]:
        """How full the account is, by each limit that the server tells; empty where it tells none."""
        return self._beside(quota_of)

    def _beside(self, act: Callable[[ImapConnection], _Found], *, leaves: bool = False) -> _Found:
        """Do something beside the watched folder, which it ``leaves`` or not. What is refused there ends no connection."""
        found, refused, where = None, None, f"{self._host}:{self._port}/{self._junk.name or 'its junk folder'}"
        with self._failures():
            self._selected()
            connection = self._awake()
            try:
                found = act(connection)
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                refused, self._junk.name = error, None
            if leaves:
                self._reselect(connection)
        if refused is not None:
            raise complaint(refused, where, self._user, (self._password, self._last_token)) from refused
        return cast("_Found", found)

    def _selected(self) -> ImapConnection:
        """The connection with its folder selected; an open IDLE is left alone."""
        connection = self._connection
        if connection is None:
            connection = self._awake()
            self._reselect(connection)
        return connection

    def _reselect(self, connection: ImapConnection) -> None:
        told = self._position
        if told is not None and self._examine(connection).uidvalidity != told.uidvalidity:
            self._position = told
            raise TransportError(f"{self.where}: the folder was rebuilt while we were away (another UIDVALIDITY)")
        if told is None:
            self._examine(connection)

    def _awake(self) -> ImapConnection:
        """The connection, ready for a command."""
        connection = self._connection or self._connect()
        connection.leave_idle()
        return connection

    def _connect(self) -> ImapConnection:
        self._connection = connection = ImapConnection(
            self._host, self._port, self._ssl, self._timeout, starttls=self._starttls, poll_every=self._poll_every
        )
        if self._token_source is None:
            secure = self._starttls or self._ssl is not False
            by_password(connection, self._user, self._password, secure=secure, where=self.where)
        else:
            by_token(connection, self._user, self._new_token())
        connection.signed_in()
        self._login_ended(None)
        return connection

    def _new_token(self) -> str:
        """The token of a login; one that was fetched to renew the login is used for that, and once."""
        token, self._token = self._token, None
        if token is None:
            source = self._token_source
            token = AccessToken(text=source or "") if isinstance(source, str | None) else source.fetch()
        lives = math.inf if token.seconds is None else token.seconds
        self._last_token = token.text
        self._renew_at = time.monotonic() + lives - min(_RENEW_EARLY, lives / 5)
        return token.text

    def _renew_token(self) -> None:
        """Sign in anew before the token ends: a server ends the connection with it. IMAP cannot renew a login."""
        if self._connection is None or time.monotonic() < self._renew_at or isinstance(self._token_source, str | None):
            return
        try:
            self._token = self._token_source.fetch()
        except TransportError as failed:
            if failed.permanent:
                raise
            # The connection still sees. When it ends, the next login tells what is wrong.
            self._renew_at = time.monotonic() + max(_RENEW_AGAIN, failed.retry_after or 0.0)
            return
        self.close()

    def _examine(self, connection: ImapConnection) -> MailboxPosition:
        name, answer = select_folder(connection, self.folder, self.where)
        if b"UIDVALIDITY" not in answer or b"UIDNEXT" not in answer:  # older servers leave them out
            answer |= connection.folder_status(name, ["UIDVALIDITY", "UIDNEXT"])
        self._name = name
        self._position = MailboxPosition(uidvalidity=answer[b"UIDVALIDITY"], uidnext=answer[b"UIDNEXT"])
        return self._position

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Whatever goes wrong on the wire drops the connection and becomes a TransportError that names the folder."""
        try:
            yield
        except (TransportError, IMAPClientError, OSError, ValueError, KeyError) as error:
            connection, self._connection = self._connection, None
            secrets = (self._password, self._last_token)
            ours = isinstance(error, TransportError)
            told = error if ours else complaint(error, self.where, self._user, secrets)
            if connection is not None:
                connection.end(polite=ours)
            if isinstance(told, Refused):
                self._login_ended(told)
            raise told from (error.__cause__ if ours else error)
