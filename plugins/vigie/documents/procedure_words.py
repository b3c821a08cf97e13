"""The words that make a page a procedure, in English and in French. An author writes in either."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from vigie.core.procedure import CLOSE, ESCALATE, InputKind

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "meaning": ("Meaning", "Signification"),
    "impact": ("Impact", "Impact"),
    "steps": ("Steps", "Étapes"),
    ESCALATE: ("Escalate", "Escalade"),
    CLOSE: ("Close", "Clôture"),
}
"""The five sections that every procedure has."""

FOUR_EYES = ("Four eyes", "Quatre yeux")
"""The bold words that begin the quote of a step which a second person confirms."""

FILL_IN = ("Fill in", "À remplir")
"""The heading of the first column of a table that asks; the others are the kind and the name."""

COLUMNS = (FILL_IN, ("Kind", "Type"), ("Name", "Nom"))

KINDS: Mapping[InputKind, tuple[str, ...]] = {
    "text": ("text", "texte"),
    "number": ("number", "nombre"),
    "date": ("date", "date"),
    "time": ("time", "heure"),
    "yes_no": ("yes or no", "oui ou non"),
    "one_of": ("one of", "au choix"),
}
"""What may be filled in; after ``one of`` stand a colon and the options, with commas between them."""

OPTIONAL = ("optional", "facultatif")


def is_one_of(written: str, words: Sequence[str]) -> bool:
    """Whether a person wrote one of these words, whatever the case and the accents."""
    return folded(written) in map(folded, words)


@lru_cache(4096)
def folded(title: str) -> str:
    """A heading without case and accents: authors write ``Etapes`` and ``Clôture`` alike."""
    plain = unicodedata.normalize("NFD", title.strip().lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
