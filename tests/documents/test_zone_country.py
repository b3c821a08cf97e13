from __future__ import annotations

import pytest

from vigie.documents.zone_country import clocks_of, fits


@pytest.mark.parametrize(
    ("zone", "country", "right"),
    [
        ("Asia/Tokyo", "JP", True),
        ("Europe/Paris", "JP", False),
        ("Europe/Berlin", "FR", True),  # the same hours, by another name
        ("Asia/Calcutta", "IN", True),  # an older name
        ("Indian/Reunion", "FR", True),  # a territory, under the country's code
        ("America/New_York", "CA", True),  # as Toronto
        ("America/Phoenix", "US", True),
        ("Asia/Kolkata", "NP", False),
        ("Australia/Lord_Howe", "AU", True),
        ("UTC", "FR", True),  # chosen, and nobody's hours
        ("Etc/GMT-3", "FR", True),
        ("Europe/Paris", "XX", True),  # not known
    ],
)
def test_whether_the_hours_are_those_of_the_country(zone: str, country: str, right: bool) -> None:
    assert fits(zone, country) is right


def test_the_zones_of_a_country_and_its_territories() -> None:
    assert clocks_of("JP") == ["Asia/Tokyo"]
    assert "Indian/Reunion" in clocks_of("FR")
    assert clocks_of("XX") == []
