"""The suite's own honesty: properties are tried on other examples each time, and one that fails is printed and kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from hypothesis import settings

from vigie.cli.settings import CHECKOUT
from vigie.cli.testing_command import DEEP

PROPERTY = """
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.examples import examples

TRIED = Path(__file__).with_name("tried.txt")


@examples(40)
@given(st.integers())
def test_of_forty(number):
    with TRIED.open("a") as file:
        file.write(f"{number}\\n")
    assert number < 1000


def test_without_examples(): assert False, "a deep run leaves it out"
"""


def run(folder: Path, *arguments: str, text: str = PROPERTY, **environment: str) -> str:
    (folder / "test_property.py").write_text(text, "utf-8")
    ours = ["-c", str(CHECKOUT / "pyproject.toml"), "-p", "tests.conftest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *ours, *arguments, str(folder / "test_property.py")],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{CHECKOUT}{os.pathsep}{CHECKOUT / 'plugins'}"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_an_example_that_fails_is_printed_and_the_next_run_begins_with_it(tmp_path: Path):
    said = run(tmp_path, CI="true")  # where Hypothesis would else derandomise, and keep nothing

    assert "number=1000," in said
    assert "@reproduce_failure(" in said
    assert list((tmp_path / ".hypothesis" / "examples").iterdir())

    (tmp_path / "tried.txt").unlink()
    run(tmp_path, CI="true")
    assert (tmp_path / "tried.txt").read_text().splitlines()[0] == "1000"


def test_a_deep_run_tries_ten_times_as_many_and_nothing_but_properties(tmp_path: Path):
    easy = PROPERTY.replace("assert number < 1000", "")
    tried = []
    for arguments in ((), DEEP):
        (tmp_path / "tried.txt").unlink(missing_ok=True)
        said = run(tmp_path, *arguments, text=easy)
        tried.append((len((tmp_path / "tried.txt").read_text().splitlines()), "a deep run leaves it out" in said))
    assert tried == [(40, True), (400, False)]


def test_no_property_has_settings_of_its_own_about_what_it_is_tried_on():
    own = re.compile(r"derandomize|max_examples|database=|load_profile|@seed\(")
    found = {
        str(path.relative_to(CHECKOUT)): sorted(set(own.findall(path.read_text("utf-8"))))
        for path in (CHECKOUT / "tests").rglob("*.py")
    }
    assert {path: words for path, words in found.items() if words} == {
        "tests/examples.py": ["database=", "derandomize", "load_profile", "max_examples"],
        "tests/test_examples.py": ["database=", "derandomize", "load_profile", "max_examples"],
    }
    assert not settings.default.derandomize
