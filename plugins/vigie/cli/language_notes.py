"""Languages in which a client or a contact is written to, and of which a template has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from vigie.core.errors import InvalidDocument, Problem
from vigie.documents.library import Library
from vigie.documents.tables import FOLDER
from vigie.documents.template_file import FILE

if TYPE_CHECKING:
    from vigie.tasks.sessions import AnyWatch

ENGLISH = "en"


def language_notes(library: Library, watches: Sequence[AnyWatch]) -> Iterator[Problem]:
    """A note for each client of whose first language a template has none: its channel would read another.

    What is written to its contacts is the check's own matter: there it is a problem.
    """
    for client in library.clients().values():
        language = client.languages[0]
        used = sorted({watch.respond.template for watch in watches if watch.client == client.id})
        lacking = [name for name in used if _speaks_another(library, name, client.id, language)]
        if lacking:
            path = f"{FOLDER}/{client.id}/client.yaml"
            lines = (library.root / path).read_text("utf-8").split("\n")
            line = next((number for number, text in enumerate(lines, 1) if text.startswith("languages:")), None)
            message = f"languages: no '{language}' of {', '.join(lacking)}: the channel would read another language."
            yield Problem(
                path=path, line=line, message=message, remedy=f"Write include/templates/{lacking[0]}.{language}.md.j2."
            )


def _speaks_another(library: Library, template: str, client: str, language: str) -> bool:
    try:
        found = library.find_template(template, client, language)
    except InvalidDocument:
        return False  # told as a template that is not there
    folder, _, last = found.rpartition("/")
    named = FILE.fullmatch(last)
    written = (named[2] if named else None) or (_unnamed(library) if not folder else None)
    return written is not None and written != language


def _unnamed(library: Library) -> str | None:
    """The language of a common template whose name has none: English, where any client is written to in it."""
    return ENGLISH if any(ENGLISH in client.languages for client in library.clients().values()) else None
