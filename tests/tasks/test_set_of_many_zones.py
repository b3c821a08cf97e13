"""One date's files of four stores from Auckland to Los Angeles: a set whose windows open and end a day apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import JsonValue
from tests.tasks.samples import file_watch

from vigie.core.business_calendar import WEEKDAYS, Calendar, Days
from vigie.core.file_watch import FileWatch
from vigie.core.look import Look
from vigie.core.respond import Respond
from vigie.core.site import Site
from vigie.core.working_days import EVERY_DAY, WorkingDays
from vigie.logbook.book import Logbook
from vigie.tasks.file_round import FileRound
from vigie.testing.clock import HandClock
from vigie.testing.memory_drop_zone import MemoryDropZone

STORES = [
    Site(code="AKL-1", zone="Pacific/Auckland", country="NZ", attributes={"brand": "or"}),
    Site(code="PAR-1", zone="Europe/Paris", country="FR", attributes={"brand": "or"}),
    Site(code="NYC-1", zone="America/New_York", country="US", attributes={"brand": "or"}),
    Site(code="LAX-2", zone="America/Los_Angeles", country="US", attributes={"brand": "or"}),
]
DUE = {
    "AKL-1": datetime(2026, 11, 23, 17, tzinfo=UTC),
    "PAR-1": datetime(2026, 11, 24, 5, tzinfo=UTC),
    "NYC-1": datetime(2026, 11, 24, 11, tzinfo=UTC),
    "LAX-2": datetime(2026, 11, 24, 14, tzinfo=UTC),
}
"""06:00 on 24 November, on each store's clock."""

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


class Stores:
    """The round of a server, its logbook, and the files that come."""

    def __init__(self, book: Logbook, days: WorkingDays = EVERY_DAY, **rule: object) -> None:
        known = {"grace": "0 s", "path": "out/R_{site.code}_{business_date:%Y%m%d}.csv"}
        respond = Respond(severity="high", template="file_missing", group_by=("brand",))
        self.rule: FileWatch = file_watch(respond=respond, **(known | rule))
        self.book, self.days, self.server = book, days, MemoryDropZone()
        self.server.make_folder("out")
        self.clock = HandClock(DUE["AKL-1"] - 30 * HOUR)
        self.begin()
        self.look(self.clock.now)

    def begin(self) -> None:
        """A session begins, or begins anew."""
        self.round = FileRound(
            self.rule.where,
            lambda: self.server,
            self.book,
            lambda *_: tuple(STORES),
            days=lambda _: self.days,
            clock=self.clock,
        )
        self.round.join(self.rule)

    def look(self, at: datetime) -> Look:
        self.clock.now = at
        look, _ = self.round.look(at)
        self.book.record(look)
        self.round.recorded(look)
        return look

    def looks(self, *moments: datetime) -> list[tuple[str, str]]:
        """What is said of 24 November at these moments."""
        said = []
        for at in moments:
            said += [(each.event, each.title) for each in self.look(at).signals if "2026-11-24" in each.dedup_key]
        return said

    def comes(self, site: str, at: datetime) -> list[tuple[str, str]]:
        self.server.put(f"out/R_{site}_20261124.csv", 9, at)
        return self.looks(at, at + 31 * SECOND)

    def statuses(self) -> dict[str, str]:
        found = self.book.occurrences(self.rule.id, since=date(2026, 11, 24))
        return {each.site: each.status for each in found if each.when == "2026-11-24"}

    def facts(self) -> dict[str, JsonValue]:
        (incident,) = [each for each in self.book.incidents() if "2026-11-24" in each.dedup_key]
        return incident.facts


