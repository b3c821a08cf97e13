"""The answer of the other side is lost: it cannot be known, or it must be asked."""

from __future__ import annotations

from tests.e2e.room import LONG, Room, until
from tests.e2e.small_site import LUMIERE, NORDWIND


def test_slack_took_the_page_and_its_answer_was_lost(airflow: Room):
    airflow.settle(LONG)
    airflow.slack.fail_next("drop", methods=["chat.postMessage"], after=True)

    airflow.mail(airflow.boxes[NORDWIND], "[KO] LOST_IN_SLACK")
    incident = airflow.incident("[KO] LOST_IN_SLACK")
    page = airflow.page(incident, NORDWIND)
    key = f"{incident.id}/page/1/slack"
    sent = until(lambda: (told := airflow.logbook.outbound(key)) and told.status == "sent" and told)

    assert sent.ref == f"{page['channel']}:{page['ts']}"
    assert airflow.posted(NORDWIND)[key] == 1
    texts = [entry.text for entry in airflow.logbook.entries(incident=incident.id, kind_prefix="page.sent")]
    assert "page to nordwind by slack: it had arrived" in texts


def test_a_mail_whose_answer_was_lost_is_sent_again_and_says_so(airflow: Room):
    airflow.settle(LONG)
    airflow.smtp.answers_to_lose = 1

    airflow.mail(airflow.boxes[LUMIERE], "[KO] LOST_IN_MAIL")
    incident = airflow.incident("[KO] LOST_IN_MAIL")
    key = f"{incident.id}/page/1/mail/camille"
    until(lambda: (told := airflow.logbook.outbound(key)) and told.status == "sent" and told)
    mails = [mail for mail in list(airflow.smtp.mails) if "LOST_IN_MAIL" in mail.subject]

    assert ["perhaps repeated" in f"{mail.subject} {mail.text}" for mail in mails] == [False, True]
    assert len({mail.message_id for mail in mails}) == 1
