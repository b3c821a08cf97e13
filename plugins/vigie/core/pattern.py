"""Authors' regular expressions, run by RE2: time grows with the text, never with the pattern.

Syntax: https://github.com/google/re2/wiki/Syntax (no look-around, no back-references).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import re2

from vigie.core.spelling import spelling

_PLAIN = re.compile(r"[^\W_](?:[\w '’-]*[^\W_])?")
_LETTER = r"\p{Latin}\p{Greek}\p{Cyrillic}\p{Nd}"
"""What ends a word where it stands beside it. Kana, Han and Hangul do not: they are written without spaces."""


class Found(NamedTuple):
    """What a pattern found: the text, and the named groups that took part."""

    text: str
    groups: dict[str, str]


@lru_cache(maxsize=4096)
@lru_cache(maxsize=4096)
def is_plain(pattern: str) -> bool:
    """Whether a pattern is but words; then they are looked for as whole words: KO is not in BANGKOK."""
    return _PLAIN.fullmatch(pattern) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    options.max_mem = 1 << 20
    if is_plain(pattern):
        pattern = folded(pattern)
        words = r"\s+".join(pattern.split())
        # A word of a script without spaces is found in any company.
        begins, ends = (re2.search(f"[{_LETTER}]", pattern[place]) is not None for place in (0, -1))
        pattern = (f"(?:^|[^{_LETTER}])" if begins else "") + f"({words})" + (f"(?:$|[^{_LETTER}])" if ends else "")
    else:
        pattern = spelling(pattern)
    return re2.compile(pattern, options)


def check_pattern(pattern: str) -> str:
    """Return the pattern, or raise ValueError with a sentence that says what is refused in it, and what to do."""
    if len(pattern) > LONGEST:
        raise ValueError(
            f"the pattern {_shown(pattern)} has {len(pattern):,} characters, and at most {LONGEST:,} are read:"
            " write several watches"
        )
    try:
        steps = max(_compiled(pattern, ignore_case).programsize for ignore_case in (False, True))
    except UnicodeError:
        raise ValueError(f"the pattern {pattern[:_SHOWN]!a} holds half a character (a lone surrogate)") from None
    except re2.error as refused:
        reason = refused.args[0].decode("utf-8", "replace") if isinstance(refused.args[0], bytes) else str(refused)
        advice = next((says for sign, says in _ADVICE if sign.search(pattern if "large" in reason else reason)), "")
        reason = reason if len(reason) <= _SHOWN else f"{reason[:_SHOWN]}…"
        raise ValueError(
            f"the pattern {_shown(pattern)} is not a regular expression of RE2: {reason}{advice}"
        ) from None
    if steps > _MOST_STEPS:
        raise ValueError(
            f"the pattern {_shown(pattern)} takes {steps:,} steps a character, and at most {_MOST_STEPS:,} are taken:"
            " write smaller numbers in its {…}, or + and *"
        )
    return pattern


_MOST_STEPS = 5_000
"""RE2's own count. With so many, the longest text that is read takes about two seconds in the worst case."""

LONGEST = 5_000
"""Characters of a pattern. RE2 needs some memory and time for each."""

_SHOWN = 100
_ADVICE = (
    (
        re.compile(r"\(\?<?[=!]"),
        "; nothing looks ahead or behind: match what stands there too, and take your part in a group, (?P<name>…)",
    ),
    (
        re.compile(r"\\[1-9]|\(\?P$"),
        "; a group cannot be asked for again within its pattern: write out what it may be",
    ),
    (re.compile(r"\(\?>|[*+?}]\+"), "; nothing is possessive, and need not be: time never explodes here"),
    (re.compile(r"\}"), "; repetitions within repetitions multiply: write smaller numbers, or + and *"),
)
"""What an author who knows other regular expressions misses, and what he writes instead."""


def _shown(pattern: str) -> str:
    return f"'{pattern}'" if len(pattern) <= _SHOWN else f"'{pattern[:_SHOWN]}…'"


def group_names(pattern: str) -> frozenset[str]:
    """The named groups of a pattern."""
    return frozenset(_compiled(pattern, False).groupindex)


