"""Public holidays and weekends by country and subdivision, from the `holidays` library.

A country's year is computed once per process. The library is loaded by the first question (a third of a second), not
by reading a flux: the watches of a client without a calendar never pay for it.
"""

from __future__ import annotations

import inspect
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

FORMER: Mapping[tuple[str, str], tuple[str, str]] = {
    ("FR", "67"): ("67 is Bas-Rhin", "6AE"),
    ("FR", "68"): ("68 is Haut-Rhin", "6AE"),
    ("FR", "A"): ("A is Alsace", "6AE"),
    ("FR", "GES"): ("GES is Grand Est, of which Alsace and Moselle have holidays of their own", "6AE"),
    **{
        ("FR", place): (f"{place} is in Alsace", "6AE")
        for place in ("Bas-Rhin", "Haut-Rhin", "Strasbourg", "Mulhouse", "Colmar")
    },
    **{("FR", place): (f"{place} is in Moselle", "57") for place in ("Metz", "Thionville")},
    ("FR", "Alsace-Moselle"): ("Alsace and Moselle are two, and Moselle is 57", "6AE"),
}
"""Places that people know and the library does not (ISO 3166-2, before 2021 or of another level, and towns): what each is,
and what to write."""

WITHOUT_OWN: Mapping[str, re.Pattern[str]] = {
    "FR": re.compile(r"0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|20R|COR|ARA|BFC|BRE|CVL|HDF|IDF|NAQ|NOR|OCC|PAC|PDL", re.ASCII),
}
"""Subdivisions that are so called (INSEE, ISO 3166-2) and have no holidays but those of their country."""

_PUBLIC = "public"


class Holiday(NamedTuple):
    """Its name, and whether its date is only computed: nobody has announced it yet, or seen the moon."""

    name: str
    estimated: bool = False


def why_unknown(country: str, subdivision: str = "", categories: tuple[str, ...] = ()) -> str:
    """What is wrong with a place, as a clause: ``'XX' is no country whose holidays are known``; empty where nothing is."""
    known = _class_of(country)
    if known is None:
        return f"'{country}' is no country whose public holidays are known"
    if subdivision and _subdivision(country, subdivision) is None:
        if not subdivisions_of(country):
            return f"the country '{country}' has no subdivisions"
        first, _, rest = subdivision.rpartition(" ")
        if first and _subdivision(country, first) is not None:
            return f"the country '{country}' has no category '{rest}' of holidays"
        return f"the country '{country}' has no subdivision '{subdivision}'"
    lacking = [each for each in categories if each not in categories_of(country)]
    return f"the country '{country}' has no category '{lacking[0]}' of holidays" if lacking else ""


def countries() -> list[str]:
    """The countries whose holidays are known, as two capital letters."""
    from holidays.registry import EntityLoader  # noqa: PLC0415 (loaded when it is needed: see above)

    return sorted({code for code in EntityLoader.get_country_codes() if len(code) == 2})


def subdivisions_of(country: str) -> tuple[str, ...]:
    """The codes of a country's subdivisions that have holidays of their own; none where the country is unknown."""
    known = _class_of(country)
    return tuple(known.subdivisions) if known else ()


def named_subdivisions(country: str) -> dict[str, str]:
    """The codes of a country's subdivisions by their names, where the library has them: ``Alsace`` is ``6AE``."""
    known = _class_of(country)
    aliases: Mapping[str, str] = getattr(known, "subdivisions_aliases", None) or {}
    return {name: code for name, code in aliases.items() if len(name) > 3}


def categories_of(country: str) -> tuple[str, ...]:
    """The sorts of holidays of a country beside the public ones."""
    known = _class_of(country)
    return tuple(sorted(set(known.supported_categories) - {_PUBLIC})) if known else ()


def public_holiday(
    country: str, subdivision: str, day: date, language: str = "en", categories: tuple[str, ...] = ()
) -> Holiday | None:
    """The holiday, named in this language where the library has it; None where the day is none.

    A country that nobody knows has no holidays: its files stay expected (``./vigie check`` tells of it). Where a day
    has two holidays, one that is sure is told before one that is estimated.
    """
    return _year(country, subdivision, day.year, language, categories).get(day)


def is_rest_day(country: str, day: date) -> bool:
    """Whether the day is of the country's own weekend, as it was in that year (Friday and Saturday, Sunday only…)."""
    year = _week(country, day.year)
    return year is not None and bool(year.is_weekend(day)) and day not in year.weekend_workdays


@cache
def _week(country: str, year: int) -> Any:
    known = _class_of(country)
    return known(years=year) if known else None


@cache
def _year(
    country: str, subdivision: str, year: int, language: str, categories: tuple[str, ...]
) -> Mapping[date, Holiday]:
    known = _class_of(country)
    code = _subdivision(country, subdivision) if subdivision else ""
    if known is None or code is None:
        return {}
    # Some countries hide that the date of an Islamic holiday is only computed (Saudi Arabia, Côte d'Ivoire, Palestine).
    shown = {"islamic_show_estimated": True} if _hides_estimates(known) else {}
    wanted = (_PUBLIC, *(each for each in categories if each in known.supported_categories))
    usable = [each for each in wanted if each in known.supported_categories]
    found = known(years=year, subdiv=code or None, language=_spoken(known, language), categories=usable, **shown)
    label = found.tr(getattr(known, "estimated_label", ""))
    return {day: _holiday(found.get_list(day), label) for day in found}


def _hides_estimates(known: Any) -> bool:
    parameter = inspect.signature(known.__init__).parameters.get("islamic_show_estimated")
    return parameter is not None and parameter.default is False


def _holiday(names: list[str], label: str) -> Holiday:
    """What a day is called: by what is sure of it, else by what is estimated. ``label`` is as ``%s (estimated)``."""
    mark = label.replace("%s", "").strip(" ()\uff08\uff09")
    sure = [name for name in names if not mark or mark not in name]
    if sure:
        return Holiday("; ".join(sure))
    before, _, after = label.partition("%s")
    return Holiday("; ".join(name.removeprefix(before).removesuffix(after) for name in names), estimated=True)


@cache
def _class_of(country: str) -> Any:
    from holidays.registry import EntityLoader  # noqa: PLC0415 (loaded when it is needed: see above)

    if len(country) != 2 or country not in set(EntityLoader.get_country_codes()):
        return None
    import holidays  # noqa: PLC0415 (loaded when it is needed: see above)

    return type(holidays.country_holidays(country))


@cache
def _subdivision(country: str, written: str) -> str | None:
    """The library's code of a subdivision, by its code or name, whatever its case and accents; None where there is none."""
    known = _class_of(country)
    if known is None:
        return None
    if written in known.subdivisions:
        return written
    aliases: Mapping[str, str] = getattr(known, "subdivisions_aliases", None) or {}
    plain = {_plain(name): code for name, code in (*aliases.items(), *((each, each) for each in known.subdivisions))}
    return plain.get(_plain(written))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _spoken(known: Any, language: str) -> str | None:
    """The library's own word for a language; English where it lacks it, else the country's own."""
    has = sorted(known.supported_languages)
    for wanted in (language, "en"):
        near = [each for each in has if each.partition("_")[0] == wanted]
        if near:
            return str(next((each for each in near if each.endswith("_US")), near[0]))
    return None
