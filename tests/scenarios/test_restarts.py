"""Whatever is killed or rebuilt: each KO mail is one entry and one detection."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vigie.core.errors import TransportError
from vigie.core.look import Look
from vigie.core.storm import storm_of
from vigie.tasks.mail_round import BATCH
from vigie.testing.control_room import ControlRoom

WATCH = "nordwind.end_of_day.batch_ko"
KO = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}


class Killed(BaseException):
    """SIGKILL, as far as a test can have it."""


def _dies_before(room: ControlRoom) -> Callable[[Look], object]:
    def record(look: Look) -> object:
        raise Killed

    return record


def _dies_after(room: ControlRoom) -> Callable[[Look], object]:
    def record(look: Look) -> object:
        room.logbook.record(look)
        raise Killed

    return record


def _jobs(room: ControlRoom) -> list[str]:
    return [each.dedup_key for each in room.incidents]


@pytest.mark.parametrize("record", [_dies_before, _dies_after])
def test_a_triggerer_killed_in_mid_batch_loses_and_doubles_nothing(
    nordwind: ControlRoom, record: Callable[[ControlRoom], Callable[[Look], object]]
) -> None:
    nordwind.triggerer_dies()
    nordwind.mails_come([f"[KO] JOB_{number:03}" for number in range(120)], **KO)
    nordwind.session(WATCH).step()
    assert len(nordwind.entries("mail.claimed")) == BATCH
    with pytest.raises(Killed):
        nordwind.session(WATCH, record(nordwind)).step()

    nordwind.triggerer_restarts()

    *first, storm = nordwind.incidents
    assert [each.dedup_key for each in first] == [f"JOB_{number:03}" for number in range(10)]
    assert {each.count for each in first} == {1}
    assert storm_of(storm).keys == tuple(f"JOB_{number:03}" for number in range(10, 120))
    assert storm.count == 110
    assert len(nordwind.entries("mail.claimed")) == 120
    assert [len(way.sent) for way in (nordwind.slack_messenger, nordwind.mail_messenger)] == [11, 1]


def test_two_triggerers_on_one_mailbox_detect_once(nordwind: ControlRoom) -> None:
    other = nordwind.session(WATCH)
    other.step()
    for number in range(5):
        nordwind.mail_comes(f"[KO] JOB_{number}", **KO)
        other.step()

    assert _jobs(nordwind) == [f"JOB_{number}" for number in range(5)]
    assert {each.count for each in nordwind.incidents} == {1}


def test_a_rebuilt_mailbox_is_read_again_without_loss_or_repetition(nordwind: ControlRoom) -> None:
    for job in ("A", "B"):
        nordwind.mail_comes(f"[KO] JOB_{job}", **KO)
    nordwind.goes_dark("nordwind_ops")
    nordwind.mailbox("nordwind_ops").remove(1)
    nordwind.mailbox("nordwind_ops").change_uidvalidity()
    nordwind.mail_comes("[KO] JOB_C", **KO)
    nordwind.comes_back("nordwind_ops")
    nordwind.clock.advances("1 min")

    assert _jobs(nordwind) == ["JOB_A", "JOB_B", "JOB_C"]
    assert {each.count for each in nordwind.incidents} == {1}
    (entry,) = nordwind.entries("mailbox.rebuilt")
    assert entry.text == "nordwind_ops/INBOX was rebuilt: read again from mail 1"


def test_a_watch_that_joins_late_does_not_wake_anybody_for_old_mail(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("The queue orders is stuck", to="nordwind_ops", sender="interface@nordwind.example")
    nordwind.clock.advances("3 h")

    nordwind.reads("dags/nordwind/stock_interface.py")
    assert nordwind.incidents == []

    nordwind.mail_comes("The queue returns is stuck", to="nordwind_ops", sender="interface@nordwind.example")
    assert [each.dedup_key for each in nordwind.incidents] == ["returns"]


def test_a_logbook_that_is_away_keeps_the_mail_waiting(nordwind: ControlRoom) -> None:
    away = True

    def record(look: Look) -> object:
        if away:
            raise TransportError("the logbook cannot be reached")
        return nordwind.logbook.record(look)

    nordwind.triggerer_dies()
    session = nordwind.session(WATCH, record)
    session.step()
    nordwind.mail_comes("[KO] EOD_POS", **KO)
    again = session.step()
    assert (again - nordwind.clock.now).total_seconds() == 2
    assert nordwind.incidents == []

    away = False
    session.step()
    assert _jobs(nordwind) == ["EOD_POS"]


def test_an_hour_away_and_all_that_came_is_handled_in_order(nordwind: ControlRoom) -> None:
    nordwind.triggerer_dies()
    nordwind.mails_come(["[KO] EOD_POS", "[OK] EOD_POS", "[KO] EOD_POS"], **KO)
    nordwind.clock.advances("1 h")
    nordwind.triggerer_restarts()

    (incident,) = nordwind.incidents  # it came back within its hold
    assert (incident.dedup_key, incident.status, incident.count) == ("EOD_POS", "open", 2)
    assert len(nordwind.mailbox_of("anna").mails) == 1