def folded(text: str) -> str:
    """A text as plain words are looked for in it (NFKC, UAX 15): ＫＯ is KO, ﬁ is fi, ’ is ', and what nobody sees is gone."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text.translate(_FOLDED))


_FOLDED = {0x2019: "'", 0x2018: "'", **dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))}
"""The apostrophe of printers; soft hyphens, spaces and joiners without width, byte order marks."""


@lru_cache(maxsize=8)
def _encoded(text: str, fold: bool) -> bytes:
    """RE2 reads UTF-8; a text is asked by many patterns, and encoded once. With ``fold``, as plain words are looked for."""
    return (folded(text) if fold else text).encode("utf-8", "replace")


def find(pattern: str, text: str, *, ignore_case: bool = True) -> Found | None:
    """Search the text; what was found first, or None where nothing matches."""
    search, plain = _search(pattern, ignore_case)
    found = search(_encoded(text, plain))
    if found is None:
        return None
    groups = {name: _decoded(value) for name, value in found.groupdict().items() if value is not None}
    return Found(_decoded(found[1] if plain else found[0]), groups)


@lru_cache(maxsize=4096)
def _search(pattern: str, ignore_case: bool) -> tuple[Callable[[bytes], re2._Match | None], bool]:
    return _compiled(pattern, ignore_case).search, is_plain(pattern)


_CONSTANT = re.compile(r"(?:\\[^\w\s]|\\b|\\s[+*]?|[^\\.*+?{}\[\]()|^$])+")
_EDGES = re.compile(r"^(?:\(\?i\))?(?:\^|\\A)?|(?:\$|\\z)$")


def constant(pattern: str) -> str | None:
    """The one text that a pattern can find, but for its case and its blanks; None where it can find several."""
    bare = _EDGES.sub("", pattern)
    if _CONSTANT.fullmatch(bare) is None:
        return None
    return re.sub(r"\\s[+*]?|\\b|\\", lambda found: " " if found[0][1:2] == "s" else "", bare)


def without(pattern: str, text: str, *, ignore_case: bool = True) -> str:
    """The text with a blank in place of whatever the pattern finds in it."""
    plain = is_plain(pattern)
    encoded, compiled = _encoded(text, plain), _compiled(pattern, ignore_case)
    left, start = [], 0
    while (found := compiled.search(encoded, start)) is not None:
        first, last = found.span(1 if plain else 0)
        if last == first:
            break
        left.append(encoded[start:first])
        start = last
    return b" ".join([*left, encoded[start:]]).decode("utf-8", "replace")


class Place(NamedTuple):
    """Where a plain pattern stands in a text: as it is written there, and some characters before and after it."""

    text: str
    before: str
    after: str


_BESIDE = 160
"""Bytes before and after: some fifty characters of any script."""


def places(pattern: str, text: str, *, ignore_case: bool = True) -> Iterator[Place]:
    """Every place of a plain pattern, in their order."""
    encoded, compiled, start = _encoded(text, True), _compiled(pattern, ignore_case), 0
    while (found := compiled.search(encoded, start)) is not None:
        first, last = found.span(1)
        before, after = encoded[max(0, first - _BESIDE) : first], encoded[last : last + _BESIDE]
        yield Place(
            encoded[first:last].decode("utf-8", "replace"),
            before.decode("utf-8", "ignore"),
            after.decode("utf-8", "ignore"),
        )
        start = last


def _decoded(piece: bytes | str) -> str:
    return piece.decode("utf-8", "replace") if isinstance(piece, bytes) else piece


def search(pattern: str, text: str, *, ignore_case: bool = True) -> dict[str, str] | None:
    """Search the text; the named groups that took part, or None where nothing matches."""
    found = find(pattern, text, ignore_case=ignore_case)
    return None if found is None else found.groups


def matches_anything(pattern: str) -> bool:
    """Whether a pattern is content with an empty text, and so with any."""
    return _compiled(pattern, True).search("") is not None


def matching_everything(task_id: str, patterns: Mapping[str, str | None]) -> list[str]:
    """What is wrong with the patterns, given by their words, that are content with any text."""
    return [
        f"{task_id}: the pattern {pattern!r} of {name} matches an empty text, and so every mail."
        for name, pattern in patterns.items()
        if pattern is not None and matches_anything(pattern)
    ]


def phrases(*written: str) -> re2._Regexp:
    """Our own patterns as one, case ignored: run by RE2 as well, for the texts are anybody's.

    Their accents count as written or left out: many servers still write French and German in ASCII.
    """
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = 1 << 24
    return re2.compile("|".join(f"(?:{_PIECE.sub(_bare_too, one)})" for one in written), options)


_PIECE = re.compile(r"\[[^\]]*\]|[À-ÖØ-öø-ſ]")
_SPELT_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "œ": "oe"}


def _bare_too(piece: re.Match[str]) -> str:
    """A letter with an accent, or a set of letters, and what stands for it in ASCII."""
    if piece[0].startswith("["):
        return piece[0]
    bare = unicodedata.normalize("NFD", piece[0])[0]
    others = [each for each in (bare, _SPELT_OUT.get(piece[0])) if each and each != piece[0]]
    return f"(?:{'|'.join([piece[0], *others])})"
