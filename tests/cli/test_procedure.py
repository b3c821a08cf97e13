"""`./vigie procedure`: its page, its graph, and every way through it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from vigie.cli.remedy import RemedyError
from vigie.documents.library import Library
from vigie.testing.procedure_command import main
from vigie.testing.rehearsal import rehearse

CHECKOUT = Path(__file__).resolve().parents[2]
FILE = "include/procedures/nordwind/eod-pos-ko.md"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copytree(CHECKOUT / "include", tmp_path / "include")
    return tmp_path


def test_every_way_is_gone_and_told(site: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["test", FILE, "--site", str(site)]) == 0
    out = capsys.readouterr().out
    procedure = Library(site).procedure("nordwind", "eod-pos-ko")
    assert out.startswith(f"nordwind/eod-pos-ko, version {procedure.revision} (")
    for step in procedure.steps:
        assert step.title in out
        assert all(f"[{choice.label}]" in out for choice in step.choices)
    assert "(it fails)" in out
    assert re.search(r"gone: (\d+) of \1 steps, (\d+) of \2 answers, (\d+) of \3 failures", out)


def test_all_procedures_at_once(site: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["test", "--site", str(site)]) == 0
    assert len(re.findall(r"^\S+/\S+, version", capsys.readouterr().out, re.MULTILINE)) == len(
        Library(site).procedure_paths()
    )


def test_a_template_that_needs_what_the_incident_lacks_is_found(site: Path, capsys: pytest.CaptureFixture[str]):
    template = site / "include/templates/inform_client.md.j2"
    template.write_text(template.read_text("utf-8").replace("{{ title }}", "{{ answers.run }}", 1), "utf-8")
    assert main(["test", FILE, "--site", str(site)]) == 1
    out = capsys.readouterr().out
    assert "  WRONG: include/templates/inform_client.md.j2:" in out
    assert "nothing here is called 'run'" in out


def test_what_is_not_known_on_one_way_is_noted(site: Path):
    file = site / FILE
    text = file.read_text("utf-8")
    text = text.replace(
        "If it belongs",
        "\n\n| Fill in | Kind | Name |\n|---|---|---|\n| Session | number | session |\n\nIf it belongs",
        1,
    )
    text = text.replace("## Escalate\n", "## Escalate\n\nThe session was {{ answers.session }}.\n")
    file.write_text(text, "utf-8")
    rehearsal = rehearse(library := Library(site), library.procedure("nordwind", "eod-pos-ko"))
    assert rehearsal.problems == []
    assert "escalate: on one way people read '‹session ?›' here." in rehearsal.remarks


def test_a_procedure_that_leads_to_a_broken_one_is_found(site: Path):
    other = site / "include/procedures/nordwind/other.md"
    other.write_text("broken", "utf-8")
    file = site / FILE
    file.write_text(
        re.sub(r"- \[Another ORA number\]\(.*\)", "- [Another ORA number](other.md)", file.read_text("utf-8")), "utf-8"
    )
    rehearsal = rehearse(library := Library(site), library.procedure("nordwind", "eod-pos-ko"))
    assert any(
        "it opens a procedure that cannot be read: include/procedures/nordwind/other.md" in each
        for each in rehearsal.problems
    )
    assert rehearsal.coverage["answers"][0] == rehearsal.coverage["answers"][1] - 1


def test_a_broken_procedure_is_not_gone_through(site: Path, capsys: pytest.CaptureFixture[str]):
    file = site / FILE
    file.write_text(file.read_text("utf-8").replace("critical", "urgent"), "utf-8")
    assert main(["test", FILE, "--site", str(site)]) == 1
    assert capsys.readouterr().out.startswith(f"{FILE}:4: severity: 'urgent'")
    with pytest.raises(RemedyError, match="is not a procedure of"):
        main(["test", "nordwind/none", "--site", str(site)])


def test_its_page_needs_nothing_from_elsewhere(site: Path, tmp_path: Path):
    out = tmp_path / "page.html"
    assert main(["show", FILE, "--out", str(out), "--site", str(site)]) == 0
    page = out.read_text("utf-8")
    assert "<svg " in page
    assert 'id="escalate"' in page
    assert "version " in page
    assert not re.search(r"(src|srcset|@import)\s*=|url\((?!#)|<script|<link", page)
