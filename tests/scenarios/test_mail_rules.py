"""Rules as authors write them, on mails as clients write them."""

from __future__ import annotations

from vigie.testing.control_room import ControlRoom

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}
FLUX = "dags/nordwind/end_of_day.py"


def rule(room: ControlRoom, **changes: str) -> None:
    """Change words of the batch's rule (a word without text goes away), and watch by it."""
    file = room.site / FLUX
    lines = file.read_text("utf-8").splitlines()
    for word, text in changes.items():
        lines = [line for line in lines if not line.strip().startswith(f"{word}=")]
        if text:
            place = next(number for number, line in enumerate(lines) if line.strip().startswith("respond="))
            lines.insert(place, f"        {word}={text},")
    file.write_text("\n".join(lines) + "\n", "utf-8")
    room.reads(FLUX)


def test_plain_words_close(room: ControlRoom) -> None:
    rule(room, subject='"KO"', resolves='"OK"', dedup_key="")
    room.mail_comes("EOD_POS KO", **BATCH)
    room.mail_comes("EOD_STK KO", **BATCH)
    room.mail_comes("EOD_POS NOT OK", **BATCH)
    room.mail_comes("EOD_POS OK ?", **BATCH)
    assert [incident.status for incident in room.incidents] == ["open", "open"]

    room.mail_comes("[EXTERNAL] EOD_POS OK", **BATCH)
    room.mail_comes("EOD_STK : KO -> OK", **BATCH)

    assert [incident.status for incident in room.incidents] == ["resolved", "resolved"]


def test_what_is_no_ok_is_told_to_a_person(room: ControlRoom) -> None:
    rule(room, subject='"KO"', resolves='"OK"', dedup_key="")
    room.mail_comes("EOD_POS KO", **BATCH)
    room.mail_comes("EOD_POS NOT OK", **BATCH)
    assert [entry.text for entry in room.entries("mail.unclassified")] == [
        "EOD_POS NOT OK from batch@nordwind.example: unclassified, no rule claims it"
    ]


def test_an_exception_of_the_rule_calls_nobody(room: ControlRoom) -> None:
    rule(room, unless='["dry run", {"headers": {"X-Env": "test"}}]')
    room.mail_comes("[KO] EOD_POS (dry run)", **BATCH)
    assert room.incidents == []
    room.mail_comes("[KO] EOD_POS", **BATCH)
    assert [incident.dedup_key for incident in room.incidents] == ["EOD_POS"]


def with_heads(subject: str, *heads: str) -> bytes:
    head = [*heads, f"From: {BATCH['sender']}", "To: ops@vigie.example", f"Subject: {subject}", ""]
    return "\n".join([*head, "The batch speaks.", ""]).encode()


MX = "Authentication-Results: mx.nordwind.example; dmarc="


def test_a_forged_ok_ends_no_critical_incident(room: ControlRoom) -> None:
    """Anybody can write a mail as somebody of the domain; a person is told, and ends it."""
    rule(room, sender='"@nordwind.example"')
    room.mail_comes("[KO] EOD_POS", **BATCH)
    room.mail_comes("[OK] EOD_POS", to="nordwind_ops", sender="anybody@nordwind.example")
    assert room.incident.status == "open"
    (entry,) = room.entries("mail.unclassified")
    assert entry.text == (
        "[OK] EOD_POS from anybody@nordwind.example: unclassified, an OK of nordwind.end_of_day.batch_ko that ends nothing"
        " by itself: nobody proves who sent it"
    )


def test_an_ok_that_the_mail_server_vouches_for_ends_it(room: ControlRoom) -> None:
    rule(room, sender='"@nordwind.example"', authenticated_by='"mx.nordwind.example"')
    room.mail_comes("[KO] EOD_POS", **BATCH)
    passed = f"{MX}pass header.from=nordwind.example"
    for heads in ([f"{MX}fail"], [f"{MX}fail", passed], ["X-None: 1"]):
        room.raw_mail_comes(with_heads("[OK] EOD_POS", *heads), to="nordwind_ops")
    assert room.incident.status == "open"
    room.raw_mail_comes(with_heads("[OK] EOD_POS", passed), to="nordwind_ops")
    assert room.incident.status == "resolved"


def test_an_invitation_to_talk_about_a_ko_calls_nobody(room: ControlRoom) -> None:
    room.reads(FLUX)
    invitation = with_heads("Point [KO] EOD_POS", "Content-Class: urn:content-classes:calendarmessage")
    room.raw_mail_comes(invitation, to="nordwind_ops")
    assert room.incidents == []
    assert len(room.entries("mail.unclassified")) == 1
