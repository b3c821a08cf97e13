from __future__ import annotations

import pytest

from vigie.core.place import CATEGORIES, Place
from vigie.core.public_holidays import categories_of, countries


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("FR", Place("FR")),
        ("FR-57", Place("FR", "57")),
        ("FR-Alsace", Place("FR", "Alsace")),
        ("FR-La Réunion", Place("FR", "La Réunion")),
        ("FR-Saint-Pierre-et-Miquelon", Place("FR", "Saint-Pierre-et-Miquelon")),
        ("DE-BY catholic", Place("DE", "BY", "", ("catholic",))),
        ("DE-Baden-Württemberg catholic", Place("DE", "Baden-Württemberg", "", ("catholic",))),
        ("BE bank", Place("BE", "", "", ("bank",))),
        ("XX optional half_day", Place("XX", "", "", ("half_day", "optional"))),
    ],
)
def test_a_place_as_people_write_it(written: str, place: Place):
    assert Place.read(written) == place
    assert Place.read(place.code) == place


def test_the_place_of_a_row():
    assert Place.of("FR", "", "PAR-1") == Place("FR", "", "PAR-1")
    assert Place.of("DE", "BY catholic", "MUC-1") == Place("DE", "BY", "MUC-1", ("catholic",))
    assert Place.of("BE", "bank") == Place("BE", "", "", ("bank",))


def test_every_sort_of_holiday_that_the_library_knows_is_known():
    assert {each for country in countries() for each in categories_of(country)} == CATEGORIES
