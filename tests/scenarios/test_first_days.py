"""A rule that is edited, a site that is added, a flux that is renamed or paused: nobody is called for what is past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples
from tests.scenarios.site import write_site

from vigie.core.duration import parse_duration
from vigie.logbook.occurrences import merged
from vigie.testing.control_room import ControlRoom

FLUX = "dags/maison-lumiere/store_replenishment.py"
WATCH = "maison-lumiere.store_replenishment.store_files"
STORES = "include/clients/maison-lumiere/stores.yaml"
PARIS = "Europe/Paris"


def _edit(room: ControlRoom, file: str, *changes: tuple[str, str]) -> None:
    path = room.site / file
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    room.reads(FLUX)


@pytest.fixture
def stores(room: ControlRoom) -> ControlRoom:
    """The stores of Maison Lumière are watched for the first time at 10:00 in Paris: 18:00 in Tokyo, 04:00 in New York."""
    room.server("maison_lumiere_wms").make_folder("outbound")
    room.clock.strikes("10:00", PARIS)
    room.reads(FLUX)
    room.clock.advances("1 min")
    return room


def _called(room: ControlRoom) -> list[str]:
    return [each.title for each in room.incidents if each.client != "platform"]


def _dates(room: ControlRoom) -> set[str]:
    return {str(each.facts["business_date"]) for each in room.incidents if each.client != "platform"}


def _ends(room: ControlRoom, site: str, watch: str = WATCH) -> dict[str, str]:
    found = room.logbook.occurrences(watch, since=date(2026, 11, 1))
    return {each.when: each.status for each in found if each.site == site}


EDITS = {
    "due": ('due="06:00"', 'due="09:30"'),
    "due, earlier": ('due="06:00"', 'due="03:00"'),
    "opens": ('opens="00:00"', 'opens="20:00"'),
    "grace": ('grace="10 min"', 'grace="2 d"'),
    "slots": ('due="06:00"', 'slots={"a": "04:00", "b": "09:00"}'),
    "days": ('due="06:00"', 'due="06:00", days="mon-sun"'),
    "the path": ("outbound/REPL_", "other/FILE_"),
    "the groups": ('group_by=["warehouse"]', "group_by=[]"),
    "stable_for": ('due="06:00"', 'due="06:00", stable_for="1 min"'),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
@pytest.mark.parametrize(("later", "restarted"), [("10 min", False), ("3 h", True), ("26 h", False)])
def test_a_rule_that_is_edited_calls_nobody_for_what_is_past(
    stores: ControlRoom, edit: tuple[str, str], later: str, restarted: bool
) -> None:
    _deliver(stores, later)
    assert _called(stores) == []
    if "slots" in edit[1]:
        _edit(stores, FLUX, edit, ("%Y%m%d}", "%Y%m%d}_{slot}"))
    else:
        if restarted:
            stores.triggerer_dies()
        _edit(stores, FLUX, edit)
    if restarted:
        stores.triggerer_restarts()
    stores.clock.advances("2 min")
    assert _called(stores) == []


def _deliver(room: ControlRoom, later: str) -> None:
    """Let so much time pass in which each store's file comes in time, as the rule of now expects it."""
    end = room.clock.now + parse_duration(later)
    while room.clock.now < end:
        for ahead in range(3):
            day = (room.clock.now + timedelta(days=ahead - 1)).date()
            for site in room.library.sites("maison-lumiere", "stores"):
                room.file_comes(f"outbound/REPL_{site.code}_{day:%Y%m%d}.csv", to="maison_lumiere_wms")
        room.clock.advances(min(end - room.clock.now, timedelta(hours=6)))


def test_days_that_are_added_begin_with_the_next_one(stores: ControlRoom) -> None:
    """From Mondays only to every day, on a Thursday: Tuesday's and Wednesday's files were of no watch."""
    _edit(stores, FLUX, ('due="06:00"', 'due="06:00", days="mon"'))
    stores.clock.advances("47 h")
    _edit(stores, FLUX, (', days="mon"', ""))
    stores.clock.advances("5 min")
    assert _called(stores) == []
    stores.clock.strikes("06:11", PARIS)
    assert _paris(stores) == [("2 of 2 files missing (warehouse=paris)", "2026-11-27", "open")]


@pytest.mark.parametrize("day", [0, 1])
def test_a_site_that_is_added_counts_from_its_first_look(stores: ControlRoom, day: int) -> None:
    if day:
        _deliver(stores, f"{day} d")
    _edit(
        stores,
        STORES,
        (
            "- {code: PAR-02",
            "- {code: PAR-03, name: New, zone: Europe/Paris, country: FR, warehouse: paris}\n- {code: PAR-02",
        ),
    )
    stores.clock.advances("10 min")
    assert set(_ends(stores, "PAR-03").values()) <= {"waived"}
    _edit(stores, FLUX, ('due="06:00"', 'due="05:00"'), ('grace="10 min"', 'grace="20 min"'))  # and the rule at once
    stores.clock.advances("10 min")
    assert _called(stores) == []
    stores.clock.strikes("05:21", PARIS)
    assert _called(stores)[-1] == f"{1 if day else 3} of 3 files missing (warehouse=paris)"