def test_one_of_four_is_one_of_four_though_two_windows_are_not_open_yet(book: Logbook) -> None:
    stores = Stores(book)
    assert stores.looks(DUE["AKL-1"] + SECOND) == [("trigger", "1 of 4 files missing (brand=or)")]
    facts = stores.facts()
    assert (facts["expected"], facts["arrived"], facts["missing_count"], facts["not_due"]) == (4, 0, 1, 3)
    assert stores.comes("PAR-1", DUE["PAR-1"] - HOUR) == []
    assert stores.comes("AKL-1", DUE["PAR-1"]) == [("resolve", "No file is missing any more (brand=or)")]
    assert stores.looks(DUE["NYC-1"] + SECOND) == [("trigger", "1 of 4 files missing (brand=or)")]
    facts = stores.facts()
    assert (facts["expected"], facts["arrived"], facts["missing_count"], facts["not_due"]) == (4, 2, 1, 1)


def test_what_a_calendar_takes_away_is_no_part_of_the_set(book: Logbook) -> None:
    closed = Days(first=date(2026, 11, 24), last=date(2026, 11, 24), reason="Stocktaking", countries=("US",))
    days = WorkingDays(Calendar(name="stores", works=WEEKDAYS, holidays=(), closed=(closed,)))
    assert Stores(book, days).looks(DUE["AKL-1"] + SECOND) == [("trigger", "1 of 2 files missing (brand=or)")]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_set_of_which_one_never_came_is_not_all_there(book: Logbook, restarted: bool) -> None:
    stores = Stores(book)
    stores.looks(*(DUE[site] + SECOND for site in DUE))
    for site in ("PAR-1", "NYC-1"):
        stores.comes(site, DUE["LAX-2"] + HOUR)
    very_late = DUE["LAX-2"] + 6 * DAY + 6 * HOUR  # more than a week after Auckland's deadline
    assert very_late > DUE["AKL-1"] + 7 * DAY
    if restarted:
        stores.clock.now = very_late
        stores.begin()
    assert stores.comes("LAX-2", very_late) == [("update", "1 of 4 files missing (brand=or)")]
    assert stores.statuses() == {"AKL-1": "missing", "PAR-1": "late", "NYC-1": "late", "LAX-2": "late"}
    assert [row["site"] for row in stores.facts()["missing"]] == ["AKL-1"]  # type: ignore[union-attr, index, call-overload]


@pytest.mark.parametrize("restarted", [False, True])
def test_when_nobody_looks_for_it_any_more_that_is_told_and_the_incident_stays(book: Logbook, restarted: bool) -> None:
    stores = Stores(book)
    stores.looks(*(DUE[site] + SECOND for site in DUE))
    for site in ("PAR-1", "NYC-1", "LAX-2"):
        stores.comes(site, DUE["LAX-2"] + HOUR)
    over = DUE["LAX-2"] + 7 * DAY
    assert stores.looks(over - SECOND) == []
    if restarted:
        stores.clock.now = over + HOUR
        stores.begin()
    last = over + HOUR
    assert stores.looks(last, last + HOUR) == [("update", "1 of 4 files never came (brand=or)")]
    assert stores.facts()["given_up"] is True
    assert stores.comes("AKL-1", last + 2 * HOUR) == []
    assert stores.statuses()["AKL-1"] == "missing"


def test_one_given_up_is_still_missing_when_the_last_of_its_set_comes_late(book: Logbook) -> None:
    """A holiday of eight days moves Los Angeles' file to a day after Auckland's was given up."""
    week = Days(first=date(2026, 11, 24), last=date(2026, 12, 2), reason="Golden week", sites=("LAX-2",))
    days = WorkingDays(Calendar(name="stores", works=WEEKDAYS, holidays=(), closed=(week,)))
    stores = Stores(book, days, shift_policy="next_business_day")
    for site in ("PAR-1", "NYC-1"):
        stores.comes(site, DUE["AKL-1"] - HOUR)
    assert stores.looks(DUE["AKL-1"] + SECOND) == [("trigger", "1 of 4 files missing (brand=or)")]
    moved = DUE["LAX-2"] + 9 * DAY
    stores.looks(moved - 23 * HOUR)
    stores.looks(moved - 5 * HOUR)
    assert stores.looks(moved + SECOND) == [("trigger", "2 of 4 files missing (brand=or)")]
    assert stores.comes("LAX-2", moved + HOUR) == [("update", "1 of 4 files missing (brand=or)")]
