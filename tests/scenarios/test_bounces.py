"""Our own page comes back: Camille's mailbox is full, and nobody may wait ten minutes to find out."""

from __future__ import annotations

import pytest
from tests.core.test_bounce import report

from vigie.core.respond import Respond
from vigie.core.watch import ReturnPath
from vigie.testing.control_room import ControlRoom

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}


@pytest.fixture
def desk(nordwind: ControlRoom) -> ControlRoom:
    """The room, which also reads the mailbox that its own mails come back to."""
    respond = Respond(severity="critical", template="bounced")
    nordwind.watches(
        ReturnPath(client="platform", flux="mail_desk", task_id="returns", mailbox="vigie_mail", respond=respond)
    )
    return nordwind


def bounced(key: str, action: str = "failed") -> bytes:
    return report(action, original=f"X-Vigie-Key: {key}\n")


def test_a_page_that_bounces_pages_the_next_person_at_once_and_tells_the_platform(desk: ControlRoom) -> None:
    desk.mail_comes("[KO] EOD_POS", **BATCH)
    desk.clock.advances("20 s")

    desk.raw_mail_comes(bounced("INC-1/page/1/mail/anna"), to="vigie_mail")

    assert len(desk.mailbox_of("bruno").mails) == 1
    (told,) = desk.slack("platform").posts
    assert "does not get our mail, page" in told.text
    assert len(desk.mailbox_of("petra").mails) == 1
    assert [each.text for each in desk.entries("page.bounced")] == [
        "page to anna@vigie.example by mail bounced: 5.2.2 smtp; 552 mailbox full"
    ]
    (mail,) = desk.entries("mail.ignored")
    assert (mail.client, mail.data["by"]) == ("platform", ["dsn_failed"])


def test_a_page_that_is_only_late_changes_nothing(desk: ControlRoom) -> None:
    desk.mail_comes("[KO] EOD_POS", **BATCH)
    desk.raw_mail_comes(bounced("INC-1/page/1/mail/anna", "delayed"), to="vigie_mail")
    desk.clock.advances("9 min")
    assert desk.mailbox_of("bruno").mails == []
    assert desk.slack("platform").posts == []


def test_a_bounce_is_known_in_a_clients_mailbox_too_and_is_no_ko_there(desk: ControlRoom) -> None:
    desk.mail_comes("[KO] EOD_POS", **BATCH)
    desk.raw_mail_comes(bounced("INC-1/page/1/mail/anna"), to="nordwind_ops")
    assert [each.client for each in desk.incidents] == ["nordwind", "platform"]


def test_who_has_taken_it_is_not_paged_past(desk: ControlRoom) -> None:
    desk.mail_comes("[KO] EOD_POS", **BATCH)
    desk.takes_it("anna", "INC-1")
    desk.raw_mail_comes(bounced("INC-1/page/1/mail/anna"), to="vigie_mail")
    assert desk.mailbox_of("bruno").mails == []
    assert len(desk.slack("platform").posts) == 1


def test_the_platforms_own_dead_address_does_not_page_itself_round_and_round(desk: ControlRoom) -> None:
    desk.mail_comes("[KO] EOD_POS", **BATCH)
    desk.raw_mail_comes(bounced("INC-1/page/1/mail/anna"), to="vigie_mail")
    for number in range(1, 5):
        desk.raw_mail_comes(bounced(f"INC-2/page/{number}/mail/petra"), to="vigie_mail")
    assert len(desk.mailbox_of("petra").mails) == 2
    assert len(desk.incidents) == 3


def test_a_forged_report_of_a_mail_that_never_was_is_only_an_entry(desk: ControlRoom) -> None:
    desk.raw_mail_comes(bounced("INC-99/page/1/mail/anna"), to="vigie_mail")
    assert desk.incidents == []
    assert len(desk.entries("mail.ignored")) == 1
