from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.logbook.samples import MINUTE, NOON, entry, look, outbound, signal

from vigie.core.escalation import Decision
from vigie.core.incident import Incident
from vigie.logbook.book import Logbook
from vigie.logbook.incidents import Outcome

LATER = NOON + 5 * MINUTE


@pytest.fixture
def incident(book: Logbook) -> Incident:
    book.record(look(signal("1")))
    return book.incidents()[0]


def page(pages: int = 1) -> Decision:
    return Decision(pages, LATER, (), "page 1: alice")


def test_an_incident_is_found_by_its_name(book: Logbook, incident: Incident):
    assert book.incident("INC-1") == incident


def test_what_is_no_incident_is_unknown(book: Logbook, incident: Incident):
    for name in ["INC-2", "INC-0", "INC-01", "inc-1", "1", "", "INC-1.1", "INC-1\n", "INC-٣", "INC-" + "9" * 40]:
        assert book.incident(name) is None, name
        assert book.acknowledge(name, "bo", LATER, "web") == Outcome("unknown", None), name
        assert book.resolve(name, "bo", LATER, "web") == Outcome("unknown", None), name
        assert book.note(name, "bo", LATER, "hello") is False, name
        assert book.decide(incident.model_copy(update={"id": name}), page(), at=LATER) is False, name


def test_incidents_are_listed_newest_first_by_status_and_client(book: Logbook):
    jobs = [("A", "nordwind"), ("B", "maison-lumiere"), ("C", "nordwind")]
    book.record(look(*(signal(job, dedup_key=job, client=client) for job, client in jobs)))
    book.record(look(signal("ok", "resolve", dedup_key="A", client="nordwind")))
    book.acknowledge("INC-2", "bo", NOON, "web")
    assert [each.dedup_key for each in book.incidents()] == ["C", "B"]
    assert [each.dedup_key for each in book.incidents(client="nordwind")] == ["C"]
    assert [each.dedup_key for each in book.incidents(statuses=("acknowledged", "resolved"))] == ["B", "A"]
    assert [each.dedup_key for each in book.incidents(statuses=("open", "resolved"), limit=1)] == ["C"]


def test_an_acknowledgement_gives_the_incident_to_a_person(book: Logbook, incident: Incident):
    outcome = book.acknowledge("INC-1", "bruno", LATER, "slack")
    assert outcome.result == "done"
    assert outcome.incident == book.incident("INC-1")
    assert outcome.incident == incident.model_copy(
        update={
            "status": "acknowledged",
            "acknowledged_at": LATER,
            "acknowledged_by": "bruno",
            "active_at": LATER,
            "revision": 2,
            "next_action_at": LATER,
        }
    )
    line = book.entries(incident="INC-1")[-1]
    assert (line.kind, line.actor, line.at, line.client) == ("incident.acknowledged", "bruno", LATER, "maison-lumiere")
    assert line.data == {"via": "slack"}


def test_a_second_acknowledgement_learns_who_was_first(book: Logbook, incident: Incident):
    book.acknowledge("INC-1", "bruno", LATER, "slack")
    lines = len(book.entries())
    outcome = book.acknowledge("INC-1", "alice", LATER + MINUTE, "web")
    assert outcome.result == "already"
    assert outcome.incident is not None
    assert outcome.incident.acknowledged_by == "bruno"
    assert len(book.entries()) == lines


def test_a_resolved_incident_cannot_be_acknowledged(book: Logbook, incident: Incident):
    assert book.resolve("INC-1", "alice", LATER, "web").result == "done"
    outcome = book.acknowledge("INC-1", "bruno", LATER, "slack")
    assert outcome.result == "resolved"
    assert outcome.incident is not None
    assert (outcome.incident.status, outcome.incident.acknowledged_by) == ("resolved", None)
    assert book.resolve("INC-1", "bruno", LATER, "web").result == "already"


