"""A procedure leads people through the night: who is asked, who answers, and what if nobody does."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.testing.control_room import ControlRoom

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}
QUESTION = "What does the mail say?"
LOCKED = "A table is locked"


@pytest.fixture
def taken(nordwind: ControlRoom) -> ControlRoom:
    """The batch is KO, Anna has it, and its procedure asks its first question."""
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    assert nordwind.open_steps == [QUESTION]
    return nordwind


def four_eyes(room: ControlRoom, name: str = "eod-ko") -> None:
    path: Path = room.site / f"include/procedures/nordwind/{name}.md"
    text = path.read_text()
    path.write_text(text.replace("Read its subject.", "> **Four eyes**\n\nRead its subject."))


def test_the_question_stands_in_the_thread_with_its_answers(taken: ControlRoom) -> None:
    (post,) = taken.slack("nordwind").posts
    (asked,) = [each for each in post.thread if QUESTION in each.text]
    assert asked.text == "EOD_POS is KO: What does the mail say?\nRead its subject."
    assert asked.buttons == [LOCKED, "Something else", "Open the step"]


def test_an_answer_in_slack_takes_the_buttons_away_and_asks_the_next_step(taken: ControlRoom) -> None:
    assert taken.answers("anna", LOCKED).result == "done"
    (asked,) = taken.slack("nordwind").said(QUESTION)
    assert asked.text.endswith(f"Answered by Anna Weiss at 02:00: {LOCKED}.")
    assert asked.buttons == ["Open the step"]
    assert taken.open_steps == ["Free the table"]
    (entry,) = taken.entries("procedure.step_answered")
    assert (entry.actor, entry.data["answer"], entry.data["via"], entry.data["seconds"]) == ("anna", LOCKED, "Slack", 0)


def test_an_answer_on_airflows_page_is_told_in_slack(taken: ControlRoom) -> None:
    taken.clock.advances("3 min")
    assert taken.answers_in_airflow("bruno", "Something else")
    (asked,) = taken.slack("nordwind").said(QUESTION)
    assert asked.text.endswith("Answered by Bruno Keller at 02:03: Something else.")
    (entry,) = taken.entries("procedure.step_answered")
    assert (entry.actor, entry.data["via"], entry.data["seconds"]) == ("bruno", "Airflow", 180)


def test_the_first_answer_wins_and_the_other_is_told(taken: ControlRoom) -> None:
    (seen,) = taken.logbook.steps(status="open")
    taken.answers("anna", LOCKED)
    told = taken.answers_to(seen, "bruno", "Something else")
    assert (told.result, told.text) == ("late", f"Already answered by Anna Weiss: {LOCKED}.")
    assert len(taken.entries("procedure.step_answered")) == 1
    again = taken.answers_to(seen, "anna", LOCKED)
    assert (again.result, again.text) == ("late", "")  # she pressed twice


def test_nobody_answers_and_the_second_is_paged_while_the_question_stays_open(taken: ControlRoom) -> None:
    taken.clock.advances("14 min")
    assert taken.mailbox_of("bruno").mails == []
    taken.clock.advances("1 min")

    (page,) = taken.mailbox_of("bruno").got("Sans réponse depuis 15 min.")
    assert page.message.subject == "EOD_POS is KO: What does the mail say?"
    assert page.purpose == "page"
    (post,) = taken.slack("nordwind").said("[step 1]")
    assert post.outbound.mentions == ("U0BRUNO",)
    assert post.buttons == [LOCKED, "Something else", "Open the step"]
    assert taken.open_steps == [QUESTION]

    assert taken.answers("bruno", LOCKED).result == "done"
    assert taken.open_steps == ["Free the table"]
    assert [each.buttons for each in taken.slack("nordwind").said("Read its subject")] == [["Open the step"]] * 2
    said = taken.slack("nordwind").said("Nobody more is paged.")
    assert [each.text for each in said] == [
        f"{QUESTION}: Answered by Bruno Keller at 02:15: {LOCKED}. Nobody more is paged."
    ]


def test_then_a_reminder_then_the_owner_and_each_level_once(taken: ControlRoom) -> None:
    taken.desks.append(taken.desk("another desk"))
    taken.clock.advances("90 min")
    told = [(entry.at.strftime("%H:%M"), entry.text) for entry in taken.entries("procedure.step_escalated")]
    assert told == [  # at 02:00 people are called for the incident itself: nobody works on it
        ("01:15", f"'{QUESTION}' is unanswered: page bruno"),
        ("01:25", f"'{QUESTION}' is unanswered: reminder to anna, bruno"),
        ("01:40", f"'{QUESTION}' is unanswered: page anna"),
        ("01:55", f"'{QUESTION}' is unanswered: reminder to anna, bruno"),
    ]
    assert len(taken.mailbox_of("bruno").got("Sans réponse")) == 1
    assert [entry.text for entry in taken.entries("desk.decided") if "page" in entry.text][1:] == [
        "page 2: anna", "page 3: bruno", "page 4: anna", "page 5: bruno"
    ]  # fmt: skip
    assert taken.open_steps == [QUESTION]
    assert taken.answers("anna", LOCKED).result == "done"


def test_who_was_paged_hears_that_it_is_done(taken: ControlRoom) -> None:
    taken.clock.advances("15 min")
    taken.answers("anna", LOCKED)
    (told,) = taken.mailbox_of("bruno").got("Nobody more is paged.")
    assert told.purpose == "note"
    taken.clock.advances("1 h")
    assert len(taken.mailbox_of("bruno").got("What does the mail say?")) == 2  # the page, and that it is done


def test_an_answer_at_the_very_moment_of_the_page(taken: ControlRoom) -> None:
    """Whichever comes first is in the logbook first: an answer before the page stops it."""
    taken.desks, desks = [], taken.desks
    taken.clock.advances("15 min")
    taken.answers("anna", LOCKED)
    taken.desks = desks
    taken.clock.advances("1 min")
    assert taken.entries("procedure.step_escalated") == []
    assert taken.mailbox_of("bruno").mails == []


def test_the_incident_resolves_itself_and_nobody_needs_the_step_any_more(taken: ControlRoom) -> None:
    taken.clock.advances("15 min")
    taken.mail_comes("[OK] EOD_POS", **BATCH)
    assert taken.open_steps == []
    (asked, paged) = taken.slack("nordwind").said(QUESTION)[:2]
    for post in (asked, paged):
        assert post.text.endswith("No longer needed: the incident has ended.")
        assert post.buttons == ["Open the step"]
    (run,) = taken.procedures.runs.values()
    assert set(run.states.values()) == {"skipped"}
    assert len(taken.mailbox_of("bruno").got("No longer needed")) == 1
    (entry,) = taken.entries("procedure.step_closed")
    assert entry.text == "the incident has ended; the step is no longer needed"
    taken.clock.advances("3 h")
    assert len(taken.entries("procedure.step_escalated")) == 1


def test_a_late_answer_to_a_step_that_nobody_needs_is_told_so(taken: ControlRoom) -> None:
    (seen,) = taken.logbook.steps(status="open")
    taken.mail_comes("[OK] EOD_POS", **BATCH)
    told = taken.answers_to(seen, "bruno", LOCKED)
    assert (told.result, told.text) == ("late", f"'{QUESTION}' is no longer open.")


def test_four_eyes_need_a_second_and_different_person(nordwind: ControlRoom) -> None:
    four_eyes(nordwind)
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")

    first = nordwind.answers("anna", LOCKED)
    assert (first.result, first.text) == ("first", "A second, different person must confirm it.")
    (asked,) = nordwind.slack("nordwind").said(QUESTION)
    assert asked.text.endswith(f"Anna Weiss answered: {LOCKED}. A second, different person must confirm it.")
    assert LOCKED in asked.buttons

    own = nordwind.answers("anna", LOCKED)
    assert own.result == "refused"
    assert own.text == f"You answered '{LOCKED}'; a second, different person must confirm it."
    assert nordwind.open_steps == [QUESTION]

    assert nordwind.answers("bruno", LOCKED).result == "done"
    assert nordwind.open_steps == ["Free the table"]
    (entry,) = nordwind.entries("procedure.step_answered")
    assert (entry.actor, entry.data["first_by"]) == ("bruno", "anna")


def test_four_eyes_on_airflows_page_ask_again_until_a_second_person_answers(nordwind: ControlRoom) -> None:
    four_eyes(nordwind)
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    for _ in range(2):
        assert nordwind.answers_in_airflow("anna", LOCKED)
        assert nordwind.open_steps == [QUESTION]
    (refused,) = nordwind.entries("procedure.step_refused")
    assert refused.text == f"{QUESTION}: You answered '{LOCKED}'; a second, different person must confirm it."
    assert nordwind.answers_in_airflow("bruno", LOCKED)
    assert nordwind.open_steps == ["Free the table"]


def test_while_the_second_of_four_eyes_is_missing_the_step_escalates(nordwind: ControlRoom) -> None:
    four_eyes(nordwind)
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.takes_it("anna")
    nordwind.answers("anna", LOCKED)
    nordwind.clock.advances("15 min")
    assert len(nordwind.mailbox_of("bruno").got("Sans réponse depuis 15 min.")) == 1


def test_escalate_hands_the_incident_on_and_its_own_step_pages_nobody_meanwhile(taken: ControlRoom) -> None:
    taken.answers("anna", "Something else")
    assert taken.open_steps == ["Escalate"]
    assert taken.incident.status == "open"
    assert len(taken.mailbox_of("bruno").got("[page 2]")) == 1
    taken.clock.advances("15 min")
    assert taken.entries("procedure.step_escalated") == []


def test_the_procedure_changes_while_its_question_is_open(taken: ControlRoom) -> None:
    path = taken.site / "include/procedures/nordwind/eod-ko.md"
    path.write_text(path.read_text().replace(LOCKED, "A session holds a table"))
    taken.answers("anna", LOCKED)
    (run,) = taken.procedures.runs.values()
    assert run.log == [
        "what-does-the-mail-say: The procedure has changed; 'A table is locked' is no answer any more. It is asked again."
    ]
    assert taken.open_steps == [QUESTION]
    latest = taken.slack("nordwind").said(QUESTION)[-1]
    assert latest.buttons == ["A session holds a table", "Something else", "Open the step"]
    assert taken.answers("anna", "A session holds a table").result == "done"


def test_an_answer_that_airflow_lost_is_taken_by_the_next_try(taken: ControlRoom) -> None:
    (step,) = taken.logbook.steps(status="open")
    taken.procedures.hold()
    taken.answers("anna", LOCKED)
    taken.procedures.loses(step.run_id, step.task_id)
    assert taken.open_steps == ["Free the table"]
    assert len(taken.entries("procedure.step_answered")) == 1
    assert len(taken.slack("nordwind").said(QUESTION)) == 1


def test_a_worker_that_dies_while_it_parks_a_question_tells_it_once(taken: ControlRoom) -> None:
    (step,) = taken.logbook.steps(status="open")
    taken.procedures.loses(step.run_id, step.task_id)
    taken.clock.advances("1 s")
    assert taken.logbook.steps(status="open") == [step]
    assert len(taken.slack("nordwind").said(QUESTION)) == 1
    assert taken.answers_to(step, "anna", LOCKED).result == "done"


def test_a_question_that_is_cleared_by_hand_is_asked_anew(taken: ControlRoom) -> None:
    (seen,) = taken.logbook.steps(status="open")
    taken.answers("anna", LOCKED)
    taken.procedures.clears(seen.run_id, seen.task_id)
    taken.clock.advances("1 s")
    assert QUESTION in taken.open_steps
    assert len(taken.slack("nordwind").said(QUESTION)) == 2
    told = taken.answers_to(seen, "bruno", "Something else")
    assert told.text == f"'{QUESTION}' was asked again; answer the new question."


def test_many_runs_at_once_are_each_asked_paged_and_answered_once(nordwind: ControlRoom) -> None:
    for number in range(40):
        nordwind.procedures.start("procedure.nordwind.eod-ko", f"by-hand.{number:03}", {})
    assert nordwind.open_steps == [QUESTION] * 40
    nordwind.clock.advances("15 min")
    assert len(nordwind.entries("procedure.step_escalated")) == 40
    pages = nordwind.slack("nordwind").said("[step 1]")
    assert len({page.outbound.key for page in pages}) == len(pages) == 40
    assert nordwind.mailbox_of("anna").mails
    for number in range(40):
        assert nordwind.procedures.answer(f"by-hand.{number:03}", "what-does-the-mail-say", LOCKED, "anna")
    assert nordwind.open_steps == ["Free the table"] * 40


def _to_the_end(room: ControlRoom, person: str = "anna") -> None:
    room.mail_comes("[KO] EOD_POS", to="nordwind_ops", sender="batch@nordwind.example")
    room.takes_it(person)
    room.answers(person, "A table is locked")
    room.answers(person, "Done")
    assert room.open_steps == ["Close"]


def test_the_end_of_a_procedure_asks_whether_the_incident_is_resolved(nordwind: ControlRoom) -> None:
    _to_the_end(nordwind)
    (asked,) = nordwind.slack("nordwind").said("Is the incident resolved?")
    assert "Write the cause." in asked.text
    assert asked.buttons == ["Resolve", "Still open", "Open the step"]

    assert nordwind.answers("bruno", "Resolve").result == "done"
    assert (nordwind.incident.status, nordwind.incident.resolved_by) == ("resolved", "bruno")
    (entry,) = nordwind.entries("incident.resolved")
    assert (entry.actor, entry.data["via"]) == ("bruno", "procedure")
    assert nordwind.open_steps == []
    assert nordwind.procedures.runs["INC-1.1"].states["close"] == "success"
    assert nordwind.slack("nordwind").said("Resolved at 02:00")


def test_an_incident_that_its_procedure_leaves_open_is_not_silent(nordwind: ControlRoom) -> None:
    _to_the_end(nordwind)
    assert nordwind.answers("bruno", "Still open").result == "done"
    assert nordwind.incident.status == "acknowledged"
    (post,) = nordwind.slack("nordwind").posts
    assert [each.text for each in post.thread if "has ended" in each.text] == [
        "The procedure has ended; Bruno Keller leaves the incident open."
    ]
    assert nordwind.procedures.runs["INC-1.1"].states["close"] == "success"


def test_the_end_is_answered_on_airflows_page_too(nordwind: ControlRoom) -> None:
    _to_the_end(nordwind)
    assert nordwind.answers_in_airflow("petra", "Resolve")
    assert (nordwind.incident.status, nordwind.incident.resolved_by) == ("resolved", "petra")


def test_an_end_that_airflow_lost_resolves_the_incident_once(nordwind: ControlRoom) -> None:
    _to_the_end(nordwind)
    nordwind.procedures.hold()
    nordwind.answers("anna", "Resolve")
    assert nordwind.incident.status == "resolved"
    nordwind.clock.advances("20 s")
    nordwind.logbook.reopen("INC-1", "anna", nordwind.clock.now, "slack")
    nordwind.procedures.loses("INC-1.1", "close")
    assert nordwind.procedures.runs["INC-1.1"].states["close"] == "success"
    assert nordwind.incident.status == "acknowledged"


def test_an_end_that_nobody_answers_pages_as_any_step(nordwind: ControlRoom) -> None:
    _to_the_end(nordwind)
    nordwind.clock.advances("16 min")
    assert nordwind.mailbox_of("bruno").got("Is the incident resolved?")


def test_the_end_of_a_procedure_in_french(nordwind: ControlRoom) -> None:
    path = nordwind.site / "include/clients/nordwind/client.yaml"
    path.write_text(path.read_text("utf-8").replace("languages: [en]", "languages: [fr]"), "utf-8")
    _to_the_end(nordwind)
    (asked,) = nordwind.slack("nordwind").said("L'incident est-il résolu ?")
    assert asked.buttons == ["Résoudre", "Pas encore résolu", "Ouvrir l'étape"]
    nordwind.answers("anna", "Still open")
    assert nordwind.slack("nordwind").said("La procédure est terminée ; Anna Weiss laisse l'incident ouvert.")


def test_a_procedure_without_an_incident_asks_no_such_thing(nordwind: ControlRoom) -> None:
    nordwind.procedures.start("procedure.nordwind.eod-ko", "by-hand", {})
    nordwind.answers("anna", "A table is locked")
    nordwind.answers("anna", "Done")
    assert nordwind.open_steps == ["Close"]
    assert nordwind.answers("anna", "Done").result == "done"
