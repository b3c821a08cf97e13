"""What can go wrong between deciding and arriving: nothing is lost, nothing is told twice where it can be known."""

from __future__ import annotations

from vigie.core.errors import Refused
from vigie.core.look import Look
from vigie.core.message import Outbound
from vigie.core.signal import Signal
from vigie.testing.control_room import ControlRoom
from vigie.testing.memory_messenger import MemoryMessenger

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}


class Killed(BaseException):
    """SIGKILL, as far as a test can have it: nothing of ours runs after it."""


class Dying(MemoryMessenger):
    """The next message arrives, and then the process is gone."""

    def __init__(self, through: MemoryMessenger) -> None:
        super().__init__()
        self._through = through

    def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
        self._through.send(outbound, reply_ref=reply_ref)
        raise Killed


def _a_desk_dies_after_its_first_message(room: ControlRoom, way: str) -> None:
    through = room.slack_messenger if way == "slack" else room.mail_messenger
    (well,) = room.desks
    room.desks = [room.desk("doomed", **{way: Dying(through)})]
    try:
        room.mail_comes("[KO] EOD_POS", **BATCH)
    except Killed:
        room.desks = [well]
    assert room.desks == [well]


def test_killed_after_slack_took_the_page_it_is_told_once(nordwind: ControlRoom) -> None:
    _a_desk_dies_after_its_first_message(nordwind, "slack")
    nordwind.clock.advances("5 min")

    assert len(nordwind.slack("nordwind").said("EOD_POS, page")) == 1
    (found, mailed) = nordwind.entries("page.sent")
    assert {found.text, mailed.text} == {
        "page to nordwind by slack: it had arrived",
        "page to anna@vigie.example by mail",
    }
    nordwind.takes_it("anna")
    (post,) = nordwind.slack("nordwind").posts
    assert [each.text for each in post.thread if "Taken" in each.text] == ["Taken by Anna Weiss at 02:05."]


def test_killed_before_slack_took_it_it_goes_out_a_minute_later(nordwind: ControlRoom) -> None:
    _a_desk_dies_after_its_first_message(nordwind, "slack")
    nordwind.slack_messenger.sent.clear()
    nordwind.clock.advances("59 s")
    assert nordwind.slack("nordwind").posts == []

    nordwind.clock.advances("5 s")
    (post,) = nordwind.slack("nordwind").posts
    assert not post.repeated


