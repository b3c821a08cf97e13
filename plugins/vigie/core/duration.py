"""Durations as authors write them: ``30 s``, ``10 min``, ``2 h``, ``1 d``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_WRITTEN = re.compile(r"(\d{1,6})\s*(s|min|h|d)", re.ASCII)


def parse_duration(written: str) -> timedelta:
    """Return the duration written as a number and a unit.

    Raises ValueError with a sentence that says what to write.
    """
    found = _WRITTEN.fullmatch(written.strip())
    if not found:
        raise ValueError(f"write a duration as '30 s', '10 min', '2 h' or '1 d' (found '{written}')")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def format_duration(duration: timedelta) -> str:
    """Write a duration in the largest unit that divides it: 600 s is ``10 min``."""
    seconds = int(duration.total_seconds())
    for unit, size in reversed(_UNITS.items()):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _read(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    # A bare number has no unit: 10 would be ten seconds where its author meant minutes.
    return parse_duration(value if isinstance(value, str) else repr(value))


Duration = Annotated[timedelta, BeforeValidator(_read), PlainSerializer(format_duration, when_used="json")]
