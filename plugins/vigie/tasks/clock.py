"""The one clock. Everything below this floor is told the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_told: ContextVar[Callable[[], datetime] | None] = ContextVar("told", default=None)


def utc_now() -> datetime:
    """Now, in UTC."""
    clock = _told.get()
    return clock() if clock else datetime.now(UTC)


@contextmanager
def told_by(clock: Callable[[], datetime]) -> Iterator[None]:
    """Let another clock tell the time of what is run within: a story's, which is moved by hand."""
    before = _told.set(clock)
    try:
        yield
    finally:
        _told.reset(before)
