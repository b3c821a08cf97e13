from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from tests.web.forms import SAME_ORIGIN, token_in
from tests.web.night import Browser, Night

from vigie.core.look import Look, WatchState
from vigie.core.seen_mail import SeenMail
from vigie.logbook.book import Logbook

SOURCE = "ops/INBOX"
HOSTILE = '<script>alert("x")</script>{{ 7*7 }}'


def comes(book: Logbook, night: Night, number: int, subject: str = "Disk full", **other: Any) -> str:
    fields = {
        "key": f"mail|{SOURCE}|{number}",
        "client": "maison-lumiere",
        "source": SOURCE,
        "uidvalidity": 1,
        "uid": number,
        "seen_at": night.now,
        "received_at": night.now,
        "sender": "monitor@maison-lumiere.example",
        "subject": subject,
        "message_id": f"<{number}@x>",
        "origin": "human",
        "fate": "unclassified",
        "alike": subject,
    }
    state = WatchState(
        watch="maison-lumiere.prices.ko",
        client="maison-lumiere",
        flux="prices",
        kind="mail",
        source=SOURCE,
        looked_at=night.now,
        look_by=night.now,
    )
    mail = SeenMail.model_validate({**fields, **other})
    book.record(Look(source=SOURCE, at=night.now, mails=(mail,), states=(state,)))
    return mail.key


def press(browser: TestClient, deed: str, mail: str, **fields: str) -> Response:
    page = browser.get("/vigie/mail").text
    data = {"csrf_token": token_in(page), "mail": mail} | fields
    answer: Response = browser.post(f"/vigie/mail/{deed}", data=data, headers=SAME_ORIGIN)
    return answer


def test_what_no_rule_claims_is_listed_by_its_kind_and_the_others_with_their_fate(
    browser: Browser, book: Logbook, night: Night
) -> None:
    comes(book, night, 1)
    comes(book, night, 2)
    comes(book, night, 3, "Report", fate="claimed", fate_by=("maison-lumiere.prices.ko",))
    comes(book, night, 4, "Report")
    comes(book, night, 5, "Away", fate="ignored", fate_by=("auto_replied",))
    page = browser().get("/vigie/mail").text
    assert "No rule claims them · 3" in page
    assert page.index("Disk full") < page.index("Report")
    assert page.count("first of its kind") == 1
    assert "2 of them" in page
    assert "maison-lumiere.prices.ko" in page
    assert "auto replied" in page
    assert "(3) Mail · Vigie" in page


def test_a_ko_that_was_set_aside_is_listed_and_may_become_an_incident(
    browser: Browser, book: Logbook, night: Night
) -> None:
    watch = "maison-lumiere.prices.ko"
    key = comes(book, night, 1, "Undeliverable: [KO] A", fate="set_aside", fate_by=(watch,), origin="dsn_failed")
    comes(book, night, 2, "Undeliverable: [KO] B", fate="set_aside", fate_by=(watch,), origin="dsn_failed")
    page = browser().get("/vigie/mail").text
    assert "KO mails set aside · 2" in page
    assert f"KO of {watch}" in page
    assert "dsn failed" in page
    assert press(browser(), "raise", key, flux="maison-lumiere.prices").status_code == 303
    assert [each.title for each in book.incidents()] == ["Undeliverable: [KO] A"]
    page = browser().get("/vigie/mail").text
    assert "KO mails set aside · 1" in page
    assert press(browser(), "settle", f"mail|{SOURCE}|2", text="a bounce").status_code == 303
    assert "KO mails set aside" not in browser().get("/vigie/mail").text


def test_an_empty_queue_says_so(browser: Browser) -> None:
    page = browser().get("/vigie/mail").text
    assert "Every mail has its rule, or somebody has decided." in page
    assert "No mail was read yet." in page


def test_a_hostile_mail_is_only_text(browser: Browser, book: Logbook, night: Night) -> None:
    comes(book, night, 1, HOSTILE, sender=HOSTILE, alike="x")
    page = browser().get("/vigie/mail").text
    assert "<script>alert(" not in page
    assert page.count("{{ 7*7 }}") == 4


