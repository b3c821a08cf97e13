"""Facts that a procedure or a template speaks of, and that no watch which uses it ever gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError

from vigie.core.errors import InvalidDocument, Problem
from vigie.core.pattern import group_names
from vigie.core.procedure import SHARED, Procedure
from vigie.core.watch import MailWatch
from vigie.documents import template_file
from vigie.documents.findings import did_you_mean
from vigie.documents.library import Library
from vigie.documents.procedure_text import parsed
from vigie.documents.template_file import FILE, TemplateFile

if TYPE_CHECKING:
    from vigie.tasks.sessions import AnyWatch


def ungiven_facts(library: Library, procedures: Iterable[Procedure], watches: Sequence[AnyWatch]) -> Iterator[Problem]:
    """One problem for each ``facts.name`` that no pattern of the watches names. Of watches that are no KoMail nothing is asked."""
    for procedure in procedures:
        if users := [each for each in watches if _opens(each, procedure)]:
            yield from _of(procedure.path, _spoken_of_in(procedure), users)
    for file in library.template_files():
        users = [each for each in watches if _sends(each, file)]
        try:
            template = library.template(file) if users else None
        except InvalidDocument:
            continue
        if template is not None:
            yield from _of(f"{template_file.FOLDER}/{file}", _spoken_of_by(library, template), users)


def _opens(watch: AnyWatch, procedure: Procedure) -> bool:
    return watch.respond.procedure == procedure.name and procedure.client in {watch.client, SHARED}


def _sends(watch: AnyWatch, file: str) -> bool:
    folder, _, last = file.rpartition("/")
    found = FILE.fullmatch(last)
    return found is not None and found[1] == watch.respond.template and folder in {"", watch.client}


def _of(path: str, spoken_of: Sequence[tuple[str, int]], users: Sequence[AnyWatch]) -> Iterator[Problem]:
    mails = [each for each in users if isinstance(each, MailWatch)]
    if not mails or len(mails) < len(users):
        return
    given = {name for watch in mails for pattern in _patterns(watch) for name in group_names(pattern)}
    told = ", ".join(sorted({watch.id for watch in mails}))
    for name, line in spoken_of:
        if name not in given:
            message = f"facts.{name}: no pattern of {told} has a (?P<{name}>…), so it is always empty."
            yield Problem(
                path=path,
                line=line,
                message=message,
                remedy=did_you_mean(name, given, f"Name it in the pattern: (?P<{name}>…)."),
            )


def _patterns(watch: MailWatch) -> list[str]:
    return [*watch.patterns.values(), *filter(None, (watch.resolves, watch.resolves_body))]


def _spoken_of_in(procedure: Procedure) -> list[tuple[str, int]]:
    if "facts." not in procedure.source:
        return []
    try:
        return _names(parsed(procedure.source, 1))
    except (TemplateSyntaxError, SyntaxError, RecursionError):
        return []  # told as the file's own problem


def _spoken_of_by(library: Library, template: TemplateFile) -> list[tuple[str, int]]:
    try:
        return _names(library.templates.sandbox.parse(template.source, filename=template.path))
    except (TemplateSyntaxError, SyntaxError, RecursionError):
        return []


def _names(tree: nodes.Template) -> list[tuple[str, int]]:
    found = [
        (each.attr, each.lineno)
        for each in tree.find_all(nodes.Getattr)
        if isinstance(each.node, nodes.Name) and each.node.name == "facts"
    ]
    return list(dict.fromkeys(found))
