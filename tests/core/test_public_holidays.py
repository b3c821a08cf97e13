from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from vigie.core.public_holidays import countries, is_rest_day, public_holiday, subdivisions_of, why_unknown


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "language", "name"),
    [
        ("JP", "", "2026-11-23", "en", "Labor Thanksgiving Day"),
        ("JP", "", "2026-11-23", "ja", "勤労感謝の日"),
        ("JP", "", "2026-11-23", "fr", "Labor Thanksgiving Day"),  # not in French: in English
        ("FR", "", "2026-11-11", "fr", "Armistice"),
        ("FR", "", "2026-12-26", "fr", None),
        ("FR", "57", "2026-12-26", "fr", "Saint-Étienne"),
        ("CH", "", "2026-12-25", "it", "Natale"),
        ("BB", "", "2026-11-30", "fr", "Independence Day"),  # a country of one language
        ("US", "", "2026-11-26", "en", "Thanksgiving Day"),
        ("FR", "ZZ", "2026-12-25", "fr", None),
        ("XX", "", "2026-12-25", "fr", None),
    ],
)
def test_a_holiday_has_a_name_in_the_clients_language(
    country: str, subdivision: str, day: str, language: str, name: str | None
):
    assert public_holiday(country, subdivision, date.fromisoformat(day), language) == name


@pytest.mark.parametrize(
    ("country", "day", "rests"),
    [
        ("FR", "2026-11-28", True),  # a Saturday
        ("HK", "2026-11-28", False),
        ("HK", "2026-11-29", True),
        ("SA", "2026-11-27", True),  # a Friday
        ("SA", "2026-11-29", False),
        ("AE", "2021-12-31", True),  # the last year in which Friday was
        ("AE", "2022-01-07", False),
        ("CN", "2026-01-04", False),  # a Sunday that is worked for the holidays' sake
        ("XX", "2026-11-29", False),
    ],
)
def test_a_weekend_is_the_countrys_own_in_that_year(country: str, day: str, rests: bool):
    assert is_rest_day(country, date.fromisoformat(day)) == rests


@pytest.mark.parametrize(
    ("country", "subdivision", "wrong"),
    [
        ("FR", "", ""),
        ("FR", "57", ""),
        ("FR", "ZZ", "the country 'FR' has no subdivision 'ZZ'"),
        ("JP", "13", "the country 'JP' has no subdivisions"),
        ("FX", "", "'FX' is no country whose public holidays are known"),
        ("FRA", "", "'FRA' is no country whose public holidays are known"),
    ],
)
def test_a_place_that_nobody_knows_is_told(country: str, subdivision: str, wrong: str):
    assert why_unknown(country, subdivision) == wrong


def test_what_is_known():
    assert {"FR", "JP", "US", "SA"} <= set(countries())
    assert subdivisions_of("GB") == ("ENG", "NIR", "SCT", "WLS")
    assert subdivisions_of("XX") == ()


def test_a_flux_without_a_calendar_does_not_load_the_library():
    asked = "import sys, vigie.core.expectation; sys.exit('holidays' in sys.modules)"
    plugins = Path(__file__).parents[2] / "plugins"
    assert subprocess.run([sys.executable, "-c", asked], cwd=plugins, check=False).returncode == 0
