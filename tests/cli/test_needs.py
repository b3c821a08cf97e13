"""The table of what was not run, from a real run of pytest to the verdict of `./vigie test`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vigie.cli.settings import CHECKOUT
from vigie.cli.testing_command import conclude

SUITE = """
import pytest

@pytest.mark.needs("corpus")
def test_one(): assert False, "must not run"

@pytest.mark.needs("corpus")
def test_two(): assert False, "must not run"

def test_three(): pytest.skip("not on a Sunday")

def test_four(): pass
"""

CORPUS = "no package: put the corpus of mails at ../shared/corpus, or name its folder in VIGIE_CORPUS"

_OURS = ["-c", str(CHECKOUT / "pyproject.toml"), "-p", "tests.conftest", "-p", "no:cacheprovider"]


def run(folder: Path, suite: str, *arguments: str) -> tuple[int, str, list[dict[str, Any]]]:
    (folder / "test_suite.py").write_text(suite, "utf-8")
    left_out = folder / "not-run.json"
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *_OURS, *arguments, str(folder)],
        env=os.environ
        | {
            "PYTHONPATH": f"{CHECKOUT}{os.pathsep}{CHECKOUT / 'plugins'}",
            "VIGIE_CORPUS": str(folder / "missing"),
            "VIGIE_NOT_RUN": str(left_out),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, json.loads(left_out.read_text("utf-8")) if left_out.exists() else []


PARTS = ["mail/bounces/a.eml", "mail/notices/a.eml", "mail/cases/a.eml", "arrivals/national-daily-file.csv"]


@pytest.mark.parametrize("there", [[], PARTS[:-1], PARTS[1:], ["mail/bounces/readme.txt", *PARTS[1:]]])
def test_a_corpus_of_which_a_part_is_missing_is_none(tmp_path: Path, there: list[str]) -> None:
    """A test that finds no mail in it would pass, and say nothing."""
    (tmp_path / "missing").mkdir()
    for name in there:
        (tmp_path / "missing" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "missing" / name).touch()
    _, _, not_run = run(tmp_path, SUITE)
    assert {"what": "corpus", "tests": 2, "remedy": CORPUS, "counts": False} in not_run


def test_a_whole_corpus_is_read(tmp_path: Path) -> None:
    for name in PARTS:
        (tmp_path / "missing" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "missing" / name).touch()
    code, out, _ = run(tmp_path, SUITE)
    assert (code, "2 failed" in out) == (1, True), out


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["alone", "xdist"])
def test_what_was_not_run_is_left_for_the_table(tmp_path: Path, workers: list[str]) -> None:
    code, out, not_run = run(tmp_path, SUITE, *workers)
    assert code == 0, out
    (other, corpus) = sorted(not_run, key=lambda line: line["what"] == "corpus")
    assert corpus == {"what": "corpus", "tests": 2, "remedy": CORPUS, "counts": False}
    assert (other["remedy"], other["tests"], other["counts"]) == ("not on a Sunday", 1, True)
    assert other["what"].endswith("test_suite.py::test_three")


def test_an_unknown_need_is_a_mistake(tmp_path: Path) -> None:
    code, out, _ = run(tmp_path, "import pytest\n@pytest.mark.needs('teapot')\ndef test_one(): pass\n")
    assert code == 1
    assert (
        "nobody knows what 'teapot' is; tests/conftest.py knows dovecot, sshd, postgres, redis, chromium, corpus" in out
    )


PACKAGE = {"what": "dovecot", "tests": 7, "remedy": "apt-get install dovecot-imapd dovecot-lmtpd", "counts": True}
NO_PACKAGE = {"what": "corpus", "tests": 2, "remedy": CORPUS, "counts": False}


@pytest.mark.parametrize(
    ("passed", "not_run", "insists", "code", "last"),
    [
        (True, [], True, 0, "All passed, and nothing was left out."),
        (True, [], False, 0, "All passed."),
        (True, [PACKAGE], False, 0, "All that was run passed. Not run: dovecot."),
        (True, [PACKAGE], True, 1, "All that was run passed, but --all allows nothing to be left out: dovecot."),
        (True, [NO_PACKAGE], True, 0, "All that was run passed. Not run: corpus."),  # no package would bring it
        (True, [NO_PACKAGE, PACKAGE], False, 0, "All that was run passed. Not run: corpus, dovecot."),
        (False, [], False, 1, "Failed: mypy."),
        (False, [PACKAGE], True, 1, "Failed: mypy."),
    ],
)
def test_the_verdict(
    passed: bool, not_run: list[dict[str, Any]], insists: bool, code: int, last: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert conclude({"ruff": True, "mypy": passed}, not_run, insists=insists) == code
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == last
    for line in not_run:
        assert line["what"] in out
