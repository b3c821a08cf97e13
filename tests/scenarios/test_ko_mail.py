"""02:00: the batch of a client mails a KO."""

from __future__ import annotations

from vigie.testing.control_room import ControlRoom

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}


def test_a_ko_mail_pages_the_first_person_in_slack_and_by_mail(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)

    (post,) = nordwind.slack("nordwind").posts
    assert "EOD_POS, page" in post.text
    assert post.outbound.mentions == ("U0ANNA",)
    assert post.buttons == ["Take it", "Open procedure", "Open incident"]
    assert len(nordwind.mailbox_of("anna").got("EOD_POS, page")) == 1
    assert nordwind.mailbox_of("bruno").mails == []
    assert nordwind.procedures.sent == []


def test_nobody_answers_for_ten_minutes_and_the_second_person_is_paged(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("599 s")
    assert nordwind.mailbox_of("bruno").mails == []

    nordwind.clock.advances("1 s")

    (mail,) = nordwind.mailbox_of("bruno").mails
    assert mail.message.subject == "[page 2] Nordwind Logistik : EOD_POS, page"  # in his language
    (post,) = nordwind.slack("nordwind").posts
    (again,) = post.thread
    assert again.outbound.mentions == ("U0BRUNO",)
    assert again.outbound.broadcast
    assert len(nordwind.mailbox_of("anna").mails) == 1


def test_who_takes_it_ends_the_paging_and_opens_the_procedure_once(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("10 min")

    assert nordwind.takes_it("bruno").result == "done"
    assert nordwind.takes_it("anna").result == "already"
    nordwind.clock.advances("50 min")

    (post,) = nordwind.slack("nordwind").posts
    assert "acknowledged" in post.text
    assert post.buttons == ["Open procedure", "Open incident", "Resolve"]
    assert [answer.text for answer in post.thread][1] == "Taken by Bruno Keller at 02:10."
    (run,) = nordwind.procedures.sent
    assert run.recipient == "procedure.nordwind.eod-ko"
    assert run.variables == {"run_id": "INC-1.1"}
    assert nordwind.incident.pages == 2
    assert len(nordwind.mailbox_of("anna").got("EOD_POS, page")) == 1


def test_the_ok_mail_resolves_it_and_is_told_in_the_same_thread(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("10 min")
    nordwind.takes_it("bruno")
    nordwind.clock.advances("12 min")

    nordwind.mail_comes("[OK] EOD_POS", **BATCH)
    nordwind.clock.advances("3 h")

    (post,) = nordwind.slack("nordwind").posts
    assert "EOD_POS, resolved" in post.text
    assert post.buttons == ["Open procedure", "Open incident", "Reopen"]
    (told,) = [each for each in post.thread if "Resolved" in each.text]
    assert told.text.startswith("Resolved at 02:22, after 22 min")
    assert nordwind.incident.status == "resolved"
    for paged in ("anna", "bruno"):
        assert len(nordwind.mailbox_of(paged).got("EOD_POS, resolved")) == 1
    assert nordwind.mailbox_of("petra").mails == []


def test_ko_and_ok_before_anybody_looked_page_nobody(nordwind: ControlRoom) -> None:
    nordwind.mails_come(["[KO] EOD_POS", "[OK] EOD_POS"], **BATCH)
    nordwind.clock.advances("1 h")

    assert nordwind.incident.status == "resolved"
    assert nordwind.slack("nordwind").posts == []
    assert nordwind.entries("desk.decided")[0].text == "resolved before anybody was paged"


def test_a_repeated_ko_counts_and_changes_the_message_in_place(nordwind: ControlRoom) -> None:
    for _ in range(3):
        nordwind.mail_comes("[KO] EOD_POS", **BATCH)
        nordwind.clock.advances("1 min")

    assert nordwind.incident.count == 3
    assert nordwind.incident.pages == 1
    (post,) = nordwind.slack("nordwind").posts
    assert "seen 3 times" in post.text
    assert post.thread == []
    assert len(nordwind.mailbox_of("anna").mails) == 1


def test_another_job_is_another_incident(nordwind: ControlRoom) -> None:
    nordwind.mails_come(["[KO] EOD_POS", "[KO] EOD_CASH", "[OK] EOD_POS"], **BATCH)

    assert [(each.dedup_key, each.status) for each in nordwind.incidents] == [
        ("EOD_POS", "resolved"),
        ("EOD_CASH", "open"),
    ]
    assert [len(nordwind.slack("nordwind").said(job)) for job in ("EOD_POS", "EOD_CASH")] == [0, 1]


def test_a_mail_that_no_watch_claims_is_kept_for_a_person(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("Lunch on Friday?", to="nordwind_ops", sender="colleague@nordwind.example")

    (entry,) = nordwind.entries("mail.unclassified")
    assert entry.text == "Lunch on Friday? from colleague@nordwind.example: unclassified, no rule claims it"
    assert nordwind.incidents == []


def test_the_same_mail_twice_is_one_detection(nordwind: ControlRoom) -> None:
    for _ in range(2):
        nordwind.mail_comes("[KO] EOD_POS", message_id="<the-same@nordwind.example>", **BATCH)
        # Without a Date header, which no test mail has, Message-ID, sender and subject are the mail.

    assert nordwind.incident.count == 1


def test_the_check_agrees_with_the_watch_and_looks_where_it_is_dead(nordwind: ControlRoom) -> None:
    nordwind.mail_comes("[KO] EOD_POS", **BATCH)
    nordwind.clock.advances("5 min")
    finding = nordwind.check("nordwind.end_of_day.batch_ko")
    assert finding == ("anomaly", "watch", ("INC-1",), "the watch looked: INC-1 [KO] EOD_POS")

    nordwind.triggerer_dies()
    nordwind.clock.advances("30 min")
    nordwind.mail_comes("[KO] EOD_CASH", **BATCH)
    assert len(nordwind.incidents) == 1

    finding = nordwind.check("nordwind.end_of_day.batch_ko")
    assert (finding.outcome, finding.looked_by, finding.incidents) == ("anomaly", "check", ("INC-2", "INC-1"))
    assert len(nordwind.slack("nordwind").said("EOD_CASH, page")) == 1

    nordwind.triggerer_restarts()
    assert len(nordwind.incidents) == 2


def test_a_thousand_kos_in_a_minute_are_eleven_incidents_and_no_flood_of_pages(nordwind: ControlRoom) -> None:
    for second in range(40):
        nordwind.mails_come([f"[KO] JOB_{number}" for number in range(second * 25, second * 25 + 25)], **BATCH)
        nordwind.clock.advances("1 s")

    *jobs, storm = nordwind.incidents
    assert [each.dedup_key for each in jobs] == [f"JOB_{number}" for number in range(10)]
    assert storm.title == "Storm: 990 further incidents, the latest: [KO] JOB_999"
    assert storm.count == 990
    assert len(nordwind.entries("mail.claimed")) == 1000
    (mail,) = nordwind.mailbox_of("anna").mails
    assert mail.message.subject == "[11 pages] Nordwind Logistik: JOB_0, page"
    assert len(nordwind.slack("nordwind").posts) == 11
    edits = [each for each in nordwind.logbook.outbox(limit=1000) if each.purpose == "update"]
    assert len(edits) <= 7


def test_a_thousand_times_the_same_ko_is_one_incident_and_a_handful_of_edits(nordwind: ControlRoom) -> None:
    for _ in range(40):
        nordwind.mails_come(["[KO] EOD_POS"] * 25, **BATCH)
        nordwind.clock.advances("1 s")

    assert nordwind.incident.count == 1000
    assert len(nordwind.mailbox_of("anna").mails) == 1
    edits = [each for each in nordwind.logbook.outbox(limit=1000) if each.purpose == "update"]
    assert len(edits) <= 7


PAGE_ALONE = """\
---
purpose: A batch mailed a KO.
example: {client: Nordwind, severity: critical, facts: {job: EOD}}
---
{% extends "_incident.md.j2" %}
{% block subject %}[{{ severity | upper }}] {{ client }}: {{ facts.job }} is KO{% endblock %}
{% block text %}
{{ facts.job }} is KO.
{% if status == "acknowledged" and who %}{{ who }} is on it.{% endif %}
{% endblock %}
"""


def test_an_all_clear_never_says_ko_again(nordwind: ControlRoom) -> None:
    for file in ("mail_ko.md.j2", "mail_ko.fr.md.j2"):
        (nordwind.site / "include/templates" / file).write_text(PAGE_ALONE, "utf-8")
    nordwind.mail_comes("[KO] EOD_POS", to="nordwind_ops", sender="batch@nordwind.example")
    nordwind.clock.advances("11 min")
    nordwind.takes_it("bruno")
    nordwind.mail_comes("[OK] EOD_POS", to="nordwind_ops", sender="batch@nordwind.example")

    (post,) = nordwind.slack("nordwind").posts
    again = next(each for each in post.thread if each.versions[0].startswith("[page 2]"))
    english = "[RESOLVED] Nordwind Logistik: end_of_day is back to normal (INC-1)"
    assert post.text.startswith(english)
    assert again.text.startswith(f"[page 2] {english}")
    assert "is KO" in post.versions[0]
    for said in (post.text, again.text):
        assert "is KO" not in said
        assert "CRITICAL" not in said
        assert "/vigie/incidents/INC-1" in said
    subjects = {name: nordwind.mailbox_of(name).mails[-1].message.subject for name in ("anna", "bruno")}
    assert subjects == {
        "anna": english,
        "bruno": "[RÉSOLU] Nordwind Logistik : end_of_day, retour à la normale (INC-1)",
    }
    assert nordwind.entries("template.failed") == []


def test_an_all_clear_whose_template_fails_is_sent_and_its_owner_is_told(nordwind: ControlRoom) -> None:
    file = nordwind.site / "include/templates/mail_ko.md.j2"
    file.write_text(PAGE_ALONE.replace("is KO.", '{% if purpose == "resolved" %}{{ due }}{% endif %}'), "utf-8")
    nordwind.mail_comes("[KO] EOD_POS", to="nordwind_ops", sender="batch@nordwind.example")
    nordwind.takes_it("anna")
    nordwind.resolves_it("anna")

    (post,) = nordwind.slack("nordwind").posts
    assert post.text.startswith("[RESOLVED] Nordwind Logistik: end_of_day, closed by Anna Weiss (INC-1)")
    (entry,) = nordwind.entries("template.failed")
    assert entry.text.startswith("include/templates/mail_ko.md.j2:8: 'due' is undefined.")
