from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from vigie.core.errors import InvalidDocument
from vigie.core.place import Place
from vigie.documents.library import Library

Write = Callable[[str, str | bytes], Path]
PATH = "include/clients/nordwind/calendar.yaml"
PLANTS = "plants:\n  works: every day\ndepots:\n  works: [mon]\n  holidays: none\n"


def test_a_client_without_the_file_has_no_calendars(site: Library):
    assert site.calendars.of("nordwind") == {}
    assert site.calendars.working_days("nordwind", ()).calendars == ()
    assert site.calendars.digest("nordwind", ["every_day"]) == ""


def test_what_was_asked_is_kept_until_the_file_changes(site: Library, write: Write):
    write(PATH, PLANTS)
    first = site.calendars.working_days("nordwind", ["plants"])
    assert site.calendars.working_days("nordwind", ["plants"]) is first
    digest = site.calendars.digest("nordwind", ["plants"])
    write(PATH, PLANTS.replace("every day", "[mon, tue]"))
    assert site.calendars.working_days("nordwind", ["plants"]) is not first
    assert site.calendars.digest("nordwind", ["plants"]) != digest


def test_holidays_have_their_names_in_the_clients_language(site: Library, write: Write):
    write(PATH, PLANTS)
    client = write(
        "include/clients/nordwind/client.yaml", (site.root / "include/clients/nordwind/client.yaml").read_bytes()
    )
    christmas, berlin = date(2026, 12, 25), Place("DE")
    assert site.calendars.working_days("nordwind", ["plants"]).day(christmas, berlin).reason.endswith("Christmas Day")
    client.write_text(client.read_text("utf-8").replace("[en, fr]", "[de, en]"), "utf-8")
    named = [site.calendars.working_days("nordwind", [name]).day(christmas, berlin).reason for name in ("plants", "DE")]
    assert named == ["holiday DE 2026-12-25 Erster Weihnachtstag"] * 2


def test_a_client_that_cannot_be_read_has_its_calendars_all_the_same(site: Library, write: Write):
    write(PATH, PLANTS)
    write("include/clients/nordwind/client.yaml", "name: [")
    assert set(site.calendars.of("nordwind")) == {"plants", "depots"}


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("", "plant", f"{PATH}: no calendar is called 'plant'. Write it into {PATH}."),
        (PLANTS, "plant", f"{PATH}: no calendar is called 'plant'. Did you mean 'plants'?"),
        (PLANTS, "xyz", f"{PATH}: no calendar is called 'xyz'. Known: depots, every_day, plants."),
    ],
)
def test_a_calendar_that_is_not_there_is_told(site: Library, write: Write, content: str, name: str, said: str):
    if content:
        write(PATH, content)
    with pytest.raises(InvalidDocument) as refused:
        site.calendars.working_days("nordwind", [name])
    assert str(refused.value) == said
