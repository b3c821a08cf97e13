"""03:00: a mailbox cannot be reached for some minutes."""

from __future__ import annotations

import pytest

from vigie.core.errors import TransportError
from vigie.testing.control_room import ControlRoom

WATCH = "nordwind.end_of_day.batch_ko"
BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}


def _sight(room: ControlRoom) -> str:
    (state,) = room.logbook.watch_states()
    return state.sight


def test_a_dark_mailbox_is_told_to_the_platform_and_not_to_the_client(nordwind: ControlRoom) -> None:
    nordwind.goes_dark("nordwind_ops")
    nordwind.clock.advances("119 s")
    assert nordwind.incidents == []

    nordwind.clock.advances("2 s")

    (incident,) = nordwind.incidents
    assert (incident.client, incident.audience, incident.procedure) == ("platform", "platform", None)
    assert _sight(nordwind) == "blind"
    (post,) = nordwind.slack("platform").posts
    assert "Blind: nordwind_ops/INBOX cannot be watched, page" in post.text
    assert "memory/INBOX: the server cannot be reached" in post.text
    assert post.outbound.mentions == ("U0PETRA",)
    assert len(nordwind.mailbox_of("petra").got("Blind: nordwind_ops/INBOX")) == 1
    assert nordwind.slack("nordwind").posts == []
    assert nordwind.mailbox_of("anna").mails == []
    assert nordwind.procedures.sent == []


def test_sight_again_and_the_mail_that_came_meanwhile_is_its_incident(nordwind: ControlRoom) -> None:
    nordwind.goes_dark("nordwind_ops")
    nordwind.clock.advances("5 min")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("1 min")
    assert len(nordwind.incidents) == 1

    nordwind.comes_back("nordwind_ops")
    nordwind.clock.advances("1 min")

    blind, ko = nordwind.incidents
    assert (blind.status, ko.status) == ("resolved", "open")
    assert ko.dedup_key == "EOD_POS"
    assert _sight(nordwind) == "watching"
    (post,) = nordwind.slack("platform").posts
    assert post.thread[-1].text.startswith("Resolved at 01:0")
    assert "Blind: nordwind_ops/INBOX cannot be watched, resolved" in post.text
    assert len(nordwind.slack("nordwind").said("EOD_POS, page")) == 1


def test_a_short_break_is_nobodys_business(nordwind: ControlRoom) -> None:
    nordwind.goes_dark("nordwind_ops")
    nordwind.clock.advances("90 s")
    nordwind.comes_back("nordwind_ops")
    nordwind.clock.advances("10 min")

    assert nordwind.incidents == []
    assert _sight(nordwind) == "watching"


def test_a_refused_credential_is_blind_at_once(nordwind: ControlRoom) -> None:
    nordwind.goes_dark("nordwind_ops", refused=True)

    assert nordwind.incident.facts["reason"] == "memory/INBOX: the login was refused"
    assert len(nordwind.mailbox_of("petra").mails) == 1


def test_a_long_blindness_is_one_incident(nordwind: ControlRoom) -> None:
    nordwind.goes_dark("nordwind_ops")
    nordwind.clock.advances("1 h")
    (incident,) = nordwind.incidents
    assert incident.count == 1


def test_a_triggerer_that_restarts_blind_ends_the_blindness_of_the_one_before(nordwind: ControlRoom) -> None:
    nordwind.goes_dark("nordwind_ops")
    nordwind.clock.advances("5 min")
    nordwind.triggerer_restarts()
    nordwind.clock.advances("5 min")
    assert [each.count for each in nordwind.incidents] == [1]

    nordwind.comes_back("nordwind_ops")
    nordwind.clock.advances("1 min")
    assert [each.status for each in nordwind.incidents] == ["resolved"]


def test_the_check_of_a_blind_watch_is_red(nordwind: ControlRoom) -> None:
    nordwind.goes_dark("nordwind_ops")
    nordwind.clock.advances("5 min")

    with pytest.raises(TransportError) as red:
        nordwind.check(WATCH)

    assert str(red.value) == "memory/INBOX: the server cannot be reached"
    assert [each.count for each in nordwind.incidents] == [1]


def test_the_check_of_a_dead_watch_goes_blind_itself_and_the_next_session_sees_again(nordwind: ControlRoom) -> None:
    nordwind.triggerer_dies()
    nordwind.goes_dark("nordwind_ops")
    nordwind.clock.advances("1 h")
    assert nordwind.incidents == []

    with pytest.raises(TransportError):
        nordwind.check(WATCH)
    assert nordwind.incident.audience == "platform"
    assert _sight(nordwind) == "blind"

    nordwind.comes_back("nordwind_ops")
    nordwind.triggerer_restarts()
    assert nordwind.incident.status == "resolved"


def test_a_file_server_that_does_not_answer_is_blind_too(lumiere: ControlRoom) -> None:
    lumiere.clock.strikes("05:00", "Asia/Tokyo")
    lumiere.goes_dark("maison_lumiere_wms")
    lumiere.clock.advances("30 min")

    (incident,) = lumiere.incidents
    assert incident.title == "Blind: maison_lumiere_wms cannot be watched"

    lumiere.clock.strikes("06:30", "Asia/Tokyo")
    assert len(lumiere.incidents) == 1  # nobody knows whether a file is missing: no KO of the client

    lumiere.comes_back("maison_lumiere_wms")
    lumiere.clock.advances("5 min")
    assert [(each.client, each.status) for each in lumiere.incidents] == [
        ("platform", "resolved"),
        ("maison-lumiere", "open"),
    ]
