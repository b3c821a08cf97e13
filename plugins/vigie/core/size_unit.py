"""Sizes in octets: in French 512 Ko are kilobytes, and no KO."""

from __future__ import annotations

import re

UNITS = frozenset({"ko", "mo", "go", "to", "po"})
"""Kilo-, mega-, giga-, tera- and petaoctets, case ignored; each is a word of another meaning too."""

_NUMBER = re.compile(r"(?<![\w.,-])(?P<whole>\d{1,3}(?:[\s.'’]\d{3})+|\d+)(?P<rest>[.,]\d+)?\s*$")
_THING = re.compile(
    r"(?:\b(?:magasin|boutique|store|shop|site|agence|job|batch|lot|traitement|flux|cha[îi]ne|serveur|server|srv|node|n(?:oe|œ)ud"
    r"|[ée]tape|step|t[âa]che|task|run|instance|process|interface|num[ée]ro|queue|file|filiale)|n[o°]|#)\s*$",
    re.IGNORECASE,
)
"""Before a number that is a name: *Magasin 12 Ko* is a shop."""

_RATE = re.compile(r"\s?/\s?(?:s|sec|secondes?|min|h)\b", re.IGNORECASE)
_SIZE = r"\b(?:tailles?|size|poids|d[ée]bit|fichiers? de)"
_SIZE_BEFORE = re.compile(rf"{_SIZE}\s*[:=(\[]*\s*$|\.[a-z]{{2,5}}\s*[(\[]\s*$", re.IGNORECASE)
_SIZE_IN = re.compile(rf"{_SIZE}\W{{0,3}}(?:en|in)?\W{{0,2}}$", re.IGNORECASE)
_OF_A_SIZE = re.compile(r"\s?(?:libres?|free|restants?|utilis[ée]s?|used|transf[ée]r[ée]s?)\b", re.IGNORECASE)
_FILE = re.compile(r"\w\.[a-z]{2,4}\b", re.IGNORECASE)
_COUNTED = re.compile(r"(?<![\w.,])\d+\s*oks?\b", re.IGNORECASE)
_COUNTED_SO = re.compile(r"(?<![\w.,])\d+\s*Oks?\b")
_OF_MANY = re.compile(r"\s*(?:sur|/|of|out of|von|de)\s*\d", re.IGNORECASE)
_LARGE, _IN_BRACKETS = 100, 10
"""Numbers from which it is no count of what failed."""


def is_size(word: str, before: str, after: str) -> bool:
    """Whether a unit, written so between these texts, is one.

    ``Ko`` behind a number always is. ``KO`` and ``ko`` count failures too (*12 OK, 3 KO*): they are a unit where the
    number is no count, or a word beside it speaks of sizes.
    """
    as_a_unit = word[:1].isupper() and word[1:].islower()
    number = _NUMBER.search(before)
    if number is None:
        return as_a_unit and _SIZE_IN.search(before) is not None
    ahead = before[: number.start()]
    if _RATE.match(after):
        return True
    if as_a_unit:
        return not (_COUNTED_SO.search(before) or _COUNTED_SO.search(after) or _THING.search(ahead))
    if _COUNTED.search(before) or _COUNTED.search(after) or _OF_MANY.match(after) or _THING.search(ahead):
        return False
    if number["rest"] or _SIZE_BEFORE.search(ahead):
        return True
    if not word.islower():
        return False
    many = int(re.sub(r"\D", "", number["whole"])[:9])
    bracketed = ahead.rstrip().endswith(("(", "[")) and after.lstrip().startswith((")", "]"))
    return (
        many >= _LARGE or (bracketed and many >= _IN_BRACKETS) or bool(_OF_A_SIZE.match(after) or _FILE.search(ahead))
    )
