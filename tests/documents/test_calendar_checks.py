"""Between calendars, tables and countries; what one file alone has wrong is in tests/broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vigie.documents.library import Library

Write = Callable[[str, str | bytes], Path]
CALENDAR, PLANTS = "include/clients/nordwind/calendar.yaml", "include/clients/nordwind/plants.yaml"
ROWS = """\
- {code: HAM-1, zone: Europe/Berlin, country: DE}
- {code: MUC-1, zone: Europe/Berlin, country: DE, subdivision: Bayern}
- {code: ANT-1, zone: Antarctica/Troll, country: QX}
- {code: ANT-2, zone: Antarctica/Troll, country: QX}
"""
OR = "Or give the site a place in the calendar 'plants'."


def told(site: Library) -> list[str]:
    return [str(problem) for problem in site.problems()]


def test_the_countries_of_the_tables_must_be_known_where_a_calendar_asks_for_them(site: Library, write: Write):
    write(PLANTS, ROWS)
    assert told(site) == []
    write(CALENDAR, "plants:\n  works: every day\n")
    assert told(site) == [
        (
            f"{PLANTS}:2: MUC-1: the country 'DE' has no subdivision 'Bayern'. "
            f"Known: Augsburg, BB, BE, BW, BY, HB, HE, HH, MV, NI, NW, RP, …. {OR}"
        ),
        (
            f"{PLANTS}:3: ANT-1: 'QX' is no country whose public holidays are known. "
            f"Write two capital letters, as 'FR'. {OR}"
        ),
    ]


@pytest.mark.parametrize(
    "calendar",
    [
        "plants:\n  works: every day\n  holidays: none\n",
        "plants:\n  works: every day\n  places: {MUC-1: DE-BY, ANT-1: NO, ANT-2: NO}\n",
    ],
)
def test_not_where_it_does_not_ask_or_the_sites_have_a_place(site: Library, write: Write, calendar: str):
    write(PLANTS, ROWS)
    write(CALENDAR, calendar)
    assert told(site) == []


def test_the_clients_calendar_may_be_one_of_its_own_or_a_countrys(site: Library, write: Write):
    client = site.root / "include/clients/nordwind/client.yaml"
    text = client.read_text("utf-8")
    write(CALENDAR, "plants:\n  works: every day\n")
    for name in ("plants", "DE-HH", "every_day"):
        client.write_text(f"{text}calendar: {name}\n", "utf-8")
        assert told(site) == []


def test_a_day_open_for_a_country_and_closed_for_a_site_in_it_is_told(site: Library, write: Write):
    lines = """\
      plants:
        works: every day
        closed:
          - {on: 2026-12-28, reason: Works, sites: [HAM-1]}
        open:
          - {from: 2026-12-27, to: 2026-12-28, reason: Inventory, countries: [DE]}
    """
    write(CALENDAR, lines)
    assert told(site) == [f"{CALENDAR}:6: plants: 2026-12-28 is both open and closed for HAM-1. Keep one."]
    write(CALENDAR, lines.replace("[DE]", "[FR]"))
    assert told(site) == []


def test_a_table_that_cannot_be_read_is_told_once(site: Library, write: Write):
    write(PLANTS, "- {code: HAM-1}\n")
    write(CALENDAR, "plants:\n  works: every day\n")
    assert [line.rpartition(": ")[0].count("plants.yaml:1") for line in told(site)] == [1, 1]
