"""What docs/authors says is true: its examples make one site without a mistake, and its lists are complete."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import indent

import pytest

from vigie.core.action import ACTIONS, CHANNEL
from vigie.documents.facts import FACTS
from vigie.documents.last_words import last_words, note_of
from vigie.documents.library import Library
from vigie.documents.procedure_words import COLUMNS, FOUR_EYES, HEADINGS, KINDS, OPTIONAL
from vigie.testing.procedure_command import main as procedure_command
from vigie.testing.procedure_sheet import procedure_sheet
from vigie.testing.rehearsal import rehearse

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "authors"
EXAMPLE = re.compile(r"^`(include/[^`\n]+)`\n\n(`{3,})\w+\n(.*?)^\2$", re.MULTILINE | re.DOTALL)

SNIPPETS = json.loads((ROOT / ".vscode" / "vigie.code-snippets").read_text("utf-8"))

INFORM = """\
---
purpose: To the client.
example: {client: Acme, title: EOD is KO}
---
{% extends "_incident.md.j2" %}
{% block subject %}{{ client }}: {{ title }}{% endblock %}
{% block text %}{{ title }}{% endblock %}
"""


def doc(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


@pytest.fixture
def example_site(tmp_path: Path) -> Library:
    for name in ("tables", "procedures", "templates"):
        for path, _, content in EXAMPLE.findall(doc(name)):
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
    base = "include/templates/_incident.md.j2"
    (tmp_path / base).write_text((ROOT / base).read_text("utf-8"), "utf-8")
    (tmp_path / "include/templates/inform_client.md.j2").write_text(INFORM, "utf-8")
    return Library(tmp_path)


def test_the_examples_are_right(example_site: Library):
    assert [str(problem) for problem in example_site.problems()] == []
    assert example_site.client("acme").contacts["depot"].language == "en"
    assert len(example_site.sites("acme", "stores")) == 3
    assert len(example_site.procedure("acme", "relaunch-batch").steps) == 4
    assert example_site.procedure("acme", "ask-depot").steps[0].action is not None
    assert example_site.preview("batch_ko.md.j2").slack == (
        "*Acme &amp; Sons, end_of_day* reported a KO at 05:42:\n\n"
        "> [KO] EOD_POS &lt;ORA-00054&gt;\n\n"
        "We are following <https://vigie.example/p|Relaunch the batch>.\n\n"
        "<https://vigie.example/vigie/incidents/INC-12|INC-12>"
    )
    batch_ko = example_site.template("batch_ko.md.j2")
    assert batch_ko is not None
    assert note_of(example_site.templates, "batch_ko.md.j2", batch_ko) is None
    end = last_words(example_site, "batch_ko", "acme", "en", batch_ko.example | {"resolved_at": "06:02"}).message
    assert end.subject == "[RESOLVED] Acme & Sons: EOD_POS is OK again"
    assert end.text == (
        "**Acme & Sons, end_of_day**: EOD_POS is OK again since 06:02.\n\n"
        "[INC-12](https://vigie.example/vigie/incidents/INC-12)"
    )
    assert example_site.preview("acme/ask_depot.en.md.j2").text == (
        "Please send again:\n\n- Lyon Bellecour: `out/LYO-1.csv`\n- GVA-1: `out/GVA-1.csv`"
    )


def test_the_examples_can_be_gone_through_and_shown(example_site: Library):
    for path in example_site.procedure_paths():
        procedure = example_site.procedure_at(path)
        assert procedure is not None
        rehearsal = rehearse(example_site, procedure)
        assert rehearsal.problems == []
        assert all(gone == there for gone, there in rehearsal.coverage.values())
        assert procedure_sheet(procedure).startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["Vigie: a procedure", "Vigie : une procédure"])
def test_the_snippet_of_a_procedure_is_one(example_site: Library, name: str):
    body = "\n".join(SNIPPETS[name]["body"])
    text = re.sub(r"\$\{\d+(?::([^}]*)|\|(\w+),[^}]*)\}", lambda found: found[1] or found[2], body)
    file = example_site.root / "include/procedures/acme/from-a-snippet.md"
    file.write_text(text, "utf-8")
    assert [str(problem) for problem in example_site.problems()] == []


def test_the_snippets_know_every_action():
    (line,) = (line for line in SNIPPETS["Vigie: an action"]["body"] if line.startswith("```$"))
    assert line[len("```${1|") : -len("|}")].split(",") == list(ACTIONS)


def test_the_mistakes_of_the_procedure_are_told_as_written(example_site: Library):
    file = example_site.root / "include/procedures/acme/relaunch-batch.md"
    text = file.read_text("utf-8")
    for right, wrong in (("critical", "urgent"), ("#relaunch", "#relanch"), ("to: operations", "to: operation")):
        text = text.replace(right, wrong)
    file.write_text(text, "utf-8")
    told = "\n".join(str(problem) for problem in example_site.problems())
    assert f"```text\n{told}\n```" in doc("procedures")


def test_the_mistakes_of_the_template_are_told_as_written(example_site: Library):
    file = example_site.root / "include/templates/batch_ko.md.j2"
    text = file.read_text("utf-8")
    told = []
    for right, wrong in (("{{ client }}: {{ facts", "{{ cleint }}: {{ facts"), ("{{ mail.subject }}", "{{ who }}")):
        assert right in text
        file.write_text(text.replace(right, wrong, 1), "utf-8")
        told += [str(problem) for problem in example_site.problems()]
    assert "```text\n{}\n```".format("\n".join(told)) in doc("templates")


def test_the_ways_of_the_procedure_are_told_as_written(example_site: Library, capsys: pytest.CaptureFixture[str]):
    assert procedure_command(["test", "acme/relaunch-batch", "--site", str(example_site.root)]) == 0
    told = indent(capsys.readouterr().out.strip("\n"), "   ")
    assert f"```text\n{told}\n   ```" in doc("procedures")


CALENDAR_MISTAKES = re.findall(
    r"^\| `(.+?)` \| `(.+)` \|$", doc("calendars").split("## What the check says")[1], re.MULTILINE
)


@pytest.mark.parametrize(("wrote", "says"), CALENDAR_MISTAKES, ids=[wrote for wrote, _ in CALENDAR_MISTAKES])
def test_the_mistakes_of_a_calendar_are_told_as_written(example_site: Library, wrote: str, says: str):
    works = "" if wrote.startswith("works:") else "  works: every day\n"
    calendar = example_site.root / "include/clients/acme/calendar.yaml"
    calendar.write_text(f"stores:\n{works}  {wrote}\n", "utf-8")
    assert [f"{each.message} {each.remedy}".strip() for each in example_site.problems()] == [says]


def test_the_mistakes_of_a_calendar_are_enough_to_be_worth_a_table():
    assert len(CALENDAR_MISTAKES) > 5


def test_every_fact_is_listed():
    text = doc("templates")
    for name, fact in FACTS.items():
        assert f"| `{name}` | {fact.meaning} |" in text
        for part, meaning in fact.parts.items():
            assert (f"`{part}` ({meaning})" if fact.of_each else f"| `{name}.{part}` | {meaning} |") in text


def test_every_filter_is_listed(example_site: Library):
    for name in example_site.templates.sandbox.filters:
        assert name.startswith("_") or f"`{name}`" in doc("templates")


def test_every_section_and_action_is_explained():
    text = doc("procedures")
    for names in HEADINGS.values():
        assert all(f"`## {name}`" in text for name in names)
    for name, kind in ACTIONS.items():
        row = next(line for line in text.split("\n") if line.startswith(f"| `{name}` | {kind.purpose} |"))
        assert all(f"`{parameter}`: {of.meaning}" in row for parameter, of in kind.parameters.items())
    assert f"`{CHANNEL}`" in text


def test_every_word_of_a_form_is_explained():
    text = doc("procedures")
    written = [*(name for names in KINDS.values() for name in names), *OPTIONAL]
    assert all(f"`{name}" in text for name in written)
    assert all(f"| {' | '.join(column[language] for column in COLUMNS)} |" in text for language in (0, 1))
    assert all(words in text for words in FOUR_EYES)


def test_the_page_shows_the_words_of_the_built_in_end_and_of_the_note(example_site: Library) -> None:
    page = doc("templates")
    facts = {"client": "Acme & Sons", "flux": "end_of_day", "incident": "INC-12"}
    assert last_words(example_site, "not_there", "acme", "en", facts).message.subject in page
    file = example_site.root / "include/templates/batch_ko.md.j2"
    text = re.sub(
        r"{% if purpose.*?{% else %}\n(.*?){% endif %}\n(?=\n|{% endb)", r"\1", file.read_text("utf-8"), flags=re.DOTALL
    )
    file.write_text(text, "utf-8")
    silent = example_site.template("batch_ko.md.j2")
    assert silent is not None
    note = note_of(example_site.templates, "batch_ko.md.j2", silent)
    assert note is not None
    assert f"{note.path}:{note.line}: note: {note.message} {note.remedy}" in page
