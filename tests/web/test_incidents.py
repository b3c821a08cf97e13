from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.web.forms import SAME_ORIGIN, press, token_in
from tests.web.night import Browser, Detect, Night

from vigie.core.escalation import Decision
from vigie.core.message import Message, Outbound
from vigie.logbook.book import Logbook

HOSTILE = '<script>alert("x")</script>{{ 7*7 }}\N{RIGHT-TO-LEFT OVERRIDE}"\'>'


def test_the_list_shows_what_needs_somebody_first(browser: Browser, ko: Detect, book: Logbook, night: Night) -> None:
    ko("low one", severity="low")
    taken = ko("taken one")
    book.acknowledge(taken, "camille", night.now, "page")
    ko("critical one")
    done = ko("done one")
    book.resolve(done, "noah", night.now, "page")
    night.passes(timedelta(minutes=3))
    page = browser().get("/vigie/incidents").text
    order = [page.index(title) for title in ("critical one", "low one", "taken one", "done one")]
    assert order == sorted(order)
    assert "(2) Incidents · Vigie" in page
    assert "Open · 2" in page
    assert "Taken by <strong>Camille Moreau</strong>" in page
    assert "Resolved by Noah Petit" in page
    assert "3 min ago" in page
    assert "Opened <time" in page


def test_what_was_resolved_long_ago_is_not_listed(browser: Browser, ko: Detect, book: Logbook, night: Night) -> None:
    book.resolve(ko("old one"), "noah", night.now, "page")
    night.passes(timedelta(hours=24, seconds=1))
    page = browser().get("/vigie/incidents").text
    assert "old one" not in page
    assert "Nothing is open." in page


def test_who_is_called_next_and_when(browser: Browser, ko: Detect, book: Logbook, night: Night) -> None:
    incident = book.incident(ko())
    assert book.decide(incident, Decision(1, night.now + timedelta(minutes=10), (), "page 1"), at=night.now)
    page = browser().get("/vigie/incidents").text
    assert "Nobody has it." in page
    assert "Next page to Noah Petit" in page
    assert "in 10 min" in page


def test_a_policy_that_is_used_up_is_said_in_red_with_the_calls_that_go_on(
    browser: Browser, ko: Detect, book: Logbook, night: Night
) -> None:
    incident = book.incident(ko())
    last = Decision(9, night.now + timedelta(minutes=15), (), "page 9", exhausted="client_duty")
    assert book.decide(incident, last, at=night.now)
    page = browser().get("/vigie/incidents").text
    assert "Nobody answered 9 calls; they go on until somebody takes it." in page
    assert "in 15 min" in page
    assert "nobody more will be paged" not in page


def test_a_warning_is_not_told_as_a_page_that_nobody_answered(
    browser: Browser, ko: Detect, book: Logbook, night: Night
) -> None:
    incident = book.incident(ko("in jeopardy", page=False))
    assert book.decide(incident, Decision(1, None, (), "told in the channel"), at=night.now)
    page = browser().get("/vigie/incidents").text
    assert "Told in the channel; nobody is paged for it" in page
    assert "Nobody answered" not in page


def test_one_incident_shows_facts_entries_and_messages(
    browser: Browser, ko: Detect, book: Logbook, night: Night
) -> None:
    incident = ko(facts={"sites": ["TYO-1", "TYO-2"], "mail": {"subject": HOSTILE}})
    for key, channel, recipient in (
        ("a", "slack", "C_LUMIERE"),
        ("p", "procedure", "procedure.maison-lumiere.relaunch-job"),
    ):
        book.queue(
            Outbound(
                key=key,
                incident=incident,
                client="maison-lumiere",
                channel=channel,
                purpose="page",
                recipient=recipient,
                message=Message(subject=f"subject {HOSTILE}", text="t"),
                next_action_at=night.now,
            )
        )
    book.claim("p", "desk", night.now)
    book.sent("p", f"{incident}.1", night.now)
    page = browser().get(f"/vigie/incidents/{incident}").text
    assert "TYO-2" in page
    assert "Slack, C_LUMIERE" in page
    assert "waiting" in page
    assert f'href="/dags/procedure.maison-lumiere.relaunch-job/runs/{incident}.1/required_actions"' in page
    assert f'href="/vigie/procedures/maison-lumiere/relaunch-job?incident={incident}"' in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;{{ 7*7 }}" in page