def test_a_resolution_by_hand_frees_the_key(book: Logbook, incident: Incident):
    book.acknowledge("INC-1", "alice", NOON, "web")
    outcome = book.resolve("INC-1", "alice", LATER, "web")
    assert outcome.incident is not None
    assert (outcome.incident.resolved_by, outcome.incident.resolved_at) == ("alice", LATER)
    assert (outcome.incident.revision, outcome.incident.next_action_at) == (3, LATER)
    assert [line.kind for line in book.entries(incident="INC-1")][-2:] == ["incident.acknowledged", "incident.resolved"]
    assert book.record(look(signal("2", seen_at=LATER + 11 * MINUTE))).opened == ("INC-2",)


def test_an_escalation_opens_the_incident_again_for_the_next_people(book: Logbook, incident: Incident):
    book.decide(incident, page(), at=NOON)
    book.acknowledge("INC-1", "alice", NOON, "web")
    outcome = book.escalate("INC-1", "procedure", LATER, "procedure")
    assert outcome.result == "done"
    assert outcome.incident == incident.model_copy(
        update={
            "pages": 1, "revision": 3, "next_action_at": LATER, "told": 1, "handed_on_by": "alice", "active_at": NOON,
            "called_at": NOON, "level": 1,
        }
    )  # fmt: skip
    assert book.entries(incident="INC-1")[-1].kind == "incident.escalated"
    assert book.escalate("INC-1", "alice", LATER, "web").result == "done"


def test_what_has_ended_is_not_escalated(book: Logbook, incident: Incident):
    book.resolve("INC-1", "alice", LATER, "web")
    assert book.escalate("INC-1", "bruno", LATER, "web").result == "resolved"
    assert book.escalate("INC-9", "bruno", LATER, "web").result == "unknown"
    assert book.entries(kind_prefix="incident.escalated") == []


def test_an_incident_is_put_off_unless_it_changed(book: Logbook, incident: Incident):
    assert book.put_off(incident, LATER) is True
    assert book.due_incidents(NOON) == []
    assert book.next_due() == LATER
    book.acknowledge("INC-1", "alice", NOON, "web")
    assert book.put_off(incident, LATER) is False
    assert book.next_due() == NOON


def test_a_note_is_an_entry_and_a_sign_of_work(book: Logbook, incident: Incident):
    assert book.note("INC-1", "alice", LATER, "the warehouse is rebooting") is True
    assert book.incident("INC-1") == incident.model_copy(update={"active_at": LATER})
    line = book.entries(incident="INC-1", kind_prefix="incident.note")[0]
    assert (line.actor, line.text, line.at) == ("alice", "the warehouse is rebooting", LATER)


def test_due_incidents_come_longest_overdue_first(book: Logbook):
    for number, job in enumerate("ABC"):
        book.record(look(signal(job, dedup_key=job, seen_at=NOON - number * MINUTE)))
    assert [each.dedup_key for each in book.due_incidents(NOON)] == ["C", "B", "A"]
    assert [each.dedup_key for each in book.due_incidents(NOON, limit=2)] == ["C", "B"]
    assert [each.dedup_key for each in book.due_incidents(NOON - MINUTE)] == ["C", "B"]
    assert book.due_incidents(NOON - 9 * MINUTE) == []


def test_a_decision_and_its_messages_are_written_together(book: Logbook, incident: Incident):
    line = entry(kind="page.decided", incident="INC-1", at=NOON + MINUTE)
    assert book.decide(incident, page(), [outbound("INC-1|page|1|alice")], [line]) is True
    decided = book.incident("INC-1")
    assert decided == incident.model_copy(
        update={
            "pages": 1,
            "paged_at": NOON + MINUTE,
            "called_at": NOON + MINUTE,
            "level": 1,
            "next_action_at": LATER,
            "told": 1,
        }
    )
    assert [each.key for each in book.outbox("INC-1")] == ["INC-1|page|1|alice"]
    assert book.entries()[-1].kind == "page.decided"


def test_only_a_page_sets_when_it_was_paged(book: Logbook, incident: Incident):
    assert book.decide(incident, page(), at=NOON + MINUTE)
    paged = book.incident("INC-1")
    assert paged is not None
    assert book.decide(paged, Decision(1, LATER + MINUTE, (), "changed"), at=LATER)
    told = book.incident("INC-1")
    assert told is not None
    assert told.paged_at == NOON + MINUTE


