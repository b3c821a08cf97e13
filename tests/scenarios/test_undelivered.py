"""Messages that do not go out: why stands on the page of their incident, and the platform is notified, once a cause."""

from __future__ import annotations

from datetime import timedelta

from vigie.core.errors import Refused
from vigie.core.incident import Incident
from vigie.core.message import Outbound
from vigie.testing.control_room import ControlRoom
from vigie.testing.memory_messenger import MemoryMessenger

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}


def about_messages(room: ControlRoom) -> list[Incident]:
    return [each for each in room.incidents if each.flux == "messages"]


def reasons(room: ControlRoom, incident: str) -> dict[str, str]:
    """Why messages of an incident did not go out, by their keys without the incident's name."""
    return {each.key.removeprefix(f"{incident}/"): each.reason for each in room.logbook.outbox(incident) if each.reason}


class Refusing(MemoryMessenger):
    """Refuses the credential until ``mended``."""

    mended = False

    def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
        if not self.mended:
            raise Refused("Slack: chat.postMessage for nordwind: token_revoked")
        return super().send(outbound, reply_ref=reply_ref)


def test_a_revoked_token_is_told_at_once_by_mail_and_ends_when_messages_go_again(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger = slack = Refusing()
    nordwind.desks = [nordwind.desk("desk")]
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)

    assert reasons(nordwind, "INC-1") == {"page/1/slack": "Slack: chat.postMessage for nordwind: token_revoked"}
    (trouble,) = about_messages(nordwind)
    assert (trouble.client, trouble.audience, trouble.severity) == ("platform", "platform", "critical")
    assert trouble.title == "Slack is blind: our sign-in is refused, messages are not going out"
    (mail,) = nordwind.mailbox_of("petra").got("our sign-in is refused")
    assert "token_revoked" in mail.message.text
    assert "INC-1, nordwind, page" in mail.message.text

    nordwind.mail_comes("[KO] EOD_CASH", **BATCH)
    nordwind.clock.advances("9 min")
    assert len(about_messages(nordwind)) == 1
    assert len(nordwind.mailbox_of("petra").mails) == 1

    slack.mended = True
    nordwind.clock.advances("3 min")
    (trouble,) = about_messages(nordwind)
    assert trouble.status == "resolved"
    assert trouble.resolved_by == "slack"
    assert reasons(nordwind, "INC-1") == {}
    assert nordwind.mailbox_of("petra").got("back to normal")


