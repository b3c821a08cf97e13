"""A text that is too long to be read whole: its head, and its end, where the log of a job says how it ended."""

from __future__ import annotations

from typing import NamedTuple

_NEAR = 2_000
"""So far from its cut the end may begin, at a line of its own."""


class Ends(NamedTuple):
    """The two ends of a text, and how many characters lie between; of a text that is not too long only a head."""

    head: str
    end: str = ""
    between: int = 0

    @property
    def text(self) -> str:
        """Both in one, with a mark where something was left out."""
        return f"{self.head}\n{mark(self.between)}\n{self.end}" if self.between else self.head


def mark(between: int) -> str:
    """What stands in the place of what was left out."""
    return f"[… {between:,} characters not read …]"


def ends(text: str, limit: int, *, begin: str = "\n") -> Ends:
    """At most ``limit`` characters of a text: three parts of five from its head, the others from its end.

    The end begins at the next ``begin`` where one is near: a line, or an element.
    """
    if len(text) <= limit:
        return Ends(text)
    head = limit * 3 // 5
    place = len(text) - (limit - head)
    near = text.find(begin, place, place + _NEAR)
    place = near if near >= 0 else place
    return Ends(text[:head], text[place:].removeprefix("\n"), place - head)


def told(what: str, whole: int, read: Ends) -> str:
    """A sentence about what was left out; ``whole`` are all characters of it."""
    return (
        f"of {whole:,} characters of its {what} the first {len(read.head):,} and the last {len(read.end):,} were read"
    )
