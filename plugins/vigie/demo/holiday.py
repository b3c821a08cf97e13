"""A public holiday that is somewhere in the world today, so that the night has one without faking the date."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from importlib.resources import files
from typing import NamedTuple

from vigie.core.public_holidays import countries, public_holiday
from vigie.core.zone import ZoneInfo

_FIRST_ASKED = (
    "JP",
    "FR",
    "US",
    "IT",
    "GB",
    "ES",
    "CH",
    "DE",
    "PT",
    "CA",
    "BR",
    "IN",
    "KR",
    "AU",
    "AE",
    "SG",
    "TH",
    "MX",
)


class Holiday(NamedTuple):
    """A store in a place whose date at ``at`` is a public holiday; ``name`` is empty where none is known anywhere."""

    country: str
    zone: str
    day: date
    name: str

    @property
    def town(self) -> str:
        """The town after which the zone is called."""
        return self.zone.rpartition("/")[2].replace("_", " ")

    @property
    def code(self) -> str:
        """The store's code."""
        return f"{self.town[:3].upper()}-AIRPORT"


def holiday_somewhere(at: datetime, language: str, *, elsewhere_than: Collection[str] = ()) -> Holiday:
    """The first place of which the date at this instant is a holiday. On one date in twenty there is none.

    The countries of ``elsewhere_than`` are asked last.
    """
    zones = dict(_zones())
    asked = [country for country in (*_FIRST_ASKED, *countries()) if country in zones]
    for country in sorted(asked, key=lambda each: each in elsewhere_than):
        day = at.astimezone(ZoneInfo(zones[country])).date()
        found = public_holiday(country, "", day, language)
        if found is not None and not found.estimated:
            return Holiday(country, zones[country], day, found.name)
    return Holiday("FR", "Europe/Paris", at.astimezone(ZoneInfo("Europe/Paris")).date(), "")


def _zones() -> Iterator[tuple[str, str]]:
    """The first zone of each country, by the table of the time-zone database."""
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines()
    for line in reversed(lines):  # the first of a country wins
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            yield country, zone
