"""A place that has holidays: a country, a part of it, and which sorts of its holidays count."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

CATEGORIES = frozenset(
    [
        "albanian",
        "armed_forces",
        "armenian",
        "bank",
        "bosnian",
        "catholic",
        "christian",
        "de_facto",
        "government",
        "half_day",
        "hebrew",
        "hindu",
        "islamic",
        "optional",
        "optional_women",
        "orthodox",
        "protestant",
        "roma",
        "sabian",
        "school",
        "serbian",
        "turkish",
        "unofficial",
        "vlach",
        "workday",
        "yazidi",
    ]
)
"""The sorts of holidays that the `holidays` library knows beside the public ones."""


class Place(NamedTuple):
    """Where a day is asked about.

    ``country`` is an ISO code, ``subdivision`` a code or name of the `holidays` library, ``site`` a site's code where
    there is one. ``categories`` of holidays count beside the public ones.
    """

    country: str = ""
    subdivision: str = ""
    site: str = ""
    categories: tuple[str, ...] = ()

    @classmethod
    def read(cls, written: str) -> Place:
        """The place written as ``FR``, ``FR-57``, ``FR-Alsace`` or ``DE-BY catholic``."""
        return _read(written)

    @classmethod
    def of(cls, country: str, subdivision: str, site: str = "") -> Place:
        """The place of a site's row: ``FR`` and ``57``, or ``DE`` and ``BY catholic``."""
        known = _read(f"{country}-{subdivision}" if subdivision else country)
        return known if not site else known._replace(site=site)

    @property
    def code(self) -> str:
        """As people write it: ``FR``, ``FR-57``, ``DE-BY catholic``."""
        place = f"{self.country}-{self.subdivision}" if self.subdivision else self.country
        return " ".join((place, *self.categories))


@lru_cache(maxsize=4096)
def _read(written: str) -> Place:
    words, categories = written.split(" "), set[str]()
    while len(words) > 1 and words[-1] in CATEGORIES:
        categories.add(words.pop())
    country, _, subdivision = " ".join(words).partition("-")
    if subdivision in CATEGORIES:  # a row without a subdivision, of which only a category is written
        categories.add(subdivision)
        subdivision = ""
    return Place(country, subdivision, "", tuple(sorted(categories)))