def test_a_channel_that_is_away_is_told_after_two_minutes(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger.go_dark()
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("1 min")
    assert about_messages(nordwind) == []
    assert reasons(nordwind, "INC-1") == {"page/1/slack": "memory: the server cannot be reached"}

    nordwind.clock.advances("1 min")
    (trouble,) = about_messages(nordwind)
    assert trouble.title == "Slack: messages are not going out"
    assert nordwind.mailbox_of("petra").got("the server cannot be reached")

    nordwind.clock.advances("8 min")
    nordwind.slack_messenger.come_back()
    nordwind.clock.advances("2 min")
    assert [each.status for each in about_messages(nordwind)] == ["resolved"]


def test_mail_that_is_away_is_told_in_slack(nordwind: ControlRoom) -> None:
    nordwind.mail_messenger.go_dark()
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("2 min")

    assert nordwind.slack("platform").said("Mail: messages are not going out")
    assert reasons(nordwind, "INC-1") == {"page/1/mail/anna": "memory: the server cannot be reached"}


def test_a_short_outage_calls_nobody(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger.go_dark()
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("1 min")
    nordwind.slack_messenger.come_back()
    nordwind.clock.advances("30 min")
    assert about_messages(nordwind) == []


def test_a_server_that_wants_to_be_left_alone_for_long_is_told_at_once(nordwind: ControlRoom) -> None:
    class Limiting(MemoryMessenger):
        def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
            raise Limited

    class Limited(Refused):
        def __init__(self) -> None:
            super().__init__("Slack: ratelimited")
            self.permanent, self.retry_after = False, 900.0

    nordwind.desks = [nordwind.desk("desk", slack=Limiting())]
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    (trouble,) = about_messages(nordwind)
    assert trouble.facts["reason"] == "Slack: ratelimited"
    (page,) = [each for each in nordwind.logbook.outbox("INC-1") if each.channel == "slack"]
    assert page.next_action_at == nordwind.clock.now + timedelta(minutes=10)  # a call does not wait for longer


def test_a_refused_recipient_is_told_once_however_often_it_is_refused(nordwind: ControlRoom) -> None:
    nordwind.mail_messenger.refuse("anna@vigie.example")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    (trouble,) = about_messages(nordwind)
    assert trouble.title == "Mail: messages to anna@vigie.example are refused"
    assert len(nordwind.slack("platform").posts) == 1

    nordwind.takes_it("petra", trouble.id)
    for job in ("EOD_CASH", "EOD_STOCK"):
        nordwind.mail_comes(f"[KO] {job}", **BATCH)
    (trouble,) = about_messages(nordwind)
    assert (trouble.status, trouble.count) == ("acknowledged", 3)
    assert len(nordwind.slack("platform").posts) == 1

    nordwind.mail_messenger.accept("anna@vigie.example")
    nordwind.clock.advances("1 min")
    nordwind.mail_comes("[KO] EOD_BOOK", **BATCH)
    assert [each.status for each in about_messages(nordwind)] == ["resolved"]


def test_a_message_whose_delivery_is_unknown_is_shown_and_calls_nobody(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    nordwind.mail_messenger.lose_answer_next()
    nordwind.mail_comes("[OK] EOD_POS", **BATCH)

    assert "memory: the answer for anna@vigie.example was lost" in reasons(nordwind, "INC-1").values()
    (trouble,) = about_messages(nordwind)
    assert (trouble.page, trouble.severity) == (False, "low")
    assert nordwind.slack("platform").said("it is unknown whether a message arrived")
    assert nordwind.mailbox_of("petra").mails == []


def test_a_mail_server_that_never_answers_is_told(nordwind: ControlRoom) -> None:
    for _ in range(50):
        nordwind.mail_messenger.lose_answer_next()
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("3 min")
    (trouble,) = about_messages(nordwind)
    assert trouble.facts["reason"] == "memory: the answer for anna@vigie.example was lost"


def test_the_platforms_own_messages_that_do_not_go_make_no_loop(nordwind: ControlRoom) -> None:
    nordwind.mail_messenger.refuse("anna@vigie.example")
    nordwind.mail_messenger.refuse("petra@vigie.example")
    nordwind.slack_messenger.refuse("platform")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("30 min")
    assert sorted(each.dedup_key for each in about_messages(nordwind)) == [
        "recipient|anna@vigie.example",
        "recipient|petra@vigie.example",
        "recipient|platform",
    ]
    nordwind.takes_it("bruno", "INC-1")  # or the next call would fail again, and rightly be told
    for trouble in about_messages(nordwind):
        nordwind.resolves_it("petra", trouble.id)
    nordwind.clock.advances("10 min")
    assert {each.status for each in about_messages(nordwind)} == {"resolved"}
    assert len(about_messages(nordwind)) == 3


def test_both_channels_away_is_two_causes_and_no_more(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger.go_dark()
    nordwind.mail_messenger.go_dark()
    nordwind.mails_come([f"[KO] JOB_{number}" for number in range(5)], **BATCH)
    nordwind.clock.advances("1 h")
    assert sorted((each.watch, each.dedup_key) for each in about_messages(nordwind)) == [
        ("mail", "away"),
        ("slack", "away"),
    ]
    nordwind.slack_messenger.come_back()
    nordwind.mail_messenger.come_back()
    nordwind.clock.advances("5 min")
    assert {each.status for each in about_messages(nordwind)} == {"resolved"}


def test_many_refused_recipients_are_a_storm_and_not_many_incidents(nordwind: ControlRoom) -> None:
    for channel in ("nordwind", "platform"):
        nordwind.slack_messenger.refuse(channel)
    for name in ("anna", "bruno", "petra"):
        nordwind.mail_messenger.refuse(f"{name}@vigie.example")
    nordwind.mails_come([f"[KO] JOB_{number}" for number in range(30)], **BATCH)
    nordwind.clock.advances("1 h")
    assert len(about_messages(nordwind)) <= 6


def test_an_error_of_ours_in_a_messenger_is_told_and_the_message_is_not_lost(nordwind: ControlRoom) -> None:
    class Broken(MemoryMessenger):
        broken = True

        def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
            if self.broken and "EOD_POS" in outbound.message.subject:
                raise ZeroDivisionError("division by zero")
            return super().send(outbound, reply_ref=reply_ref)

    nordwind.slack_messenger = slack = Broken()
    nordwind.desks = [nordwind.desk("desk")]
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("3 min")
    (trouble,) = about_messages(nordwind)
    assert trouble.facts["reason"] == "an error in Vigie: ZeroDivisionError: division by zero"
    assert nordwind.mailbox_of("petra").got("because of an error in Vigie")

    slack.broken = False
    nordwind.clock.advances("3 min")
    assert [each.status for each in about_messages(nordwind)] == ["resolved"]
    assert nordwind.slack("nordwind").said("EOD_POS, page")


def test_an_edit_of_a_message_that_never_left_is_no_trouble_of_its_own(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger.refuse("nordwind")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.slack_messenger.accept("nordwind")
    nordwind.takes_it("anna")
    edits = [each for each in nordwind.logbook.outbox("INC-1") if each.edits]
    assert [(each.status, each.reason) for each in edits] == [("failed", "the message that it changes was not sent")]
    assert len(about_messages(nordwind)) == 1


def test_a_procedure_that_does_not_start_is_told_too(nordwind: ControlRoom) -> None:
    nordwind.procedures.refuse("procedure.nordwind.eod-ko")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    (trouble,) = about_messages(nordwind)
    assert trouble.title == "Airflow does not start procedure.nordwind.eod-ko"
    assert reasons(nordwind, "INC-1") == {"procedure/1": "memory: procedure.nordwind.eod-ko was refused"}


def test_a_question_that_slack_does_not_take_goes_to_the_holder_by_mail(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.slack_messenger.refuse("nordwind")
    nordwind.takes_it("bruno")
    (question,) = nordwind.mailbox_of("bruno").got("What does the mail say?")
    assert "/vigie/incidents/INC-1#STEP-1" in question.message.text
    assert nordwind.answers("bruno", "A table is locked").result == "done"
