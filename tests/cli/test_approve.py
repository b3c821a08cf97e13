from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from vigie.cli.approve import main
from vigie.cli.remedy import RemedyError
from vigie.documents.library import Library

CHECKOUT = Path(__file__).resolve().parents[2]
FILE = "include/procedures/nordwind/eod-pos-ko.md"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copytree(CHECKOUT / "include", tmp_path / "include")
    shutil.rmtree(tmp_path / "include/procedures/.approved", ignore_errors=True)
    (tmp_path / "include/procedures/approvals.yaml").unlink(missing_ok=True)
    return tmp_path


def approve(site: Path, *arguments: str) -> int:
    return main([*arguments, "--site", str(site)])


@pytest.mark.parametrize("named", [FILE, "nordwind/eod-pos-ko"])
def test_an_approved_procedure_runs_in_production(site: Path, named: str, capsys: pytest.CaptureFixture[str]):
    assert approve(site, named, "--as", "bruno") == 0
    runs = Library(site, production=True).procedure("nordwind", "eod-pos-ko")
    assert runs.approval is not None
    assert (runs.approval.by, runs.approval.change) == ("bruno", "substantial")
    assert capsys.readouterr().out == (
        f"nordwind/eod-pos-ko, version {runs.revision}, is approved by bruno (substantial).\n"
        "Commit include/procedures/approvals.yaml and include/procedures/.approved/nordwind/eod-pos-ko.md.\n"
    )
    assert Library(site).problems() == []


def test_the_same_words_need_no_editorial_approval(site: Path, capsys: pytest.CaptureFixture[str]):
    approve(site, FILE, "--as", "bruno")
    capsys.readouterr()
    assert approve(site, FILE, "--as", "camille", "--editorial") == 0
    assert "bruno approved this very text" in capsys.readouterr().out
    assert len(Library(site).procedure_files.approvals.of("nordwind/eod-pos-ko")) == 1


def test_to_approve_the_same_text_again_is_a_review(site: Path):
    approve(site, FILE, "--as", "bruno")
    approve(site, FILE, "--as", "camille")
    assert [each.by for each in Library(site).procedure_files.approvals.of("nordwind/eod-pos-ko")] == [
        "bruno",
        "camille",
    ]


def test_a_wrong_procedure_is_not_approved(site: Path, capsys: pytest.CaptureFixture[str]):
    file = site / FILE
    file.write_text(file.read_text("utf-8").replace("severity: critical", "severity: urgent"), "utf-8")
    assert approve(site, FILE, "--as", "bruno") == 1
    out = capsys.readouterr().out
    assert out.startswith(f"{FILE}:4: severity: 'urgent' is not one of")
    assert out.endswith("\nNothing was approved.\n")
    assert not (site / "include/procedures/approvals.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((FILE, "--as", "brno"), "Nobody in the rota is called 'brno'.\n  Remedy: Did you mean 'bruno'?"),
        (
            (FILE, "--as", "bruno", "--editorial"),
            "nordwind/eod-pos-ko was never approved: its first approval is no editorial one.",
        ),
        ((FILE.replace("pos", "psо"), "--as", "bruno"), f"\n  Remedy: Did you mean '{FILE}'?"),
        (("/etc/passwd", "--as", "bruno"), "'/etc/passwd' is not a procedure of "),
    ],
)
def test_what_cannot_be_approved(site: Path, arguments: tuple[str, ...], said: str):
    with pytest.raises(RemedyError) as stopped:
        approve(site, *arguments)
    assert said in str(stopped.value)
