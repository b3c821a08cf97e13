"""What is taken at once is looked for each second, and nothing else waits for it or is listed more often."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.tasks.samples import file_watch

from vigie.core.file_watch import FileWatch
from vigie.core.look import Look
from vigie.core.site import Site
from vigie.logbook.book import Logbook
from vigie.tasks.file_round import FileRound
from vigie.testing.clock import HandClock
from vigie.testing.memory_drop_zone import MemoryDropZone

SITE = Site(code="TYO-1", zone="Asia/Tokyo", country="JP", attributes={"warehouse": "tokyo"})
OPENS = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 00:00 of 24 November in Tokyo
DEADLINE = datetime(2026, 11, 23, 21, 10, tzinfo=UTC)  # 06:10
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NAME = "REPL_TYO-1_20261124.csv"


def rule(folder: str, **more: object) -> FileWatch:
    path = f"{folder}/REPL_{{site.code}}_{{business_date:%Y%m%d}}.csv"
    return file_watch(**({"task_id": folder, "path": path} | more))


class Quick:
    """A round that looks when it has said that it would, on a clock moved by hand."""

    def __init__(self, book: Logbook, *rules: FileWatch, now: datetime) -> None:
        self.server, self.book, self.clock = MemoryDropZone(), book, HandClock(now)
        for each in rules:
            for path in each.places:
                self.server.make_folder(path.rpartition("/")[0])
        self.round = FileRound("wms", lambda: self.server, book, lambda _client, _table: (SITE,), clock=self.clock)
        for each in rules:
            self.round.join(each)
        self.again, self.looks = now, list[Look]()

    def until(self, end: datetime) -> None:
        """Look, each time at the moment asked for, until ``end``."""
        while self.again < end:
            self.clock.now = self.again
            look, self.again = self.round.look(self.clock.now)
            assert self.again >= self.clock.now
            self.book.record(look)
            self.round.recorded(look)
            self.looks.append(look)
        self.clock.now = end

    def ended(self, of: FileWatch) -> tuple[str, datetime | None, str]:
        (one,) = [each for each in self.book.occurrences(of.id, since=OPENS.date()) if each.when == "2026-11-24"]
        return one.status, one.arrived_at, one.reason


def test_a_file_that_lies_two_seconds_is_seen_far_from_its_deadline(book: Logbook) -> None:
    quick, slow = rule("quick", taken=True), rule("slow")
    rounds = Quick(book, quick, slow, now=OPENS - 2 * MINUTE)
    rounds.until(OPENS + 12.3 * SECOND)
    for folder in ("quick", "slow"):
        rounds.server.put(f"{folder}/{NAME}", 9, rounds.clock.now)
    rounds.until(OPENS + 14.3 * SECOND)
    for folder in ("quick", "slow"):
        rounds.server.remove(f"{folder}/{NAME}")
    rounds.until(OPENS + 20 * SECOND)
    assert rounds.ended(quick) == (
        "on_time",
        OPENS + 12.3 * SECOND,
        "seen, and gone before it had stayed the same for 30 s",
    )
    assert rounds.ended(slow)[0] == "pending"


def test_others_are_listed_no_more_often_and_judged_at_their_deadlines(book: Logbook) -> None:
    quick, slow = rule("quick", taken=True, due="12:00"), rule("slow")
    alone = Quick(book, rule("slow", task_id="alone"), now=OPENS)
    alone.until(DEADLINE + MINUTE)
    beside = Quick(book, quick, slow, now=OPENS)
    beside.until(DEADLINE - 2 * MINUTE)
    beside.server.put(f"slow/{NAME}", 9, beside.clock.now)
    beside.until(DEADLINE + MINUTE)
    listed = Counter(beside.server.listings)
    assert listed["quick"] > (DEADLINE - OPENS).total_seconds()
    assert listed["slow"] <= Counter(alone.server.listings)["slow"]
    assert beside.ended(slow)[0] == "on_time"
    missing = [each.at for each in alone.looks for signal in each.signals if signal.event == "trigger"]
    assert missing[:1] == [DEADLINE + 0.2 * SECOND]


def test_a_missing_one_beside_what_is_taken_at_once_is_told_at_its_deadline_and_its_late_file_ends_it(
    book: Logbook,
) -> None:
    quick, slow = rule("quick", taken=True, due="12:00"), rule("slow")
    rounds = Quick(book, quick, slow, now=DEADLINE - 10 * MINUTE)
    rounds.until(DEADLINE + MINUTE)
    told = [(each.at, signal.event) for each in rounds.looks for signal in each.signals if signal.event == "trigger"]
    assert told[0] == (DEADLINE + 0.2 * SECOND, "trigger")
    rounds.server.put(f"slow/{NAME}", 9, rounds.clock.now)
    rounds.until(DEADLINE + 4 * MINUTE)
    assert rounds.ended(slow)[0] == "late"


def test_what_shares_a_folder_with_it_is_judged_with_it(book: Logbook) -> None:
    quick = rule("quick", taken=True)
    sharing = rule("quick", task_id="sharing", gone="missing")
    rounds = Quick(book, quick, sharing, now=OPENS)
    rounds.until(OPENS + 10 * SECOND)
    rounds.server.put(f"quick/{NAME}", 9, rounds.clock.now)
    rounds.until(OPENS + 45 * SECOND)
    assert rounds.ended(sharing)[0] == "on_time"


def test_one_that_joins_is_looked_for_at_once(book: Logbook) -> None:
    quick, slow = rule("quick", taken=True), rule("slow")
    rounds = Quick(book, quick, now=OPENS)
    rounds.until(OPENS + 10 * SECOND)
    rounds.round.join(slow)
    rounds.until(OPENS + 12 * SECOND)
    assert "slow" in rounds.server.listings


def test_a_late_file_that_is_taken_at_once_ends_the_incident(book: Logbook) -> None:
    quick = rule("quick", taken=True)
    rounds = Quick(book, quick, now=DEADLINE - MINUTE)
    rounds.until(DEADLINE + 60 * MINUTE)
    assert rounds.ended(quick)[0] == "missing"
    rounds.server.put(f"quick/{NAME}", 9, rounds.clock.now)
    rounds.until(rounds.clock.now + 2 * SECOND)
    rounds.server.remove(f"quick/{NAME}")
    rounds.until(rounds.clock.now + 5 * SECOND)
    assert rounds.ended(quick)[0] == "late"
    (incident,) = [each for each in book.incidents(statuses=("resolved",)) if each.watch == quick.id]
    assert incident.title


def test_of_a_place_that_is_not_shown_nothing_is_missing_and_what_came_elsewhere_has_come(book: Logbook) -> None:
    places = [f"{folder}/REPL_{{site.code}}_{{business_date:%Y%m%d}}.csv" for folder in ("inbox", "archive")]
    moved = rule("inbox", path=places)
    rounds = Quick(book, moved, now=DEADLINE - MINUTE)
    rounds.server.forbid("archive")
    rounds.until(DEADLINE + 3 * SECOND)
    assert rounds.ended(moved)[0] == "pending"
    rounds.server.put(f"inbox/{NAME}", 9, DEADLINE - MINUTE)
    rounds.until(DEADLINE + 2 * MINUTE)
    assert rounds.ended(moved)[0] in {"on_time", "late"}


def test_a_place_that_is_not_there_is_told_and_the_other_counts(book: Logbook) -> None:
    places = [f"{folder}/REPL_{{site.code}}_{{business_date:%Y%m%d}}.csv" for folder in ("inbox", "archive")]
    moved = rule("inbox", path=places)
    rounds = Quick(book, moved, now=OPENS)
    rounds.server.remove("archive")
    rounds.server.put(f"inbox/{NAME}", 9, OPENS)
    rounds.until(OPENS + 6 * MINUTE)
    assert rounds.ended(moved)[0] == "on_time"
    assert [each.kind for each in rounds.looks[0].entries if each.kind.startswith("folder.")] == ["folder.absent"]
