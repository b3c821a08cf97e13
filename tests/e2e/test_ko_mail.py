"""The short story: a KO mail, its page, Slack's button, the procedure, the OK mail."""

from __future__ import annotations

from tests.e2e.room import LONG, Room, until
from tests.e2e.small_site import LUMIERE

PROCEDURE = "procedure.maison-lumiere.relaunch"


def test_a_ko_mail_from_page_to_resolved(airflow: Room):
    airflow.mail(airflow.boxes[LUMIERE], "[KO] EXPORT")
    incident = airflow.incident("[KO] EXPORT")
    page = airflow.page(incident, LUMIERE)
    mail = airflow.smtp.wait_for(lambda mail: "EXPORT page" in mail.subject, within=60)

    assert mail.recipients == ["camille@vigie.example"]
    assert (incident.severity, incident.client, incident.dedup_key) == ("critical", LUMIERE, "EXPORT")

    assert airflow.slack.press(page, "acknowledge", "camille")["status"] == 200
    said = airflow.slack.wait_for(LUMIERE, "Pris par Camille Moreau", thread_ts=page["ts"], within=60)
    assert len(said) == 1

    run = f"{incident.id}.1"
    camille = airflow.person("camille")
    question = until(lambda: camille.questions(PROCEDURE, run), LONG, "the procedure asks")[0]
    assert question["subject"] == "Relaunch a job: What does the log say?"
    assert camille.answer(question, "A lock") == 200

    told = airflow.smtp.wait_for(lambda mail: "operations@maison-lumiere.example" in mail.recipients, within=60)
    assert told.subject == "Maison Lumière: we are on it"
    until(lambda: airflow.tasks(PROCEDURE, run)["escalate"]["state"] == "skipped", LONG, "the other branch is skipped")

    until(lambda: camille.questions(PROCEDURE, run), LONG, "the last step is open")

    airflow.mail(airflow.boxes[LUMIERE], "[OK] EXPORT")
    airflow.slack.wait_for(LUMIERE, "Résolu à", thread_ts=page["ts"], within=60)
    until(lambda: airflow.incident("[KO] EXPORT").status == "resolved")
    airflow.settle()
    kinds = [entry.kind for entry in airflow.logbook.entries(incident=incident.id)]
    assert [kind for kind in kinds if kind.startswith(("incident.", "procedure."))] == [
        "incident.opened",
        "incident.acknowledged",
        "procedure.sent",
        "procedure.step_opened",
        "procedure.step_answered",
        "procedure.action_begun",
        "procedure.action_done",
        "procedure.step_opened",
        "incident.resolved",
        "procedure.step_closed",
        "procedure.sent",
    ]
    # Nobody needs the last step any more: it is closed in the thread and in Airflow, and the run ends.
    assert airflow.ended(PROCEDURE, run) == "success"
    assert airflow.tasks(PROCEDURE, run)["close"]["state"] == "skipped"


def test_a_press_that_slack_did_not_sign_does_nothing(airflow: Room):
    airflow.mail(airflow.boxes[LUMIERE], "[KO] FORGED")
    incident = airflow.incident("[KO] FORGED")
    body = {"payload": f'{{"type": "block_actions", "actions": [{{"value": "{incident.id}"}}]}}'}
    headers = {"X-Slack-Signature": "v0=" + "0" * 64, "X-Slack-Request-Timestamp": "1700000000"}

    answer = airflow.api.post("/vigie/slack/actions", data=body, headers=headers)

    assert (answer.status_code, airflow.incident("[KO] FORGED").status) == (401, "open")
