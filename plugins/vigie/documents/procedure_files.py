"""The procedures of a site: which text runs, with its shared pieces in their places."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from vigie.core.approval import Approval
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.procedure import SHARED, Procedure
from vigie.documents.approvals import Approvals
from vigie.documents.pieces import with_pieces
from vigie.documents.procedure_checks import Surroundings
from vigie.documents.procedure_page import draft_page
from vigie.documents.procedures import FOLDER, read_procedure
from vigie.documents.shelf import Shelf


class ProcedureFiles:
    """The procedures below ``root``; ``around`` gives what those of a client may refer to.

    In production only approved text is led through: where the file has changed since, the text that was approved last.
    One that nobody ever approved is read as a page there.
    """

    def __init__(self, root: Path, around: Callable[[str], Surroundings], *, production: bool) -> None:
        self._root = root
        self._around = around
        self.production = production
        self._shelf = Shelf(
            lambda path, data, around: read_procedure(path.relative_to(root).as_posix(), path.stem, data, around)
        )
        self.approvals = Approvals(root)

    def runs(self, path: Path) -> Procedure | None:
        """What runs of a file of the folder, None where the file is gone. Raises InvalidDocument."""
        read = self._approved if self.production else self._written
        procedure = read(path)
        if procedure is None or procedure.as_page:
            return procedure
        return with_pieces(procedure, partial(self._piece, read))

    def written(self, path: Path) -> Procedure | None:
        """What the file itself says, approved or not, None where it is gone. Raises InvalidDocument."""
        procedure = self._written(path)
        return with_pieces(procedure, partial(self._piece, self._written)) if procedure else None

    def _written(self, path: Path) -> Procedure | None:
        procedure = self._shelf.get(path, self._around(path.parent.name))
        if procedure is None:
            return None
        approvals = self.approvals.of(_key(path))
        approval = next((each for each in reversed(approvals) if each.digest == procedure.digest), None)
        return procedure.model_copy(update={"approval": approval}) if approval else procedure

    def _approved(self, path: Path) -> Procedure | None:
        approvals = self.approvals.of(_key(path))
        if not path.is_file():
            return None
        if not approvals:
            written = self._written(path)
            return draft_page(written, self._around(path.parent.name).language) if written else None
        try:
            self.approvals.check_copy(approvals[-1])
        except InvalidDocument:
            written = self._same_text(path, approvals[-1])
            if written is None:
                raise
            return written
        procedure = self._shelf.get(self.approvals.copy_of(_key(path)), self._around(path.parent.name))
        if procedure is None:  # deleted between the two looks
            raise InvalidDocument(Problem(path=_key(path), line=None, message="the approved text is not there."))
        try:
            now = self._shelf.get(path, self._around(path.parent.name))
        except InvalidDocument:
            now = None
        outdated = now is None or now.digest != procedure.digest
        return procedure.model_copy(update={"approval": approvals[-1], "outdated": outdated})

    def _same_text(self, path: Path, approval: Approval) -> Procedure | None:
        """The file itself, where it holds the text that was approved: its copy is lost, and told by the check."""
        try:
            written = self._written(path)
        except InvalidDocument:
            return None
        return written if written and written.digest == approval.digest else None

    def _piece(self, read: Callable[[Path], Procedure | None], name: str) -> Procedure | None:
        try:
            piece = read(self._root / FOLDER / SHARED / f"{name}.md")
        except InvalidDocument:
            return None  # told as that file's own problem
        return None if piece is None or piece.as_page else piece


def _key(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"
