"""A pattern of words alone, found in a text: what it says there, and where it only looks as if it did.

``512 Ko`` is no KO, ``NOT OK`` no OK, ``KO: 0`` a count, ``KO -> OK`` a state that is over. What is known here is
right for the plain word wherever it stands; a regular expression means what its author wrote, and is asked no further.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

from vigie.core.denial import sense_of
from vigie.core.failure_word import FAILURES, counts_none, is_over
from vigie.core.pattern import Found, Place, find, is_plain, places
from vigie.core.size_unit import UNITS, is_size

Says = Literal["failure", "success", "anything"]
"""What a rule looks for with its pattern: that something failed, that all is well, or neither."""

_FAILING = FAILURES | UNITS
_SHOWN = 24
_WRAPPED = 50
_MOST = 500
"""Places of one pattern in one text that are read. What lies beyond is believed, but a success that is denied there."""

_DENIES = r"(?:\b(?:not|no|non|pas|nicht|kein|keine|niet|inte|ikke|nie|never|jamais)[\s_-]+|n['’]t\s)(?:{})\b"

_WHY = {
    "size": "a size in octets",
    "none": "a count of none",
    "over": "a state that is over",
    "denied": "denied",
    "none of it": "a count of none",
    "in part": "true in part",
    "asked": "a question",
    "awaited": "not there yet",
}
_VETOES = frozenset({"denied", "in part"})
"""What speaks for a whole text: a log that ends with *not OK* is no OK, whatever else is OK in it."""


class TakenBack(NamedTuple):
    """The pattern is in the text, and does not say there what it says alone; why, with the words beside it."""

    why: str


def look_for(pattern: str, text: str, says: Says, *, ignore_case: bool) -> Found | TakenBack | None:
    """What the pattern finds in the text; None where it is not there at all."""
    found = find(pattern, text, ignore_case=ignore_case)
    if found is None or not is_plain(pattern) or says == "anything":
        return found
    last = pattern.casefold().split()[-1]
    if (last in FAILURES) if says == "success" else (last not in _FAILING):
        return found
    return _read(pattern, text, says, ignore_case=ignore_case)


@lru_cache(maxsize=32)
def _read(pattern: str, text: str, says: Says, *, ignore_case: bool) -> Found | TakenBack:
    """Many rules ask one mail for the same plain word."""
    if says == "success":
        return _success(pattern, text, ignore_case=ignore_case)
    return _failure(places(pattern, text, ignore_case=ignore_case))


def _failure(found: Iterable[Place]) -> Found | TakenBack:
    """The first place that means it; where none does, why the first does not."""
    taken: TakenBack | None = None
    for number, place in enumerate(found):
        reason = None if number >= _MOST else _no_failure(place)
        if reason is None:
            return Found(place.text, {})
        taken = taken or TakenBack(f"{_shown(place)!r}: {_WHY[reason]}")
    return taken or TakenBack("")


def _success(pattern: str, text: str, *, ignore_case: bool) -> Found | TakenBack:
    """The first place that means it, unless another one denies it."""
    meant: Found | None = None
    taken: TakenBack | None = None
    for number, place in enumerate(places(pattern, text, ignore_case=ignore_case)):
        if number == _MOST:
            denied = find(_DENIES.format(pattern), text)
            return TakenBack(f"{denied.text!r}: {_WHY['denied']}") if denied else meant or taken or TakenBack("")
        reason = _no_success(place)
        if reason is None:
            meant = meant or Found(place.text, {})
            continue
        why = TakenBack(f"{_shown(place)!r}: {_WHY[reason]}")
        if reason in _VETOES:
            return why
        taken = taken or why
    return meant or taken or TakenBack("")


def _no_failure(place: Place) -> str | None:
    before, after = _line_before(place.before), _line_after(place.after)
    if place.text.casefold() in UNITS and is_size(place.text, before, after):
        return "size"
    if place.text.casefold().split()[-1] not in FAILURES:
        return None
    if counts_none(place.text, before, after):
        return "none"
    return "over" if is_over(before, after) else None


def _no_success(place: Place) -> str | None:
    before, after = _line_before(place.before), _line_after(place.after)
    if place.text.casefold() in UNITS and is_size(place.text, before, after):
        return "size"
    return sense_of(place.text, before, after)


def _line_before(text: str) -> str:
    """The words before, of the same line; a line that a mail program broke goes on."""
    lines = text.splitlines() if text[-1:] not in {"\n", "\r"} else [*text.splitlines(), ""]
    if len(lines) > 1 and len(lines[-2]) >= _WRAPPED and not lines[-1].strip():
        return " ".join(lines[-2:])
    return lines[-1] if lines else ""


def _line_after(text: str) -> str:
    return text.partition("\n")[0].rstrip("\r")


def _shown(place: Place) -> str:
    before, after = _line_before(place.before)[-_SHOWN:], _line_after(place.after)[:_SHOWN]
    before = before if len(before) < _SHOWN else before.partition(" ")[2]
    after = after if len(after) < _SHOWN else after.rpartition(" ")[0]
    return f"{before}{place.text}{after}".strip()
