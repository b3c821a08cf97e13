"""What a rendering may cost: turns, characters and seconds, each asked for before it is spent.

No single act of the sandbox is large, since what it reads and makes is charged first; so it is enough to look at the clock
between them, in whatever thread the rendering runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from jinja2.exceptions import SecurityError

STEPS = 10_000
"""Turns of loops and calls of macros in one block."""

LENGTH = 200_000
"""Characters of one block, sealed facts counted as they are sealed."""

WORK = 5_000_000
"""Characters that all acts of one block may read and make together."""

SECONDS = 1.5
"""How long one message may be worked on: the thread's own time, so that a busy machine breaks no message."""

BUSY = 10
"""So many times as long it may take by the clock on the wall, however little of the time it had."""

ITEM = 10
"""What an item of a list costs, in characters."""


@dataclass(slots=True)
class _Left:
    steps: int = STEPS
    work: int = WORK
    seconds: float = float("inf")
    ends: float = float("inf")
    worked_until: float = float("inf")


_left: ContextVar[_Left | None] = ContextVar("left", default=None)


@contextmanager
def rendering(seconds: float = SECONDS) -> Iterator[None]:
    """One message is rendered: from its first block on it has so many seconds, however many blocks follow."""
    token = _left.set(_Left(seconds=seconds))
    try:
        yield
    finally:
        _left.reset(token)


def start_counting() -> None:
    """Give the block that is rendered next its full number of steps and characters."""
    left = _now()
    left.steps, left.work = STEPS, WORK
    left.ends = min(left.ends, time.monotonic() + left.seconds)
    left.worked_until = min(left.worked_until, time.thread_time() + left.seconds)


def spend_step() -> None:
    """A turn of a loop, or a call. Raises SecurityError where there was none left."""
    left = _now()
    left.steps -= 1
    if left.steps < 0:
        raise SecurityError(f"more than {STEPS:,} turns of loops and macros")
    _look_at_the_clock(left)


def spend(characters: int) -> None:
    """Characters that are read or made. Raises SecurityError where they are too many, or the time is over."""
    left = _now()
    left.work -= characters
    if left.work < 0:
        raise SecurityError(f"more than {WORK:,} characters were worked on")
    _look_at_the_clock(left)


def _look_at_the_clock(left: _Left) -> None:
    over = time.monotonic() - left.ends
    if over > 0 and (time.thread_time() > left.worked_until or over > left.seconds * (BUSY - 1)):
        raise SecurityError(f"more than {left.seconds:g} seconds")


def check_length(length: int) -> None:
    """Raise SecurityError where a text is longer than a message may be."""
    if length > LENGTH:
        raise SecurityError(f"more than {LENGTH:,} characters")


def _now() -> _Left:
    left = _left.get()
    if left is None:  # a constant is worked out while a template is compiled
        left = _Left()
        _left.set(left)
    return left
