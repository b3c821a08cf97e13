"""Which procedures are drafts, so that nobody learns it at 3 a.m."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.core.errors import InvalidDocument, Problem
from vigie.documents.library import Library


def draft_notes(library: Library) -> Iterator[Problem]:
    """A note for each procedure that nobody approved, or whose text has changed since somebody did."""
    for path in library.procedure_paths():
        try:
            written = library.procedure_files.written(path)
        except InvalidDocument:
            continue  # told as the file's own problems
        if written is None or written.approval is not None:
            continue
        told = path.relative_to(library.root).as_posix()
        key = f"{path.parent.name}/{path.stem}"
        approvals = library.procedure_files.approvals.of(key)
        message = "a draft, which nobody has approved; in production it is read as a page, with Done and Escalate."
        if approvals:
            last = approvals[-1]
            message = (
                f"a draft: it has changed since {last.by} approved it on {last.at:%Y-%m-%d}; in production the approved "
                "text runs."
            )
        yield Problem(path=told, line=None, message=message, remedy=f"Run './vigie approve {key} --as NAME'.")


def drafts(library: Library) -> list[str]:
    """The procedures (``<client>/<name>``) that are read as a page in production, because nobody ever approved them."""
    return [
        f"{path.parent.name}/{path.stem}"
        for path in library.procedure_paths()
        if not library.procedure_files.approvals.of(f"{path.parent.name}/{path.stem}")
    ]
