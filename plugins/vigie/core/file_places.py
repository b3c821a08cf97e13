"""Several places in which one file may be seen: an inbox, and the archive to which its consumer moves it."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from vigie.core.file_name import DateField, Piece, SiteField, check_path, folder_and_name, pieces
from vigie.core.spelling import spelling


def check_places(places: Sequence[str], at_least: int = 1) -> None:
    """Raise ValueError, with a sentence that says what to write, where the places are not those of one file."""
    first, *others = places
    wanted = _fields(first)
    for number, other in enumerate(others, start=1):
        check_path(other)
        if _place(other) in map(_place, places[:number]):
            raise ValueError(f"path '{other}' stands there twice; name each place once")
        named = _fields(other)
        for here, there, fields in ((other, first, wanted - named), (first, other, named - wanted)):
            if fields:
                raise ValueError(
                    f"path '{here}' does not name {', '.join(sorted(fields))}, and '{there}' does: a file could not "
                    "be told from another; name the same fields in each place"
                )
        if at_least > 1 and folder_and_name(other)[1] != folder_and_name(first)[1]:
            raise ValueError(
                f"path '{other}' has another name than '{first}', so with at_least={at_least} one file would count "
                "twice; write the same name in each folder"
            )


def _place(path: str) -> str:
    return spelling(posixpath.normpath(path))


def _fields(path: str) -> set[str]:
    """What the path names, whatever the form of its dates."""
    return {_field(piece) for piece in pieces(path) if not isinstance(piece, str)}


def _field(piece: Piece) -> str:
    if isinstance(piece, SiteField):
        return f"{{site.{piece.column}}}"
    if not isinstance(piece, DateField):
        return "{slot}"
    if not piece.days:
        return "{business_date}"
    unit = "business day" if piece.business else "day"
    number = abs(piece.days)
    return f"{{business_date {'-' if piece.days < 0 else '+'} {number} {unit}{'s' if number > 1 else ''}}}"
