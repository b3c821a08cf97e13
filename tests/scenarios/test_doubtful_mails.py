"""A KO that looks like a bounce: told as doubtful where nothing proves it, set aside and listed where something does."""

from __future__ import annotations

from vigie.core.respond import Respond
from vigie.core.watch import MailWatch
from vigie.testing.control_room import ControlRoom

RULE = {"subject": r"\[KO\] (?P<job>\w+)", "resolves": r"\[OK\] (?P<job>\w+)", "dedup_key": "{job}"}


def mail(subject: str, *headers: str, sender: str = "postmaster@nordwind.example", text: str = "x") -> bytes:
    head = [f"From: {sender}", "To: ops@vigie.example", f"Subject: {subject}", f"Message-ID: <{subject}@x>", *headers]
    return "\n".join([*head, "", text]).encode()


def watch(room: ControlRoom, **rule: object) -> None:
    respond = Respond(severity="high", template="mail_ko")
    room.watches(
        MailWatch.model_validate(
            {"client": "nordwind", "flux": "eod", "task_id": "ko", "mailbox": "nordwind_ops", "respond": respond}
            | RULE
            | rule
        )
    )


def test_a_ko_of_a_postmaster_is_told_as_doubtful_and_its_ok_ends_nothing(room: ControlRoom) -> None:
    watch(room)
    room.raw_mail_comes(mail("[KO] EOD"), to="nordwind_ops")
    room.raw_mail_comes(mail("[OK] EOD"), to="nordwind_ops")
    assert (room.incident.status, room.incident.facts["mail"]["doubts"]) == ("open", ["its sender is postmaster"])
    (post,) = room.slack("nordwind").posts
    assert post.outbound.message.subject.startswith("[doubtful] ")
    assert "Doubtful: this mail may be a bounce or an automatic answer (its sender is postmaster)." in post.text
    (page,) = room.mailbox_of("anna").mails
    assert page.message.subject.startswith("[doubtful] ")
    assert [each.text.partition(": ")[2] for each in room.entries("mail.unclassified")] == [
        "unclassified, no rule claims it (its sender is postmaster)"
    ]


def test_a_rule_that_names_the_whole_sender_closes_and_its_all_clear_is_not_doubtful(room: ControlRoom) -> None:
    watch(room, sender="postmaster@nordwind.example")
    room.raw_mail_comes(mail("[KO] EOD"), to="nordwind_ops")
    room.raw_mail_comes(mail("[OK] EOD"), to="nordwind_ops")
    room.clock.advances("1 min")
    assert room.incident.status == "resolved"
    assert not any("[doubtful]" in each.message.subject for each in room.mailbox_of("anna").mails[1:])


def test_a_further_ko_that_is_certain_ends_the_doubt(room: ControlRoom) -> None:
    watch(room)
    room.raw_mail_comes(mail("[KO] EOD"), to="nordwind_ops")
    room.mail_comes("[KO] EOD", to="nordwind_ops", sender="batch@nordwind.example")
    room.raw_mail_comes(mail("[KO] EOD now"), to="nordwind_ops")
    assert (room.incident.count, "doubts" in room.incident.facts["mail"]) == (3, False)
    room.clock.advances("1 min")
    (post,) = room.slack("nordwind").posts
    assert "oubtful" not in post.text


def test_a_bounce_of_a_ko_calls_nobody_and_is_on_record_as_set_aside(room: ControlRoom) -> None:
    watch(room)
    bounce = mail("Undeliverable: [KO] EOD", "Return-Path: <>", text="Your message could not be delivered.")
    room.raw_mail_comes(bounce, to="nordwind_ops")
    assert room.incidents == []
    (entry,) = room.entries("mail.set_aside")
    assert (entry.client, entry.data["by"], entry.data["origin"]) == ("nordwind", ["nordwind.eod.ko"], "dsn_failed")
    assert [each.subject for each in room.logbook.mails_set_aside(room.clock.now)] == ["Undeliverable: [KO] EOD"]


def test_one_of_a_monitor_that_the_client_names_is_heard(room: ControlRoom) -> None:
    watch(room, monitors=[{"sender": "@nordwind.example"}])
    bounce = mail("Undeliverable: [KO] EOD", "Return-Path: <>", text="Your message could not be delivered.")
    room.raw_mail_comes(bounce, to="nordwind_ops")
    assert (room.incident.dedup_key, "doubts" in room.incident.facts["mail"]) == ("EOD", False)


def test_a_persons_answer_to_a_ko_after_its_end_opens_nothing(room: ControlRoom) -> None:
    watch(room)
    room.mail_comes("[KO] EOD", to="nordwind_ops", sender="batch@nordwind.example")
    room.mail_comes("[OK] EOD", to="nordwind_ops", sender="batch@nordwind.example")
    room.mail_comes("RE: [KO] EOD", to="nordwind_ops", sender="jean.martin@nordwind.example")
    room.mail_comes("TR: [OK] EOD", to="nordwind_ops", sender="jean.martin@nordwind.example")
    assert [each.status for each in room.incidents] == ["resolved"]
    assert [each.text.partition(" from")[0] for each in room.entries("mail.unclassified")] == [
        "RE: [KO] EOD",
        "TR: [OK] EOD",
    ]
