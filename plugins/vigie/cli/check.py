"""`./vigie check`: everything that is wrong with the authored files: file, line, reason, remedy, all at once."""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.cli.dag_name_problems import name_problems
from vigie.cli.draft_notes import draft_notes
from vigie.cli.end_notes import end_notes
from vigie.cli.flux_complaint import complaint
from vigie.cli.flux_file import MadeDag, Written, load, made_dags, written_watches
from vigie.cli.incomplete_rows import incomplete_rows
from vigie.cli.language_notes import language_notes
from vigie.cli.procedure_references import unknown_references
from vigie.cli.review_dates import own_approvals, reviews_ahead, reviews_overdue, written_procedures
from vigie.cli.sending_connection import password_notes
from vigie.cli.settings import Settings
from vigie.cli.shared_connections import shared_connections
from vigie.cli.shared_names import same_files, shared_names
from vigie.cli.site_folder import has_flux, require_folder
from vigie.cli.ungiven_facts import ungiven_facts
from vigie.cli.unread_columns import unread_columns
from vigie.core.closing import never_ends, unproved
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.file_watch import FileWatch
from vigie.core.look_times import said_to_lie
from vigie.core.mail_filing import Watched, misplaced, unwatched
from vigie.core.watch import MailboxWatch, MailPatterns, MailWatch
from vigie.documents.client_checks import client_notes
from vigie.documents.library import Library
from vigie.documents.mail_desk import misplaced_problems

if TYPE_CHECKING:
    from vigie.tasks.sessions import AnyWatch


def main(argv: list[str]) -> int:
    """Run the command: 0 where nothing is wrong, 1 where something is. A note is no problem."""
    parser = argparse.ArgumentParser(prog="./vigie check", description="Check every authored file.")
    parser.add_argument("--site", type=Path, help="the folder with dags/ and include/ (default: this one)")
    arguments = parser.parse_args(argv)
    if arguments.site:
        os.environ["VIGIE_SITE"] = str(arguments.site.resolve())
    from vigie.tasks.site import site_root

    require_folder(site_root())
    with tempfile.TemporaryDirectory(prefix="vigie-check-") as home:
        os.environ["AIRFLOW_HOME"] = home  # an Airflow is imported, none is used: it must not write into the user's
        os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
        found, noted = problems_and_notes()
        noted += password_notes(Settings.from_environment())
    for problem in found:
        print(problem)
    for note in noted:
        print(note.model_copy(update={"message": f"note: {note.message}"}))
    if found:
        print(f"\n{len(found)} problem{'s' if len(found) > 1 else ''}.")
        return 1
    print("Nothing is wrong.")
    return 0


def problems() -> list[Problem]:
    """Everything that is wrong in the site, in the order of files and lines."""
    return problems_and_notes()[0]


def problems_and_notes() -> tuple[list[Problem], list[Problem]]:
    """Everything that is wrong in the site, and what its authors should know; in the order of files and lines."""
    from vigie.tasks.mail_desk_task import return_path
    from vigie.tasks.site import library, site_root

    found = [*library().problems()]
    procedures = written_procedures(library())
    written: list[Written] = []
    made: list[MadeDag] = []
    broken: list[Problem] = []
    for path in sorted((site_root() / "dags").rglob("*.py")):
        broken += _flux_problems(path, site_root(), written, made)
    watches = [each.watch for each in written]
    if own := return_path(library()):
        watches.append(own)
    found += shared_connections(library(), written)
    found += [*broken, *incomplete_rows(library(), watches), *_endless(written)]
    found += shared_names(library(), written)
    found += [*_filing_problems(library(), watches, all_loaded=not broken)]
    found += [*name_problems(made, site_root()), *reviews_ahead(procedures, _today())]
    if not has_flux(site_root()):
        remedy = "Write one: see docs/authors/fluxes.md."
        found.append(Problem(path="dags", line=None, message="there is no flux: nothing is watched.", remedy=remedy))
    if not broken:  # a flux that does not load may hold the watch that a procedure waits for
        found += unknown_references(library(), [watch.id for watch in watches], [each.dag_id for each in made])
        found += unread_columns(library(), watches)
        found += ungiven_facts(library(), procedures, watches)
    notes = [*end_notes(library(), watches), *_unproved(written), *client_notes(site_root(), library().clients())]
    notes += [*draft_notes(library()), *reviews_overdue(procedures, _today()), *own_approvals(library(), procedures)]
    notes += same_files(written)
    notes += language_notes(library(), watches)
    notes += _hasty(written)
    return _in_order(found), _in_order(notes)


