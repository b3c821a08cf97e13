"""Which templates of incidents have no words for the end, so that their authors know what is sent in their place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vigie.core.bounce import BOUNCED_TEMPLATE
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.file_watch import FileWatch
from vigie.core.jeopardy import WARNING
from vigie.core.mailbox_quota import FULL_TEMPLATE
from vigie.core.sight import BLIND_TEMPLATE
from vigie.core.storm import STORM_TEMPLATE
from vigie.documents.last_words import note_of
from vigie.documents.library import Library
from vigie.documents.template_file import FILE

if TYPE_CHECKING:
    from vigie.tasks.sessions import AnyWatch

_OURS = frozenset({BLIND_TEMPLATE, BOUNCED_TEMPLATE, FULL_TEMPLATE, STORM_TEMPLATE, WARNING.template, "flux_broken"})
"""Templates of incidents that no flux names."""


def end_notes(library: Library, watches: list[AnyWatch]) -> list[Problem]:
    """A note for each file whose template is sent for incidents, where a block of it says nothing of their end."""
    used = {(watch.client, name) for watch in watches for name in _templates(watch)}
    notes = []
    for file in library.template_files():
        folder, _, last = file.rpartition("/")
        name = found[1] if (found := FILE.fullmatch(last)) else ""
        if not (name in _OURS or any(name == of and folder in {"", client} for client, of in used)):
            continue
        try:
            template = library.template(file)
            library.preview(file)
        except InvalidDocument:
            continue  # told as the file's own problems
        note = note_of(library.templates, file, template) if template else None
        notes += [note] if note else []
    return notes


def _templates(watch: AnyWatch) -> Iterator[str]:
    yield watch.respond.template
    if isinstance(watch, FileWatch) and watch.jeopardy_respond is not None:
        yield watch.jeopardy_respond.template
