"""The calendar that a watch asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.sdk import Asset

from vigie.tasks.flux_body import FluxBody
from vigie.tasks.flux_calendar import AskedCalendar, asked_calendar
from vigie.tasks.site import library

FOLDER = "include/clients/maison-lumiere"
CALENDAR = "stores:\n  works: every day\ndepot:\n  works: [mon]\n  holidays: [FR]\n"


@pytest.fixture
def body(site: Path) -> FluxBody:
    (site / FOLDER / "calendar.yaml").write_text(CALENDAR, "utf-8")
    return FluxBody("maison-lumiere", "f", str(site / "dags/maison-lumiere/f.py"), Asset("f"))


def said(body: FluxBody) -> list[str]:
    return [str(problem) for problem in body.problems]


def client_says(site: Path, line: str) -> None:
    path = site / FOLDER / "client.yaml"
    path.write_text(f"{path.read_text('utf-8')}{line}\n", "utf-8")


def test_nothing_written_is_the_clients_own_and_where_it_has_none_every_day(body: FluxBody, site: Path):
    assert asked_calendar(None, body, has_sites=True) == AskedCalendar((), "")
    client_says(site, "calendar: stores")
    digest = library().calendars.digest("maison-lumiere", ["stores"])
    assert asked_calendar(None, body, has_sites=True) == AskedCalendar(("stores",), digest)
    assert asked_calendar("every_day", body, has_sites=True) == AskedCalendar((), "")
    assert said(body) == []


@pytest.mark.parametrize(("written", "names"), [("FR", ("FR",)), (["stores", "depot"], ("stores", "depot"))])
def test_a_country_or_several_calendars(body: FluxBody, written: object, names: tuple[str, ...]):
    asked = asked_calendar(written, body, has_sites=True)
    assert asked == AskedCalendar(names, library().calendars.digest("maison-lumiere", names))
    assert len(asked.digest) == 64


def test_a_changed_calendar_is_another_digest(body: FluxBody, site: Path):
    before = asked_calendar("stores", body, has_sites=True).digest
    (site / FOLDER / "calendar.yaml").write_text(CALENDAR.replace("every day", "country"), "utf-8")
    assert asked_calendar("stores", body, has_sites=True).digest != before


@pytest.mark.parametrize("written", [7, ["stores", 7], {"stores": 1}])
def test_what_is_no_name_is_left_to_the_rule_to_refuse(body: FluxBody, written: object):
    names = asked_calendar(written, body, has_sites=True).names
    assert names == (tuple(written) if isinstance(written, list) else written)


def test_a_calendar_that_is_not_there_is_told_at_the_authors_line(body: FluxBody):
    asked_calendar("store", body, has_sites=True)
    assert said(body) == ["dags/maison-lumiere/f.py: no calendar is called 'store'. Did you mean 'stores'?"]


def test_a_broken_file_is_told_with_its_own_line(body: FluxBody, site: Path):
    (site / FOLDER / "calendar.yaml").write_text("stores:\n  works: [mo]\n", "utf-8")
    asked_calendar("stores", body, has_sites=True)
    assert said(body) == [f"{FOLDER}/calendar.yaml:2: stores.works: 'mo' is no day of the week. Did you mean 'mon'?"]


def test_a_watch_without_sites_needs_the_clients_country_where_the_calendar_goes_by_it(body: FluxBody, site: Path):
    assert asked_calendar("depot", body, has_sites=False).digest
    asked_calendar("stores", body, has_sites=False)
    assert said(body) == [
        (
            "dags/maison-lumiere/f.py: the calendar 'stores' goes by the country of a site, and here is none. "
            "Write 'country: …' into include/clients/maison-lumiere/client.yaml."
        )
    ]
    body.problems.clear()
    client_says(site, "country: FR")
    asked_calendar("stores", body, has_sites=False)
    assert said(body) == []
