"""Nobody answers, somebody forgets, it comes and goes: whatever happens, somebody hears of it."""

from __future__ import annotations

from vigie.core.incident import Incident
from vigie.testing.control_room import ControlRoom

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}


def calls(room: ControlRoom, incident: str = "INC-1") -> list[tuple[str, str]]:
    """The minute of each call since 02:00 in Berlin, and whom it called."""
    decided = [entry for entry in room.entries("desk.decided", incident) if entry.text.startswith("page ")]
    return [(f"{entry.at:%H:%M}", entry.text.partition(": ")[2]) for entry in decided]


def of_platform(room: ControlRoom) -> list[Incident]:
    return [each for each in room.incidents if each.client == "platform"]


# Nobody answers


def test_nobody_answers_and_the_calls_go_on_until_somebody_takes_it(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("70 min")

    assert calls(nordwind) == [
        ("01:00", "anna"),
        ("01:10", "bruno"),
        ("01:20", "anna"),
        ("01:30", "bruno"),
        ("01:40", "anna, bruno, petra"),
        ("01:55", "anna, bruno, petra"),
        ("02:10", "anna, bruno, petra"),
    ]
    nordwind.clock.advances("48 h")
    assert len(calls(nordwind)) == 7 + 48 * 4

    nordwind.takes_it("bruno", "INC-1")
    before = len(calls(nordwind))
    nordwind.clock.advances("59 min")
    assert len(calls(nordwind)) == before


def test_a_policys_own_last_resort_calls_whom_it_names_as_often_as_it_says(nordwind: ControlRoom) -> None:
    rota = nordwind.site / "include/rota/team.yaml"
    rota.write_text(
        rota.read_text().replace("    repeat: 1\n", "    repeat: 0\n    last_resort: {page: [petra], every: 5 min}\n")
    )
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("30 min")
    assert calls(nordwind)[2:] == [("01:20", "petra"), ("01:25", "petra"), ("01:30", "petra")]


def test_the_platform_is_told_the_moment_a_policy_is_used_up_by_one_incident(nordwind: ControlRoom) -> None:
    nordwind.mails_come(["[KO] EOD_POS", "[KO] EOD_CASH"], **BATCH)
    nordwind.clock.advances("39 min")
    assert of_platform(nordwind) == []
    nordwind.clock.advances("1 min")

    (told,) = of_platform(nordwind)
    assert told.title == "Nobody answers for nordwind: everybody of its policy 'duty' was called in vain"
    assert told.facts["incidents"] == ["INC-1", "INC-2"]
    assert nordwind.slack("platform").posts[0].outbound.mentions == ("U0PETRA",)
    assert [entry.text for entry in nordwind.entries("incident.exhausted", "INC-1")] == [
        "everybody of 'duty' was called in vain; its last resort is called every 15 min"
    ]

    nordwind.clock.advances("2 h")
    assert len(of_platform(nordwind)) == 1
    nordwind.takes_it("anna", "INC-1")
    (told,) = of_platform(nordwind)
    assert (told.status, told.facts["incidents"]) == ("open", ["INC-2"])
    nordwind.mail_comes("[OK] EOD_CASH", **BATCH)
    assert [each.status for each in of_platform(nordwind)] == ["resolved"]


def test_an_incident_of_the_platform_itself_opens_no_other(nordwind: ControlRoom) -> None:
    nordwind.goes_dark("nordwind_ops")
    nordwind.clock.advances("6 h")

    (blind,) = of_platform(nordwind)
    assert blind.title == "Blind: nordwind_ops/INBOX cannot be watched"
    assert blind.exhausted == "platform_duty"
    petra = nordwind.mailbox_of("petra").got("Blind")
    assert len(petra) > 20  # four calls by its steps, then each quarter of an hour


def test_a_page_that_fails_for_good_calls_the_next_people_at_once(nordwind: ControlRoom) -> None:
    rota = nordwind.site / "include/rota/team.yaml"
    rota.write_text(rota.read_text().replace("email: anna@vigie.example, slack: U0ANNA,", "email: anna@vigie.example,"))
    nordwind.mail_messenger.refuse("anna@vigie.example")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)

    assert calls(nordwind) == [("01:00", "anna"), ("01:00", "bruno")]
    assert [entry.text for entry in nordwind.entries("call.unreached")] == [
        "page 1 reached nobody; the next people are called at once"
    ]


def test_who_was_reached_in_slack_is_waited_for_though_the_mail_fails(nordwind: ControlRoom) -> None:
    nordwind.mail_messenger.refuse("anna@vigie.example")
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    assert calls(nordwind) == [("01:00", "anna")]


