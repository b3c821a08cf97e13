"""A channel that refuses our sign-in is blind: told through the other one, before a call needs it and until it works again."""

from __future__ import annotations

import pytest

from vigie.core.channel_sight import channel_sights
from vigie.core.client import PLATFORM
from vigie.core.errors import NotInVault
from vigie.core.incident import Incident
from vigie.core.message import Outbound
from vigie.testing.control_room import ControlRoom
from vigie.testing.memory_messenger import MemoryMessenger

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}
ENDED = "mail: the login was refused: 550 5.7.30 Basic authentication is not supported for Client Submission."
MISSING = "the vault has no connection 'vigie_slack', or does not show it to us; put it there"
REVOKED = "Slack: auth.test for our bot: token_revoked"


def about_messages(room: ControlRoom) -> list[Incident]:
    return [each for each in room.incidents if each.flux == "messages"]


def blind(room: ControlRoom) -> list[str]:
    sights = channel_sights(room.logbook.incidents(client=PLATFORM), room.logbook.beats())
    return [sight.channel for sight in sights if sight.incident is not None]


def test_mail_that_refuses_us_on_a_quiet_night_is_told_in_slack_and_told_when_it_works_again(
    nordwind: ControlRoom,
) -> None:
    nordwind.signs_in_to_channels()
    assert (about_messages(nordwind), blind(nordwind)) == ([], [])

    nordwind.mail_messenger.refuse_sign_in(ENDED)
    nordwind.clock.advances("5 min")
    nordwind.signs_in_to_channels()
    (trouble,) = about_messages(nordwind)
    assert (trouble.client, trouble.audience, trouble.severity) == ("platform", "platform", "critical")
    assert trouble.title == "Mail is blind: our sign-in is refused, messages are not going out"
    assert blind(nordwind) == ["mail"]
    assert nordwind.slack("platform").said("Mail is blind")
    assert nordwind.slack("platform").said("550 5.7.30 Basic authentication is not supported")
    assert nordwind.mailbox_of("petra").mails == []

    for _ in range(6):
        nordwind.clock.advances("5 min")
        nordwind.signs_in_to_channels()
    assert len(about_messages(nordwind)) == 1

    nordwind.mail_messenger.take_sign_in()
    nordwind.clock.advances("5 min")  # the platform's own calls, which waited, go out by then
    nordwind.signs_in_to_channels()
    assert [each.status for each in about_messages(nordwind)] == ["resolved"]
    assert blind(nordwind) == []
    assert nordwind.slack("platform").said("back to normal")


def test_slack_that_refuses_us_on_a_quiet_night_is_told_by_mail(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger.refuse_sign_in(REVOKED)
    nordwind.signs_in_to_channels()
    (trouble,) = about_messages(nordwind)
    assert trouble.title == "Slack is blind: our sign-in is refused, messages are not going out"
    (mail,) = nordwind.mailbox_of("petra").got("Slack is blind")
    assert "token_revoked" in mail.message.text
    assert "Replace the credential in the vault" in mail.message.text

    nordwind.slack_messenger.take_sign_in()
    nordwind.clock.advances("5 min")
    nordwind.signs_in_to_channels()
    assert [each.status for each in about_messages(nordwind)] == ["resolved"]
    assert nordwind.mailbox_of("petra").got("back to normal")


def test_a_call_that_mail_refuses_is_the_same_incident_and_the_call_is_heard_in_slack(nordwind: ControlRoom) -> None:
    nordwind.mail_messenger.refuse_sign_in(ENDED)
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    assert nordwind.slack("nordwind").said("EOD_POS")
    assert nordwind.slack("platform").said("Mail is blind")
    nordwind.signs_in_to_channels()
    (trouble,) = about_messages(nordwind)
    assert trouble.facts["checked"] is True
    nordwind.takes_it("bruno", "INC-1")

    # The calls are given up after an hour; then only a sign-in can tell that the mail works again.
    nordwind.takes_it("petra", trouble.id)
    nordwind.clock.advances("2 h")
    nordwind.signs_in_to_channels()
    assert blind(nordwind) == ["mail"]
    nordwind.mail_messenger.take_sign_in()
    nordwind.clock.advances("5 min")
    nordwind.signs_in_to_channels()
    assert blind(nordwind) == []


def test_what_no_sign_in_has_found_none_disproves(nordwind: ControlRoom) -> None:
    """Slack knows our token, and gives it no right to post."""

    class NoScope(MemoryMessenger):
        def sign_in(self) -> None:
            pass

    nordwind.slack_messenger = slack = NoScope()
    nordwind.desks = [nordwind.desk("desk")]
    slack.refuse_sign_in("Slack: chat.postMessage for nordwind: missing_scope")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("bruno", "INC-1")
    nordwind.clock.advances("3 h")
    nordwind.signs_in_to_channels()
    assert blind(nordwind) == ["slack"]


def test_a_channel_that_does_not_answer_is_told_when_it_happens_twice(nordwind: ControlRoom) -> None:
    nordwind.signs_in_to_channels()
    nordwind.mail_messenger.go_dark()
    nordwind.clock.advances("5 min")
    nordwind.signs_in_to_channels()
    assert about_messages(nordwind) == []
    nordwind.clock.advances("5 min")
    nordwind.signs_in_to_channels()
    (trouble,) = about_messages(nordwind)
    assert trouble.title == "Mail: messages are not going out"
    nordwind.mail_messenger.come_back()
    nordwind.clock.advances("5 min")
    nordwind.signs_in_to_channels()
    assert [each.status for each in about_messages(nordwind)] == ["resolved"]


@pytest.mark.parametrize("minutes", [0, 1, 4])
def test_it_is_not_tried_more_often_than_each_five_minutes(nordwind: ControlRoom, minutes: int) -> None:
    assert nordwind.signs_in_to_channels() == 2
    nordwind.clock.advances(f"{minutes} min")
    assert nordwind.signs_in_to_channels() == 0
    nordwind.clock.advances(f"{5 - minutes} min")
    assert nordwind.signs_in_to_channels() == 2


def test_both_refuse_us_and_neither_makes_a_loop(nordwind: ControlRoom) -> None:
    nordwind.mail_messenger.refuse_sign_in(ENDED)
    nordwind.slack_messenger.refuse_sign_in(REVOKED)
    for _ in range(30):
        nordwind.signs_in_to_channels()
        nordwind.clock.advances("5 min")
    assert sorted(each.watch for each in about_messages(nordwind)) == ["mail", "slack"]


def test_a_channel_that_the_vault_has_not_is_told_where_a_call_fails_by_it_and_ends_when_it_is_put_there(
    nordwind: ControlRoom,
) -> None:
    class Nowhere(MemoryMessenger):
        there = False

        def sign_in(self) -> None:
            if not self.there:
                raise NotInVault(MISSING)

        def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
            self.sign_in()
            return super().send(outbound, reply_ref=reply_ref)

    nordwind.slack_messenger = slack = Nowhere()
    nordwind.desks = [nordwind.desk("desk")]
    for _ in range(3):
        nordwind.signs_in_to_channels()
        nordwind.clock.advances("5 min")
    assert about_messages(nordwind) == []

    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("bruno", "INC-1")
    nordwind.clock.advances("3 h")  # the call is given up
    nordwind.signs_in_to_channels()
    (trouble,) = about_messages(nordwind)
    assert trouble.facts["reason"] == MISSING
    slack.there = True
    nordwind.clock.advances("5 min")
    nordwind.signs_in_to_channels()
    assert [each.status for each in about_messages(nordwind)] == ["resolved"]
