"""`./vigie approve FILE --as NAME`: somebody stands for the text of a procedure as it is now."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from vigie.cli.authored_file import procedure_file
from vigie.cli.remedy import RemedyError
from vigie.core.approval import Approval, Change
from vigie.core.errors import InvalidDocument
from vigie.documents.approvals import COPIES, FILE, digest_of
from vigie.documents.findings import did_you_mean
from vigie.documents.library import Library


def main(argv: list[str]) -> int:
    """Run the command: 0 where the text is approved now, 1 where something in it is wrong."""
    parser = argparse.ArgumentParser(
        prog="./vigie approve",
        description="Approve a procedure as it is now. In production only approved text runs.",
    )
    parser.add_argument("file", type=Path, help="include/procedures/<client>/<name>.md")
    parser.add_argument(
        "--as", dest="name", required=True, metavar="NAME", help="who stands for it: a name of the rota"
    )
    parser.add_argument("--editorial", action="store_true", help="only words changed, not what is done: no review")
    parser.add_argument("--site", type=Path, help="the folder with dags/ and include/ (default: this one)")
    arguments = parser.parse_args(argv)
    library, path = procedure_file(arguments.file, arguments.site)
    _check_person(library, arguments.name)
    try:
        procedure = library.procedure_files.written(path)
    except InvalidDocument as broken:
        print(broken)
        print("\nNothing was approved.")
        return 1
    if procedure is None:
        raise RemedyError(f"{path} has gone.", "Write it again.")
    data = path.read_bytes()
    if digest_of(data) != procedure.digest:
        raise RemedyError(f"{path} has changed while it was read.", "Read it, and approve it again.")
    key = f"{path.parent.name}/{path.stem}"
    last = [*library.procedure_files.approvals.of(key)][-1:]
    change: Change = "editorial" if arguments.editorial else "substantial"
    if arguments.editorial and not last:
        raise RemedyError(
            f"{key} was never approved: its first approval is no editorial one.", "Leave --editorial out."
        )
    if last and last[0].digest == procedure.digest and change == "editorial":
        print(f"{key}: {last[0].by} approved this very text on {last[0].at:%Y-%m-%d}. Nothing to do.")
        return 0
    approval = Approval(procedure=key, digest=procedure.digest, by=arguments.name, at=_now(), change=change)
    library.procedure_files.approvals.add(approval, data)
    print(f"{key}, version {procedure.revision}, is approved by {arguments.name} ({change}).")
    print(f"Commit {FILE} and {COPIES}/{key}.md.")
    return 0


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _check_person(library: Library, name: str) -> None:
    try:
        people = library.rota().people
    except InvalidDocument as broken:
        raise RemedyError(f"The rota cannot be read: {broken}", "Mend it first: './vigie check'.") from None
    if name not in people:
        raise RemedyError(f"Nobody in the rota is called '{name}'.", did_you_mean(name, people))
