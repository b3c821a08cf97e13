from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.logbook.samples import NOON, signal

from vigie.core.incident import Incident
from vigie.core.storm import KEYS, STORM_KEY, WITHIN, Storm, begins, storm_of

EMPTY = Storm((), 0, NOON)


def incident(dedup_key: str, **facts: object) -> Incident:
    return Incident(
        id="INC-1",
        client="nordwind",
        flux="end_of_day",
        watch="nordwind.end_of_day.batch_ko",
        dedup_key=dedup_key,
        status="open",
        severity="high",
        title="",
        opened_at=NOON,
        facts=facts,  # type: ignore[arg-type]
    )


def test_a_storm_begins_after_so_many_incidents_within_five_minutes():
    opened = [NOON - timedelta(seconds=each) for each in range(10)]
    assert begins(signal("1", storm_after=10), opened)
    assert not begins(signal("1", storm_after=10), opened[1:])
    assert not begins(signal("1", storm_after=10), [at - WITHIN for at in opened])
    assert begins(signal("1", storm_after=3), opened[:3])


def test_a_key_that_joins_twice_is_one_key():
    storm = EMPTY.joined(signal("1", dedup_key="A")).joined(signal("2", dedup_key="A"))
    assert storm.keys == ("A",)


def test_a_storm_gathers_while_it_goes_on():
    assert EMPTY.gathers(NOON + WITHIN)
    assert not EMPTY.gathers(NOON + WITHIN + timedelta(seconds=1))


def test_a_storm_of_more_keys_than_are_kept_is_never_over_by_itself():
    storm = EMPTY
    for number in range(KEYS + 2):
        storm = storm.joined(signal("1", dedup_key=f"JOB_{number}"))
    assert (len(storm.keys), storm.more) == (KEYS, 2)
    for key in storm.keys:
        storm = storm.left(key)
    assert not storm.over
    assert storm.title("[KO] X") == "Storm: more than 0 further incidents, the latest: [KO] X"


def test_what_is_no_storm_says_so():
    assert storm_of(None) is None
    assert storm_of(incident("EOD_POS", storm={"keys": [], "more": 0, "last": NOON.isoformat()})) is None
    assert storm_of(incident(STORM_KEY)) is None


@given(st.lists(st.text(max_size=20), max_size=30))
def test_a_storm_is_read_from_its_incident_as_it_was(keys: list[str]):
    storm = EMPTY
    for key in keys:
        storm = storm.joined(signal("1", dedup_key=key))
    assert storm_of(incident(STORM_KEY, **storm.facts({"mail": {}}))) == storm


@given(st.lists(st.sampled_from("ABCD"), max_size=30))
def test_a_storm_is_over_when_each_of_its_keys_has_left(keys: list[str]):
    storm = EMPTY
    for key in keys:
        storm = storm.joined(signal("1", dedup_key=key))
    for key in set(keys):
        assert not storm.over
        storm = storm.left(key)
    assert storm.over
