"""Texts that a pattern finds, made from the pattern: enough to see what a rule can never do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]  # Python's own tree of a pattern; read with 3.11 to 3.13
from typing import Any, NamedTuple

from vigie.core.pattern import find, is_plain

_CLASSES = re.compile(r"\\[pP](?:\{\^?\w+\}|\w)")
_READ_OTHERWISE = re.compile(r"\[\^?\[|--|&&|~~|\|\|")
"""Classes within classes: RE2 knows some, Python warns of all."""

_TRIED = "qZ7 -_.:/#é"
_BRANCHES = 4


class UnknownError(Exception):
    """The pattern holds what only RE2 reads."""


class _Choice(NamedTuple):
    """Which of its texts: how often what repeats, and which of several."""

    long: bool
    branch: int


@lru_cache(maxsize=512)
def samples(pattern: str, *, ignore_case: bool = True) -> tuple[str, ...]:
    """Some texts that the pattern finds, the plainest first; none where they cannot be made."""
    if is_plain(pattern):
        return (pattern,)
    if _READ_OTHERWISE.search(pattern):
        return ()
    try:
        tree = _parser.parse(_CLASSES.sub("q", pattern).replace(r"\z", r"\Z"))
        choices = [_Choice(long, branch) for long in (False, True) for branch in range(_BRANCHES)]
        made = dict.fromkeys(_text(tree, choice) for choice in choices)
    except (UnknownError, re.error, RecursionError, OverflowError):
        return ()
    return tuple(text for text in made if find(pattern, text, ignore_case=ignore_case) is not None)


def _text(tree: Any, choice: _Choice) -> str:
    return "".join(_piece(kind, of, choice) for kind, of in tree)


def _piece(kind: Any, of: Any, choice: _Choice) -> str:
    if kind is op.LITERAL:
        return chr(of)
    if kind is op.ANY:
        return _TRIED[0]
    if kind in {op.NOT_LITERAL, op.IN}:
        return _one_of([(op.NEGATE, None), (op.LITERAL, of)] if kind is op.NOT_LITERAL else of)
    if kind is op.SUBPATTERN:
        return _text(of[-1], choice)
    if kind is op.BRANCH:
        return _text(of[1][choice.branch % len(of[1])], choice)
    if kind in {op.MAX_REPEAT, op.MIN_REPEAT}:
        least, most, repeated = of
        times: int = min(max(least, 3 if choice.long else 0), most, 1_000)
        return _text(repeated, choice) * times
    if kind is op.AT:
        return ""
    raise UnknownError


def _one_of(members: Sequence[tuple[Any, Any]]) -> str:
    """A character of a class: a usual one where it holds one, else the first that its own words name."""
    negated = members[0][0] is op.NEGATE
    for each in _TRIED:
        if any(_holds(kind, of, each) for kind, of in members) != negated:
            return each
    for kind, of in members:
        if not negated and kind in {op.LITERAL, op.RANGE}:
            return chr(of if kind is op.LITERAL else of[0])
    raise UnknownError


def _holds(kind: Any, of: Any, character: str) -> bool:
    if kind is op.LITERAL:
        return chr(of) == character
    if kind is op.RANGE:
        return bool(of[0] <= ord(character) <= of[1])
    if kind is op.CATEGORY:
        written = {op.CATEGORY_DIGIT: r"\d", op.CATEGORY_WORD: r"\w", op.CATEGORY_SPACE: r"\s"}
        opposite = {op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_NOT_WORD: r"\W", op.CATEGORY_NOT_SPACE: r"\S"}
        return re.fullmatch((written | opposite)[of], character, re.ASCII) is not None
    return False
