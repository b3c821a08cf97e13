"""The kinds of column: instants, words, keys and documents, the same on SQLite and PostgreSQL.

Mails and file names are hostile: a NUL or half of a surrogate pair, which neither database takes, becomes
U+FFFD; a key that an index could not hold is cut and ends in the SHA-256 of the whole.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import TIMESTAMP, Dialect, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

KEY_BYTES = 512
"""The longest key stored whole. PostgreSQL refuses index rows above 2,704 bytes; our widest index has four keys."""

_HEAD_BYTES = 400


def clean_text(text: str) -> str:
    """The text without what a database refuses: NUL and lone surrogates become U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def short_key(key: str) -> str:
    """The key as it is stored: clean, and at most KEY_BYTES bytes of UTF-8. Applied twice it changes nothing."""
    key = clean_text(key)
    if len(key) <= KEY_BYTES // 4:
        return key
    raw = key.encode()
    if len(raw) <= KEY_BYTES:
        return key
    return f"{raw[:_HEAD_BYTES].decode('utf-8', 'ignore')}#{hashlib.sha256(raw).hexdigest()}"


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(name): _clean_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_value(inner) for inner in value]
    return value


def canonical_json(value: Any) -> str:
    """The one spelling of a JSON value: sorted names, no spaces, ASCII, clean texts."""
    return json.dumps(_clean_value(value), sort_keys=True, separators=(",", ":"))


def as_utc(instant: datetime) -> datetime:
    """The instant in UTC. Raises ValueError for one without a time zone: nobody knows when that was."""
    if instant.tzinfo is None:
        raise ValueError(f"the logbook keeps instants, and {instant.isoformat()} has no time zone; give it one (UTC)")
    return instant.astimezone(UTC)


class Instant(TypeDecorator[datetime]):
    """An instant to the microsecond: ``timestamptz`` on PostgreSQL, sortable ISO 8601 text on SQLite."""

    impl = TIMESTAMP
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's own type on this database."""
        kind: TypeEngine[Any] = String(27) if dialect.name == "sqlite" else TIMESTAMP(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Into the database, refusing naive datetimes."""
        if value is None:
            return None
        instant = as_utc(value)
        if dialect.name == "sqlite":
            return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return instant

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Out of the database, in UTC."""
        if value is None:
            return None
        instant: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
        return instant.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Any text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Into the database, clean."""
        return None if value is None else clean_text(value)


class Key(TypeDecorator[str]):
    """A text that names something, in an index."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Into the database, clean and short."""
        return None if value is None else short_key(value)


class Document(TypeDecorator[Any]):
    """A JSON value, as text: both databases then give back exactly what was put in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Into the database, in its canonical spelling."""
        return canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Out of the database."""
        return None if value is None else json.loads(value)