def _today() -> date:
    """The date where it is latest on Earth: nobody's today lies ahead of it."""
    return (datetime.now(UTC) + timedelta(hours=14)).date()


def _in_order(found: list[Problem]) -> list[Problem]:
    unique = {str(problem): problem for problem in found}
    return sorted(unique.values(), key=lambda each: (each.path, each.line or 0, each.message))


def _flux_problems(path: Path, root: Path, written: list[Written], made: list[MadeDag]) -> Iterator[Problem]:
    """What is wrong with a file of ``dags/``; its watches and its DAGs are added to the lists."""
    from vigie.tasks.dag_names import remedy

    shown = str(path.relative_to(root))
    try:
        module = load(path)
    except InvalidDocument as broken:
        yield from broken.problems
    except Exception as wrong:  # noqa: BLE001 (an author's file may raise anything; it is told with its line)
        frames = [frame.lineno for frame in traceback.extract_tb(wrong.__traceback__) if frame.filename == str(path)]
        yield complaint(shown, frames[-1] if frames else None, wrong)
    else:
        written += written_watches(module)
        found = made_dags(module, path)
        made += found
        if not found and not _is_helper(path, root):
            old = remedy(path) if path.parent == root / "dags" and path.name == "procedures.py" else ""
            advice = old or "Write a flux: see docs/authors/fluxes.md."
            yield Problem(path=shown, line=1, message="this file makes no DAG.", remedy=advice)


def _is_helper(path: Path, root: Path) -> bool:
    """Whether other files of ``dags/`` import this one: then it need not make a DAG."""
    if path.name == "__init__.py":
        return True
    imported = re.compile(
        rf"^\s*(?:from\s+\S*\b{re.escape(path.stem)}\s+import|(?:from\s+\S+\s+)?import\s.*\b{re.escape(path.stem)}\b)",
        re.MULTILINE,
    )
    others = (other for other in (root / "dags").rglob("*.py") if other != path)
    return any(imported.search(other.read_text("utf-8", errors="replace")) for other in others)


def _endless(written: list[Written]) -> Iterator[Problem]:
    """The rules whose OK never ends an incident. They load: what they find is told all the same."""
    for each in written:
        if isinstance(each.watch, MailWatch) and (reason := never_ends(each.watch)):
            yield Problem(path=each.path, line=each.line, message=reason)


def _unproved(written: list[Written]) -> Iterator[Problem]:
    """What authors of critical rules must know: an OK that everybody can forge ends nothing."""
    for each in written:
        if isinstance(each.watch, MailPatterns) and (reason := unproved(each.watch)):
            yield Problem(path=each.path, line=each.line, message=reason)


def _hasty(written: list[Written]) -> Iterator[Problem]:
    """How long a file has to lie to be seen: many a consumer takes it at once."""
    for each in written:
        if isinstance(each.watch, FileWatch):
            said, remedy = said_to_lie(each.watch)
            yield Problem(path=each.path, line=each.line, message=said, remedy=remedy)


def _filing_problems(documents: Library, watches: list[AnyWatch], *, all_loaded: bool) -> list[Problem]:
    """What is wrong with the filing of mails, as the fluxes are. A flux that does not load may watch any mailbox."""
    try:
        rules = documents.mail_desk()
    except InvalidDocument:
        return []  # told as the file's own problem
    watched = [Watched(each.mailbox, each.folder, each.id) for each in watches if isinstance(each, MailboxWatch)]
    found = [*misplaced(rules, watched), *(unwatched(rules, watched) if all_loaded else ())]
    return misplaced_problems(documents.root, found, sorted({each.mailbox for each in watched})) if found else []
