"""A procedure that nobody approved, met at night in production: never nothing, and never in silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.scenarios.site import write_site

from vigie.cli.approve import main as approve
from vigie.testing.control_room import ControlRoom

BATCH = {"to": "nordwind_ops", "sender": "batch@nordwind.example"}
FILE = "include/procedures/nordwind/eod-ko.md"
AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def _room(folder: Path, site: Path) -> Iterator[ControlRoom]:
    with ControlRoom(folder, site=site, at=AT, production=True) as room:
        room.reads("dags/nordwind/end_of_day.py")
        room.mail_comes("[KO] EOD_POS", **BATCH)
        yield room


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[ControlRoom]:
    """The batch is KO, in production; nobody ever approved the procedure."""
    yield from _room(tmp_path, write_site(tmp_path / "site"))


@pytest.fixture
def changed(tmp_path: Path) -> Iterator[ControlRoom]:
    """The same, where its text was approved and has changed since."""
    site = write_site(tmp_path / "site")
    assert approve([FILE, "--as", "bruno", "--site", str(site)]) == 0
    text = (site / FILE).read_text("utf-8")
    (site / FILE).write_text(text.replace("What does the mail say?", "What is new?"), "utf-8")
    yield from _room(tmp_path, site)


def test_the_call_says_that_its_procedure_is_a_draft(draft: ControlRoom) -> None:
    remark = "Its procedure is a draft: nobody has approved it. It is read as a page."
    (post,) = draft.slack("nordwind").posts
    assert remark in post.text
    assert remark in draft.mailbox_of("anna").mails[0].message.text


def test_whoever_takes_it_reads_the_whole_page_and_answers_done_or_escalate(draft: ControlRoom) -> None:
    draft.takes_it("anna")
    assert draft.open_steps == ["The page"]
    (asked,) = draft.slack("nordwind").said("The page")
    assert "Draft: nobody has approved this procedure yet." in asked.text
    assert "What does the mail say?" in asked.text
    assert asked.buttons[:2] == ["Done", "Escalate"]

    draft.answers("anna", "Escalate")
    assert draft.open_steps == ["Escalate"]
    assert len(draft.mailbox_of("bruno").mails) == 1


def test_done_leads_to_the_end_that_its_author_wrote(draft: ControlRoom) -> None:
    draft.takes_it("anna")
    draft.answers("anna", "Done")
    assert draft.open_steps == ["Close"]


def test_its_owner_is_written_to_at_once_and_the_story_says_it_once(draft: ControlRoom) -> None:
    draft.takes_it("anna")
    owner = draft.library.procedure_files.written(draft.site / FILE).owner
    (told,) = [each.message for each in draft.mailbox_of(owner).mails if "draft" in each.key]
    assert told.subject == "Draft in use: EOD_POS is KO (INC-1)"
    assert f"./vigie approve nordwind/eod-ko --as {owner}" in told.text
    assert [entry.text for entry in draft.entries("procedure.draft")] == [
        "The procedure nordwind/eod-ko is a draft: nobody has approved it, so it is read as a page."
    ]


def test_a_changed_text_is_led_through_as_it_was_approved(changed: ControlRoom) -> None:
    changed.takes_it("anna")
    assert changed.open_steps == ["What does the mail say?"]
    assert changed.entries("procedure.draft") == []
    assert "draft" not in changed.slack("nordwind").posts[0].text
