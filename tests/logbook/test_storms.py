"""Many keys at once: what a watch finds in a storm is one incident, and nothing of it is lost."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.logbook.samples import MINUTE, NOON, look, signal

from vigie.core.incident import Incident
from vigie.core.signal import Signal
from vigie.core.storm import BUSY, PAUSE, STORM_KEY, WITHIN, storm_of
from vigie.logbook.book import Logbook


def ko(number: int, at: datetime = NOON, event: str = "trigger", **other: object) -> Signal:
    fields = {"seen_at": at, "storm_after": 10, **other}
    return signal(f"{event}-{number}-{fields}", event, f"JOB_{number}", **fields)


def storms(book: Logbook) -> list[Incident]:
    return [each for each in book.incidents(limit=2000) if each.dedup_key == STORM_KEY]


def test_the_first_ten_are_incidents_and_the_others_are_one(book: Logbook) -> None:
    for start in range(0, 1000, 25):
        book.record(look(*(ko(number) for number in range(start, start + 25))))

    (storm,) = storms(book)
    assert len(book.incidents(limit=2000)) == 11
    assert storm.count == 990
    assert storm.title == "Storm: 990 further incidents, the latest: KO of JOB_999"
    assert (storm.template, storm.procedure, storm.severity) == ("storm", "relaunch-job", "high")
    assert len(book.entries(kind_prefix="anomaly.trigger", limit=2000)) == 1000
    assert len(book.entries(incident=storm.id, kind_prefix="anomaly.trigger", limit=2000)) == 990


def test_the_same_key_a_thousand_times_is_one_incident_and_no_storm(book: Logbook) -> None:
    for start in range(0, 1000, 25):
        repeated = (ko(1, NOON + timedelta(milliseconds=start + each)) for each in range(25))
        book.record(look(*repeated))
    (incident,) = book.incidents()
    assert (incident.dedup_key, incident.count) == ("JOB_1", 1000)


def test_keys_that_come_one_by_one_over_the_hours_are_no_storm(book: Logbook) -> None:
    for number in range(20):
        book.record(look(ko(number, NOON + number * WITHIN / 9)))
    assert len(book.incidents()) == 20
    assert storms(book) == []


def test_another_watch_is_not_in_it(book: Logbook) -> None:
    book.record(look(*(ko(number) for number in range(12))))
    book.record(look(ko(1, watch="maison-lumiere.store_replenishment.other")))
    assert len(book.incidents()) == 12


def test_a_key_that_is_well_again_leaves_it_and_the_last_one_ends_it(book: Logbook) -> None:
    book.record(look(*(ko(number) for number in range(12))))
    (storm,) = storms(book)

    book.record(look(ko(10, NOON + MINUTE, "resolve"), at=NOON + MINUTE))
    (storm,) = storms(book)
    assert storm_of(storm).keys == ("JOB_11",)
    assert storm.status == "open"

    recorded = book.record(look(ko(11, NOON + 2 * MINUTE, "resolve"), at=NOON + 2 * MINUTE))
    assert recorded.resolved == (storm.id,)
    assert [each.dedup_key for each in book.incidents()] == [f"JOB_{number}" for number in range(9, -1, -1)]


def test_a_key_of_the_storm_that_comes_again_counts_there(book: Logbook) -> None:
    book.record(look(*(ko(number) for number in range(12))))
    book.record(look(ko(11, NOON + 60 * MINUTE), at=NOON + 60 * MINUTE))
    (storm,) = storms(book)
    assert storm.count == 3
    assert len(book.incidents()) == 11


def test_a_resolve_of_a_key_that_nobody_knows_changes_nothing(book: Logbook) -> None:
    book.record(look(*(ko(number) for number in range(12))))
    book.record(look(ko(77, event="resolve")))
    (storm,) = storms(book)
    assert storm_of(storm).keys == ("JOB_10", "JOB_11")


def test_when_the_storm_was_quiet_for_five_minutes_a_new_key_is_an_incident_of_its_own(book: Logbook) -> None:
    book.record(look(*(ko(number) for number in range(12))))
    later = NOON + WITHIN + MINUTE
    book.record(look(ko(50, later), at=later))
    assert next(each.dedup_key for each in book.incidents()) == "JOB_50"


def test_a_storm_that_somebody_took_and_that_begins_again_is_nobodys(book: Logbook) -> None:
    book.record(look(*(ko(number) for number in range(12))))
    (storm,) = storms(book)
    book.acknowledge(storm.id, "camille", NOON + MINUTE, "page")
    book.record(look(ko(12, NOON + MINUTE), at=NOON + MINUTE))
    assert storms(book)[0].acknowledged_by == "camille"

    later = NOON + 60 * MINUTE
    book.record(look(*(ko(number, later) for number in range(20, 32)), at=later))
    (storm,) = storms(book)
    assert (storm.status, storm.acknowledged_by, storm.paged_at) == ("open", None, None)
    assert storm.next_action_at <= later
    assert storm_of(storm).keys == ("JOB_10", "JOB_11", "JOB_12", "JOB_30", "JOB_31")


def test_a_worse_member_makes_the_storm_worse_at_once(book: Logbook) -> None:
    book.record(look(*(ko(number) for number in range(30))))
    at = NOON + timedelta(seconds=5)
    book.record(look(ko(31, at, severity="critical"), at=at))
    (storm,) = storms(book)
    assert storm.severity == "critical"
    assert storm.next_action_at == NOON


def test_from_the_tenth_detection_on_the_message_changes_each_ten_seconds_only(book: Logbook) -> None:
    for number in range(BUSY):
        book.record(look(ko(1, NOON + timedelta(microseconds=number), facts={"n": number})))
    (incident,) = book.incidents()
    assert incident.next_action_at == NOON
    # The desk has acted since, and waits ten minutes for an answer.
    waiting = incident.model_copy(update={"next_action_at": NOON + 10 * MINUTE})
    assert book.put_off(incident, NOON + 10 * MINUTE)
    at = NOON + timedelta(seconds=1)
    book.record(look(ko(1, at, facts={"n": 99}), at=at))
    assert book.incidents()[0].next_action_at == at + PAUSE
    assert waiting.next_action_at > at + PAUSE


def test_the_same_look_recorded_twice_changes_nothing(book: Logbook) -> None:
    storm = look(*(ko(number) for number in range(40)))
    book.record(storm)
    before = book.incidents()
    assert book.record(storm).new_signals == 0
    assert book.incidents() == before


def test_warnings_that_page_nobody_make_no_storm_and_are_in_none(book: Logbook) -> None:
    book.record(look(*(ko(number, page=False) for number in range(30))))
    assert storms(book) == []
    assert len(book.incidents()) == 30
    book.record(look(*(ko(number) for number in range(100, 115))))
    (storm,) = storms(book)
    assert (storm.count, storm.page) == (5, True)
    book.record(look(ko(500, page=False)))
    assert storms(book)[0].count == 5