def test_where_nobody_at_all_can_be_reached_the_calls_go_on_without_a_storm(nordwind: ControlRoom) -> None:
    rota = nordwind.site / "include/rota/team.yaml"
    lines = rota.read_text()
    for name in ("anna", "bruno", "petra"):
        nordwind.mail_messenger.refuse(f"{name}@vigie.example")
        lines = lines.replace(f", slack: U0{name.upper()}", "")
    rota.write_text(lines)
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)

    everybody = ("01:00", "anna, bruno, petra")
    assert calls(nordwind) == [("01:00", "anna"), ("01:00", "bruno")] * 2 + [everybody] * 2
    nordwind.clock.advances("30 min")
    assert calls(nordwind)[6:] == [("01:15", "anna, bruno, petra"), ("01:30", "anna, bruno, petra")]


# Somebody forgets


def test_what_is_taken_and_forgotten_is_called_again_and_stays_theirs(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_CASH", **BATCH)
    nordwind.takes_it("bruno")
    nordwind.clock.advances("59 min")
    assert len(calls(nordwind)) == 1
    nordwind.clock.advances("1 min")

    assert calls(nordwind)[1:] == [("02:00", "anna")]
    assert (nordwind.incident.status, nordwind.incident.acknowledged_by) == ("acknowledged", "bruno")
    (post,) = nordwind.slack("nordwind").posts
    assert post.buttons[0] == "Take it"
    told = [answer.text for answer in post.thread if "Calling again" in answer.text]
    assert told == ["Nobody has worked on it for 60 min. Calling again; Bruno Keller still has it."]

    nordwind.clock.advances("10 min")
    assert calls(nordwind)[2:] == [("02:10", "bruno")]
    assert nordwind.takes_it("anna").result == "done"
    assert nordwind.incident.acknowledged_by == "anna"
    nordwind.clock.advances("59 min")
    assert len(calls(nordwind)) == 3


def test_a_note_and_an_answered_step_postpone_it(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("bruno")
    nordwind.clock.advances("10 min")
    assert nordwind.answers("bruno", "A table is locked").result == "done"
    nordwind.answers("bruno", "Done")
    nordwind.clock.advances("55 min")  # 02:05
    nordwind.logbook.note("INC-1", "bruno", nordwind.clock.now, "The session has ended.")
    nordwind.clock.advances("59 min")
    assert [each for each in calls(nordwind) if each[0] != "01:00"] == []
    nordwind.clock.advances("2 min")
    assert calls(nordwind)[1:] == [("03:05", "anna")]


def test_how_long_is_written_in_the_policy(nordwind: ControlRoom) -> None:
    rota = nordwind.site / "include/rota/team.yaml"
    rota.write_text(rota.read_text().replace("    repeat: 1\n", "    repeat: 1\n    if_unresolved: 20 min\n"))
    nordwind.mail_comes("[KO] EOD_CASH", **BATCH)
    nordwind.takes_it("bruno")
    nordwind.clock.advances("20 min")
    assert calls(nordwind)[1:] == [("01:20", "anna")]


def test_a_forgotten_one_that_nobody_answers_is_told_to_the_platform_too(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_CASH", **BATCH)
    nordwind.takes_it("bruno")
    nordwind.clock.advances("100 min")
    (told,) = of_platform(nordwind)
    assert told.facts["incidents"] == ["INC-1"]
    nordwind.logbook.note("INC-1", "bruno", nordwind.clock.now, "I am on it.")
    nordwind.clock.advances("1 s")
    assert [each.status for each in of_platform(nordwind)] == ["resolved"]


# It comes and goes


def flaps(room: ControlRoom, times: int, *, ko: str = "3 min", ok: str = "3 min") -> None:
    for _ in range(times):
        room.mail_comes("[KO] EOD_CASH", **BATCH)
        room.clock.advances(ko)
        room.mail_comes("[OK] EOD_CASH", **BATCH)
        room.clock.advances(ok)


def test_six_ko_and_ok_in_36_minutes_are_one_incident_of_its_owner(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_CASH", **BATCH)
    nordwind.takes_it("anna")
    nordwind.clock.advances("3 min")
    nordwind.mail_comes("[OK] EOD_CASH", **BATCH)
    nordwind.clock.advances("3 min")
    flaps(nordwind, 5)
    nordwind.clock.advances("20 min")

    (incident,) = nordwind.incidents
    assert (incident.status, incident.acknowledged_by, incident.reopenings) == ("resolved", "anna", 5)
    assert calls(nordwind) == [("01:00", "anna")]
    assert len(nordwind.slack("nordwind").posts) == 1
    thread = [answer.text for answer in nordwind.slack("nordwind").posts[0].thread]
    assert len([text for text in thread if text.startswith("Flapping")]) == 1
    mails = [mail.message.subject for mail in nordwind.mailbox_of("anna").mails]
    assert mails == [
        "Nordwind Logistik: EOD_CASH, page",
        "Nordwind Logistik: EOD_CASH, resolved",
        "INC-1: [KO] EOD_CASH",  # it came back
        "INC-1: [KO] EOD_CASH",  # it is flapping
        "Nordwind Logistik: EOD_CASH, resolved",
    ]
    assert nordwind.mailbox_of("bruno").mails == []


def test_what_nobody_owns_is_called_again_and_goes_on_to_the_next_people(nordwind: ControlRoom) -> None:
    flaps(nordwind, 6)
    nordwind.clock.advances("20 min")

    (incident,) = nordwind.incidents
    assert incident.status == "resolved"
    assert calls(nordwind) == [("01:00", "anna"), ("01:06", "anna"), ("01:12", "bruno"), ("01:24", "anna")]
    assert len(nordwind.mailbox_of("anna").mails) == 5
    assert len(nordwind.entries("incident.reopened")) == 5


def test_what_comes_back_after_its_hold_is_another_incident(nordwind: ControlRoom) -> None:
    flaps(nordwind, 2, ok="11 min")
    assert [each.id for each in nordwind.incidents] == ["INC-1", "INC-2"]


def test_a_watch_may_hold_longer(nordwind: ControlRoom) -> None:
    flux = nordwind.site / "dags/nordwind/end_of_day.py"
    flux.write_text(flux.read_text().replace("respond=Respond(", 'respond=Respond(hold="20 min", '))
    nordwind.reads("dags/nordwind/end_of_day.py")
    flaps(nordwind, 2, ok="19 min")
    (incident,) = nordwind.incidents
    assert incident.all_clear_at is not None


def test_a_blindness_that_comes_and_goes_is_one_incident(nordwind: ControlRoom) -> None:
    for _ in range(4):
        nordwind.goes_dark("nordwind_ops")
        nordwind.clock.advances("5 min")
        nordwind.comes_back("nordwind_ops")
        nordwind.clock.advances("2 min")
    (blind,) = nordwind.incidents
    assert blind.reopenings == 3
    assert len(nordwind.mailbox_of("petra").got("Blind")) < 8


# A rota at fault


def test_a_rota_without_the_platforms_policy_calls_everybody_and_says_so(nordwind: ControlRoom) -> None:
    rota = nordwind.site / "include/rota/team.yaml"
    rota.write_text(rota.read_text().replace("platform_duty:", "platform_dutty:"))
    nordwind.goes_dark("nordwind_ops")
    nordwind.clock.advances("5 min")

    blind, fault = nordwind.incidents
    assert blind.title == "Blind: nordwind_ops/INBOX cannot be watched"
    assert fault.title == "The rota has no policy 'platform_duty': everybody in it is called instead"
    for name in ("anna", "bruno", "petra"):
        (mail,) = nordwind.mailbox_of(name).got("Blind")
        assert "platform_duty" in mail.message.text
    assert "platform_duty" in nordwind.slack("platform").said("Blind")[0].text


def test_a_clients_policy_that_is_gone_calls_everybody_and_the_platform_hears_it(nordwind: ControlRoom) -> None:
    rota = nordwind.site / "include/rota/team.yaml"
    rota.write_text(rota.read_text().replace("  duty:", "  night_duty:"))
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)

    assert calls(nordwind) == [("01:00", "anna, bruno, petra")]
    assert "no escalation policy 'duty'" in nordwind.slack("nordwind").posts[0].text
    (told,) = of_platform(nordwind)
    assert told.title == "The rota has no policy 'duty': everybody in it is called instead"
    assert len(nordwind.mailbox_of("petra").got("The rota has no policy")) == 1
    nordwind.clock.advances("3 h")
    kinds = [each.dedup_key for each in of_platform(nordwind)]
    assert kinds == ["policy duty", "nordwind|duty"]


def test_a_rota_that_breaks_at_night_calls_as_it_last_could_be_read(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    rota = nordwind.site / "include/rota/team.yaml"
    rota.write_text("people: [\n")
    nordwind.clock.advances("10 min")

    assert calls(nordwind) == [("01:00", "anna"), ("01:10", "bruno")]
    (mail,) = nordwind.mailbox_of("bruno@vigie.example").mails
    assert "Lancez ./vigie check" in mail.message.text
    assert [each.title for each in of_platform(nordwind)] == [
        "The rota cannot be read whole: calls may go to the wrong people"
    ]