def test_a_deadline_that_was_past_at_the_first_look_and_is_moved_into_the_evening_is_watched_today(
    stores: ControlRoom,
) -> None:
    """The author wrote 06:00 for 18:00, and mends it at once: tonight's file is not taken for one of before."""
    assert _ends(stores, "PAR-01")["2026-11-24"] == "waived"
    _edit(stores, FLUX, ('due="06:00"', 'due="18:00"'))
    stores.clock.advances("1 min")
    assert _ends(stores, "PAR-01")["2026-11-24"] == "pending"
    stores.clock.strikes("18:11", PARIS)
    assert _called(stores).count("2 of 2 files missing (warehouse=paris)") == 1
    assert _dates(stores) == {"2026-11-24"}


def test_a_deadline_that_is_moved_into_the_past_calls_at_the_one_that_was_watched_for(stores: ControlRoom) -> None:
    _edit(stores, FLUX, ('due="06:00"', 'due="18:00"'))
    stores.clock.advances("1 h")
    _edit(stores, FLUX, ('due="18:00"', 'due="07:00"'))
    stores.clock.strikes("17:00", PARIS)
    assert [title for title in _called(stores) if "paris" in title] == []
    stores.clock.strikes("18:11", PARIS)
    assert [title for title in _called(stores) if "paris" in title] == ["2 of 2 files missing (warehouse=paris)"]


@pytest.mark.parametrize(("begins", "called"), [("05:59:00", True), ("06:10:30", False)])
def test_a_watch_that_is_added_a_minute_before_a_deadline(room: ControlRoom, begins: str, called: bool) -> None:
    room.server("maison_lumiere_wms").make_folder("outbound")
    room.clock.strikes(begins[:5], PARIS)
    room.clock.advances(f"{int(begins[6:])} s") if int(begins[6:]) else None
    room.reads(FLUX)
    room.clock.strikes("06:30", PARIS)
    assert ("2 of 2 files missing (warehouse=paris)" in _called(room)) == called
    assert _ends(room, "PAR-01")["2026-11-24"] == ("missing" if called else "waived")


def test_a_flux_that_is_renamed_calls_nobody_for_what_the_old_one_watched(stores: ControlRoom) -> None:
    _deliver(stores, "2 d")
    new = stores.site / "dags/maison-lumiere/replenishment.py"
    text = (stores.site / FLUX).read_text("utf-8").replace("def store_replenishment", "def replenishment")
    new.write_text(text, "utf-8")
    stores.triggerer_dies()
    stores._watches.clear()
    stores.reads("dags/maison-lumiere/replenishment.py")
    stores.clock.advances("10 min")
    assert _called(stores) == []
    stores.clock.strikes("06:11", PARIS)
    stores.clock.strikes("06:11", PARIS)
    assert "2 of 2 files missing (warehouse=paris)" in _called(stores)


def test_a_flux_that_was_paused_for_a_week_tells_what_nobody_watched_in_one_line(stores: ControlRoom) -> None:
    _deliver(stores, "1 d")
    stores.triggerer_dies()
    stores.logbook.set_sight(WATCH, "paused", "its flux is paused in Airflow", stores.clock.now)
    stores.clock.advances("7 d")
    assert _called(stores) == []
    stores.clock.strikes("20:00", PARIS)
    stores.triggerer_restarts()
    stores.clock.advances("5 min")

    lines = stores.entries("occurrence.not_watched")
    assert len(lines) == 1
    assert lines[0].text.startswith("not watched, due ")
    assert lines[0].text.endswith("Nobody looked in time, so nobody is called")
    assert stores.entries("occurrence.missing") == [
        each for each in stores.entries("occurrence.missing") if each.text.startswith("NYC-01 2026-12-02")
    ]
    assert _dates(stores) <= {"2026-12-02"}  # what was due this very day is still looked for
    every = stores.logbook.occurrences(WATCH, since=date(2026, 11, 1))
    assert [each.key for each in every if each.status == "pending" and each.deadline < stores.clock.now] == []


def test_what_came_while_nobody_looked_is_known_by_its_own_time(stores: ControlRoom) -> None:
    stores.triggerer_dies()
    stores.clock.strikes("05:00", PARIS)
    stores.file_comes("outbound/REPL_PAR-01_20261125.csv", to="maison_lumiere_wms")
    stores.clock.advances("26 h")
    stores.triggerer_restarts()
    stores.clock.advances("5 min")
    assert _ends(stores, "PAR-01")["2026-11-25"] == "on_time"
    assert _ends(stores, "PAR-02")["2026-11-25"] == "waived"


def test_a_night_that_we_slept_through_is_still_called_in_the_morning(stores: ControlRoom) -> None:
    stores.triggerer_dies()
    stores.clock.strikes("08:00", PARIS)
    stores.triggerer_restarts()
    stores.clock.advances("1 min")
    assert "2 of 2 files missing (warehouse=paris)" in _called(stores)


