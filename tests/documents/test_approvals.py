from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.core.approval import Approval
from vigie.core.errors import InvalidDocument
from vigie.documents.approvals import COPIES, FILE, digest_of
from vigie.documents.library import Library

Write = Callable[[str, str | bytes], Path]

OTHER = "include/procedures/nordwind/other.md"
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def approve(site: Library, by: str = "petra") -> Approval:
    data = (site.root / OTHER).read_bytes()
    approval = Approval(procedure="nordwind/other", digest=digest_of(data), by=by, at=AT, change="substantial")
    site.procedure_files.approvals.add(approval, data)
    return approval


def change(site: Library, write: Write, old: str, new: str) -> None:
    text = (site.root / OTHER).read_text("utf-8")
    assert old in text
    write(OTHER, text.replace(old, new))


@pytest.fixture
def production(site: Library) -> Library:
    """The same site, where only approved text runs."""
    return Library(site.root, production=True)


def told(library: Library) -> str:
    with pytest.raises(InvalidDocument) as refused:
        library.procedure("nordwind", "other")
    return str(refused.value)


def test_a_text_is_approved_as_long_as_it_is_the_same(site: Library, write: Write):
    assert site.procedure("nordwind", "other").status == "draft"
    approval = approve(site)
    assert site.procedure("nordwind", "other").approval == approval
    change(site, write, "Look again.", "Look twice.")
    assert site.procedure("nordwind", "other").status == "draft"
    change(site, write, "Look twice.", "Look again.")
    assert site.procedure("nordwind", "other").approval == approval
    assert site.problems() == []


def test_in_production_a_draft_is_its_whole_page_with_done_and_escalate(site: Library, production: Library):
    draft, written = production.procedure("nordwind", "other"), site.procedure("nordwind", "other")
    (page,) = draft.steps
    assert (draft.status, draft.as_page, written.as_page, draft.digest) == ("draft", True, False, written.digest)
    assert draft.title == f"{written.title} (draft)"
    assert [(choice.label, choice.target) for choice in page.choices] == [("Done", "close"), ("Escalate", "escalate")]
    assert page.text.startswith("**Draft: nobody has approved this procedure yet.** Read all of it")
    assert page.text.endswith(written.source.partition("\n---\n")[2].strip())
    assert (draft.owner, draft.escalate, draft.close) == (written.owner, written.escalate, written.close)


def test_a_draft_of_a_french_client_says_so_in_french(site: Library, production: Library, write: Write):
    client = site.root / "include/clients/nordwind/client.yaml"
    write(
        "include/clients/nordwind/client.yaml",
        re.sub(r"languages: .*", "languages: [fr, en]", client.read_text("utf-8")),
    )
    draft = production.procedure("nordwind", "other")
    assert draft.title.endswith(" (brouillon)")
    assert draft.steps[0].text.startswith("**Brouillon : personne n'a encore approuvé cette procédure.**")


def test_a_broken_draft_is_told_as_broken(site: Library, production: Library, write: Write):
    change(site, write, "## Impact", "## Impcat")
    assert "'## Impcat' is not a section of a procedure." in told(production)


def test_no_head_of_an_author_says_how_a_procedure_runs(site: Library, write: Write):
    change(site, write, "severity:", "as_page: true\nseverity:")
    assert "unknown field 'as_page'" in "\n".join(map(str, site.problems()))


def test_in_production_only_approved_text_runs(site: Library, production: Library, write: Write):
    approval = approve(site)
    runs = production.procedure("nordwind", "other")
    assert (runs.status, runs.outdated, runs.path) == ("approved", False, f"{COPIES}/nordwind/other.md")
    change(site, write, "Look again.", "Look twice.")
    runs = production.procedure("nordwind", "other")
    assert (runs.steps[0].text, runs.approval, runs.outdated) == ("Look again.", approval, True)
    assert site.procedure("nordwind", "other").steps[0].text == "Look twice."
    approve(site)
    assert production.procedure("nordwind", "other").steps[0].text == "Look twice."


def test_in_production_a_broken_file_runs_as_it_was_approved(site: Library, production: Library, write: Write):
    approve(site)
    change(site, write, "## Impact", "## Impcat")
    assert production.procedure("nordwind", "other").outdated
    assert len(site.problems()) == 2  # the check tells the file's mistakes all the same
    assert len(production.problems()) == 2


def test_a_file_that_is_gone_is_gone_in_production_too(site: Library, production: Library):
    approve(site)
    (site.root / OTHER).unlink()
    assert "no procedure is called 'other'" in told(production)


def test_a_copy_that_is_lost_or_changed_is_told_and_the_same_text_runs_from_its_file(
    site: Library, production: Library, write: Write
):
    approval = approve(site)
    for spoil in (lambda copy: copy.write_bytes(b"---\n"), Path.unlink):
        spoil(site.root / COPIES / "nordwind/other.md")
        runs = production.procedure("nordwind", "other")
        assert (runs.approval, runs.outdated, runs.as_page, runs.path) == (approval, False, False, OTHER)
        assert len(site.problems()) == 1


def test_a_copy_that_somebody_changed_does_not_run(site: Library, production: Library, write: Write):
    approve(site)
    change(site, write, "Look again.", "Look twice.")
    write(f"{COPIES}/nordwind/other.md", b"---\n")
    said = (
        f"{COPIES}/nordwind/other.md: this is not the text that petra approved on 2026-11-20. "
        f"Take it back from git, or './vigie approve {OTHER}'."
    )
    assert told(production) == said
    assert [str(problem) for problem in site.problems()] == [said]
    (site.root / COPIES / "nordwind/other.md").unlink()
    assert told(production).startswith(f"{COPIES}/nordwind/other.md: the approved text is not there.")


def test_a_line_that_a_merge_has_spoiled_takes_no_other_away(site: Library, write: Write):
    approval = approve(site)
    text = (site.root / FILE).read_text("utf-8")
    write(
        FILE,
        f"<<<<<<< HEAD\n{text}=======\n- {{procedure: x, digest: y, by: z, at: now, change: big}}\n>>>>>>> other\n",
    )
    assert site.procedure("nordwind", "other").approval == approval
    assert [str(problem) for problem in site.problems()] == [
        f"{FILE}:{line}: this is not a line of './vigie approve'. Take the line back from git." for line in (1, 4, 5, 6)
    ]


def test_every_approval_stays_on_record(site: Library, write: Write):
    first = approve(site)
    change(site, write, "Look again.", "Look twice.")
    second = approve(site, by="petra")
    assert list(site.procedure_files.approvals.of("nordwind/other")) == [first, second]
    assert not list(site.root.glob("include/procedures/**/*.new"))
