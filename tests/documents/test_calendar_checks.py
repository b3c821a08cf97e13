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
- {code: MUC-1, zone: Europe/Berlin, country: DE, subdivision: Bavaria}
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
            f"{PLANTS}:2: MUC-1: the country 'DE' has no subdivision 'Bavaria'. "
            "Known: 'Augsburg', 'BB' (Brandenburg), 'BE' (Berlin), 'BW' (Baden-Württemberg), 'BY' (Bayern), 'HB' (Bremen), "
            "'HE' (Hessen), 'HH' (Hamburg), 'MV' (Mecklenburg-Vorpommern), 'NI' (Niedersachsen), 'NW' (Nordrhein-Westfalen), "
            "'RP' (Rheinland-Pfalz), 'SH' (Schleswig-Holstein), 'SL' (Saarland), 'SN' (Sachsen), 'ST' (Sachsen-Anhalt), "
            f"'TH' (Thüringen). {OR}"
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


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("FR-67", "the country 'FR' has no subdivision '67'. 67 is Bas-Rhin: write 6AE (Alsace)."),
        (
            "FR-Strasbourg",
            "the country 'FR' has no subdivision 'Strasbourg'. Strasbourg is in Alsace: write 6AE (Alsace).",
        ),
        ("FR-Metz", "the country 'FR' has no subdivision 'Metz'. Metz is in Moselle: write 57 (Moselle)."),
        *(
            (
                f"FR-{code}",
                f"the country 'FR' has no subdivision '{code}'. It has the holidays of its country: write 'FR'.",
            )
            for code in ("71", "75", "2A", "IDF")  # 71 is not 971, Guadeloupe
        ),
        ("FR-68", "the country 'FR' has no subdivision '68'. 68 is Haut-Rhin: write 6AE (Alsace)."),
        ("FR-Alsacce", "the country 'FR' has no subdivision 'Alsacce'. Did you mean '6AE' (Alsace)?"),
        ("FR-Mosele", "the country 'FR' has no subdivision 'Mosele'. Did you mean '57' (Moselle)?"),
        ("DE-Bayer", "the country 'DE' has no subdivision 'Bayer'. Did you mean 'BY' (Bayern)?"),
        ("DE-BY katholisch", "the country 'DE' has no category 'katholisch' of holidays. Did you mean 'catholic'?"),
        ("DE-BY bank", "the country 'DE' has no category 'bank' of holidays. Known: catholic, school."),
        ("JP catholic", "the country 'JP' has no category 'catholic' of holidays. Known: bank."),
        ("UK-ENG", None),  # the library's own other name
        ("EL", "'EL' is no country whose public holidays are known. Write 'GR'."),
        ("FR-Alsace", None),
        ("FR-La Réunion", None),
        ("DE-Bayern catholic", None),
        ("DE-BY catholic school", None),
        ("IT-Milano", None),
    ],
)
@pytest.mark.parametrize("where", ["holidays: [{}]", "places: {{HAM-1: {}}}"])
def test_a_town_is_found_by_its_name_and_a_sort_of_holidays_by_its_word(
    site: Library, write: Write, place: str, says: str | None, where: str
):
    write(PLANTS, "- {code: HAM-1, zone: Europe/Berlin, country: DE}\n")
    write(CALENDAR, f"plants:\n  works: every day\n  {where.format(place)}\n")
    assert told(site) == ([f"{CALENDAR}:3: plants.{where.partition(':')[0]}: {says}"] if says else [])


def test_a_site_may_have_a_town_and_a_sort_in_its_row(site: Library, write: Write):
    rows = "- {{code: MUC-1, zone: Europe/Berlin, country: DE, subdivision: {}}}\n"
    write(CALENDAR, "plants:\n  works: every day\n")
    for good in ("BY catholic", "Bayern", "Augsburg"):
        write(PLANTS, rows.format(good))
        assert told(site) == []
    write(PLANTS, rows.format("BY katholisch"))
    assert told(site) == [
        f"{PLANTS}:1: MUC-1: the country 'DE' has no category 'katholisch' of holidays. Did you mean 'catholic'? {OR}"
    ]


def test_only_an_estimated_holiday_can_be_confirmed(site: Library, write: Write):
    write(PLANTS, "- {code: DXB-1, zone: Asia/Dubai, country: AE}\n- {code: HAM-1, zone: Europe/Berlin, country: DE}\n")
    calendar = (
        "plants:\n  works: every day\n  confirmed:\n    - {{on: {}, reason: told by the ministry, countries: [AE]}}\n"
    )
    write(CALENDAR, calendar.format("2027-03-09"))
    assert told(site) == []
    write(CALENDAR, calendar.format("2027-03-12"))
    assert told(site) == [
        (
            f"{CALENDAR}:4: plants.confirmed.1: 2027-03-12 is no estimated holiday. Estimated: AE 2027-03-09 Eid al-Fitr, "
            "AE 2027-03-10 Eid al-Fitr Holiday, AE 2027-03-11 Eid al-Fitr Holiday. A day without work that the calendar does "
            "not know stands under 'closed:'."
        )
    ]
    write(CALENDAR, calendar.format("2027-12-02"))
    assert told(site) == [
        (
            f"{CALENDAR}:4: plants.confirmed.1: 2027-12-02 is no estimated holiday. No holiday near it is estimated. A day "
            "without work that the calendar does not know stands under 'closed:'."
        )
    ]
