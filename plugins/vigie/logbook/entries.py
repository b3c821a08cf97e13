"""The record itself: entries, appended and read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Text, func, select, type_coerce

from vigie.core.entry import Entry
from vigie.logbook.columns import as_utc, canonical_json, short_key
from vigie.logbook.schema import entry
from vigie.logbook.store import Store, insert_into

_FIELDS = ("client", "kind", "actor", "flux", "watch", "incident", "key")
RECENT = 20_000
"""Among so many of a client's last entries its newest are sought."""

_COLUMNS = [column for column in entry.c if column.name != "digest"]


def digest_of(line: Entry) -> str:
    """The SHA-256 of the entry's canonical JSON: everything that it says, but its place in the record (``seq``)."""
    said: dict[str, Any] = {name: getattr(line, name) for name in _FIELDS}
    said = {name: value if value is None else short_key(value) for name, value in said.items()}
    said["at"] = as_utc(line.at).isoformat(timespec="microseconds")
    said["text"] = line.text
    said["data"] = line.data
    return hashlib.sha256(canonical_json(said).encode()).hexdigest()


def append_entries(connection: Connection, lines: Iterable[Entry]) -> list[str | None]:
    """Append what is not known by its key; the keys of the new entries, None for each new one without a key."""
    rows = [{**line.model_dump(exclude={"seq"}), "digest": digest_of(line)} for line in lines]
    if not rows:
        return []
    statement = insert_into(connection.dialect.name, entry).on_conflict_do_nothing(index_elements=["key"])
    return list(connection.scalars(statement.returning(entry.c.key), rows))


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

        On PostgreSQL an entry may become visible after one with a higher ``seq`` where two transactions overlap;
        who follows the record must not take the last ``seq`` seen for the end of what was written before.
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

    def verify(self) -> list[int]:
        """The ``seq`` of each entry that no longer says what its digest says. Reads the whole record."""
        raw = [type_coerce(column, Text) if column.name == "data" else column for column in entry.c]
        wrong: list[int] = []
        seq = 0
        while True:
            page = select(*raw).where(entry.c.seq > seq).order_by(entry.c.seq).limit(1000)
            with self._reading() as connection:
                rows = [dict(row) for row in connection.execute(page).mappings()]
            if not rows:
                return wrong
            wrong += [row["seq"] for row in rows if not _holds(row)]
            seq = rows[-1]["seq"]
