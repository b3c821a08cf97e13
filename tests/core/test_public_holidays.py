from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
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
    found = public_holiday(country, subdivision, date.fromisoformat(day), language)
    assert (found and found.name) == name


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
        ("DE", "BY", ""),
        ("FR", "Alsace", ""),
        ("DE", "BY chatolic", "the country 'DE' has no category 'chatolic' of holidays"),
        ("FRA", "", "'FRA' is no country whose public holidays are known"),
    ],
)
def test_a_place_that_nobody_knows_is_told(country: str, subdivision: str, wrong: str):
    assert why_unknown(country, subdivision) == wrong


ASSUMPTION = ("DE", "BY", "2025-08-15")


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "categories", "name"),
    [
        (*ASSUMPTION, (), None),
        (*ASSUMPTION, ("catholic",), "Assumption Day"),
        ("DE", "Bayern", "2025-08-15", ("catholic",), "Assumption Day"),
        ("DE", "Augsburg", "2025-08-15", (), "Assumption Day"),  # a town with a code of its own
        ("DE", "BY", "2025-08-15", ("bank",), None),  # none of Germany's
        ("FR", "6AE", "2026-12-26", (), "Saint Stephen's Day"),
        ("FR", "Alsace", "2026-12-26", (), "Saint Stephen's Day"),
        ("FR", "alsace", "2026-12-26", (), "Saint Stephen's Day"),
        ("FR", "la reunion", "2026-12-20", (), "Abolition of Slavery"),
        ("IT", "Milano", "2026-12-07", (), "Saint Ambrose's Day"),
        ("BE", "", "2026-05-15", ("bank",), "Friday after Ascension Day"),
        ("BE", "", "2026-05-15", (), None),
        ("CH", "Genf", "2026-09-10", (), None),  # no name that the library knows
        ("CH", "Genève", "2026-09-10", (), "Genevan Fast"),
    ],
)
def test_the_holidays_of_a_town_or_of_a_sort(
    country: str, subdivision: str, day: str, categories: tuple[str, ...], name: str | None
):
    found = public_holiday(country, subdivision, date.fromisoformat(day), "en", categories)
    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("country", "day", "language", "name", "estimated"),
    [
        ("AE", "2027-03-09", "en", "Eid al-Fitr", True),
        ("AE", "2027-03-10", "en", "Eid al-Fitr Holiday", True),
        ("AE", "2027-12-02", "en", "National Day", False),
        ("AE", "2023-04-21", "en", "Eid al-Fitr", False),  # it was seen
        ("MA", "2027-03-10", "en", "Eid al-Fitr", True),
        ("TR", "2027-03-09", "en", "Eid al-Fitr", False),  # computed by law
        ("SA", "2027-03-09", "en", "Eid al-Fitr Holiday", True),  # the library does not say so of these three
        ("CI", "2027-03-09", "fr", "Fête de fin du Ramadan", True),
        ("PS", "2027-03-09", "en", "Eid al-Fitr", True),
        ("SG", "2027-03-10", "en", "Eid al-Fitr", False),  # announced
        ("SG", "2030-04-14", "en", "Eid al-Adha", True),  # a year that nobody has announced yet
        ("SG", "2030-02-03", "en", "Chinese New Year", True),
        ("CN", "2027-02-06", "en", "Chinese New Year (Spring Festival)", False),  # computed, and sure
        ("JP", "2027-03-22", "en", "Substitute Holiday", False),
    ],
)
def test_a_date_that_is_only_computed_is_estimated(country: str, day: str, language: str, name: str, estimated: bool):
    found = public_holiday(country, "", date.fromisoformat(day), language)
    assert found is not None
    assert (found.name, found.estimated) == (name, estimated)


def test_in_no_language_does_a_name_keep_the_mark_of_an_estimate():
    for country in ("AE", "MA", "EG", "BH", "QA", "SA", "CI"):
        for language in ("en", "fr", "ar", "th", "zz"):
            days = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
            found = [each for day in days if (each := public_holiday(country, "", day, language))]
            told = {each.estimated for each in found if "stim" in each.name or "تقدير" in each.name}
            assert told <= {True}  # "observed, estimated" keeps its own words
            assert any(each.estimated for each in found), country


def test_what_is_known():
    assert {"FR", "JP", "US", "SA"} <= set(countries())
    assert subdivisions_of("GB") == ("ENG", "NIR", "SCT", "WLS")
    assert subdivisions_of("XX") == ()


def test_a_flux_without_a_calendar_does_not_load_the_library():
    asked = "import sys, vigie.core.expectation; sys.exit('holidays' in sys.modules)"
    plugins = Path(__file__).parents[2] / "plugins"
    assert subprocess.run([sys.executable, "-c", asked], cwd=plugins, check=False).returncode == 0
