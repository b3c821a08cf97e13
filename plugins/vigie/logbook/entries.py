"""The record itself: entries, appended and read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Text, func, insert, select, type_coerce, update

from vigie.core.entry import Entry
from vigie.logbook.chain import BEGINNING, Fault, Head, link, same
from vigie.logbook.columns import as_utc, canonical_json, short_key
from vigie.logbook.schema import entry
from vigie.logbook.store import Store

_FIELDS = ("client", "kind", "actor", "flux", "watch", "incident", "key")
RECENT = 20_000
"""Among so many of a client's last entries its newest are sought."""

_COLUMNS = [column for column in entry.c if column.name not in {"digest", "link", "pruned_at"}]
_LAST = select(entry.c.seq, entry.c.link).order_by(entry.c.seq.desc()).limit(1)


def digest_of(line: Entry) -> str:
    """The SHA-256 of the entry's canonical JSON: everything that it says, but its place in the record (``seq``)."""
    said: dict[str, Any] = {name: getattr(line, name) for name in _FIELDS}
    said = {name: value if value is None else short_key(value) for name, value in said.items()}
    said["at"] = as_utc(line.at).isoformat(timespec="microseconds")
    said["text"] = line.text
    said["data"] = line.data
    return hashlib.sha256(canonical_json(said).encode()).hexdigest()


def append_entries(connection: Connection, lines: Iterable[Entry]) -> list[str | None]:
    """Append what is not known by its key; the keys of the new entries, None for each new one without a key.

    Each is linked to the one before it. Only one transaction writes at a time (``Store._write``), so that no place of
    the record is skipped or taken twice.
    """
    rows = [{**line.model_dump(exclude={"seq"}), "digest": digest_of(line)} for line in lines]
    if not rows:
        return []
    keys = {row["key"]: short_key(row["key"]) for row in rows if row["key"] is not None}
    taken = known_keys(connection, list(keys.values()))
    before = connection.execute(_LAST).first()
    seq, held = (before.seq, before.link) if before else (0, BEGINNING)
    new = []
    for row in rows:
        key = keys.get(row["key"])
        if key is not None and key in taken:
            continue
        taken |= {key} if key is not None else set()
        seq += 1
        held = link(held, seq, row["digest"])
        new.append({**row, "seq": seq, "link": held})
    if new:
        connection.execute(insert(entry), new)
    return [keys.get(row["key"]) for row in new]


def known_keys(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Those of the keys that have an entry, as they are stored."""
    known: set[str] = set()
    for start in range(0, len(keys), 500):
        known.update(connection.scalars(select(entry.c.key).where(entry.c.key.in_(keys[start : start + 500]))))
    return known


def _read(row: RowMapping) -> Entry:
    return Entry.model_validate(dict(row))


def _holds(row: dict[str, Any]) -> bool:
    digest: str = row.pop("digest")
    try:
        return digest == digest_of(Entry.model_validate({**row, "data": json.loads(row["data"])}))
    except ValueError:  # what was written over it is not even an entry
        return False


class Entries(Store):
    """The append-only record. The database itself refuses to change or delete an entry."""

    def append(self, *entries: Entry) -> int:
        """Append, in one transaction; how many were new (an entry whose key is known is dropped)."""
        return self._write(lambda connection: len(append_entries(connection, entries)))

    def entries(
        self,
        *,
        after_seq: int = 0,
        incident: str | None = None,
        client: str | None = None,
        kind_prefix: str | None = None,
        limit: int = 500,
    ) -> list[Entry]:
        """The first ``limit`` entries after ``after_seq``, in order of ``seq``.

        Entries become visible in this order: who follows the record may go on from the last ``seq`` seen.
        """
        query = select(*_COLUMNS).where(entry.c.seq > after_seq).order_by(entry.c.seq).limit(limit)
        if incident is not None:
            query = query.where(entry.c.incident == incident)
        if client is not None:
            query = query.where(entry.c.client == client)
        if kind_prefix:
            query = query.where(func.substr(entry.c.kind, 1, len(kind_prefix)) == kind_prefix)
        with self._reading() as connection:
            return [_read(row) for row in connection.execute(query).mappings()]

    def newest(self, client: str, kinds: Collection[str], *, since: datetime, limit: int = 500) -> list[Entry]:
        """The newest entries of a client of some kinds since an instant (UTC), newest first.

        They are sought among the last ``RECENT`` of the client, so that a page costs no more in a large logbook.
        """
        seqs = select(entry.c.seq).where(entry.c.client == client).order_by(entry.c.seq.desc()).limit(RECENT)
        query = (
            select(*_COLUMNS)
            .where(entry.c.seq.in_(seqs.scalar_subquery()), entry.c.kind.in_(kinds), entry.c.at >= since)
            .order_by(entry.c.seq.desc())
            .limit(limit)
        )
        with self._reading() as connection:
            return [_read(row) for row in connection.execute(query).mappings()]

    def has_entry(self, key: str) -> bool:
        """Whether there is an entry of this key."""
        with self._reading() as connection:
            return bool(known_keys(connection, [short_key(key)]))

    def head(self) -> Head | None:
        """The newest entry and its link, which holds all before it; None while there is none."""
        with self._reading() as connection:
            row = connection.execute(_LAST).first()
        return Head(row.seq, row.link) if row else None

    def prune(self, before: datetime, at: datetime) -> int:
        """Take text and data away from the entries before an instant (UTC); how many. Digest and link stay."""
        statement = (
            update(entry).where(entry.c.at < before, entry.c.pruned_at.is_(None)).values(text="", data={}, pruned_at=at)
        )
        return int(self._write(lambda connection: connection.execute(statement).rowcount))

    def verify(self, sent: Head | None = None) -> list[Fault]:
        """Walk the chain from the first entry: what is wrong, in order. Reads the whole record.

        ``sent`` is a head that left earlier: the record must still hold it. Without one, whoever can write into the
        database could have written the whole chain anew.
        """
        raw = [type_coerce(column, Text) if column.name == "data" else column for column in entry.c]
        faults: list[Fault] = []
        seq, held, holds_sent = 0, BEGINNING, sent is None
        while True:
            page = select(*raw).where(entry.c.seq > seq).order_by(entry.c.seq).limit(1000)
            with self._reading() as connection:
                rows = [dict(row) for row in connection.execute(page).mappings()]
            if not rows:
                return faults if holds_sent or sent is None else [*faults, Fault(sent.seq, "head")]
            for row in rows:
                seq, written = row["seq"], row.pop("link")
                if not same(written, link(held, seq, row["digest"])):
                    faults.append(Fault(seq, "link"))
                held = written
                holds_sent = holds_sent or (sent is not None and sent == (seq, written))
                pruned = row.pop("pruned_at") is not None and row["text"] == "" and row["data"] == "{}"
                if pruned or not _holds(row):
                    faults.append(Fault(seq, "pruned" if pruned else "changed"))
