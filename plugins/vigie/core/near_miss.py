"""A near miss: a name that is nearly an expected one, and what differs. Files often lie there under a wrong name."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

import re2

from vigie.core.spelling import spelling
from vigie.core.temporary_name import is_temporary

Miss = Literal["case", "extension", "suffix", "prefix", "date", "spelling", "folder", "temporary"]
"""What differs: upper and lower case; ``.gz`` or another extension; ``_1`` behind the name; something before it; the way
in which the date is written; punctuation and accents; the folder; the mark of a file that is still being written."""

SAID: Mapping[Miss, str] = {
    "case": "upper and lower case differ",
    "extension": "another extension",
    "suffix": "something is added to its name",
    "prefix": "something stands before its name",
    "date": "the date is written in another way",
    "spelling": "other punctuation or accents",
    "folder": "in another folder",
    "temporary": "a temporary name: not finished, or left behind",
}

NAMED = 5
"""At most so many near misses of one expected file are named."""

_SHORTEST = 4


def miss(expected: str, name: str) -> Miss | None:
    """How a name misses the expected one (in which ``*`` stands for anything); None where it is another one."""
    same = spelling(name)
    if same.isprintable():
        for shape in _shapes(spelling(expected)):
            if found := shape.pattern.fullmatch(same):
                return _sort_of(shape, found, hidden=same.startswith("."))
    return "spelling" if squeezed(name) == squeezed(expected) else None


def _sort_of(shape: _Shape, found: re2._Match, *, hidden: bool) -> Miss | None:
    """The sort of a name that has the expected one in it, by what stands around it."""
    texts = found.groupdict()
    before, after = texts.get("before", ""), texts.get("after", "")
    unknown = [text for name, text in texts.items() if name.startswith("star")]
    if before or not shape.begins:
        unknown.insert(0, before)
    if after or not shape.ends:
        unknown.append(after)
    if hidden or is_temporary(unknown, begins=True, ends=True):
        return "temporary"
    if (before or after) and not (before + after).strip():
        return "spelling"
    begins, ends = texts["stem"][:1], texts["stem"][-1:]
    if (before and not _parts(before[-1], begins)) or (after and not _parts(ends, after[0])):
        return None
    return "suffix" if after and not before and not after.startswith(".") else shape.what


def _parts(one: str, other: str) -> bool:
    """Whether a word or number ends between these characters: PAR-1 and PAR-10 are two sites."""
    return not ((one.isdigit() and other.isdigit()) or (one.isalpha() and other.isalpha()))


class _Shape(NamedTuple):
    """How a name looks that nearly is the expected one; ``begins``, ``ends``: with what a star of that one stands for."""

    what: Miss
    pattern: re2._Regexp
    begins: bool
    ends: bool


@lru_cache(maxsize=4096)
def _shapes(expected: str) -> tuple[_Shape, ...]:
    """How names look that have the expected one in them, in any case: the name, more behind it, before it, its stem."""
    options = re2.Options()
    options.log_errors = False
    stem, extension = _parted(expected)
    pieces = [re2.escape(piece) for piece in stem.split("*")]
    inner = pieces[0] + "".join(f"(?P<star{number}>.*?){piece}" for number, piece in enumerate(pieces[1:]))
    whole = f"(?P<stem>{inner}){re2.escape(extension)}"
    shapes: tuple[tuple[Miss, str], ...] = (
        ("case", whole),
        ("extension", f"{whole}(?P<after>.+)"),
        ("prefix", f"(?P<before>.+?){whole}"),
        ("extension", f"(?P<stem>{inner})(?P<after>.*)"),
        ("prefix", f"(?P<before>.+?)(?P<stem>{inner})(?P<after>.*)"),
    )
    begins, ends = expected.startswith("*"), expected.endswith("*")
    return tuple(_Shape(what, re2.compile(f"(?is){shape}", options), begins, ends) for what, shape in shapes)


def _parted(name: str) -> tuple[str, str]:
    """A name without its extension, and that, with its dot."""
    stem, dot, extension = name.rpartition(".")
    return (name, "") if not stem or "*" in extension else (stem, dot + extension)


def squeezed(name: str) -> str:
    """A name without case, accents and punctuation."""
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name)
    return re.sub(r"[\W_]+", "", name.casefold(), flags=re.ASCII if name.isascii() else re.UNICODE)


class NearNames:
    """The names in a folder, to be asked for those that nearly are an expected one, whatever their number."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names)
        self._starts: list[int] = []
        place, texts = 0, []
        for name in self._names:
            self._starts.append(place)
            texts.append(squeezed(name))
            place += len(texts[-1]) + 1
        self._text = "\n".join(texts)

    def near(self, expected: str, other_dates: Iterable[str] = ()) -> dict[str, Miss]:
        """The names that nearly are the expected one, or one of those in which its date is written in another way."""
        found: dict[str, Miss] = {}
        for name in self._holding(_longest(expected)):
            what = miss(expected, name)
            if what is not None:
                found[name] = what
            if len(found) >= NAMED:
                return found
        for other in other_dates:
            for name in self._holding(_longest(other)):
                if name not in found and len(found) < NAMED and miss(other, name) in {"case", "spelling"}:
                    found[name] = "date"
        return found

    def _holding(self, piece: str) -> Iterator[str]:
        """The names that hold this text, when both are squeezed."""
        if len(piece) < _SHORTEST:
            return
        place = self._text.find(piece)
        while place >= 0:
            number = bisect_right(self._starts, place) - 1
            yield self._names[number]
            if number + 1 == len(self._starts):
                return
            place = self._text.find(piece, self._starts[number + 1])


def _longest(expected: str) -> str:
    """The longest text of a name that a near one holds too: without the extension, between two stars."""
    return max((squeezed(piece) for piece in _parted(expected)[0].split("*")), key=len)