def test_to_settle_a_mail_settles_all_of_its_kind_with_who_and_why(
    browser: Browser, book: Logbook, night: Night
) -> None:
    key = comes(book, night, 1)
    comes(book, night, 2)
    comes(book, night, 3, "Report")
    answer = press(browser(), "settle", key, text="  cleaned  by cron ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/vigie/mail")
    assert [mail.subject for mail in book.unsettled_mails()] == ["Report"]
    lines = book.entries(kind_prefix="mail.settled")
    assert [(line.actor, line.text) for line in lines] == [("camille", "Disk full: cleaned by cron")] * 2


def test_a_mail_becomes_an_incident_once(browser: Browser, book: Logbook, night: Night) -> None:
    key = comes(book, night, 1)
    signed_in = browser()
    assert press(signed_in, "raise", key, flux="maison-lumiere.prices").status_code == 303
    (incident,) = book.incidents()
    assert (incident.title, incident.client, incident.flux) == ("Disk full", "maison-lumiere", "prices")
    assert incident.next_action_at == night.now
    (line,) = book.entries(kind_prefix="mail.settled")
    assert line.text == f"Disk full: made an incident of maison-lumiere.prices: {incident.id}"
    comes(book, night, 2, "Other")
    press(signed_in, "raise", key, flux="maison-lumiere.prices")
    assert len(book.incidents()) == 1
    assert "session:mail desk" in book.beats()
    assert book.beats()[f"session:{SOURCE}"] == night.now


def test_a_flux_that_does_not_read_the_mailbox_is_refused(browser: Browser, book: Logbook, night: Night) -> None:
    key = comes(book, night, 1)
    answer = press(browser(), "raise", key, flux="nordwind.end_of_day")
    assert answer.status_code == 422
    assert "Choose the flux that this mail is about." in answer.text
    assert book.incidents() == []
    assert len(book.unsettled_mails()) == 1


def test_who_may_only_read_sees_no_button_and_cannot_decide(browser: Browser, book: Logbook, night: Night) -> None:
    key = comes(book, night, 1)
    viewer = browser("noah", role="VIEWER")
    page = viewer.get("/vigie/mail").text
    assert "Disk full" in page
    assert "Settle" not in page
    token = token_in(browser("noah", role="USER").get("/vigie/mail").text)
    answer = viewer.post("/vigie/mail/settle", data={"csrf_token": token, "mail": key}, headers=SAME_ORIGIN)
    assert answer.status_code == 403
    assert len(book.unsettled_mails()) == 1


def test_nobody_sees_or_decides_anything_without_signing_in_or_from_another_site(
    browser: Browser, book: Logbook, night: Night
) -> None:
    key = comes(book, night, 1)
    assert "Disk full" not in browser(None).get("/vigie/mail").text
    signed_in = browser()
    data = {"csrf_token": token_in(signed_in.get("/vigie/mail").text), "mail": key}
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert signed_in.post("/vigie/mail/settle", data=data, headers=evil).status_code == 403
    assert signed_in.post("/vigie/mail/settle", data={"mail": key}, headers=SAME_ORIGIN).status_code == 403
    assert len(book.unsettled_mails()) == 1


def test_a_mail_that_is_not_there_is_not_found(browser: Browser, book: Logbook, night: Night) -> None:
    comes(book, night, 1)
    assert press(browser(), "settle", "mail|none").status_code == 404


def test_the_living_part_tells_of_a_new_mail(browser: Browser, book: Logbook, night: Night) -> None:
    first = browser().get("/vigie/live/mail").json()
    assert browser().get(f"/vigie/live/mail?version={first['version']}").json()["html"] is None
    comes(book, night, 1)
    again = browser().get(f"/vigie/live/mail?version={first['version']}").json()
    assert "Disk full" in again["html"]
    assert again["title"] == "(1) Mail"


def test_a_program_asks_for_what_waits(program: Browser, browser: Browser, book: Logbook, night: Night) -> None:
    comes(book, night, 1)
    comes(book, night, 2, fate="claimed")
    (mail,) = program().get("/vigie/api/mail").json()
    assert (mail["uid"], mail["fate"], mail["source"]) == (1, "unclassified", SOURCE)
    assert browser(None).get("/vigie/api/mail").status_code == 401
