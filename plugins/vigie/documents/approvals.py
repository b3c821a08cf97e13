"""The approvals of a site's procedures: who stands for which text, and a copy of the text that was approved last.

The copies lie in ``include/procedures/.approved/<client>/<name>.md``: a container has no git, a shallow clone no
history. The difference that a commit shows there is what was approved.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from vigie.core.approval import Approval
from vigie.core.errors import InvalidDocument, Problem
from vigie.documents.findings import Findings
from vigie.documents.shelf import Shelf
from vigie.documents.strict_yaml import read_yaml
from vigie.documents.text_file import read_text

FILE = "include/procedures/approvals.yaml"
COPIES = "include/procedures/.approved"
HEAD = "# Who stands for which text. './vigie approve' writes here; read the copies in .approved to see what changed.\n"

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PROCEDURE = re.compile(r"(?:[a-z0-9][a-z0-9-]{0,62}|_shared)/[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)


class Read(NamedTuple):
    """What ``approvals.yaml`` says: its approvals, the newest last, and what is wrong with the other lines."""

    approvals: tuple[Approval, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_approvals(path: str, data: bytes) -> Read:
    """Read the file line by line: a line that a merge has spoiled takes no other approval away."""
    findings = Findings(path)
    try:
        lines = read_text(data, findings).split("\n")
    except InvalidDocument as invalid:
        return Read(problems=invalid.problems)
    approvals = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            approval = _approval(line, number, findings)
            approvals += [approval] if approval else []
    return Read(tuple(approvals), tuple(findings.problems))


def _approval(line: str, number: int, findings: Findings) -> Approval | None:
    inner = Findings(findings.path)
    written = read_yaml(line, inner, number)
    row = written.value if written else None
    approval = inner.model(Approval, row[0], {(): number}) if isinstance(row, list) and len(row) == 1 else None
    fits = approval and _DIGEST.fullmatch(approval.digest) and _PROCEDURE.fullmatch(approval.procedure)
    if approval and fits and approval.at.tzinfo is not None:
        return approval
    findings.add(number, "this is not a line of './vigie approve'.", "Take the line back from git.")
    return None


def digest_of(data: bytes) -> str:
    """The digest of a procedure's text: the SHA-256 of the file."""
    return hashlib.sha256(data).hexdigest()


class Approvals:
    """The approvals of the site at ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._shelf: Shelf[Read] = Shelf(lambda _, data, __: read_approvals(FILE, data))

    def of(self, procedure: str) -> Sequence[Approval]:
        """The approvals of a procedure (``<client>/<name>``), the newest last."""
        return [each for each in self._read().approvals if each.procedure == procedure]

    def problems(self) -> Sequence[Problem]:
        """What is wrong in ``approvals.yaml``."""
        return self._read().problems

    def _read(self) -> Read:
        return self._shelf.get(self._root / FILE) or Read()

    def copy_of(self, procedure: str) -> Path:
        """Where the text that was approved last is kept."""
        return self._root / COPIES / f"{procedure}.md"

    def check_copy(self, approval: Approval) -> None:
        """Raise InvalidDocument where the copy is not the text that was approved."""
        copy = self.copy_of(approval.procedure)
        told = f"{COPIES}/{approval.procedure}.md"
        remedy = f"Take it back from git, or './vigie approve include/procedures/{approval.procedure}.md'."
        if not copy.is_file():
            raise InvalidDocument(
                Problem(path=told, line=None, message="the approved text is not there.", remedy=remedy)
            )
        if digest_of(copy.read_bytes()) != approval.digest:
            message = f"this is not the text that {approval.by} approved on {approval.at:%Y-%m-%d}."
            raise InvalidDocument(Problem(path=told, line=None, message=message, remedy=remedy))

    def add(self, approval: Approval, data: bytes) -> None:
        """Keep an approval and its text: the text first, so that no line stands without it."""
        copy = self.copy_of(approval.procedure)
        copy.parent.mkdir(parents=True, exist_ok=True)
        _replace(copy, data)
        file = self._root / FILE
        before = file.read_text("utf-8") if file.exists() else HEAD
        line = (
            f"- {{procedure: {approval.procedure}, digest: {approval.digest}, by: {approval.by},"
            f' at: "{approval.at:%Y-%m-%dT%H:%M:%SZ}", change: {approval.change}}}\n'
        )
        _replace(file, (before.rstrip("\n") + "\n" + line).encode())


def _replace(file: Path, data: bytes) -> None:
    """Write a file whole or not at all: it may be read at any moment."""
    new = file.with_name(f".{file.name}.new")
    new.write_bytes(data)
    new.replace(file)
