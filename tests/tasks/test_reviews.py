from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.reviews import ask_for_reviews

DUE = datetime(2026, 12, 2, 8, 0, tzinfo=UTC)


def due(site: Path, owner: str = "petra") -> Library:
    """The first procedure of the site, to be read through again thirty days after 2 November."""
    library = Library(site)
    file = library.procedure_paths()[0]
    text = file.read_text("utf-8")
    head = f"owner: {owner}\nreviewed: 2026-11-02\nreview_every: 30 d\n"
    kept = [line for line in text.split("\n") if not line.startswith(("owner:", "reviewed:"))]
    file.write_text("\n".join([kept[0], *head.splitlines(), *kept[1:]]), "utf-8")
    return Library(site)


def test_an_owner_is_told_once_when_a_review_is_due(site: Path, book: Logbook):
    owner = next(iter(Library(site).rota().people))
    library = due(site, owner)
    assert ask_for_reviews(library, book, DUE.replace(day=1)) == []
    (told,) = ask_for_reviews(library, book, DUE)
    assert ask_for_reviews(library, book, DUE.replace(day=20)) == []
    (mail,) = book.due_messages(DUE)
    assert mail.recipient == library.rota().people[owner].email
    assert f"./vigie approve {told} --as {owner}" in mail.message.text
    (entry,) = book.entries(kind_prefix="instruction")
    assert entry.text == f"{owner} is to read {told} through; it was due on 2026-12-02."


def test_without_an_address_the_logbook_says_so_all_the_same(site: Path, book: Logbook):
    library = due(site, "somebody")
    assert len(ask_for_reviews(library, book, DUE)) == 1
    assert ask_for_reviews(library, book, DUE) == []
    assert book.due_messages(DUE) == []
    assert len(book.entries(kind_prefix="instruction")) == 1
