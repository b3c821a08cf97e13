"""Whatever is killed or rebuilt: each KO mail is one entry and one detection."""

from __future__ import annotations

from vigie.testing.control_room import ControlRoom

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}


def _jobs(room: ControlRoom) -> list[str]:
    return [each.dedup_key for each in room.incidents]


def test_a_triggerer_that_restarts_in_mid_batch_loses_and_doubles_nothing(nordwind: ControlRoom) -> None:
    nordwind.triggerer_dies()
    nordwind.mails_come([f"[KO] JOB_{number:03}" for number in range(120)], **BATCH)
    steps = nordwind.sessions_that_die_after(looks=1)
    assert steps == 1
    assert len(nordwind.incidents) == 50

    nordwind.triggerer_restarts()

    assert _jobs(nordwind) == [f"JOB_{number:03}" for number in range(120)]
    assert {each.count for each in nordwind.incidents} == {1}
    assert len(nordwind.entries("mail.claimed")) == 120
    assert len(nordwind.slack_messenger.sent) == len(nordwind.mail_messenger.sent) == 120
