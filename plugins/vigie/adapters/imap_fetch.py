"""Mails fetched from the selected folder of an IMAP server, in pieces that neither side chokes on; nothing is marked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from vigie.adapters.imap_connection import ImapConnection
from vigie.core.ports import RawMail

_SPAN = 10_000  # UIDs a SEARCH asks for: imaplib refuses lines above 1 MB, which a whole big folder would make
_AT_ONCE = 8_000_000  # bytes of mail in one FETCH
_DATES_AT_ONCE = 500  # INTERNALDATEs in one FETCH


class ImapFetch:
    """Reads the selected folder of a connection. ``uidnext`` is what its SELECT said; a mail is cut at ``limit_bytes``."""

    def __init__(self, connection: ImapConnection, uidnext: int, limit_bytes: int) -> None:
        self._connection, self._uidnext, self._limit_bytes = connection, uidnext, limit_bytes

    def mails(self, after_uid: int, limit: int, since: datetime | None = None) -> list[RawMail]:
        """The first ``limit`` mails above ``after_uid``, received on the UTC day of ``since`` or later."""
        uids = self._uids(after_uid, since.astimezone(UTC) if since else None)
        mails: list[RawMail] = []
        while len(mails) < limit and (some := list(islice(uids, limit - len(mails)))):
            mails += self._read(some)
        return mails

    def _uids(self, after_uid: int, since: datetime | None) -> Iterator[int]:
        # A server answers ``n:*`` with its last mail even where that is below n (RFC 3501 6.4.8), hence the filter.
        # SINCE compares dates in the server's own zone, so the day before is asked for too and dropped here.
        day = ["SINCE", (since - timedelta(days=1)).date()] if since else []
        start, span = after_uid + 1, _SPAN
        while True:
            last = start + span - 1
            to_the_end = last >= self._uidnext - 1
            found = self._connection.search(["UID", f"{start}:{'*' if to_the_end else last}", *day])
            uids = sorted(uid for uid in found if uid > after_uid)
            yield from uids if since is None else self._received_since(uids, since)
            if to_the_end:
                return
            start, span = last + 1, span if found else span * 2

    def _received_since(self, uids: list[int], since: datetime) -> Iterator[int]:
        day = since.replace(hour=0, minute=0, second=0, microsecond=0)
        for first in range(0, len(uids), _DATES_AT_ONCE):
            some = uids[first : first + _DATES_AT_ONCE]
            heads = self._connection.fetch(some, ["INTERNALDATE"])
            yield from (uid for uid in some if uid in heads and _received(heads[uid]) >= day)

    def _read(self, uids: list[int]) -> Iterator[RawMail]:
        heads = self._connection.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        for group in self._groups([(uid, int(heads[uid][b"RFC822.SIZE"])) for uid in uids if uid in heads]):
            cut = f"<0.{self._limit_bytes}>" if group[0][1] > self._limit_bytes else ""
            parts = self._connection.fetch([uid for uid, _ in group], [f"BODY.PEEK[]{cut}"])
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


def _received(head: dict[bytes, Any]) -> datetime:
    at = head.get(b"INTERNALDATE")  # None where the server wrote no date
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime.now(UTC)
