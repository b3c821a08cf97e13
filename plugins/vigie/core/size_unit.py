"""Sizes in octets: in French 512 Ko are kilobytes, and no KO."""

from __future__ import annotations

import re

UNITS = frozenset({"ko", "mo", "go", "to", "po"})
"""Kilo-, mega-, giga-, tera- and petaoctets, case ignored; each is a word of another meaning too."""

_NUMBER = re.compile(r"(?<![\w.,])(?P<whole>\d{1,3}(?:[\s.'’]\d{3})+|\d+)(?P<rest>[.,]\d+)?\s*$")
_RATE = re.compile(r"\s?/\s?(?:s|sec|secondes?|min|h)\b", re.IGNORECASE)
_SIZE = r"\b(?:tailles?|size|poids|d[ée]bit|fichiers? de)"
_SIZE_BEFORE = re.compile(rf"{_SIZE}\s*[:=(\[]*\s*$|\.[a-z]{{2,5}}\s*[(\[]\s*$", re.IGNORECASE)
_SIZE_IN = re.compile(rf"{_SIZE}\W{{0,3}}(?:en|in)?\W{{0,2}}$", re.IGNORECASE)
_OF_A_SIZE = re.compile(r"\s?(?:libres?|free|restants?|utilis[ée]s?|used|transf[ée]r[ée]s?)\b", re.IGNORECASE)
_COUNTED = re.compile(r"(?<![\w.,])\d+\s*oks?\b", re.IGNORECASE)
_OF_MANY = re.compile(r"\s*(?:sur|/|of|out of|von|de)\s*\d", re.IGNORECASE)
_LARGE = 100
"""A number from which it is no count of what failed."""


def is_size(word: str, before: str, after: str) -> bool:
    """Whether a unit, written so between these texts, is one.

    ``Ko`` behind a number always is. ``KO`` and ``ko`` count failures too (*12 OK, 3 KO*): they are a unit where the
    number is no count, or a word beside it speaks of sizes.
    """
    as_a_unit = word[:1].isupper() and word[1:].islower()
    number = _NUMBER.search(before)
    if number is None:
        return as_a_unit and _SIZE_IN.search(before) is not None
    if as_a_unit or _RATE.match(after):
        return True
    if _COUNTED.search(before) or _COUNTED.search(after) or _OF_MANY.match(after):
        return False
    if number["rest"] or _SIZE_BEFORE.search(before[: number.start()]):
        return True
    if not word.islower():
        return False
    return int(re.sub(r"\D", "", number["whole"])[:9]) >= _LARGE or _OF_A_SIZE.match(after) is not None
