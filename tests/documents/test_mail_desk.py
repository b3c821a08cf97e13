"""The mail desk's rules, as the operators' guide shows them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from vigie.core.mail_desk import Filing, MailDeskRules
from vigie.core.mail_filing import Misplaced
from vigie.documents.mail_desk import FILE, misplaced_problems, read_mail_desk

GUIDE = Path(__file__).parents[2] / "docs/operators/mail_desk.md"


def example() -> bytes:
    found = re.search(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1].encode()


def test_the_guides_example_says_what_it_seems_to_say():
    rules = read_mail_desk(FILE, example())
    assert rules.quiet == timedelta(minutes=30)
    assert rules.returns == "vigie_mail"
    assert rules.filing == {
        "nordwind_ops": Filing(
            after=timedelta(days=1), claimed="Vigie/Claimed", ignored="Vigie/Ignored", settled="Vigie/Settled"
        )
    }


def test_the_guide_names_every_field():
    told = set(re.findall(r"`(\w+)`", GUIDE.read_text("utf-8")))
    assert {*MailDeskRules.model_fields, *Filing.model_fields} <= told


def test_what_is_wrong_with_the_filing_is_told_with_its_line(tmp_path: Path):
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_bytes(example())
    found = [
        Misplaced("nordwind_ops", "ignored", "somebody watches it"),
        Misplaced("nordwind_ops", None, "nobody does"),
    ]
    assert [str(problem) for problem in misplaced_problems(tmp_path, found, ["other"])] == [
        f"{FILE}:7: filing.nordwind_ops.ignored: somebody watches it. Write another folder.",
        f"{FILE}:4: filing.nordwind_ops: nobody does. Known: other.",
    ]
