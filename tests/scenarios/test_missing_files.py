"""06:10 in Tokyo: the files of some stores have not come."""

from __future__ import annotations

from datetime import date

import pytest

from vigie.core.errors import TransportError
from vigie.testing.control_room import ControlRoom

WATCH = "maison-lumiere.store_replenishment.store_files"


def _come(room: ControlRoom, *numbers: int) -> None:
    for number in numbers:
        room.file_comes(f"outbound/REPL_TYO-{number:02}_20261125.csv", to="maison_lumiere_wms")


def _ended(room: ControlRoom) -> dict[str, str]:
    """How the morning of 25 November ended for each store of Tokyo."""
    found = room.logbook.occurrences(WATCH, since=date(2026, 11, 25))
    return {each.site: each.status for each in found if each.site.startswith("TYO")}


def test_three_of_twelve_files_missing_are_one_incident_until_all_are_there(lumiere: ControlRoom) -> None:
    lumiere.clock.strikes("03:00", "Asia/Tokyo")
    _come(lumiere, *range(1, 10))
    lumiere.clock.strikes("06:09", "Asia/Tokyo")
    assert lumiere.incidents == []

    lumiere.clock.strikes("06:11", "Asia/Tokyo")

    (incident,) = lumiere.incidents
    assert incident.title == "3 of 12 files missing (warehouse=tokyo)"
    (post,) = lumiere.slack("maison-lumiere").posts
    assert "Maison Lumière: 3 of 12 missing, page" in post.text
    for number in (10, 11, 12):
        assert f"Store TYO-{number} `outbound/REPL_TYO-{number}_20261125.csv` due 06:00" in post.text
    assert lumiere.takes_it("anna").result == "done"

    _come(lumiere, 10)
    lumiere.clock.advances("5 min")

    (post,) = lumiere.slack("maison-lumiere").posts
    assert "2 of 12 missing" in post.text
    assert "10 of 12 are there" in post.text
    assert "TYO-10" not in post.text
    assert lumiere.incident.status == "acknowledged"

    _come(lumiere, 11, 12)
    lumiere.clock.advances("5 min")

    (incident,) = lumiere.incidents
    assert incident.status == "resolved"
    (post,) = lumiere.slack("maison-lumiere").posts
    assert post.thread[-1].text.startswith("Résolu à 22:")
    assert [len(lumiere.mailbox_of("anna").got(word)) for word in ("page", "resolved")] == [1, 1]
    ended = _ended(lumiere)
    assert {site for site, status in ended.items() if status == "late"} == {"TYO-10", "TYO-11", "TYO-12"}
    assert {site for site, status in ended.items() if status == "on_time"} == {f"TYO-{n:02}" for n in range(1, 10)}


def test_each_zone_has_its_own_deadline(lumiere: ControlRoom) -> None:
    lumiere.clock.strikes("06:11", "Asia/Tokyo")
    lumiere.clock.strikes("06:11", "Europe/Paris")
    lumiere.clock.strikes("06:11", "America/New_York")

    assert [each.title for each in lumiere.incidents if each.client == "maison-lumiere"] == [
        "12 of 12 files missing (warehouse=tokyo)",
        "2 of 2 files missing (warehouse=paris)",
        "1 of 1 files missing (warehouse=new-york)",
    ]


def test_a_file_that_is_still_growing_has_not_arrived(lumiere: ControlRoom) -> None:
    lumiere.clock.strikes("05:00", "Asia/Tokyo")
    _come(lumiere, *range(1, 12))
    lumiere.clock.strikes("06:08", "Asia/Tokyo")
    for size in range(100, 115):
        lumiere.file_comes("outbound/REPL_TYO-12_20261125.csv", to="maison_lumiere_wms", size=size)
        lumiere.clock.advances("20 s")
    assert lumiere.incident.title == "1 of 12 files missing (warehouse=tokyo)"

    lumiere.clock.advances("3 min")
    assert lumiere.incident.status == "resolved"


def test_a_file_that_came_while_nobody_looked_is_on_time(lumiere: ControlRoom) -> None:
    lumiere.clock.strikes("04:00", "Asia/Tokyo")
    lumiere.triggerer_dies()
    lumiere.clock.strikes("05:00", "Asia/Tokyo")
    _come(lumiere, *range(1, 13))
    lumiere.clock.strikes("07:00", "Asia/Tokyo")

    lumiere.triggerer_restarts()
    lumiere.clock.advances("5 min")

    assert lumiere.incidents == []
    assert set(_ended(lumiere).values()) == {"on_time"}


def test_the_check_finds_what_a_dead_watch_did_not(lumiere: ControlRoom) -> None:
    lumiere.clock.strikes("05:00", "Asia/Tokyo")
    _come(lumiere, *range(1, 12))
    lumiere.clock.advances("5 min")
    lumiere.triggerer_dies()
    lumiere.clock.strikes("06:13", "Asia/Tokyo")
    assert lumiere.incidents == []

    finding = lumiere.check(WATCH)

    assert (finding.outcome, finding.looked_by, finding.incidents) == ("anomaly", "check", ("INC-1",))
    assert lumiere.incident.title == "1 of 12 files missing (warehouse=tokyo)"
    lumiere.triggerer_restarts()
    lumiere.clock.advances("10 min")
    assert len(lumiere.incidents) == 1
    assert lumiere.incident.count == 1


def test_a_restart_between_deadline_and_arrival_changes_nothing(lumiere: ControlRoom) -> None:
    lumiere.clock.strikes("06:11", "Asia/Tokyo")
    for _ in range(3):
        lumiere.triggerer_restarts()
        lumiere.clock.advances("2 min")
    assert lumiere.incident.count == 1

    _come(lumiere, *range(1, 13))
    lumiere.triggerer_restarts()
    lumiere.clock.advances("10 min")
    assert [each.status for each in lumiere.incidents] == ["resolved"]


