"""No message of one client tells of another, or reaches somebody whom no table knows; and each goes out all the same."""

from __future__ import annotations

import pytest
from tests.scenarios.test_all_clear import BATCH, DEPOT, INFORM, OPS, _procedure
from tests.scenarios.test_undelivered import about_messages

from vigie.core.entry import Entry
from vigie.testing.control_room import ControlRoom

NOBODY = "the recipient is no contact of 'nordwind' and in none of its domains"


def test_a_mail_that_names_another_client_is_told_without_the_name(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS for MAISON\u00a0LUMIERE", **BATCH)

    (call,) = nordwind.slack("nordwind").posts
    assert "[KO] EOD_POS for [another client]" in call.outbound.message.text
    assert not nordwind.slack("nordwind").said("LUMIERE")
    assert nordwind.mailbox_of("anna").got("[KO] EOD_POS for MAISON")  # our own people read everything
    (entry,) = nordwind.entries("message.redacted")
    assert entry.text == "page to nordwind: it told of another client, which was replaced"
    assert about_messages(nordwind) == []


@pytest.fixture
def depot_was_removed(nordwind: ControlRoom) -> ControlRoom:
    """Anna's procedure has written to a contact while no mail went out; when it goes again, the contact is in no table."""
    table = nordwind.site / "include/clients/nordwind/client.yaml"
    known = table.read_text("utf-8")
    table.write_text(f"{known.rstrip()}\n  depot: {{name: Depot, email: {DEPOT}}}\n", "utf-8")
    _procedure(nordwind)
    (nordwind.site / "include/templates/inform.md.j2").write_text(INFORM, "utf-8")
    nordwind.mail_messenger.refuse(DEPOT, permanent=False)
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    table.write_text(known, "utf-8")
    nordwind.mail_messenger.accept(DEPOT)
    nordwind.clock.advances("3 min")
    return nordwind


def test_a_mail_to_somebody_whom_no_table_knows_is_held_told_and_released(depot_was_removed: ControlRoom) -> None:
    room = depot_was_removed
    assert len(room.mailbox_of(OPS).mails) == 1
    assert room.mailbox_of(DEPOT).mails == []
    (held,) = room.logbook.outbox(statuses=("held",))
    assert (held.recipient, held.reason, held.variables["by"]) == (DEPOT, NOBODY, "anna")
    (trouble,) = about_messages(room)
    assert trouble.title == "Mail: a message of nordwind was held back"
    assert room.mailbox_of("petra").got(NOBODY)
    room.clock.advances("9 min")
    assert [each.id for each in about_messages(room)] == [trouble.id]

    now = room.clock.now
    said = Entry(at=now, client="nordwind", incident="INC-1", kind="message.released", actor="bruno", text="t")
    assert room.logbook.release(held.key, "bruno", now, said)
    assert not room.logbook.release(held.key, "petra", now, said)
    room.clock.advances("1 min")
    (letter,) = room.mailbox_of(DEPOT).mails
    assert letter.variables["released_by"] == "bruno"
    assert len(room.entries("message.released")) == 1
    assert room.logbook.outbox(statuses=("held",)) == []


def test_a_released_mail_still_tells_of_no_other_client(depot_was_removed: ControlRoom) -> None:
    room = depot_was_removed
    (held,) = room.logbook.outbox(statuses=("held",))
    table = room.site / "include/clients/maison-lumiere/client.yaml"
    table.write_text(table.read_text("utf-8").replace("name: Maison Lumière", "name: handling"), "utf-8")
    now = room.clock.now
    said = Entry(at=now, client="nordwind", incident="INC-1", kind="message.released", actor="bruno", text="t")
    room.logbook.release(held.key, "bruno", now, said)
    room.clock.advances("1 min")
    (letter,) = room.mailbox_of(DEPOT).mails
    assert letter.message.subject == "We are [another client] [KO] EOD_POS"
