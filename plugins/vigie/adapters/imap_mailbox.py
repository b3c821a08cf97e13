"""A folder of an IMAP server, read without marking anything."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from vigie.adapters.imap_connection import ImapConnection
from vigie.core.errors import Refused, TransportError
from vigie.core.ports import MailboxPosition, RawMail

_SPAN = 10_000  # UIDs a SEARCH asks for: imaplib refuses lines above 1 MB, which a whole big folder would make
_AT_ONCE = 8_000_000  # bytes of mail in one FETCH
_NOT_THE_CREDENTIAL = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b")  # RFC 5530


class ImapMailbox:
    """One folder, over one connection that is opened when first needed and again after each failure.

    ``ssl``: True checks the server's certificate against the system's authorities, a context against its own,
    False is plain text. With ``access_token`` the login is XOAUTH2, else by password. ``folder`` is written as people
    read it. ``timeout`` (seconds) holds for connecting and for each answer; a mail is cut at ``limit_bytes``; after
    ``quiet_after`` seconds without a word from the server it is asked for a sign of life.
    A UIDVALIDITY that changes while we are connected shows at the next ``position``. One thread at a time.
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
        timeout: float = 30.0,
        access_token: str | None = None,
        limit_bytes: int = 5_000_000,
        quiet_after: float = 60.0,
    ) -> None:
        self._host, self._port, self._user, self._folder = host, port, user, folder
        self._password, self._access_token = password, access_token
        self._ssl, self._timeout = ssl, timeout
        self._limit_bytes, self._quiet_after = limit_bytes, quiet_after
        self._connection: ImapConnection | None = None
        self._position: MailboxPosition | None = None

    def __repr__(self) -> str:
        return f"ImapMailbox({self._host}:{self._port}/{self._folder})"

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
        return self._fetch(after_uid, limit, since=since.astimezone(UTC))

    def wait(self, seconds: float) -> bool:
        """Wait for a new mail. IDLE stays open from one call to the next; without IDLE the server is asked by NOOP."""
        until = time.monotonic() + seconds
        with self._failures():
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
            uids = self._uids(connection, after_uid, since)
            mails: list[RawMail] = []
            while len(mails) < limit and (some := list(islice(uids, limit - len(mails)))):
                mails += self._read(connection, some, since)
            return mails

    def _uids(self, connection: ImapConnection, after_uid: int, since: datetime | None) -> Iterator[int]:
        # A server answers ``n:*`` with its last mail even where that is below n (RFC 3501 6.4.8), hence the filter.
        # SINCE compares dates in the server's own zone, so the day before is asked for too and _read drops it.
        day = ["SINCE", (since - timedelta(days=1)).date()] if since else []
        uidnext = self._position.uidnext if self._position else 0
        start, span = after_uid + 1, _SPAN
        while True:
            last = start + span - 1
            to_the_end = last >= uidnext - 1
            found = connection.search(["UID", f"{start}:{'*' if to_the_end else last}", *day])
            yield from sorted(uid for uid in found if uid > after_uid)
            if to_the_end:
                return
            start, span = last + 1, span if found else span * 2

    def _read(self, connection: ImapConnection, uids: list[int], since: datetime | None) -> Iterator[RawMail]:
        heads = connection.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        if since is not None:
            day = since.replace(hour=0, minute=0, second=0, microsecond=0)
            uids = [uid for uid in uids if uid in heads and _received(heads[uid]) >= day]
        for group in self._groups([(uid, int(heads[uid][b"RFC822.SIZE"])) for uid in uids if uid in heads]):
            cut = f"<0.{self._limit_bytes}>" if group[0][1] > self._limit_bytes else ""
            parts = connection.fetch([uid for uid, _ in group], [f"BODY.PEEK[]{cut}"])
            for uid, size in group:
                found = [value for key, value in parts.get(uid, {}).items() if key.startswith(b"BODY[")]
                if found:
                    raw = (found[0] or b"")[: self._limit_bytes]
                    yield RawMail(uid=uid, raw=raw, size=size, received_at=_received(heads[uid]))

    def _groups(self, sizes: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
        group: list[tuple[int, int]] = []
        for uid, size in sizes:
            if group and sum(each for _, each in group) + size > min(_AT_ONCE, self._limit_bytes):
                yield group
                group = []
            group.append((uid, size))
        if group:
            yield group

    def _selected(self) -> ImapConnection:
        """The connection with its folder selected; an open IDLE is left alone."""
        connection = self._connection
        if connection is None:
            connection = self._awake()
            self._examine(connection)
        return connection

    def _awake(self) -> ImapConnection:
        """The connection, ready for a command."""
        connection = self._connection or self._connect()
        connection.leave_idle()
        return connection

    def _connect(self) -> ImapConnection:
        self._connection = connection = ImapConnection(self._host, self._port, self._ssl, self._timeout)
        if self._access_token is not None:
            connection.oauth2_login(self._user, self._access_token)
        elif (self._user + self._password).isascii() and (self._user + self._password).isprintable():
            connection.login(self._user, self._password)
        else:  # LOGIN takes ASCII only; PLAIN is UTF-8 (RFC 4616)
            connection.plain_login(self._user, self._password)
        return connection

    def _examine(self, connection: ImapConnection) -> MailboxPosition:
        answer = connection.select_folder(self._folder, readonly=True)
        if b"UIDVALIDITY" not in answer or b"UIDNEXT" not in answer:  # older servers leave them out
            answer |= connection.folder_status(self._folder, ["UIDVALIDITY", "UIDNEXT"])
        self._position = MailboxPosition(uidvalidity=answer[b"UIDVALIDITY"], uidnext=answer[b"UIDNEXT"])
        return self._position

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Whatever goes wrong on the wire drops the connection and becomes a TransportError that names the folder."""
        try:
            yield
        except (IMAPClientError, OSError, ValueError, KeyError) as error:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.end(polite=False)
            text = f"{self._host}:{self._port}/{self._folder}: {self._said(error)}"
            # imapclient says LoginError also where the line broke during the login
            broke = isinstance(error.__context__, IMAPClientAbortError | OSError)
            if isinstance(error, LoginError) and not broke and not _NOT_THE_CREDENTIAL.search(text):
                raise Refused(f"{text} (user {self._user})") from error
            raise TransportError(text) from error

    def _said(self, error: Exception) -> str:
        """The error's text in one line, without the secret."""
        text = re.sub(r"^b(['\"])(.*)\1$", r"\2", str(error)) or type(error).__name__
        for secret in filter(None, (self._password, self._access_token)):
            text = text.replace(secret, "***")
        return " ".join(text.split())[:300]


def _received(head: dict[bytes, Any]) -> datetime:
    at = head.get(b"INTERNALDATE")  # None where the server wrote no date
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime.now(UTC)
