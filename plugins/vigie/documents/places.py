"""What is wrong with a place that an author wrote, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from vigie.core.place import Place
from vigie.core.public_holidays import (
    FORMER,
    WITHOUT_OWN,
    categories_of,
    countries,
    named_subdivisions,
    subdivisions_of,
    why_unknown,
)
from vigie.documents.findings import did_you_mean

_OTHER_COUNTRIES = {"UK": "GB", "EL": "GR"}
"""Codes that people write for a country, and its own."""

_LISTED = 20


def why_unknown_place(place: Place) -> str:
    """What is wrong with it, as a clause; empty where nothing is."""
    return why_unknown(place.country, place.subdivision, place.categories)


def nearest_place(place: str) -> str:
    """The remedy for a place that nobody knows."""
    read = Place.read(place)
    country, subdivision = read.country, read.subdivision
    if why_unknown(country):
        if country in _OTHER_COUNTRIES:
            return f"Write '{_OTHER_COUNTRIES[country]}'."
        return did_you_mean(country, countries(), "Write two capital letters, as 'FR'.")
    if not subdivision or not why_unknown(country, subdivision):
        return _nearest_category(country, next(iter(read.categories), ""))
    if not subdivisions_of(country):
        return f"Write '{country}'."
    if (country, subdivision) in FORMER:
        what, code = FORMER[country, subdivision]
        return f"{what}: write {code} ({_name_of(country, code)})."
    if (without := WITHOUT_OWN.get(country)) and without.fullmatch(subdivision):
        return f"It has the holidays of its country: write '{country}'."
    first, _, rest = subdivision.rpartition(" ")
    if first and not why_unknown(country, first):
        return _nearest_category(country, rest)
    known = {code.casefold(): code for code in subdivisions_of(country)}
    known |= {name.casefold(): code for name, code in named_subdivisions(country).items()}
    if near := get_close_matches(subdivision.casefold()[:100], known, n=1, cutoff=0.6):
        return f"Did you mean {_told(country, known[near[0]])}?"
    return f"Known: {_list(_told(country, code) for code in subdivisions_of(country))}."


def _nearest_category(country: str, written: str) -> str:
    known = categories_of(country)
    if not known:
        return "It has public holidays only."
    return did_you_mean(written, known)


def _told(country: str, code: str) -> str:
    name = _name_of(country, code)
    return f"'{code}' ({name})" if name else f"'{code}'"


def _name_of(country: str, code: str) -> str:
    return next((name for name, of in named_subdivisions(country).items() if of == code and name != code), "")


def _list(words: Iterable[str]) -> str:
    listed = sorted(words)
    return ", ".join(listed[:_LISTED]) + (", \u2026" if len(listed) > _LISTED else "")
