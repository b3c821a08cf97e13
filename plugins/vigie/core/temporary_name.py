"""What a star of a path does not stand for: the name that a file has while it is written, and what editors leave.

A producer that dies leaves such a file behind, whole and unchanging. Whoever means one writes its mark into the path.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ALWAYS = "tmp filepart inprogress in_progress in-progress writing uploading incomplete crdownload opdownload"
"""Marks that stand anywhere between dots: ``x.tmp.csv``."""

_AT_THE_END = (
    "temp temporary part partial download downloading upload unfinished copying _copying_ receiving wip aria2 "
    "fdmdownload gstmp swp swo swn swm swx lock lck !ut !qb !bt bc! ut! td xltd"
)
"""Marks that are a name's last extension; before another one they may be a word (``x.part.csv``)."""

_WHOLE = frozenset(_ALWAYS.split())
_LAST = _WHOLE | frozenset(_AT_THE_END.split())
_NUMBERED = re.compile(r"(?:tmp|temp)\d+", re.ASCII)
_BEGINNING = re.compile(r"~|#|(?:tmp|temp|inprogress|uploading|incomplete|partial)[._-]", re.IGNORECASE)
_END = re.compile(r"[~#]$")


def is_temporary(stars: Sequence[str], *, begins: bool, ends: bool) -> bool:
    """Whether what the stars of a path stand for makes a name one that never counts.

    ``begins``: the first of them stands at the beginning of the name, ``ends``: the last at its end.
    """
    if begins and _BEGINNING.match(stars[0]):
        return True
    if ends and (_END.search(stars[-1]) or _is_mark(_extension(stars[-1]), _LAST)):
        return True
    return any(_is_mark(each, _WHOLE) for star in stars for each in star.split(".")[1:])


def _extension(text: str) -> str:
    """What stands behind the last dot; empty where there is none, for it is then part of a word."""
    return text.rpartition(".")[2] if "." in text else ""


def _is_mark(text: str, marks: frozenset[str]) -> bool:
    small = text.casefold()
    return small in marks or bool(_NUMBERED.fullmatch(small))
