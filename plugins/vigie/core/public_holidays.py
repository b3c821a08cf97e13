"""Public holidays and weekends by country and subdivision, from the `holidays` library.

A country's year is computed once per process. The library is loaded by the first question (a third of a second), not
by reading a flux: the watches of a client without a calendar never pay for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any


def why_unknown(country: str, subdivision: str = "") -> str:
    """What is wrong with a place, as a clause: ``'XX' is no country whose holidays are known``; empty where nothing is."""
    known = _class_of(country)
    if known is None:
        return f"'{country}' is no country whose public holidays are known"
    if subdivision and subdivision not in subdivisions_of(country):
        has = "has no subdivisions" if not subdivisions_of(country) else f"has no subdivision '{subdivision}'"
        return f"the country '{country}' {has}"
    return ""


def countries() -> list[str]:
    """The countries whose holidays are known, as two capital letters."""
    from holidays.registry import EntityLoader  # noqa: PLC0415 (loaded when it is needed: see above)

    return sorted({code for code in EntityLoader.get_country_codes() if len(code) == 2})


def subdivisions_of(country: str) -> tuple[str, ...]:
    """The codes of a country's subdivisions that have holidays of their own; none where the country is unknown."""
    known = _class_of(country)
    return tuple(known.subdivisions) if known else ()


def public_holiday(country: str, subdivision: str, day: date, language: str = "en") -> str | None:
    """The name of the holiday, in this language where the library has it; None where the day is none.

    A country that nobody knows has no holidays: its files stay expected (``./vigie check`` tells of it).
    """
    return _year(country, subdivision, day.year, language).get(day)


def is_rest_day(country: str, day: date) -> bool:
    """Whether the day is of the country's own weekend, as it was in that year (Friday and Saturday, Sunday only…)."""
    year = _week(country, day.year)
    return year is not None and bool(year.is_weekend(day)) and day not in year.weekend_workdays


@cache
def _week(country: str, year: int) -> Any:
    known = _class_of(country)
    return known(years=year) if known else None


@cache
def _year(country: str, subdivision: str, year: int, language: str) -> Mapping[date, str]:
    known = _class_of(country)
    if known is None or (subdivision and subdivision not in known.subdivisions):
        return {}
    found = known(years=year, subdiv=subdivision or None, language=_spoken(known, language))
    return dict(found.items())


@cache
def _class_of(country: str) -> Any:
    from holidays.registry import EntityLoader  # noqa: PLC0415 (loaded when it is needed: see above)

    if len(country) != 2 or country not in set(EntityLoader.get_country_codes()):
        return None
    import holidays  # noqa: PLC0415 (loaded when it is needed: see above)

    return type(holidays.country_holidays(country))


def _spoken(known: Any, language: str) -> str | None:
    """The library's own word for a language; English where it lacks it, else the country's own."""
    has = sorted(known.supported_languages)
    for wanted in (language, "en"):
        near = [each for each in has if each.partition("_")[0] == wanted]
        if near:
            return str(next((each for each in near if each.endswith("_US")), near[0]))
    return None
