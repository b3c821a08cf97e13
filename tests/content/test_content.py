"""Every file under include/: each procedure, template and table is one test; the failure's text is the problems.

After a change of a template: ``pytest tests/content --update-golden``, and read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.core.message import Message
from vigie.core.procedure import ESCALATE
from vigie.documents.library import Library
from vigie.testing.rehearsal import rehearse

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
LIBRARY = Library(ROOT)
TEMPLATES = [file for file in LIBRARY.template_files() if not file.rpartition("/")[2].startswith("_")]
FORMS = {"subject": "subject", "text": "txt", "html": "html", "slack": "slack"}


def test_nothing_is_wrong():
    assert [str(problem) for problem in LIBRARY.problems()] == []


@pytest.mark.parametrize("path", LIBRARY.procedure_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_procedure_has_an_owner_and_asks(path: Path):
    procedure = LIBRARY.procedure_at(path)
    assert procedure is not None
    assert procedure.owner in LIBRARY.rota().people
    assert any(step.choices for step in procedure.steps)


@pytest.mark.parametrize("path", LIBRARY.procedure_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_way_through_a_procedure_can_be_gone(path: Path):
    procedure = LIBRARY.procedure_at(path)
    assert procedure is not None
    rehearsal = rehearse(LIBRARY, procedure)
    assert rehearsal.problems == []
    assert all(gone == there for gone, there in rehearsal.coverage.values())
    assert {way.target for walk in rehearsal.walks for way in walk} >= {ESCALATE}


def test_the_procedures_use_the_whole_language():
    procedures = [found for path in LIBRARY.procedure_paths() if (found := LIBRARY.procedure_at(path))]
    steps = [step for procedure in procedures for step in procedure.steps]
    named = {step.action.name for step in steps if step.action}
    assert named >= {"send", "sql", "http", "ssh", "move", "copy", "resend", "wait", "acknowledge"}
    assert {each.kind for step in steps for each in step.inputs} >= {"text", "number", "date", "time", "one_of"}
    assert any(step.checklist for step in steps)
    assert any(step.four_eyes and step.action for step in steps)
    assert any(step.piece for step in steps)
    assert any("{{" in step.text for step in steps)
    assert len(procedures) >= 12


@pytest.mark.parametrize("file", TEMPLATES)
def test_a_templates_example_reads_as_before(file: str, update_golden: bool):
    message = LIBRARY.preview(file)
    name = file.removesuffix(".md.j2").replace("/", ".")
    for field, ending in FORMS.items():
        golden = GOLDEN / f"{name}.{ending}"
        said = f"{getattr(message, field)}\n"
        if update_golden:
            golden.write_text(said, "utf-8")
        assert said == golden.read_text("utf-8"), (
            f"{golden.name}: if this is better, pytest tests/content --update-golden"
        )


@pytest.mark.parametrize(
    "file",
    [
        "file_missing.md.j2",
        "file_missing.fr.md.j2",
        "file_jeopardy.md.j2",
        "file_jeopardy.fr.md.j2",
        "mail_ko.md.j2",
        "mail_ko.fr.md.j2",
        "mail_missing.md.j2",
        "mail_missing.fr.md.j2",
        "blind.md.j2",
    ],
)
@pytest.mark.parametrize("purpose", ["page", "update", "note", "resolved"])
def test_a_message_reads_well_whatever_its_purpose(file: str, purpose: str):
    template = LIBRARY.template(file)
    assert template is not None
    facts = template.example | {
        "purpose": purpose,
        "resolved_at": "23:10",
        "who": "Camille Moreau",
        "status": "acknowledged",
    }
    message = LIBRARY.templates.render(file, facts)
    assert ("RES" in message.subject or "RÉS" in message.subject or "SIGHT" in message.subject) == (
        purpose == "resolved"
    )
    assert "\n\n\n" not in message.text
    assert "{" not in message.text


@pytest.mark.parametrize("file", TEMPLATES)
def test_a_message_with_the_fewest_facts_still_goes_out(file: str):
    few = {
        "client": "C",
        "flux": "f",
        "title": "T",
        "severity": "high",
        "incident": "INC-1",
        "status": "open",
        "purpose": "page",
    }
    needs = {
        "file_missing": {"missing": [{"site": "A", "path": "a"}], "expected": 1},
        "mail_unclassified": {"count": 1, "mails": [{"subject": "S", "sender": "s", "at": "02:00", "number": 1}]},
        "mail_set_aside": {
            "count": 1,
            "mails": [{"subject": "S", "sender": "s", "at": "02:00", "number": 1, "origin": "mdn", "watches": ["w"]}],
        },
        "file_jeopardy": {"missing": [{"site": "A", "path": "a"}], "expected": 1},
        "ask_warehouse": {"missing": [{"site": "A", "path": "a"}], "expected": 1},
        "mail_missing": {"missing": [], "came": [], "expected": 1, "arrived": 0},
    }
    message = LIBRARY.templates.render(file, few | needs.get(file.rpartition("/")[2].split(".")[0], {}))
    assert isinstance(message, Message)
    assert message.subject


def test_golden_files_belong_to_templates():
    names = {file.removesuffix(".md.j2").replace("/", ".") for file in TEMPLATES}
    assert {path.name.rpartition(".")[0] for path in GOLDEN.iterdir()} == names


def test_the_stores_of_the_demo():
    stores = LIBRARY.sites("maison-lumiere", "stores")
    by_warehouse = {
        name: [site for site in stores if site.attribute("warehouse") == name] for name in ("tokyo", "paris", "newyork")
    }
    assert {name: len(sites) for name, sites in by_warehouse.items()} == {"tokyo": 12, "paris": 8, "newyork": 6}
    assert {site.zone for site in by_warehouse["tokyo"]} == {"Asia/Tokyo"}
    assert len({site.zone for site in by_warehouse["paris"]}) == 7


def test_the_messages_of_procedures_reach_a_contact_in_its_language():
    facts = {
        "client": "C",
        "flux": "f",
        "title": "T",
        "incident": "INC-1",
        "missing": [{"site": "A", "path": "a"}],
        "expected": 12,
    }
    for path in LIBRARY.procedure_paths():
        procedure = LIBRARY.procedure_at(path)
        assert procedure is not None
        for action in (step.action for step in procedure.steps if step.action and step.action.name == "send"):
            client = LIBRARY.client(procedure.client)
            contact = client.contacts[action.parameters["to"]]
            language = contact.language or client.languages[0]
            assert LIBRARY.render(action.parameters["template"], client.id, language, facts).subject


@pytest.mark.parametrize("file", ["file_missing.md.j2", "file_missing.fr.md.j2"])
def test_who_ends_an_incident_by_hand_does_not_make_us_say_that_the_files_are_there(file: str):
    facts = {"client": "C", "flux": "f", "expected": 12, "arrived": 9, "missing": [{"site": "A", "path": "a"}]}
    ended = facts | {"purpose": "resolved", "status": "resolved", "resolved_at": "06:40", "who": "Camille Moreau"}
    by_hand = LIBRARY.templates.render(file, ended | {"ended_by_hand": True})
    by_itself = LIBRARY.templates.render(file, ended | {"ended_by_hand": False})
    assert "Camille Moreau" in by_hand.text
    assert ("12" in by_hand.text, "12" in by_itself.text) == (False, True)
