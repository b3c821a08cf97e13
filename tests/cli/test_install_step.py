from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vigie.cli.install_step import InstallStep
from vigie.cli.remedy import RemedyError


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("OSError: [Errno 28] No space left on device", "There is no space left for the packages (about 1 GB)."),
        ("  x Hash mismatch for `a==1`", "The package index sent a file that is not the one pinned by its digest."),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
            "The package index sent a file that is not the one pinned by its digest.",
        ),
        ("error: Failed to fetch: `https://pypi.org/simple/a/`", "The package index cannot be reached."),
        ("[SSL: CERTIFICATE_VERIFY_FAILED]", "The package index cannot be reached."),
        ("Because feather was not found in the package registry", "The package index does not have feather."),
        ("ERROR: No matching distribution found for feather==1", "The package index does not have feather==1."),
        ("first\nsomething odd\n\n", "The installation failed at: packages (something odd)."),
        ("", "The installation failed at: packages (no output)."),
    ],
)
def test_a_failure_is_told_in_a_sentence(tmp_path: Path, said: str, problem: str) -> None:
    log = tmp_path / "install.log"
    log.write_text("No space left on device: of an earlier step\n", "utf-8")
    step = InstallStep("packages", log)
    with pytest.raises(RemedyError) as failed:
        step.run([sys.executable, "-c", "import sys; print(sys.argv[1], end=''); sys.exit(1)", said])
    assert failed.value.problem == f"{problem} The whole story is in {log}."
    assert failed.value.remedy.endswith("tart again.")


def test_progress_counts_the_packages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "env/lib/python3.11/site-packages"
    site.mkdir(parents=True)
    (site / "old-1.dist-info").mkdir()
    install = "import pathlib, sys; print('Resolved 3 packages'); print(' Downloaded a'); (pathlib.Path(sys.argv[1]) / 'new-1.dist-info').mkdir()"
    InstallStep("packages", tmp_path / "log", watch=tmp_path / "env").run([sys.executable, "-c", install, str(site)])
    assert capsys.readouterr().out == "  packages: 1 installed of 3, 1 large ones fetched, 0 s\n"


def test_a_failure_that_another_way_may_get_around_is_not_final(tmp_path: Path) -> None:
    step = InstallStep("packages", tmp_path / "log")
    assert not step.succeeds([sys.executable, "-c", "print('Failed to fetch'); raise SystemExit(1)"])
    step.fail_if_final()
    assert not step.succeeds([sys.executable, "-c", "print('Hash mismatch'); raise SystemExit(1)"])
    with pytest.raises(RemedyError):
        step.fail_if_final()
