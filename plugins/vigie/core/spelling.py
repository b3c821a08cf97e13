"""One name in several spellings: Unicode writes ``é`` as one character or as two, and some senders change the case."""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

_FORMS: Final[tuple[Literal["NFC", "NFD"], ...]] = ("NFC", "NFD")


def spelling(name: str, *, ignore_case: bool = False) -> str:
    """The name as it is compared: in the composed form (NFC, UAX 15), without case where that does not matter.

    macOS sends decomposed names (NFD), Windows and Linux what was typed. Both are the same name to a reader.
    """
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    if not ignore_case:
        return name
    folded = name.casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


def forms(name: str) -> tuple[str, ...]:
    """The name as it is written, and in the other forms in which a server may have it (NFC, NFD)."""
    if name.isascii():
        return (name,)
    return tuple(dict.fromkeys((name, *(unicodedata.normalize(form, name) for form in _FORMS))))
