"""A plain text as it was meant: soft line breaks are joined (RFC 3676), files that stand in it are taken out."""

from __future__ import annotations

import re
from typing import NamedTuple

_BEGIN = re.compile(r"begin [0-7]{3,4} ([^\r\n]{1,255})$")
_QUOTE = re.compile(r">*")
_ZERO_LENGTH = ("`", " ", "")
_SIGNATURE = "-- "


class Bare(NamedTuple):
    """A text, and the names of the files that stood in it."""

    text: str
    files: tuple[str, ...] = ()


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """Join the lines that ``format=flowed`` broke; ``delete_space`` is its DelSp, for scripts without spaces."""
    lines: list[str] = []
    flows = False
    depth = 0
    for line in text.splitlines():
        marks = _QUOTE.match(line)
        quotes = marks.end() if marks else 0
        said = line[quotes:].removeprefix(" ")
        if flows and quotes == depth and said != _SIGNATURE:
            lines[-1] = lines[-1][:-1] + said if delete_space else lines[-1] + said
        else:
            lines.append(("> " if quotes == 1 else ">" * quotes + " " if quotes else "") + said)
        flows, depth = said.endswith(" ") and said != _SIGNATURE, quotes
    return "\n".join(lines) + ("\n" if text.endswith(("\n", "\r")) else "")


def without_files(text: str) -> Bare:
    """Take out what uuencode wrote into a text, as mail did before MIME: its letters are no words."""
    if "begin " not in text:
        return Bare(text)
    kept: list[str] = []
    files: list[str] = []
    lines = text.splitlines(keepends=True)
    place = 0
    while place < len(lines):
        begin = _BEGIN.match(lines[place].rstrip("\r\n"))
        after = _after(lines, place + 1) if begin else place
        if begin and after > place + 1:
            files.append(begin[1].strip())
            place = after
        else:
            kept.append(lines[place])
            place += 1
    return Bare("".join(kept), tuple(files))


def _after(lines: list[str], place: int) -> int:
    """The line behind the encoded ones that begin here; here itself where none does."""
    while place < len(lines) and _encoded(lines[place].rstrip("\r\n")):
        place += 1
    if place < len(lines) and lines[place].rstrip("\r\n") in _ZERO_LENGTH:
        place += 1
    return place + 1 if place < len(lines) and lines[place].strip() == "end" else place


def _encoded(line: str) -> bool:
    """Whether a line has the length that its first character tells, as uuencode writes it."""
    if len(line) < 2 or not line.isascii():
        return False
    length = (ord(line[0]) - 32) & 63
    groups = (length + 2) // 3 * 4
    return length > 0 and groups - 3 <= len(line.rstrip()) - 1 <= groups + 1
