"""What is said of a step in a French client's thread, and to people in their own language."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.tasks.samples import NOW

from vigie.core.message import Outbound
from vigie.core.open_step import OpenStep
from vigie.core.step_escalation import StepLevel
from vigie.documents.library import Library
from vigie.tasks.step_wording import StepWording

CLIENT = "name: Maison\nzone: Europe/Paris\nlanguages: [fr, en]\nslack_channel: maison\npolicy: duty\n"
STEP = OpenStep(
    id="STEP-3",
    client="maison",
    incident="INC-7",
    dag_id="procedure.maison.ko",
    run_id="INC-7.1",
    task_id="relance",
    procedure="Relancer le KO",
    title="Relance",
    text="Relancez **EXPORT**.",
    options=("Done", "Bloqué"),
    opened_at=NOW - timedelta(minutes=15),
)


@pytest.fixture
def wording(site: Path, monkeypatch: pytest.MonkeyPatch) -> StepWording:
    monkeypatch.setenv("VIGIE_PUBLIC_URL", "https://vigie.example/")
    path = site / "include/clients/maison/client.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CLIENT, "utf-8")
    return StepWording(Library(site), NOW)


def _labels(said: Outbound) -> list[str]:
    return [each.label for each in said.buttons]


def test_the_question_has_french_buttons_and_the_authors_own_answers(wording: StepWording) -> None:
    (said,) = wording.asked(STEP)
    assert _labels(said) == ["Fait", "Bloqué", "Ouvrir l'étape"]
    assert [each.action for each in said.buttons] == ["answer:0", "answer:1", "open_step"]
    assert said.message.slack == "Relancez *EXPORT*."


def test_a_step_with_boxes_opens_a_form(wording: StepWording) -> None:
    (said,) = wording.asked(STEP.model_copy(update={"checklist": ("Journal lu",)}))
    fill_in, opens = said.buttons
    assert (fill_in.label, fill_in.action, fill_in.value, fill_in.url) == (
        "Remplir et répondre",
        "fill_in",
        "STEP-3:1",
        "",
    )
    assert (opens.label, opens.url) == ("Ouvrir l'étape", "https://vigie.example/vigie/incidents/INC-7#STEP-3")


@pytest.mark.parametrize(
    ("what", "slack", "mail"),
    [
        ("page", "Sans réponse depuis 15 min.", "Nobody has answered for 15 min."),
        ("remind", "Rappel : sans réponse depuis 15 min.", None),
    ],
)
def test_the_thread_is_french_and_a_mail_in_the_persons_language(
    wording: StepWording, what: Any, slack: str, mail: str | None
) -> None:
    level = StepLevel(what=what, people=("anna",), wait=timedelta(minutes=10))
    told, *mails = wording.escalated(STEP, level, 2)
    assert told.message.subject == "[étape 2] Relancer le KO: Relance"
    assert told.message.text.splitlines()[0] == slack
    assert [each.message.text.splitlines()[0] for each in mails] == ([mail] if mail else [])


@pytest.mark.parametrize(
    ("begin", "four"),
    [
        (("Done",), "Quatre yeux : une deuxième personne confirme."),
        (("Begin", "Do not begin"), "Une deuxième personne la laisse commencer."),
    ],
)
def test_four_eyes_are_told_in_french(wording: StepWording, begin: tuple[str, ...], four: str) -> None:
    (said,) = wording.asked(STEP.model_copy(update={"four_eyes": True, "options": begin}))
    assert said.message.text.endswith(four)


def test_answers_and_ends_in_french(wording: StepWording) -> None:
    (first,) = wording.first(STEP, "anna", "Done")
    assert first.message.text.endswith("a répondu : Fait. Une deuxième personne doit le confirmer.")
    (answered,) = wording.answered(STEP, "x", "Done")
    assert answered.message.text.endswith(f"Répondu par x à {_clock()} : Fait.")
    assert _labels(answered) == ["Ouvrir l'étape"]
    assert wording.say(STEP, "ended") == "N'est plus utile : l'incident est terminé."
    assert wording.say(STEP, "run_ended", state="failed") == "N'est plus posée : Airflow la donne pour « failed »."


def test_a_client_whose_table_is_broken_is_told_in_english(wording: StepWording) -> None:
    (said,) = wording.asked(STEP.model_copy(update={"client": "nowhere"}))
    assert _labels(said) == ["Done", "Bloqué", "Open the step"]


def _clock() -> str:
    return (NOW + timedelta(hours=1)).strftime("%H:%M")  # Paris in winter