def test_a_mail_from_the_junk_folder_says_so(browser: Browser, ko: Detect) -> None:
    incident = ko(facts={"mail": {"subject": "[KO] EOD_POS", "junk": "Spam <b>"}})
    page = browser().get(f"/vigie/incidents/{incident}").text
    assert "This mail was in the junk folder (Spam &lt;b&gt;)." in page


def test_a_hostile_title_is_text_everywhere(browser: Browser, ko: Detect) -> None:
    incident = ko(HOSTILE)
    for path in ("incidents", f"incidents/{incident}"):
        page = browser().get(f"/vigie/{path}").text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_acknowledge_and_see_the_incident(browser: Browser, ko: Detect, book: Logbook) -> None:
    camille = browser("camille")
    incident = ko()
    answer = press(camille, incident, "acknowledge")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/vigie/incidents/{incident}")
    after = book.incident(incident)
    assert (after.status, after.acknowledged_by) == ("acknowledged", "camille")
    assert "Taken by <strong>Camille Moreau</strong>" in camille.get(answer.headers["location"]).text


def test_the_list_has_the_same_button(browser: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko()
    camille = browser("camille")
    page = camille.get("/vigie/incidents").text
    assert f'action="/vigie/incidents/{incident}/acknowledge"' in page
    data = {"csrf_token": token_in(page)}
    assert camille.post(f"/vigie/incidents/{incident}/acknowledge", data=data, headers=SAME_ORIGIN).status_code == 303
    assert book.incident(incident).status == "acknowledged"


def test_somebody_was_faster(browser: Browser, ko: Detect, book: Logbook, night: Night) -> None:
    incident = ko()
    noah = browser("noah")
    token = token_in(noah.get(f"/vigie/incidents/{incident}").text)
    press(browser("camille"), incident, "acknowledge")
    night.passes(timedelta(minutes=2))
    url = f"/vigie/incidents/{incident}/acknowledge"
    answer = noah.post(url, data={"csrf_token": token}, headers=SAME_ORIGIN)
    assert answer.headers["location"] == f"/vigie/incidents/{incident}?outcome=already"
    assert "Already taken by Camille Moreau at 22:14 (Europe/Paris)." in noah.get(answer.headers["location"]).text
    assert book.incident(incident).acknowledged_by == "camille"


def test_resolve_twice(browser: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko()
    camille = browser("camille")
    token = token_in(camille.get(f"/vigie/incidents/{incident}").text)
    url = f"/vigie/incidents/{incident}/resolve"
    assert camille.post(url, data={"csrf_token": token}, headers=SAME_ORIGIN).status_code == 303
    again = camille.post(url, data={"csrf_token": token}, headers=SAME_ORIGIN)
    assert "Already resolved by Camille Moreau at 22:14" in camille.get(again.headers["location"]).text
    assert len(book.entries(incident=incident, kind_prefix="incident.resolved")) == 1


def test_resolving_asks_why_on_a_page_of_its_own(browser: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko("[KO] <b>EOD</b>")
    camille = browser("camille")
    for path in ("incidents", f"incidents/{incident}"):
        page = camille.get(f"/vigie/{path}").text
        assert (
            f'<form method="get" action="/vigie/incidents/{incident}/resolve"><button>Resolve</button></form>' in page
        )
        assert f'method="post" action="/vigie/incidents/{incident}/resolve"' not in page
    asked = camille.get(f"/vigie/incidents/{incident}/resolve")
    assert asked.status_code == 200
    assert "Why is it over?" in asked.text
    assert "[KO] &lt;b&gt;EOD&lt;/b&gt;" in asked.text
    assert "when it has not come back for 10 minutes" in asked.text
    assert book.incident(incident).status == "open"

    answer = press(camille, incident, "resolve", text=" The lock\r\nis gone. ")
    assert answer.status_code == 303
    assert book.incident(incident).status == "resolved"
    page = camille.get(answer.headers["location"]).text
    assert "Resolved: The lock\nis gone. (page)" in page
    assert "Already resolved by Camille Moreau" in camille.get(f"/vigie/incidents/{incident}/resolve").text


def test_a_resolution_is_undone_by_reopening(browser: Browser, ko: Detect, book: Logbook, night: Night) -> None:
    incident = ko()
    camille = browser("camille")
    press(camille, incident, "acknowledge")
    press(camille, incident, "resolve", text="done")
    page = camille.get(f"/vigie/incidents/{incident}").text
    assert f'<form method="get" action="/vigie/incidents/{incident}/reopen"><button>Reopen</button></form>' in page
    asked = camille.get(f"/vigie/incidents/{incident}/reopen").text
    assert "Why is it not over?" in asked
    assert "It goes on with Camille Moreau." in asked
    answer = press(camille, incident, "reopen", text="a mistake")
    assert answer.headers["location"] == f"/vigie/incidents/{incident}"
    after = book.incident(incident)
    assert (after.status, after.acknowledged_by) == ("acknowledged", "camille")
    assert "Reopened: a mistake (page)" in camille.get(answer.headers["location"]).text
    assert "It is open already." not in camille.get(f"/vigie/incidents/{incident}").text


def test_what_came_back_meanwhile_is_shown_instead_of_reopened(
    browser: Browser, ko: Detect, book: Logbook, night: Night
) -> None:
    old = ko()
    camille = browser("camille")
    press(camille, old, "resolve", text="done")
    night.passes(timedelta(minutes=30))
    newer = ko()
    answer = press(camille, old, "reopen", text="still there")
    assert answer.headers["location"] == f"/vigie/incidents/{newer}?outcome=newer"
    assert f"It has come back meanwhile, as {newer}." in camille.get(answer.headers["location"]).text
    assert book.incident(old).status == "resolved"


def test_a_reason_that_is_too_long(browser: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko()
    assert press(browser(), incident, "resolve", text="x" * 1001).status_code == 422
    assert book.incident(incident).status == "open"


def test_who_may_only_read_is_asked_no_reason(browser: Browser, ko: Detect) -> None:
    incident = ko()
    viewer = browser("vera", "VIEWER")
    assert viewer.get(f"/vigie/incidents/{incident}/resolve").status_code == 403
    assert viewer.get(f"/vigie/incidents/{incident}/delete").status_code == 422
    assert "<button>Resolve</button>" not in viewer.get(f"/vigie/incidents/{incident}").text


def test_a_note_becomes_an_entry(browser: Browser, ko: Detect, book: Logbook) -> None:
    incident = ko()
    assert press(browser(), incident, "note", text="Called the host.\r\nThey look.").status_code == 303
    (note,) = book.entries(incident=incident, kind_prefix="incident.note")
    assert (note.actor, note.text) == ("camille", "Called the host.\nThey look.")


@pytest.mark.parametrize(("text", "said"), [("  \n", "The note is empty"), ("x" * 4001, "has 4001 characters")])
def test_a_note_that_cannot_be_kept(browser: Browser, ko: Detect, book: Logbook, text: str, said: str) -> None:
    incident = ko()
    answer = press(browser(), incident, "note", text=text)
    assert answer.status_code == 422
    assert said in answer.text
    assert book.entries(incident=incident, kind_prefix="incident.note") == []


def test_no_such_incident(browser: Browser) -> None:
    for path in ("incidents/INC-99", "incidents/" + "%3Cscript%3E", "live/incidents/INC-99"):
        answer = browser().get(f"/vigie/{path}")
        assert answer.status_code == 404
        assert "<script>" not in answer.text.replace('<script nonce="', "")


def test_the_living_part_says_only_what_changed(browser: Browser, ko: Detect, night: Night) -> None:
    incident = ko()
    camille = browser()
    first = camille.get("/vigie/live/incidents").json()
    assert "EOD_POS" in first["html"]
    assert first["title"] == "(1) Incidents"
    night.passes(timedelta(seconds=30))
    second = camille.get(f"/vigie/live/incidents?version={first['version']}").json()
    assert second["html"] is None
    assert second["csrf_token"] != first["csrf_token"]
    press(camille, incident, "acknowledge")
    third = camille.get(f"/vigie/live/incidents?version={first['version']}").json()
    assert "Camille Moreau" in third["html"]
    alone = camille.get(f"/vigie/live/incidents/{incident}").json()
    assert alone["title"] == f"{incident} acknowledged"


def test_the_page_goes_on_without_the_authors_files(browser: Browser, ko: Detect, site: Path) -> None:
    incident = ko()
    (site / "include/clients/maison-lumiere/client.yaml").write_text("zone: [", "utf-8")
    (site / "include/rota/team.yaml").write_text("people: 3", "utf-8")
    page = browser().get(f"/vigie/incidents/{incident}")
    assert page.status_code == 200
    assert "maison-lumiere · store_replenishment" in page.text
    assert "21:14:05 UTC" in page.text


def test_the_story_of_an_incident(browser: Browser, ko: Detect, book: Logbook, night: Night) -> None:
    incident = ko()
    press(browser(), incident, "acknowledge")
    ko(event="resolve", title="[OK] EOD_POS", dedup_key="[KO] EOD_POS", key="ok")
    page = browser().get(f"/vigie/incidents/{incident}").text
    story = page[page.index("What happened") :]
    order = [
        story.index(line) for line in ("Resolved", "Seen: [OK] EOD_POS", "Taken (page)", "Opened", "Seen: [KO] EOD_POS")
    ]
    assert order == sorted(order)
    assert "Resolved by watch wms_ko" in page


def test_a_message_that_did_not_go_out_says_why(browser: Browser, ko: Detect, book: Logbook, night: Night) -> None:
    incident = ko()
    for key, channel, recipient in (
        ("held", "slack", "C_LUMIERE"),
        ("waits", "mail", "camille@vigie.example"),
        ("unknown", "mail", "noah@vigie.example"),
        ("run", "procedure", "procedure.maison-lumiere.relaunch-job"),
        ("well", "mail", "aiko@vigie.example"),
    ):
        book.queue(
            Outbound(
                key=key, incident=incident, client="maison-lumiere", channel=channel, purpose="page",
                recipient=recipient, message=Message(subject=f"subject of {key}", text="t"), next_action_at=night.now,
            )
        )  # fmt: skip
        book.claim(key, "desk", night.now)
    book.failed("held", "it names the client <b>'nordwind'</b>", night.now, obstacle="wall")
    book.retry("waits", night.now + timedelta(minutes=1), "mail: 421 busy", hindered=("away", night.now))
    book.maybe_sent("unknown", night.now, reason="the connection was lost")
    book.failed("run", "Airflow: DAG is broken", night.now, obstacle="recipient")
    book.sent("well", "<1@x>", night.now)
    page = browser().get(f"/vigie/incidents/{incident}").text
    for why in (
        "it names the client &lt;b&gt;&#39;nordwind&#39;&lt;/b&gt;",
        "mail: 421 busy",
        "the connection was lost",
        "Airflow: DAG is broken",
    ):
        assert page.count(f'class="why">{why}<') == 1, why
    assert page.count('class="why"') == 4
    assert "delivery unknown" in page
    assert "next attempt" in page
    procedure = browser().get(f"/vigie/procedures/maison-lumiere/relaunch-job?incident={incident}").text
    assert "It is not open in Airflow, follow this page: Airflow: DAG is broken" in procedure
    assert "It is not open in Airflow" not in browser().get("/vigie/procedures/maison-lumiere/relaunch-job").text
