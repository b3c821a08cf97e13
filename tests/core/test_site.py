from __future__ import annotations

import pytest
from pydantic import ValidationError

from vigie.core.site import Site

GINZA = Site(code="TYO01", name="Ginza", zone="Asia/Tokyo", country="JP", attributes={"warehouse": "TYO"})


def test_a_column_is_a_field_or_an_attribute():
    assert [GINZA.attribute(name) for name in ("code", "name", "zone", "country", "warehouse")] == [
        "TYO01", "Ginza", "Asia/Tokyo", "JP", "TYO",
    ]  # fmt: skip
    with pytest.raises(KeyError, match="brand"):
        GINZA.attribute("brand")


def test_an_attribute_cannot_reach_into_the_model():
    for name in ("attributes", "__class__", "model_config", ""):
        with pytest.raises(KeyError):
            GINZA.attribute(name)


@pytest.mark.parametrize(
    "zone", ["Tokyo", "", "Europe", "../../etc/passwd", "Europe/Paris\x00", "/etc/localtime", "CET+1"]
)
def test_what_is_no_time_zone_is_refused_with_what_to_write(zone: str):
    with pytest.raises(ValidationError) as wrong:
        Site(code="X", zone=zone, country="JP")
    (error,) = wrong.value.errors()
    assert error["loc"] == ("zone",)
    assert error["msg"] == f"Value error, '{zone}' is not a time zone; write an IANA name such as 'Asia/Tokyo'"


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "UTC", "America/Argentina/Buenos_Aires"])
def test_iana_names_are_zones(zone: str):
    assert Site(code="X", zone=zone, country="XX").zone == zone


def test_an_unknown_field_is_refused():
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Site(code="X", zone="UTC", country="XX", wharehouse="TYO")
