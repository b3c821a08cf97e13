"""The addresses of a header, as people and programs write them: what stands in ``<…>`` counts, a name never does."""

from __future__ import annotations

import re
from email.utils import getaddresses
from functools import lru_cache

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)

_LIMIT = 2_000
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
_IN_ANGLES = re.compile(r"<\s*(?:mailto:)?([^<>\s]{1,64}@[^<>\s,;]{1,255}?)\s*(?:>|$)", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,500}"')
_COMMENT = re.compile(r"\([^()]{0,500}\)")


@lru_cache(maxsize=64)  # a header is asked several times
def addresses_of(written: str) -> tuple[str, ...]:
    """The addresses, in small letters, in their order.

    A header that is well-formed (RFC 5322 3.4) is read as it stands. Of another, each ``<…>`` with an address in it
    counts, of several in front of each other the last: ``<Batch> <batch@acme.example>``; where there is none, whatever
    looks like an address outside of quotes and remarks.
    """
    written = " ".join(written.split())[:_LIMIT]
    if not written:
        return ()
    strict = _strict(written)
    if strict and all(_is_address(each) and each in written.lower() for each in strict) and _agrees(written, strict):
        return tuple(strict)
    bare = _COMMENT.sub(" ", _QUOTED.sub(" ", written))
    found = _angled(bare) or _angled(_QUOTED.sub(" ", written)) or [each[0] for each in _ADDRESS.finditer(bare)]
    found = found or [each[0] for each in _ADDRESS.finditer(written)]
    return tuple(each.strip("'").lower() for each in found) or tuple(each for each in strict if each)


def _strict(written: str) -> list[str]:
    try:
        return [address.lower() for _, address in getaddresses([written]) if address]
    except _UNREADABLE:
        return []


def _is_address(written: str) -> bool:
    return _ADDRESS.fullmatch(written) is not None and written[0] != "'"


def _agrees(written: str, strict: list[str]) -> bool:
    """Whether no address in angles was overlooked: where there is one, it is whom the mail is from."""
    angled = _angled(_COMMENT.sub(" ", _QUOTED.sub(" ", written)))
    return not angled or angled[0] in strict[:1]


def _angled(written: str) -> list[str]:
    """One address for each element of a list: where several stand in one, the last."""
    found: list[str] = []
    end = 0
    for each in _IN_ANGLES.finditer(written):
        between = written[end : each.start()]
        if found and "," not in between and ";" not in between:
            found.pop()
        found.append(each[1].strip("'\"").lower())
        end = each.end()
    return found
