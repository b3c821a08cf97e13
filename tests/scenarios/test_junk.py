"""A filter of the client's mail system takes a KO for junk."""

from __future__ import annotations

from vigie.core.ports import QuotaUse
from vigie.testing.control_room import ControlRoom
from vigie.testing.memory_mailbox import MemoryMailbox

BATCH = "batch@nordwind.example"


def junk_of(room: ControlRoom) -> MemoryMailbox:
    """The junk folder of Nordwind's mailbox, which has one from now on."""
    mailbox = room.mailbox("nordwind_ops")
    mailbox.junk_folder = MemoryMailbox(watched="Courrier indésirable")
    room.clock.advances("61 s")
    return mailbox.junk_folder


def mail(subject: str) -> bytes:
    head = f"From: {BATCH}\nTo: ops@vigie.example\nSubject: {subject}\nMessage-ID: <{subject}@nordwind.example>"
    return f"{head}\n\nThe batch speaks.\n".encode()


def test_a_ko_in_the_junk_folder_calls_somebody_and_says_where_it_is(nordwind: ControlRoom) -> None:
    junk_of(nordwind).deliver(mail("[KO] EOD_POS"), nordwind.clock.now)
    nordwind.clock.advances("61 s")

    assert nordwind.incident.facts["mail"]["junk"] == "Courrier indésirable"
    (post,) = nordwind.slack("nordwind").posts
    assert (
        "This mail was in the junk folder (Courrier indésirable). Its OK may land there too: allow the sender in the mail"
        " system." in post.text
    )
    (page,) = nordwind.mailbox_of("anna").mails
    assert "in the junk folder" in page.message.text


def test_an_ok_in_the_junk_folder_ends_nothing_until_a_person_moves_it(nordwind: ControlRoom) -> None:
    junk = junk_of(nordwind)
    nordwind.mail_comes("[KO] EOD_POS", to="nordwind_ops", sender=BATCH)
    junk.deliver(mail("[OK] EOD_POS"), nordwind.clock.now)
    nordwind.clock.advances("2 min")
    assert nordwind.incident.status == "open"
    assert len(nordwind.entries("mail.unclassified")) == 1

    nordwind.raw_mail_comes(mail("[OK] EOD_POS"), to="nordwind_ops")
    assert nordwind.incident.status == "resolved"


def test_a_mailbox_that_fills_up_is_told_to_the_platform_before_it_is_full(nordwind: ControlRoom) -> None:
    mailbox = nordwind.mailbox("nordwind_ops")
    mailbox.limits = [QuotaUse(root="", resource="STORAGE", used=91_000, limit=100_000)]
    nordwind.clock.advances("10 min")
    (incident,) = nordwind.incidents
    assert (incident.client, incident.title, incident.page) == ("platform", "Mailbox nordwind_ops is 91 % full", False)
    assert len(nordwind.slack("platform").posts) == 1
    assert nordwind.mailbox_of("bruno").mails == []

    mailbox.limits = [QuotaUse(root="", resource="STORAGE", used=20_000, limit=100_000)]
    nordwind.clock.advances("10 min")
    assert nordwind.incident.status == "resolved"
