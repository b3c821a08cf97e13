"""The reader of cases, and the cases that others wrote down: each mail has the verdict that is right."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.core.mail_cases import Case, cases

SHARED = (
    Path(os.environ.get("VIGIE_CORPUS") or Path(__file__).resolve().parents[3] / "shared" / "corpus") / "mail/cases"
)
CASES = cases(SHARED) if SHARED.is_dir() else []

FORM = """\
right: {right}
rule:  KoMail(subject=r"\\[KO\\] (?P<job>[\\w.-]+)", resolves="OK")   (no dedup_key)
group: a form
why:   One line,
       and the next.
"""
KO = "From: batch@acme.example\nSubject: [KO] EOD_POS\n\nx"


def case(folder: Path, right: str, **mails: str) -> Case:
    (folder / "01-a-form.txt").write_text(FORM.format(right=right))
    for name, written in mails.items():
        (folder / f"01-a-form{name.replace('_', '-')}.eml").write_text(written)
    (found,) = cases(folder)
    return found


def test_a_case_says_its_rule_as_an_author_writes_it(tmp_path: Path):
    found = case(tmp_path, "ko", **{"": KO})
    assert (found.name, found.mails, found.right) == ("01-a-form", (KO.encode(),), "ko")
    assert found.rule == {"subject": r"\[KO\] (?P<job>[\w.-]+)", "resolves": "OK"}
    assert found.why == "One line, and the next."
    assert found.problem() is None


@pytest.mark.parametrize("right", ["ok", "unclassified", "ignored"])
def test_a_verdict_that_is_not_the_right_one_is_told_with_its_reasons(tmp_path: Path, right: str):
    said = case(tmp_path, right, **{"": KO}).problem()
    assert said is not None
    assert said.startswith(f"01-a-form: right is {right}, but it is ko (auto_generated: ")
    assert said.endswith(". One line, and the next.")


def test_anything_but_an_ok(tmp_path: Path):
    assert case(tmp_path, "not ok", **{"": KO}).problem() is None
    assert case(tmp_path, "not ok", **{"": KO.replace("[KO]", "OK")}).problem() is not None


def test_a_ko_and_the_ok_that_ends_it(tmp_path: Path):
    ends = {"_a_ko": KO, "_b_ok": "From: batch@acme.example\nSubject: OK\n\nx"}
    assert "but it is ko (" in str(case(tmp_path, "the OK ends the KO's incident; or else", **ends).problem())


@pytest.mark.needs("corpus")
def test_all_of_them_are_read():
    assert len(CASES) == 51
    assert all(each.mails for each in CASES)


@pytest.mark.needs("corpus")
@pytest.mark.parametrize("shared", CASES or [None], ids=lambda each: each.name if each else "none")
def test_each_shared_case_is_right(shared: Case | None):
    assert shared is not None
    assert shared.problem() is None
