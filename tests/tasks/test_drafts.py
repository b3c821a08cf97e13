"""The owner of a draft learns of it; a site in development asks nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vigie.cli.approve import main as approve
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.drafts import ask_for_approvals

NOW = datetime(2026, 12, 2, 8, 0, tzinfo=UTC)
NAME = "nordwind/eod-ko"
FILE = f"include/procedures/{NAME}.md"


@pytest.fixture
def production(site: Path) -> Library:
    library = Library(site, production=True)
    assert [path.relative_to(site).as_posix() for path in library.procedure_paths()] == [FILE]
    return library


def mails(book: Logbook) -> list[tuple[str, str, str]]:
    due = book.due_messages(NOW + timedelta(days=1))
    return [(mail.recipient, mail.message.subject, mail.message.text) for mail in due]


def test_the_owner_of_a_draft_is_asked_once_for_each_text(production: Library, book: Logbook, site: Path):
    owner = Library(site).procedure(*NAME.split("/")).owner
    address = production.rota().people[owner].email
    assert ask_for_approvals(production, book, NAME and NOW) == [NAME]
    assert ask_for_approvals(production, book, NOW + timedelta(hours=1)) == []
    command = f"./vigie approve {NAME} --as {owner}"
    assert mails(book) == [
        (
            address,
            "To be approved: EOD_POS is KO",
            (
                f"The procedure {NAME} was never approved: in production it is read as a page, without questions.\n\n"
                f"Read all of it, and then: {command}"
            ),
        )
    ]
    (entry,) = book.entries(kind_prefix="instruction.draft")
    assert (entry.text, entry.client) == (f"{NAME} has never been approved; its owner is asked.", "nordwind")

    assert approve([FILE, "--as", owner, "--site", str(site)]) == 0
    assert ask_for_approvals(production, book, NOW) == []
    path = site / FILE
    path.write_text(path.read_text("utf-8").replace("## Meaning", "## Meaning\n\nAs ever."), "utf-8")
    assert ask_for_approvals(production, book, NOW) == [NAME]
    assert mails(book)[1][2].startswith(
        f"The procedure {NAME} has changed since it was approved: in production the approved text runs."
    )


def test_where_the_rota_does_not_know_the_owner_the_platform_is_asked(production: Library, book: Logbook, site: Path):
    path = site / FILE
    owner = Library(site).procedure(*NAME.split("/")).owner
    path.write_text(path.read_text("utf-8").replace(f"owner: {owner}", "owner: nobody-any-more"), "utf-8")
    rota = production.rota()
    platform = [rota.people[name].email for name in rota.policies["platform_duty"].steps[0].page]
    assert ask_for_approvals(production, book, NOW) == [NAME]
    assert [recipient for recipient, _, _ in mails(book)] == platform


def test_in_development_drafts_run_and_nobody_is_asked(book: Logbook, site: Path):
    assert ask_for_approvals(Library(site), book, NOW) == []
    assert mails(book) == []
