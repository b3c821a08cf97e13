"""Days on which nothing is expected, or something else: told as the logbook tells it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.scenarios.site import write_site

from vigie.testing.control_room import ControlRoom

FLUX = "dags/maison-lumiere/store_replenishment.py"
WATCH = "maison-lumiere.store_replenishment.store_files"
CALENDAR = "include/clients/maison-lumiere/calendar.yaml"
STORES = "stores:\n  works: [mon, tue, wed, thu, fri, sat]\n"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[ControlRoom]:
    """Friday 20 November 2026, 23:30 in Tokyo. Monday is a holiday in Japan, and in none of the others."""
    site = write_site(tmp_path / "site")
    (site / CALENDAR).write_text(STORES, "utf-8")
    client = site / "include/clients/maison-lumiere/client.yaml"
    client.write_text(f"{client.read_text('utf-8')}calendar: stores\n", "utf-8")
    with ControlRoom(tmp_path, site=site, at=datetime(2026, 11, 20, 14, 30, tzinfo=UTC)) as made:
        made.server("maison_lumiere_wms").make_folder("outbound")
        yield made


def _shifts(room: ControlRoom, policy: str) -> None:
    path = room.site / FLUX
    path.write_text(path.read_text("utf-8").replace("due=", f'shift_policy="{policy}", due='), "utf-8")


def _write(room: ControlRoom, text: str) -> None:
    (room.site / CALENDAR).write_text(text, "utf-8")


def _all_come(room: ControlRoom, day: str, *towns: str) -> None:
    for site in room.library.sites("maison-lumiere", "stores"):
        if site.code.startswith(towns):
            room.file_comes(f"outbound/REPL_{site.code}_{day}.csv", to="maison_lumiere_wms")


def _night(room: ControlRoom, *, until: str, days: int) -> None:
    """Nights go by, with no file at all."""
    for _ in range(days):
        room.clock.strikes(until, "Asia/Tokyo")


def _ended(room: ControlRoom, day: int, town: str = "TYO") -> set[tuple[str, str]]:
    found = room.logbook.occurrences(WATCH, since=date(2026, 11, day))
    return {(each.status, each.reason) for each in found if each.business_date.day == day and each.site[:3] == town}


def test_a_holiday_in_japan_is_waived_and_paris_is_expected(room: ControlRoom) -> None:
    room.reads(FLUX)
    _all_come(room, "20261121", "TYO", "PAR", "NYC")
    _night(room, until="05:00", days=3)  # Monday
    room.clock.strikes("03:00", "Europe/Paris")
    _all_come(room, "20261123", "PAR")
    room.clock.strikes("06:11", "Europe/Paris")

    assert room.incidents == []
    assert _ended(room, 22) == {("waived", "no working day 2026-11-22 Sunday")}
    assert _ended(room, 23) == {("waived", "holiday JP 2026-11-23 Labor Thanksgiving Day")}
    assert _ended(room, 23, "PAR") == {("on_time", "")}
    waived = [entry for entry in room.entries("occurrence.waived") if "TYO-01 2026-11-23" in entry.text]
    assert [entry.text for entry in waived] == [
        "TYO-01 2026-11-23: waived, holiday JP 2026-11-23 Labor Thanksgiving Day"
    ]
    assert waived[0].at.hour == 21  # at its deadline, when we would have looked
    assert "12 waived: holiday JP" not in room.check(WATCH).text  # Paris was the last deadline


def test_a_closed_day_and_an_opening_on_the_holiday(room: ControlRoom) -> None:
    room.reads(FLUX)
    closed = "  closed:\n    - {on: 2026-11-23, reason: Stocktaking, sites: [PAR-01]}\n"
    _write(room, f"{STORES}{closed}  open:\n    - {{on: 2026-11-23, reason: Luxury week, countries: [JP]}}\n")
    _all_come(room, "20261121", "TYO", "PAR", "NYC")
    _night(room, until="06:11", days=3)

    assert [each.title for each in room.incidents] == ["12 of 12 files missing (warehouse=tokyo)"]
    room.clock.strikes("06:11", "Europe/Paris")
    assert [each.title for each in room.incidents if each.client != "platform"][1:] == [
        "1 of 1 files missing (warehouse=paris)"
    ]
    assert ("waived", "closed 2026-11-23 Stocktaking") in _ended(room, 23, "PAR")
    assert _ended(room, 23) == {("missing", "open 2026-11-23 Luxury week")}


def test_an_opening_written_in_the_evening_counts_in_the_morning(room: ControlRoom) -> None:
    room.reads(FLUX)
    _all_come(room, "20261121", "TYO", "PAR", "NYC")
    _night(room, until="03:00", days=3)  # Monday, hours after the window opened
    _write(room, f"{STORES}  open:\n    - {{on: 2026-11-23, reason: Luxury week}}\n")
    room.clock.strikes("06:11", "Asia/Tokyo")

    assert room.incident.title == "12 of 12 files missing (warehouse=tokyo)"


def test_a_holidays_file_comes_on_the_next_working_day_beside_the_days_own(room: ControlRoom) -> None:
    _shifts(room, "next_business_day")
    room.reads(FLUX)
    _all_come(room, "20261121", "TYO", "PAR", "NYC")
    _night(room, until="06:11", days=3)
    assert room.incidents == []
    _all_come(room, "20261123", "PAR", "NYC")
    _night(room, until="05:00", days=1)  # Tuesday
    _all_come(room, "20261124", "TYO")
    room.clock.strikes("06:11", "Asia/Tokyo")

    assert [each.title for each in room.incidents] == ["12 of 12 files missing (warehouse=tokyo)"]
    moved = "holiday JP 2026-11-23 Labor Thanksgiving Day, due on 2026-11-24"
    assert _ended(room, 23) == {("missing", moved)}
    assert _ended(room, 24) == {("on_time", "")}
    _all_come(room, "20261123", "TYO")
    room.clock.advances("5 min")
    assert [each.status for each in room.incidents] == ["resolved"]
    assert _ended(room, 23) == {("late", moved)}


def test_a_holidays_file_comes_on_the_working_day_before(room: ControlRoom) -> None:
    _shifts(room, "previous_business_day")
    room.reads(FLUX)
    _all_come(room, "20261121", "TYO", "PAR", "NYC")
    room.clock.strikes("06:11", "Asia/Tokyo")  # Saturday

    assert room.incident.title == "12 of 12 files missing (warehouse=tokyo)"
    assert room.incident.facts["business_date"] == "2026-11-23"


def test_a_holiday_on_which_the_file_is_still_expected(room: ControlRoom) -> None:
    _shifts(room, "still_expected")
    room.reads(FLUX)
    _all_come(room, "20261121", "TYO", "PAR", "NYC")
    _night(room, until="06:11", days=3)

    assert room.incident.title == "12 of 12 files missing (warehouse=tokyo)"
    assert _ended(room, 22) == {("waived", "no working day 2026-11-22 Sunday")}


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-10-25", {"Europe/Paris": 5, "America/New_York": 10}), ("2027-03-28", {"Europe/Paris": 4})],
)
def test_the_days_on_which_the_clocks_change_are_days_as_any(tmp_path: Path, day: str, hours: dict[str, int]) -> None:
    """06:00 is 06:00: 05:00 UTC once Paris is back on winter time, 04:00 UTC once it is on summer time."""
    site = write_site(tmp_path / "site")
    (site / CALENDAR).write_text("stores:\n  works: every day\n", "utf-8")
    evening = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    with ControlRoom(tmp_path, site=site, at=evening) as room:
        room.reads(FLUX)
        room.clock.strikes("06:11", "America/New_York")
        for each in room.logbook.occurrences(WATCH, since=date.fromisoformat(day)):
            zone = next(s.zone for s in room.library.sites("maison-lumiere", "stores") if s.code == each.site)
            if zone in hours and each.business_date.isoformat() == day:
                assert (each.due.hour, each.status) == (hours[zone], "missing")