def test_a_page_without_an_instant_is_refused(book: Logbook, incident: Incident):
    with pytest.raises(ValueError) as refused:
        book.decide(incident, page())
    assert str(refused.value) == "a page of INC-1 was decided; say when (at=)"


def test_two_desks_that_decide_on_the_same_incident_act_once(open_book: Callable[..., Logbook], incident: Incident):
    line = entry(kind="page.decided", incident="INC-1")
    decided = [
        desk.decide(incident, page(), [outbound(f"{number}")], [line])
        for number, desk in enumerate((open_book(), open_book()))
    ]
    assert decided == [True, False]
    assert [each.key for each in open_book().outbox()] == ["0"]
    assert len(open_book().entries(kind_prefix="page.")) == 1


@pytest.mark.parametrize("meanwhile", ["acknowledged", "triggered", "resolved"])
def test_a_decision_on_an_incident_that_changed_is_not_taken(book: Logbook, incident: Incident, meanwhile: str):
    if meanwhile == "acknowledged":
        book.acknowledge("INC-1", "bo", NOON, "web")
    else:
        book.record(look(signal("2", "trigger" if meanwhile == "triggered" else "resolve")))
    before = book.entries()
    assert book.decide(incident, page(), [outbound("p")], [entry()]) is False
    assert book.outbox() == []
    assert book.entries() == before


def test_a_decision_may_plan_nothing_more(book: Logbook, incident: Incident):
    assert book.decide(incident, Decision(0, None, (), "done"))
    assert book.next_due() is None
    assert book.due_incidents(NOON + 10000 * MINUTE) == []


def test_a_message_known_from_before_is_not_queued_again(book: Logbook, incident: Incident):
    book.queue(outbound("thread", recipient="#first"))
    assert book.decide(incident, Decision(0, None, (), ""), [outbound("thread", recipient="#second"), outbound("new")])
    assert [(each.key, each.recipient) for each in book.outbox()] == [("thread", "#first"), ("new", "#maison-lumiere")]


def test_an_incident_that_paged_nobody_pages_once_a_person_escalates_it(book: Logbook):
    book.record(look(signal("1", page=False)))
    (quiet,) = book.incidents()
    assert quiet.page is False
    outcome = book.escalate(quiet.id, "anna", NOON, "slack")
    assert outcome.incident is not None
    assert outcome.incident.page is True


def test_an_end_by_mistake_is_undone_with_its_owner(book: Logbook, incident: Incident):
    book.acknowledge("INC-1", "bruno", NOON, "web")
    book.resolve("INC-1", "bruno", NOON, "web")
    outcome = book.reopen("INC-1", "alice", LATER, "page", "a double tap")
    assert outcome.result == "done"
    assert outcome.incident is not None
    assert (outcome.incident.status, outcome.incident.acknowledged_by) == ("acknowledged", "bruno")
    assert (outcome.incident.resolved_at, outcome.incident.next_action_at) == (None, LATER)
    line = book.entries(incident="INC-1")[-1]
    assert (line.kind, line.actor, line.at) == ("incident.reopened", "alice", LATER)
    assert line.data == {"via": "page", "why": "a double tap"}
    assert book.reopen("INC-1", "alice", LATER, "page").result == "already"
    assert book.reopen("INC-9", "alice", LATER, "page").result == "unknown"


def test_what_nobody_had_is_open_again(book: Logbook, incident: Incident):
    book.resolve("INC-1", "bruno", NOON, "web")
    outcome = book.reopen("INC-1", "bruno", LATER, "slack")
    assert outcome.incident is not None
    assert (outcome.incident.status, outcome.incident.acknowledged_by) == ("open", None)
    assert book.entries(incident="INC-1")[-1].data == {"via": "slack"}


def test_what_has_come_back_as_another_incident_is_not_reopened(book: Logbook, incident: Incident):
    book.resolve("INC-1", "bruno", NOON, "web")
    book.record(look(signal("2", seen_at=NOON + 11 * MINUTE)))
    outcome = book.reopen("INC-1", "bruno", NOON + 12 * MINUTE, "web")
    assert outcome.result == "newer"
    assert outcome.incident is not None
    assert outcome.incident.id == "INC-2"