def test_an_answer_of_slack_that_is_lost_is_asked_for_at_once(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger.lose_answer_next()
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("9 min")

    assert len(nordwind.slack("nordwind").said("EOD_POS")) == 1
    assert nordwind.logbook.outbound("INC-1/page/1/slack").status == "sent"


def test_slack_that_answers_nothing_and_cannot_be_asked_does_not_keep_the_desk_busy(nordwind: ControlRoom) -> None:
    class Mute(MemoryMessenger):
        asked = 0

        def find(self, outbound: Outbound, *, reply_ref: str | None = None) -> str | None:
            self.asked += 1
            self.go_dark()
            return super().find(outbound, reply_ref=reply_ref)

    mute = Mute()
    mute.lose_answer_next()
    nordwind.desks = [nordwind.desk("desk", slack=mute)]
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("5 min")

    assert mute.asked < 15
    assert len(nordwind.mailbox_of("anna").mails) == 1
    assert nordwind.logbook.outbound("INC-1/page/1/slack").status == "claimed"
    assert len(mute.sent) == 1


def test_a_mailed_page_in_doubt_goes_again_marked_perhaps_repeated(nordwind: ControlRoom) -> None:
    nordwind.mail_messenger.lose_answer_next()
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("1 min")

    first, second = nordwind.mailbox_of("anna").mails
    assert (first.repeated, second.repeated) == (False, True)
    assert first.key == second.key
    (entry,) = [each for each in nordwind.entries("page.sent") if "mail" in each.text]
    assert entry.text == "page to anna@vigie.example by mail (perhaps repeated)"


def test_a_mail_server_that_never_answers_is_not_flooded(nordwind: ControlRoom) -> None:
    for _ in range(50):
        nordwind.mail_messenger.lose_answer_next()
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("9 min")

    assert 5 < len(nordwind.mailbox_of("anna").mails) < 15


def test_any_other_mail_in_doubt_is_maybe_sent_and_shown(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    nordwind.mail_messenger.lose_answer_next()
    nordwind.mail_comes("[OK] EOD_POS", **BATCH)
    nordwind.clock.advances("1 h")

    assert len(nordwind.mailbox_of("anna").got("resolved")) == 1
    (entry,) = nordwind.entries("message.maybe_sent")
    assert entry.text == "resolved to anna@vigie.example by mail: maybe sent"
    assert nordwind.logbook.outbound("INC-1/resolved/mail/anna").status == "maybe_sent"


def test_slack_is_down_the_mail_still_goes_and_slack_later(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger.go_dark()
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    assert len(nordwind.mailbox_of("anna").mails) == 1
    nordwind.clock.advances("4 min")
    nordwind.takes_it("anna")
    assert nordwind.slack("nordwind").posts == []

    nordwind.slack_messenger.come_back()
    nordwind.clock.advances("3 min")

    (post,) = nordwind.slack("nordwind").posts
    assert [each.text for each in post.thread if "Taken" in each.text] == ["Taken by Anna Weiss at 02:04."]
    assert "acknowledged" in post.text
    assert len(nordwind.mailbox_of("anna").mails) == 1


def test_mail_is_down_slack_goes_and_the_mail_later(nordwind: ControlRoom) -> None:
    nordwind.mail_messenger.go_dark()
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    assert len(nordwind.slack("nordwind").posts) == 1

    nordwind.mail_messenger.come_back()
    nordwind.clock.advances("1 min")
    assert len(nordwind.mailbox_of("anna").mails) == 1


def test_a_refused_recipient_ends_in_the_logbook_and_keeps_nobody_waiting(nordwind: ControlRoom) -> None:
    nordwind.mail_messenger.refuse("anna@vigie.example")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("10 min")

    (entry,) = nordwind.entries("message.failed")
    assert entry.text == ("page to anna@vigie.example by mail failed: memory: anna@vigie.example was refused")
    assert len(nordwind.mailbox_of("bruno").mails) == 1


class Refusing(MemoryMessenger):
    """Refuses the credential until ``mended``."""

    mended = False

    def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
        if not self.mended:
            raise Refused("Slack: chat.postMessage for nordwind: token_revoked")
        return super().send(outbound, reply_ref=reply_ref)


def test_a_revoked_token_does_not_lose_the_page(nordwind: ControlRoom) -> None:
    nordwind.slack_messenger = slack = Refusing()
    nordwind.desks = [nordwind.desk("desk")]
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    assert len(nordwind.mailbox_of("anna").mails) == 1
    nordwind.clock.advances("20 min")

    slack.mended = True
    nordwind.clock.advances("3 min")
    (post,) = nordwind.slack("nordwind").posts
    assert len(post.thread) == 2

    slack.mended = False
    nordwind.mail_comes("[KO] EOD_CASH", **BATCH)
    nordwind.clock.advances("70 min")
    cash = next(each.id for each in nordwind.incidents if "EOD_CASH" in each.title)
    assert nordwind.logbook.outbound(f"{cash}/page/1/slack").status == "failed"


def test_many_pages_to_one_person_are_one_mail_and_each_incident_knows_it(nordwind: ControlRoom) -> None:
    nordwind.mails_come([f"[KO] JOB_{number}" for number in range(8)], **BATCH)

    (mail,) = nordwind.mailbox_of("anna").mails
    assert mail.message.subject == "[8 pages] Nordwind Logistik: JOB_0, page"
    assert all(f"JOB_{number}, page" in mail.message.text for number in range(8))
    assert len(nordwind.slack("nordwind").posts) == 8
    for incident in nordwind.incidents:
        sent = [each.text for each in nordwind.entries("page.sent", incident.id)]
        assert sent == ["page to nordwind by slack", "page to anna@vigie.example by mail, with 7 others in one mail"]


def test_a_person_gets_ten_mails_of_a_client_in_a_minute_and_the_rest_in_one(nordwind: ControlRoom) -> None:
    nordwind.reads("dags/nordwind/stock_interface.py")
    for number in range(8):
        nordwind.mail_comes(f"[KO] JOB_{number}", **BATCH)
        nordwind.mail_comes(f"queue Q{number} is stuck", to="nordwind_ops", sender="interface@nordwind.example")
        nordwind.clock.advances("1 s")
    assert len(nordwind.mailbox_of("anna").mails) == 10

    nordwind.clock.advances("1 min")

    *single, bundle = nordwind.mailbox_of("anna").mails
    assert len(single) == 10
    assert bundle.message.subject == "[6 pages] Nordwind Logistik: JOB_5, page"
    assert {each.status for each in nordwind.logbook.outbox(limit=500) if each.purpose == "page"} == {"sent"}


def test_a_bundle_whose_answer_is_lost_goes_again_and_says_so(nordwind: ControlRoom) -> None:
    nordwind.mail_messenger.lose_answer_next()
    nordwind.mails_come([f"[KO] JOB_{number}" for number in range(8)], **BATCH)
    nordwind.clock.advances("2 min")

    first, again = nordwind.mailbox_of("anna").mails
    assert (first.repeated, again.repeated) == (False, True)
    assert again.message.subject == first.message.subject


def test_what_falls_due_at_one_instant_calls_for_each_client_before_the_second_of_another(room: ControlRoom) -> None:
    clients = ["nordwind"] * 9 + ["maison-lumiere"]
    room.logbook.record(
        Look(
            source="test",
            at=room.clock.now,
            signals=tuple(
                Signal(
                    event="trigger",
                    client=client,
                    flux="end_of_day",
                    watch=f"{client}.end_of_day.batch_ko",
                    dedup_key=f"JOB_{number}",
                    key=f"{client}|{number}",
                    seen_at=room.clock.now,
                    title=f"JOB_{number}",
                    severity="critical",
                    template="mail_ko",
                    facts={"job": f"JOB_{number}", "subject": "s"},
                )
                for number, client in enumerate(clients)
            ),
        )
    )
    room.clock.advances("1 s")
    first = [sent.outbound.client for sent in room.slack_messenger.sent][:2]
    assert first == ["nordwind", "maison-lumiere"]
    assert len(room.incidents) == 10
