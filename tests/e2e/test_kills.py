"""SIGKILL while mails arrive: every mail is entered once, and what died is started again.

That each incident was also paged once is looked at in test_afterwards: a message that was being sent when its desk
died is in doubt for a minute.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import psutil
import pytest
from tests.e2e.room import LONG, Room, until
from tests.e2e.small_site import LUMIERE, NORDWIND

MAILS = 20


def entered_once(airflow: Room, message_ids: list[str], within: float) -> None:
    """Wait until each of these mails is entered; then none may be so twice."""
    until(lambda: all(airflow.mail_entries(each) for each in message_ids), within, "every mail is entered")
    entries = [airflow.mail_entries(each) for each in message_ids]
    assert [len(each) for each in entries] == [1] * len(message_ids)
    # Of two watches of a mailbox one joins first after a start, and may enter as unclassified what the other then claims.
    assert {entry.kind for each in entries for entry in each} <= {"mail.claimed", "mail.unclassified"}


def one_incident_each(airflow: Room, subjects: list[str]) -> None:
    found = [airflow.incidents(subject) for subject in subjects]
    assert [[incident.count for incident in each] for each in found] == [[1]] * len(subjects)


def test_the_desk_is_killed_after_slack_took_the_message_and_before_it_is_recorded(airflow: Room):
    desk, stored = _at_the_fault_point(airflow, "DESK", psutil.Process.kill)
    airflow.in_doubt += stored

    until(lambda: _others(airflow, desk), LONG, "another desk acts")


def _others(airflow: Room, dead: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return [each for each in airflow.desk_processes() if each.pid != dead.pid]
    return []


@pytest.mark.parametrize(("component", "client"), [("scheduler", NORDWIND), ("triggerer", LUMIERE)])
def test_a_component_is_killed_while_mails_arrive(airflow: Room, component: str, client: str):
    before = airflow.restarts(component)
    subjects = [f"[KO] {component.upper()}_{number:02}" for number in range(MAILS)]
    message_ids: list[str] = []
    for number, message_id in enumerate(airflow.mails(airflow.boxes[client], subjects)):
        message_ids.append(message_id)
        if number == MAILS // 3:
            airflow.control.supervisor.kill(component)

    entered_once(airflow, message_ids, within=LONG)
    one_incident_each(airflow, subjects)
    airflow.control.supervisor.wait_healthy(90)
    assert airflow.restarts(component) == before + 1


def test_the_worker_of_the_desk_is_killed(airflow: Room):
    """Its task ends by itself when its supervisor is gone; that another desk follows, the next stories show."""
    _at_the_fault_point(airflow, "WORKER", lambda desk: desk.parent().kill())


def _at_the_fault_point(
    airflow: Room, name: str, kill: Callable[[psutil.Process], None]
) -> tuple[psutil.Process, set[str]]:
    """Kill while mails arrive, and while the desk waits for Slack's answer to what Slack has stored already.

    The desk that waited, and the key of that message.
    """
    subjects = [f"[KO] {name}_{number:02}" for number in range(MAILS)]
    message_ids = list(airflow.mails(airflow.boxes[LUMIERE], subjects[:5]))
    until(airflow.desk_processes, LONG, "the desk acts")
    airflow.settle(LONG, "slack")
    before = set(airflow.posted(LUMIERE))
    airflow.slack.fail_next("slow", methods=["chat.postMessage"], after=True, seconds=8)

    message_ids += airflow.mails(airflow.boxes[LUMIERE], subjects[5:])
    stored = until(lambda: set(airflow.posted(LUMIERE)) - before, LONG, "Slack has stored the message")
    (desk,) = until(airflow.desk_processes, what="the desk waits for Slack's answer")
    kill(desk)

    entered_once(airflow, message_ids, within=60)
    one_incident_each(airflow, subjects)
    return desk, stored
