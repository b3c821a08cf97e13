"""What is said, to whom, and with which buttons."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.tasks.samples import NOW

from vigie.core.escalation import Act, Decision
from vigie.core.incident import Incident
from vigie.core.message import Outbound
from vigie.documents.library import Library
from vigie.tasks.wording import Wording

OPEN = Incident(
    id="INC-7",
    client="nordwind",
    flux="end_of_day",
    watch="nordwind.end_of_day.batch_ko",
    dedup_key="EOD_POS",
    status="open",
    severity="critical",
    title="[KO] EOD_POS",
    template="mail_ko",
    procedure="eod-ko",
    facts={"job": "EOD_POS"},
    opened_at=NOW - timedelta(minutes=10),
    called={"anna": (1, 3), "bruno": (2, 2)},
)
TAKEN = OPEN.model_copy(update={"status": "acknowledged", "acknowledged_by": "bruno", "acknowledged_at": NOW})
OVER = TAKEN.model_copy(update={"status": "resolved", "resolved_by": OPEN.watch, "resolved_at": NOW})


@pytest.fixture
def wording(site: Path, monkeypatch: pytest.MonkeyPatch) -> Wording:
    monkeypatch.setenv("VIGIE_PUBLIC_URL", "https://vigie.example/")
    return Wording(Library(site), NOW)


def _said(wording: Wording, incident: Incident, *acts: Act, pages: int = 1) -> dict[str, Outbound]:
    found = wording.outbounds(incident, Decision(pages, None, acts, ""))
    assert all(each.key.startswith("INC-7/") for each in found)
    return {each.key.removeprefix("INC-7/"): each for each in found}


def test_the_first_page_and_its_keys(wording: Wording) -> None:
    said = _said(wording, OPEN, Act("page", ("anna",)))
    assert list(said) == ["page/1/slack", "page/1/mail/anna"]
    slack, mail = said.values()
    assert (slack.channel, slack.recipient, slack.mentions, slack.reply_to) == ("slack", "nordwind", ("U0ANNA",), None)
    assert (mail.channel, mail.recipient, mail.purpose, mail.reply_to) == ("mail", "anna@vigie.example", "page", None)
    assert slack.next_action_at == mail.next_action_at == NOW


def test_the_buttons_of_an_open_incident(wording: Wording) -> None:
    take, procedure, page = _said(wording, OPEN, Act("page", ("anna",)))["page/1/slack"].buttons
    assert (take.label, take.action, take.value, take.style) == ("Take it", "acknowledge", "INC-7", "primary")
    assert (procedure.label, procedure.url) == (
        "Open procedure",
        "https://vigie.example/vigie/procedures/nordwind/eod-ko",
    )
    assert (page.label, page.url) == ("Open incident", "https://vigie.example/vigie/incidents/INC-7")


def test_the_buttons_of_one_that_somebody_has(wording: Wording) -> None:
    taken, procedure, _, resolve = _said(wording, TAKEN, Act("tell"))["tell/1"].buttons
    assert (taken.label, taken.only_words) == ("Taken by Bruno Keller at 02:00.", True)
    assert (resolve.label, resolve.action, resolve.value) == ("Resolve", "resolve", "INC-7")
    assert procedure.url == "https://vigie.example/dags/procedure.nordwind.eod-ko/runs/INC-7.1"


def test_the_buttons_of_one_that_is_over_and_has_no_procedure(wording: Wording) -> None:
    over = OVER.model_copy(update={"procedure": None})
    taken, page, ended, reopen = _said(wording, over, Act("tell"))["tell/1"].buttons
    assert (taken.only_words, ended.only_words) == (True, True)
    assert (page.label, ended.label) == ("Open incident", "Resolved at 02:00 by itself.")
    assert (reopen.label, reopen.action, reopen.value) == ("Reopen", "reopen", "INC-7")
    unseen = over.model_copy(update={"acknowledged_by": None, "resolved_by": "anna"})
    words = [each.label for each in _said(wording, unseen, Act("tell"))["tell/1"].buttons if each.only_words]
    assert words == ["Nobody took it.", "Resolved by Anna Weiss at 02:00."]


def test_no_button_ever_stands_where_another_one_was(wording: Wording) -> None:
    recalled = TAKEN.model_copy(update={"recalled_at": NOW})
    reopened = TAKEN.model_copy(update={"reopenings": 1, "reopened_at": NOW})
    rows: dict[int, set[str]] = {}
    for incident in (OPEN, TAKEN, recalled, OVER, reopened, OPEN.model_copy(update={"procedure": None})):
        for button in _said(wording, incident, Act("tell"))["tell/1"].buttons:
            if not button.only_words:
                rows.setdefault(button.row, set()).add(button.action)
    assert rows == {0: {"acknowledge"}, 1: {"open_procedure", "open_incident"}, 2: {"resolve"}, 3: {"reopen"}}


def test_a_later_page_is_numbered_and_answers_the_first(wording: Wording) -> None:
    said = _said(wording, OPEN, Act("page", ("anna", "bruno")), pages=3)
    assert list(said) == ["page/3/slack", "page/3/mail/anna", "page/3/mail/bruno"]
    slack, anna, bruno = said.values()
    assert (slack.reply_to, slack.broadcast) == ("INC-7/page/1/slack", True)
    assert slack.message.subject.startswith("[page 3] ")
    assert (anna.reply_to, bruno.reply_to) == ("INC-7/page/1/mail/anna", "INC-7/page/2/mail/bruno")


def test_each_reads_his_own_language(wording: Wording) -> None:
    said = _said(wording, OPEN, Act("page", ("anna", "bruno")))
    assert said["page/1/mail/anna"].message.text == "[KO] EOD_POS, seen 1 times, open."
    assert said["page/1/mail/bruno"].message.text == "[KO] EOD_POS, vu 1 fois."
    assert said["page/1/slack"].message.text == "[KO] EOD_POS, seen 1 times, open."  # the client's first language


def test_what_is_told_in_the_thread(wording: Wording) -> None:
    said = _said(wording, TAKEN, Act("tell", note=True))
    assert said["tell/1"].edits == "INC-7/page/1/slack"
    (note,) = [each for each in said.values() if each.purpose == "note"]
    assert (note.message.text, note.reply_to) == ("Taken by Bruno Keller at 02:00.", "INC-7/page/1/slack")


def test_the_end_is_told_to_each_who_was_paged(wording: Wording) -> None:
    said = _said(wording, OVER, Act("tell", note=True), Act("end"), pages=3)
    mails = {key: each.reply_to for key, each in said.items() if each.channel == "mail"}
    assert mails == {
        "resolved/mail/anna": "INC-7/page/1/mail/anna",
        "resolved/mail/bruno": "INC-7/page/2/mail/bruno",
    }
    assert said["tell/1"].message.subject == "Nordwind Logistik: EOD_POS, resolved"
    (note,) = [each for each in said.values() if each.purpose == "note"]
    assert note.message.text == "Resolved at 02:00, after 10 min, by itself."
    by_hand = OVER.model_copy(update={"resolved_by": "anna"})
    (note,) = [each for each in _said(wording, by_hand, Act("tell", note=True)).values() if each.purpose == "note"]
    assert note.message.text == "Resolved at 02:00, after 10 min, by Anna Weiss."


def test_the_procedure_is_opened_once(wording: Wording) -> None:
    (opened,) = _said(wording, TAKEN, Act("open_procedure")).values()
    assert (opened.key, opened.channel, opened.recipient) == (
        "INC-7/procedure/1",
        "procedure",
        "procedure.nordwind.eod-ko",
    )
    assert opened.variables == {"run_id": "INC-7.1"}


def test_a_template_that_fails_becomes_the_plain_message_and_a_line_for_its_owner(site: Path, wording: Wording) -> None:
    without = OPEN.model_copy(update={"facts": {"other": "x"}})
    said = _said(wording, without, Act("page", ("anna",)))
    assert said["page/1/mail/anna"].message.subject == "[KO] EOD_POS"
    assert "- facts.other: x" in said["page/1/mail/anna"].message.text
    assert {each.key for each in wording.failures} == {"template|mail_ko|INC-7"}
    assert wording.failures[0].text.startswith("include/templates/mail_ko.md.j2:6: ")


def test_a_template_that_is_not_there_does_not_cost_the_page(wording: Wording) -> None:
    said = _said(wording, OPEN.model_copy(update={"template": "nothing"}), Act("page", ("anna",)))
    assert said["page/1/slack"].message.subject == "[KO] EOD_POS"


def test_a_blind_incident_is_the_platforms(wording: Wording) -> None:
    blind = Incident(
        id="INC-7",
        client="platform",
        flux="vigie",
        watch="nordwind_ops/INBOX",
        dedup_key="blind",
        status="open",
        severity="critical",
        title="Blind: nordwind_ops/INBOX cannot be watched",
        template="blind",
        audience="platform",
        facts={"source": "nordwind_ops/INBOX", "reason": "no answer", "watches": [], "since": "01:00 UTC"},
        opened_at=NOW,
    )
    assert wording.policy(blind).id == "platform_duty"
    said = _said(wording, blind, Act("page", ("petra",)))
    assert said["page/1/slack"].recipient == "platform"
    assert [each.label for each in said["page/1/slack"].buttons] == ["Take it", "Open incident"]
    assert said["page/1/mail/petra"].message.text == "nordwind_ops/INBOX: no answer"


def test_the_end_is_told_again_only_to_those_who_were_called_since(wording: Wording) -> None:
    again = OVER.model_copy(update={"cleared": 2, "reopenings": 1, "acknowledged_by": None})
    said = _said(wording, again, Act("end"))
    assert list(said) == ["resolved/1/mail/anna"]
    assert said["resolved/1/mail/anna"].reply_to == "INC-7/page/1/mail/anna"
    owned = again.model_copy(update={"acknowledged_by": "bruno"})
    assert list(_said(wording, owned, Act("end"))) == ["resolved/1/mail/anna", "resolved/1/mail/bruno"]


def test_an_incident_that_an_older_vigie_called_for_is_written_to_its_policy(wording: Wording) -> None:
    old = OVER.model_copy(update={"called": {}, "pages": 3})
    assert list(_said(wording, old, Act("end"))) == ["resolved/mail/anna", "resolved/mail/bruno"]


BACK = TAKEN.model_copy(update={"reopened_at": NOW, "returns": (NOW,), "reopenings": 1})


def test_it_is_back_and_its_owner_hears_it_in_the_thread_and_by_mail(wording: Wording) -> None:
    slack, mail = _said(wording, BACK, Act("back")).values()
    assert (slack.key, slack.purpose, slack.mentions) == ("INC-7/back/1/slack", "note", ("U0BRUNO",))
    assert slack.message.text == "It came back at 02:00. Bruno Keller still has it."
    assert (mail.key, mail.purpose, mail.reply_to) == ("INC-7/back/1/mail/bruno", "note", "INC-7/page/2/mail/bruno")
    assert mail.message.text.startswith("De retour à 02:00. Bruno Keller l'a toujours.\n\nhttps://vigie.example/")


def test_a_second_return_is_no_second_mail(wording: Wording) -> None:
    second = BACK.model_copy(update={"returns": (NOW - timedelta(minutes=9), NOW), "reopenings": 2})
    assert [each.channel for each in _said(wording, second, Act("back")).values()] == ["slack"]


def test_a_person_reopened_it(wording: Wording) -> None:
    slack, _ = _said(wording, BACK.model_copy(update={"returns": ()}), Act("back")).values()
    assert slack.message.text == "Reopened at 02:00. Bruno Keller has it."
    free = OPEN.model_copy(update={"page": False, "pages": 1, "reopened_at": NOW, "returns": (NOW,)})
    (slack,) = _said(wording, free, Act("back")).values()
    assert slack.message.text == "It came back at 02:00."


def test_flapping_is_told_once_by_its_key(wording: Wording) -> None:
    flapping = BACK.model_copy(update={"returns": (NOW,) * 3, "flapping_at": NOW})
    slack, mail = _said(wording, flapping, Act("flapping")).values()
    assert slack.message.text.startswith("Flapping: it has come back 3 times within an hour.")
    assert slack.broadcast
    assert mail.recipient == "bruno@vigie.example"
    later = flapping.model_copy(update={"revision": 9, "returns": (NOW,) * 4})
    assert list(_said(wording, later, Act("flapping"))) == list(_said(wording, flapping, Act("flapping")))


def test_a_call_that_begins_again_can_be_taken_and_the_thread_says_why(wording: Wording) -> None:
    forgotten = TAKEN.model_copy(update={"acknowledged_at": NOW - timedelta(hours=1)})
    decision = Decision(4, None, (Act("recall"), Act("page", ("anna",))), "", recall=True)
    said = {each.key.removeprefix("INC-7/"): each for each in wording.outbounds(forgotten, decision)}
    edit, note, page, _ = said.values()
    assert note.message.text == "Nobody has worked on it for 60 min. Calling again; Bruno Keller still has it."
    assert (page.key, page.broadcast) == ("INC-7/page/4/slack", True)
    for each in (edit, page):
        assert [button.label for button in each.buttons] == ["Take it", "Open procedure", "Open incident", "Resolve"]


def test_the_procedure_of_what_came_back_is_not_run_again_and_its_page_is_linked(wording: Wording) -> None:
    (opened,) = _said(wording, BACK, Act("open_procedure")).values()
    assert (opened.key, opened.variables) == ("INC-7/procedure/1", {"run_id": "INC-7.1"})
    (link,) = [each.url for each in _said(wording, BACK, Act("tell"))["tell/1"].buttons if "procedure" in each.action]
    assert link == "https://vigie.example/vigie/procedures/nordwind/eod-ko"


MISSING = "The rota has no escalation policy 'nowhere', so everybody in it is called. Add the policy in include/rota/."


def test_a_policy_that_the_rota_lacks_calls_everybody_and_says_so(site: Path) -> None:
    path = site / "include/clients/nordwind/client.yaml"
    path.write_text(path.read_text().replace("policy: duty", "policy: nowhere"))
    plan = Wording(Library(site), NOW).plan(OPEN)
    assert (plan.policy.id, plan.fault) == ("nowhere", "policy_missing")
    assert plan.policy.steps[0].page == ("anna", "bruno", "petra")
    said = _said(Wording(Library(site), NOW), OPEN, Act("page", plan.policy.steps[0].page))
    assert said["page/1/slack"].message.text.endswith(f"\n\n{MISSING}")
    assert said["page/1/mail/petra"].message.text.endswith(f"\n\n{MISSING}")
    assert said["page/1/mail/petra"].message.html.endswith("in include/rota/.</p>")
    assert "règle d'escalade « nowhere »" in said["page/1/mail/bruno"].message.text


def test_where_nobody_is_known_the_address_of_last_resort_is_called(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "include/rota/team.yaml").write_text("people: [")
    monkeypatch.setenv("VIGIE_PLATFORM_EMAIL", "night@vigie.example")
    broken = Wording(Library(site), NOW)
    people = broken.plan(OPEN).policy.steps[0].page
    slack, mail = _said(broken, OPEN, Act("page", people)).values()
    assert slack.mentions == ("channel",)
    assert mail.recipient == "night@vigie.example"
    assert mail.message.text.endswith("Run ./vigie check and fix include/rota/.")


def test_the_page_of_a_procedure_that_did_not_start(wording: Wording) -> None:
    said = wording.procedure_refused(TAKEN, "its file is broken")
    assert said.message.text == (
        "The procedure did not start (its file is broken). "
        "Follow its page: https://vigie.example/vigie/procedures/nordwind/eod-ko"
    )
    assert said.reply_to == "INC-7/page/1/slack"


def test_a_warning_is_one_message_in_the_channel_and_calls_nobody(wording: Wording) -> None:
    warning = OPEN.model_copy(update={"page": False})
    (slack,) = _said(wording, warning, Act("warn")).values()
    assert (slack.key, slack.purpose, slack.mentions, slack.broadcast) == ("INC-7/page/1/slack", "note", (), False)
    assert slack.recipient == "nordwind"
    over = warning.model_copy(update={"status": "resolved", "resolved_by": OPEN.watch, "resolved_at": NOW, "pages": 1})
    assert {each.channel for each in _said(wording, over, Act("tell", note=True)).values()} == {"slack"}


def test_a_french_clients_thread_is_french(wording: Wording, site: Path) -> None:
    path = site / "include/clients/nordwind/client.yaml"
    path.write_text(path.read_text("utf-8").replace("languages: [en]", "languages: [fr]"), "utf-8")
    french = Wording(Library(site), NOW)
    said = _said(french, OPEN, Act("page", ("anna",)))["page/1/slack"]
    assert [each.label for each in said.buttons] == ["Prendre", "Ouvrir la procédure", "Ouvrir l'incident"]
    assert _said(french, TAKEN, Act("tell"))["tell/1"].buttons[-1].label == "Résoudre"
    assert _said(french, OVER, Act("tell"))["tell/1"].buttons[-1].label == "Rouvrir"
    for incident, words in (
        (TAKEN, "Pris par Bruno Keller à 02:00."),
        (OVER, "Résolu à 02:00, après 10 min, de lui-même."),
        (OVER.model_copy(update={"resolved_by": "anna"}), "Résolu à 02:00, après 10 min, par Anna Weiss."),
    ):
        (note,) = (each for each in french.outbounds(incident, Decision(1, None, (Act("tell", note=True),), ""))
                   if each.purpose == "note")  # fmt: skip
        assert note.message.text == words
    page = "https://vigie.example/vigie/procedures/nordwind/eod-ko"
    refused = french.procedure_refused(TAKEN, "x")
    assert refused.message.text == f"La procédure n'a pas démarré (x). Suivez sa page : {page}"
    stopped = french.procedure_refused(TAKEN, "x", what="stopped")
    assert stopped.message.text == f"La procédure s'est arrêtée (x). Suivez sa page : {page}"