def test_a_check_that_looked_in_time_proves_what_is_missing_whenever_the_watch_comes_back(stores: ControlRoom) -> None:
    stores.triggerer_dies()
    stores.clock.strikes("06:13", PARIS)
    assert stores.check(WATCH).looked_by == "check"
    stores.clock.advances("3 d")
    stores.triggerer_restarts()
    stores.clock.advances("5 min")
    proven = ("2 of 2 files missing (warehouse=paris)", "2026-11-25", "open")
    assert _paris(stores) == [proven, (proven[0], "2026-11-28", "open")]  # this one is five minutes late


def _paris(room: ControlRoom) -> list[tuple[str, str, str]]:
    return [
        (each.title, str(each.facts["business_date"]), each.status) for each in room.incidents if "paris" in each.title
    ]


def test_a_site_that_is_taken_out_of_the_table_leaves_nothing_pending(stores: ControlRoom) -> None:
    stores.clock.strikes("01:00", PARIS)
    assert _ends(stores, "PAR-02")["2026-11-25"] == "pending"
    _edit(stores, STORES, ("- {code: PAR-02", "# - {code: PAR-02"))
    stores.clock.strikes("06:11", PARIS)
    assert _called(stores)[-1] == "1 of 1 files missing (warehouse=paris)"
    assert _ends(stores, "PAR-02")["2026-11-25"] == "waived"


MAILS = "dags/nordwind/backups.py"
MAIL_EDITS = {
    "due": ('due="06:00"', 'due="09:30"'),
    "opens": ('opens="22:00"', 'opens="20:00"'),
    "grace": ('grace="10 min"', 'grace="4 h"'),
    "subject": ("backup (?P", "bakup (?P"),
}


@pytest.mark.parametrize("edit", MAIL_EDITS.values(), ids=MAIL_EDITS.keys())
@pytest.mark.parametrize("later", ["10 min", "26 h"])
def test_a_rule_of_mails_that_is_edited_calls_nobody_for_what_is_past(
    room: ControlRoom, edit: tuple[str, str], later: str
) -> None:
    room.clock.strikes("10:00", "Europe/Berlin")
    room.reads(MAILS)
    room.clock.advances("1 min")
    if later == "26 h":
        room.clock.advances("16 h")
        for number in range(1, 6):
            room.mail_comes(f"[OK] backup vm{number}", to="nordwind_ops", sender="backup@nordwind.example")
        room.clock.advances("10 h")
    else:
        room.clock.advances(later)
    assert _called(room) == []
    path = room.site / MAILS
    path.write_text(path.read_text("utf-8").replace(*edit), "utf-8")
    room.reads(MAILS)
    room.clock.advances("10 min")
    assert _called(room) == []


Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["due", "days", "grace", "dies", "restarts", "site"]), st.integers(1, 30 * 60)),
    min_size=1,
    max_size=5,
)


@examples(8)
@given(STEPS, st.data())
def test_whatever_is_edited_and_however_long_we_are_away_nobody_is_called_for_an_old_date(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], data: st.DataObject
) -> None:
    """Each call is about a date whose deadline passed while somebody looked, or at most twelve hours before one looked."""
    folder = tmp_path_factory.mktemp("life")
    begins = datetime.fromisoformat("2026-11-24T09:00:00+00:00")
    with ControlRoom(folder, site=write_site(folder / "site"), at=begins) as room:
        room.server("maison_lumiere_wms").make_folder("outbound")
        room.reads(FLUX)
        acts: dict[str, Callable[[], None]] = {
            "due": lambda: _rewrite(room, "due", f"{data.draw(st.integers(1, 23)):02}:00"),
            "days": lambda: _rewrite(room, "days", data.draw(st.sampled_from(["mon-fri", "tue", "mon-sun"]))),
            "grace": lambda: _rewrite(room, "grace", data.draw(st.sampled_from(["0 s", "30 min", "5 h"]))),
            "dies": room.triggerer_dies,
            "restarts": room.triggerer_restarts,
            "site": lambda: _add_site(room),
        }
        for what, minutes in steps:
            acts[what]()
            room.clock.advances(f"{minutes} min")
        for each in room.logbook.occurrences(WATCH, since=date(2026, 11, 1)):
            if each.status == "missing":
                assert each.looked_at is not None
                assert each.looked_at - each.deadline <= timedelta(hours=12)
                assert each.deadline >= begins
            assert merged(each, each) == each


def _rewrite(room: ControlRoom, word: str, value: str) -> None:
    path = room.site / FLUX
    lines = [line for line in path.read_text("utf-8").split("\n") if not line.strip().startswith(f"{word}=")]
    place = next(number for number, line in enumerate(lines) if line.strip().startswith("opens="))
    path.write_text("\n".join([*lines[:place], f'        {word}="{value}",', *lines[place:]]), "utf-8")
    if room._sessions:
        room.reads(FLUX)


def _add_site(room: ControlRoom) -> None:
    path = room.site / STORES
    text = path.read_text("utf-8").rstrip("\n")
    number = text.count("\n") + 100
    path.write_text(f"{text}\n- {{code: NEW-{number}, zone: Asia/Tokyo, country: JP, warehouse: tokyo}}\n", "utf-8")
