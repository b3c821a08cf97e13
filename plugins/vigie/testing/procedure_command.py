"""`./vigie procedure show` and `test`: what an author looks at before somebody approves a procedure."""

from __future__ import annotations

import argparse
from pathlib import Path

from vigie.cli.authored_file import procedure_file, site_library
from vigie.cli.remedy import RemedyError
from vigie.core.errors import InvalidDocument
from vigie.core.procedure import Procedure
from vigie.core.walk import Walk
from vigie.documents.library import Library
from vigie.testing.procedure_sheet import procedure_sheet
from vigie.testing.rehearsal import Rehearsal, rehearse


def main(argv: list[str]) -> int:
    """Run the command: 0 where nothing is wrong, 1 where something is."""
    arguments = _arguments(argv)
    if arguments.what == "test" and arguments.file is None:
        library = site_library(arguments.site)
        paths = library.procedure_paths()
    else:
        library, path = procedure_file(arguments.file, arguments.site)
        paths = [path]
    return max([_one(library, path, arguments) for path in paths], default=0)


def _one(library: Library, path: Path, arguments: argparse.Namespace) -> int:
    try:
        procedure = library.procedure_files.written(path)
    except InvalidDocument as broken:
        print(broken)
        return 1
    if procedure is None:
        raise RemedyError(f"{path} has gone.", "Write it again.")
    if arguments.what == "show":
        return _show(procedure, arguments.out)
    return _test(rehearse(library, procedure), ways_too=arguments.file is not None)


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./vigie procedure", description="Look at a procedure, and try it.")
    site = argparse.ArgumentParser(add_help=False)
    site.add_argument("--site", type=Path, help="the folder with dags/ and include/ (default: this one)")
    what = parser.add_subparsers(dest="what", required=True, metavar="show|test")
    show = what.add_parser("show", parents=[site], help="write its page and its graph into one HTML file")
    show.add_argument("file", type=Path, metavar="FILE", help="include/procedures/<client>/<name>.md")
    show.add_argument("--out", type=Path, help="the file to write (default: <client>.<name>.html)")
    test = what.add_parser(
        "test", parents=[site], help="go every way through it, with a fake human; nothing leaves this machine"
    )
    test.add_argument("file", type=Path, nargs="?", metavar="FILE", help="one procedure (default: all)")
    return parser.parse_args(argv)


def _show(procedure: Procedure, out: Path | None) -> int:
    file = out or Path(f"{procedure.client}.{procedure.name}.html")
    file.write_text(procedure_sheet(procedure), "utf-8")
    print(f"{file}: open it in a browser.")
    return 0


def _test(rehearsal: Rehearsal, *, ways_too: bool) -> int:
    procedure = rehearsal.procedure
    print(f"{procedure.client}/{procedure.name}, version {procedure.revision} ({procedure.status})")
    if ways_too:
        for number, walk in enumerate(rehearsal.walks, 1):
            print(f"  {number:>2}  {_told(procedure, walk)}")
    counted = ", ".join(f"{gone} of {there} {name}" for name, (gone, there) in rehearsal.coverage.items() if there)
    wrote = f"; {len(rehearsal.messages)} messages written" if rehearsal.messages else ""
    print(f"  gone: {counted}{wrote}")
    for remark in rehearsal.remarks:
        print(f"  note: {remark}")
    for problem in rehearsal.problems:
        print(f"  WRONG: {problem}")
    return 1 if rehearsal.problems else 0


def _told(procedure: Procedure, walk: Walk) -> str:
    """A walk in words: each step, and the answer that it got."""
    titles = {step.anchor: step.title for step in procedure.steps}
    parts = []
    for way in walk:
        how = {"answer": f" [{way.label}]", "failure": " (it fails)", "next": ""}[way.kind]
        parts.append(f"{titles[way.step]}{how}")
    return " → ".join([*parts, walk[-1].target])
