from __future__ import annotations

from datetime import timedelta
from itertools import count

from tests.logbook.samples import MINUTE, NOON, WATCH, signal

from vigie.core.incident import Incident
from vigie.core.signal import Signal
from vigie.logbook.signals import Story


def told(*signals: Signal, unresolved: tuple[Incident, ...] = (), ended: tuple[Incident, ...] = ()) -> list[Incident]:
    story = Story.of(unresolved, ended=ended)
    for each in signals:
        story.tell(each)
    return [draft.incident for draft in story.drafts]


def kinds(*signals: Signal) -> list[str]:
    story = Story.of(())
    for each in signals:
        story.tell(each)
    return [line.kind for line, _ in story.lines]


def test_a_trigger_opens_an_incident_that_is_due_at_once():
    (incident,) = told(signal("1", facts={"job": "EOD_POS"}, severity="critical", audience="platform"))
    assert incident.model_dump(exclude_unset=True) == {
        "id": "",
        "client": "maison-lumiere",
        "flux": "store_replenishment",
        "watch": WATCH,
        "dedup_key": "EOD_POS",
        "status": "open",
        "severity": "critical",
        "title": "KO of EOD_POS",
        "template": "mail_ko",
        "procedure": "relaunch-job",
        "audience": "platform",
        "page": True,
        "hold": timedelta(minutes=10),
        "facts": {"job": "EOD_POS"},
        "opened_at": NOON,
        "next_action_at": NOON,
    }
    assert kinds(signal("1")) == ["anomaly.trigger", "incident.opened"]


def test_a_second_trigger_joins_the_incident():
    later = NOON + MINUTE
    (incident,) = told(signal("1", facts={"n": 1}), signal("2", seen_at=later, facts={"n": 2}, title="Again"))
    assert (incident.count, incident.revision, incident.facts) == (2, 2, {"n": 2})
    assert (incident.title, incident.opened_at) == ("Again", NOON)


def test_a_repetition_that_says_nothing_new_wakes_nobody():
    known = told(signal("1"))[0].model_copy(update={"id": "INC-1", "next_action_at": None})
    (incident,) = told(signal("2", seen_at=NOON + MINUTE), unresolved=(known,))
    assert (incident.count, incident.revision, incident.next_action_at) == (2, 2, None)


def test_new_facts_or_a_higher_severity_wake_the_desk_but_never_later_than_planned():
    known = told(signal("1", severity="medium"))[0].model_copy(update={"id": "INC-1", "next_action_at": None})
    later = NOON + MINUTE
    (facts,) = told(signal("2", severity="medium", seen_at=later, facts={"n": 1}), unresolved=(known,))
    (worse,) = told(signal("2", severity="high", seen_at=later), unresolved=(known,))
    (better,) = told(signal("2", severity="low", seen_at=later), unresolved=(known,))
    assert facts.next_action_at == worse.next_action_at == later
    assert (worse.severity, better.severity, better.next_action_at) == ("high", "medium", None)
    planned = known.model_copy(update={"next_action_at": NOON})
    (sooner,) = told(signal("2", seen_at=later, facts={"n": 1}), unresolved=(planned,))
    assert sooner.next_action_at == NOON


def test_an_acknowledged_incident_is_joined_and_stays_acknowledged():
    known = told(signal("1"))[0].model_copy(update={"id": "INC-1", "status": "acknowledged", "acknowledged_by": "bo"})
    (incident,) = told(signal("2"), unresolved=(known,))
    assert (incident.status, incident.acknowledged_by, incident.count) == ("acknowledged", "bo", 2)


def test_an_update_changes_what_is_known_of_an_unresolved_incident():
    known = told(signal("1"))[0].model_copy(update={"id": "INC-1", "next_action_at": None})
    (same,) = told(signal("2", "update"), unresolved=(known,))
    assert same == known
    (changed,) = told(signal("2", "update", title="2 files", seen_at=NOON + MINUTE), unresolved=(known,))
    assert (changed.title, changed.revision, changed.count) == ("2 files", 2, 1)
    assert changed.next_action_at == NOON + MINUTE


def test_update_and_resolve_of_nothing_leave_only_their_entry():
    assert told(signal("1", "update"), signal("2", "resolve")) == []
    assert kinds(signal("1", "update"), signal("2", "resolve")) == ["anomaly.update", "anomaly.resolve"]


def test_a_resolve_ends_the_incident_and_what_comes_after_its_hold_is_another():
    (first, second) = told(
        signal("1"), signal("2", "resolve", seen_at=NOON + MINUTE), signal("3", seen_at=NOON + 12 * MINUTE)
    )
    assert (first.status, first.resolved_by, first.resolved_at) == ("resolved", WATCH, NOON + MINUTE)
    assert (first.revision, first.next_action_at, first.all_clear_at) == (2, NOON, NOON + 11 * MINUTE)
    assert (second.status, second.count) == ("open", 1)


def test_what_comes_back_within_its_hold_is_the_same_incident():
    back = NOON + 11 * MINUTE
    signals = (signal("1"), signal("2", "resolve", seen_at=NOON + MINUTE), signal("3", seen_at=back, title="Again"))
    (incident,) = told(*signals)
    assert (incident.status, incident.count, incident.title) == ("open", 2, "Again")
    assert (incident.reopenings, incident.reopened_at, incident.returns) == (1, back, (back,))
    assert (incident.resolved_at, incident.all_clear_at) == (None, None)
    assert kinds(*signals)[-2:] == ["anomaly.trigger", "incident.reopened"]


def test_how_long_is_said_by_the_rule_of_now():
    over = told(signal("1"), signal("2", "resolve"))[0].model_copy(update={"id": "INC-1"})
    late = NOON + 30 * MINUTE
    (longer,) = told(signal("3", seen_at=late, hold=30 * MINUTE), ended=(over,))
    assert (longer.id, longer.hold) == ("INC-1", 30 * MINUTE)
    assert [each.id for each in told(signal("3", seen_at=late), ended=(over,))] == ["INC-1", ""]
    assert [each.id for each in told(signal("3", seen_at=NOON + MINUTE, hold=0 * MINUTE), ended=(over,))] == [
        "INC-1",
        "",
    ]


def test_it_comes_back_to_its_owner():
    over = told(signal("1"), signal("2", "resolve"))[0].model_copy(update={"id": "INC-1", "acknowledged_by": "bo"})
    (back,) = told(signal("3", seen_at=NOON + MINUTE), ended=(over,))
    assert (back.status, back.acknowledged_by) == ("acknowledged", "bo")


def test_a_rule_that_now_pages_calls_people_for_what_is_open():
    known = told(signal("1", page=False))[0].model_copy(update={"id": "INC-1", "next_action_at": None})
    (loud,) = told(signal("2", seen_at=NOON + MINUTE), unresolved=(known,))
    assert (loud.page, loud.next_action_at) == (True, NOON + MINUTE)
    (still,) = told(signal("2", seen_at=NOON + MINUTE, page=False), unresolved=(loud,))
    assert still.page


def test_keys_of_any_part_keep_incidents_apart():
    others = [{"client": "nordwind"}, {"flux": "pos"}, {"watch": "w"}, {"dedup_key": "k"}]
    numbers = count()
    assert len(told(*(signal(str(next(numbers)), **other) for other in [{}, *others]))) == 5
