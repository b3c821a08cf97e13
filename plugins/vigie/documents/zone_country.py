"""Whether the clocks of a zone are those of a country, as the pinned `tzdata` knows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from vigie.core.zone import ZoneInfo

_TERRITORIES: Mapping[str, str] = {
    "FR": "BL GF GP MF MQ NC PF PM RE TF WF YT", "GB": "AI BM FK GG GI GS IM IO JE KY MS PN SH TC VG", "NL": "AW BQ CW SX",
    "US": "AS GU MP PR UM VI", "DK": "FO GL", "NO": "SJ", "FI": "AX", "CN": "HK MO", "AU": "CC CX NF", "NZ": "CK NU TK",
}  # fmt: skip
"""Places with a code of their own (ISO 3166) where people also write that of the country they belong to."""

_OF_NO_PLACE = frozenset({"UTC", "GMT", "UCT", "Universal", "Zulu", "Greenwich"})

_YEAR = 2026


def clocks_of(country: str) -> list[str]:
    """The zones of a country (two capital letters) and of its territories; empty where it is not known."""
    table = _zones()
    return [zone for code in (country, *_TERRITORIES.get(country, "").split()) for zone in table.get(code, ())]


def fits(zone: str, country: str) -> bool:
    """Whether a place of the country shows these hours all year. What is not known fits, and so does UTC: that is chosen."""
    if zone.startswith("Etc/") or zone in _OF_NO_PLACE:
        return True
    zones = clocks_of(country)
    return not zones or zone in zones or _hours(zone) in {_hours(each) for each in zones}


@cache
def _zones() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found.setdefault(country, []).append(zone)
    return {country: tuple(zones) for country, zones in found.items()}


@cache
def _hours(zone: str) -> tuple[timedelta | None, ...]:
    """What the clocks of a zone differ from UTC, each three days of a year."""
    begin = datetime(_YEAR, 1, 1, 12, tzinfo=UTC)
    return tuple((begin + timedelta(days=day)).astimezone(ZoneInfo(zone)).utcoffset() for day in range(0, 365, 3))
