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