def test_a_folder_that_is_not_there_is_said_and_its_files_are_missing(lumiere: ControlRoom) -> None:
    lumiere.server("maison_lumiere_wms").remove("outbound")
    lumiere.clock.strikes("06:11", "Asia/Tokyo")

    (entry,) = lumiere.entries("folder.absent")
    assert entry.text == "maison_lumiere_wms has no folder 'outbound'; nothing can arrive in it"
    assert lumiere.incident.title == "12 of 12 files missing (warehouse=tokyo)"
    assert lumiere.incident.facts["absent_folders"] == ["outbound"]


def test_a_folder_that_vanishes_in_mid_window_takes_back_nothing_that_came(lumiere: ControlRoom) -> None:
    lumiere.clock.strikes("04:00", "Asia/Tokyo")
    _come(lumiere, *range(1, 12))
    lumiere.clock.strikes("05:00", "Asia/Tokyo")
    lumiere.server("maison_lumiere_wms").remove("outbound")
    lumiere.clock.strikes("06:11", "Asia/Tokyo")

    assert lumiere.incident.title == "1 of 12 files missing (warehouse=tokyo)"
    assert lumiere.incident.facts["absent_folders"] == ["outbound"]
    assert sorted(_ended(lumiere).values()) == ["missing", *["on_time"] * 11]


WARNED = """
from __future__ import annotations

from vigie.authoring import MissingFile, Respond, flux


@flux(client="maison-lumiere", stream="supply")
def store_replenishment():
    MissingFile(
        task_id="store_files",
        where="maison_lumiere_wms",
        path="outbound/REPL_{site.code}_{business_date:%Y%m%d}.csv",
        sites="stores",
        opens="00:00",
        due="06:00",
        grace="10 min",
        jeopardy="30 min",
        jeopardy_below="80 %",
        respond=Respond(severity="high", template="file_missing", group_by=["warehouse"]),
        jeopardy_respond=Respond(severity="low", template="file_missing", page=False),
    )
"""


def test_half_an_hour_before_the_deadline_the_channel_is_warned_and_nobody_is_called(lumiere: ControlRoom) -> None:
    (lumiere.site / "dags/maison-lumiere/store_replenishment.py").write_text(WARNED)
    lumiere.reads("dags/maison-lumiere/store_replenishment.py")
    lumiere.clock.strikes("04:00", "Asia/Tokyo")
    _come(lumiere, *range(1, 6))
    lumiere.clock.strikes("05:39", "Asia/Tokyo")
    assert lumiere.incidents == []

    lumiere.clock.strikes("05:41", "Asia/Tokyo")

    (warning,) = lumiere.incidents
    assert warning.title == "In jeopardy: 5 of 12 files are there (warehouse=tokyo)"
    (post,) = lumiere.slack("maison-lumiere").posts
    assert lumiere.mailbox_of("anna").got("") == []

    _come(lumiere, *range(6, 9))
    lumiere.clock.strikes("05:50", "Asia/Tokyo")
    assert lumiere.incident.title == "In jeopardy: 8 of 12 files are there (warehouse=tokyo)"
    (post,) = lumiere.slack("maison-lumiere").posts
    assert "8 of 12 are there" in post.text

    lumiere.triggerer_restarts()
    lumiere.clock.strikes("06:11", "Asia/Tokyo")
    warning, missing = lumiere.incidents
    assert (warning.status, missing.status, missing.title) == (
        "resolved",
        "open",
        "4 of 12 files missing (warehouse=tokyo)",
    )
    assert len(lumiere.mailbox_of("anna").got("page")) == 1


def test_a_file_under_a_wrong_name_is_not_a_page_of_its_own(lumiere: ControlRoom) -> None:
    lumiere.clock.strikes("04:00", "Asia/Tokyo")
    _come(lumiere, *range(1, 12))
    lumiere.file_comes("outbound/REPL_TYO-I2_20261125.csv", to="maison_lumiere_wms")
    lumiere.clock.strikes("05:00", "Asia/Tokyo")
    (line,) = lumiere.entries("occurrence.unexpected")
    assert line.text == "outbound/REPL_TYO-I2_20261125.csv: unexpected, no site of 'stores' has the code 'TYO-I2'"
    assert lumiere.incidents == []

    lumiere.clock.strikes("06:11", "Asia/Tokyo")
    assert lumiere.incident.facts["unexpected"] == ["outbound/REPL_TYO-I2_20261125.csv"]


def test_a_folder_that_is_not_shown_any_more_is_blindness_and_no_store_is_told(lumiere: ControlRoom) -> None:
    lumiere.clock.strikes("05:00", "Asia/Tokyo")
    lumiere.server("maison_lumiere_wms").forbid("outbound")
    lumiere.clock.strikes("06:30", "Asia/Tokyo")

    (incident,) = lumiere.incidents
    assert (incident.title, incident.audience) == ("Blind: maison_lumiere_wms:outbound cannot be watched", "platform")
    assert lumiere.slack("maison-lumiere").posts == []
    with pytest.raises(TransportError, match="permission denied for the folder 'outbound'"):
        lumiere.check(WATCH)

    lumiere.server("maison_lumiere_wms").allow("outbound")
    lumiere.clock.advances("5 min")
    blind, missing = lumiere.incidents
    assert (blind.status, missing.title) == ("resolved", "12 of 12 files missing (warehouse=tokyo)")
