"""Reviews of procedures, on a day: dates that lie ahead, and those that are over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date

from vigie.core.errors import InvalidDocument, Problem
from vigie.core.procedure import Procedure
from vigie.documents.library import Library


def reviews_ahead(procedures: Iterable[Procedure], today: date) -> Iterator[Problem]:
    """Procedures that were reviewed on a day that has not come. ``today`` is the earliest date on Earth."""
    for procedure in procedures:
        if procedure.reviewed > today:
            message = f"reviewed: {procedure.reviewed} has not come yet, so nobody would be asked to review it."
            yield Problem(
                path=procedure.path, line=_line(procedure), message=message, remedy="Write the day of the last review."
            )


def reviews_overdue(procedures: Iterable[Procedure], today: date) -> Iterator[Problem]:
    """A note for each procedure whose review is over."""
    for procedure in procedures:
        if procedure.review_due_on is not None and procedure.review_due_on < today:
            days = (today - procedure.review_due_on).days
            message = f"reviewed: the review is overdue by {days} day{'s' if days > 1 else ''}."
            remedy = f"Let {procedure.owner} read it, and write the day of the review."
            yield Problem(path=procedure.path, line=_line(procedure), message=message, remedy=remedy)


def own_approvals(library: Library, procedures: Iterable[Procedure]) -> Iterator[Problem]:
    """A note for each procedure whose owner has approved the text that stands."""
    for procedure in procedures:
        key = procedure.path.removeprefix("include/procedures/").removesuffix(".md")
        for approval in library.procedure_files.approvals.of(key)[-1:]:
            if approval.by == procedure.owner and approval.digest == procedure.digest:
                message = f"{approval.by} owns it and has approved it: nobody else has read this text."
                remedy = f"Let somebody else run './vigie approve {key} --as NAME'."
                yield Problem(path=procedure.path, line=None, message=message, remedy=remedy)


def written_procedures(library: Library) -> list[Procedure]:
    """Every procedure that can be read, as it is written now."""
    found = []
    for path in library.procedure_paths():
        with suppress(InvalidDocument):  # told as the file's own problem
            procedure = library.procedure_files.written(path)
            found += [procedure] if procedure else []
    return found


def _line(procedure: Procedure) -> int | None:
    lines = procedure.source.split("\n")
    return next((number for number, text in enumerate(lines, 1) if re.match(r"reviewed\s*:", text)), None)
