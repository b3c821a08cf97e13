"""What is wrong with a site's procedures: each file, its approval, and whether they lead to an end together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from vigie.core.client import Client, Rota
from vigie.core.client_marks import ClientMarks
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.procedure import CLOSE, ESCALATE, SHARED, Procedure
from vigie.core.way import ways
from vigie.documents import tables
from vigie.documents.client_checks import naming_problems
from vigie.documents.findings import did_you_mean
from vigie.documents.procedure_files import ProcedureFiles
from vigie.documents.procedure_loops import loops
from vigie.documents.template_file import NAME


class Site(Protocol):
    """What this needs of the library."""

    root: Path

    @property
    def procedure_files(self) -> ProcedureFiles: ...
    def client_ids(self) -> list[str]: ...
    def clients(self) -> dict[str, Client]: ...
    def rota(self) -> Rota: ...
    def procedure_paths(self) -> list[Path]: ...


def procedure_problems(site: Site) -> Iterator[Problem]:
    """Every problem of the files as they are written, whichever text runs."""
    read: dict[str, Procedure] = {}
    for path in site.procedure_paths():
        yield from _named_wrongly(site, path)
        key = f"{path.parent.name}/{path.stem}"
        try:
            procedure = site.procedure_files.written(path)
        except InvalidDocument as invalid:
            yield from invalid.problems
        else:
            read |= {key: procedure} if procedure else {}
        for approval in site.procedure_files.approvals.of(key)[-1:]:
            try:
                site.procedure_files.approvals.check_copy(approval)
            except InvalidDocument as invalid:
                yield from invalid.problems
    yield from _ownerless(site, read)
    yield from _endless(read)
    yield from loops(read)
    yield from _naming_others(site, read)
    yield from site.procedure_files.approvals.problems()


def _naming_others(site: Site, read: Mapping[str, Procedure]) -> Iterator[Problem]:
    """Procedures whose questions name another client."""
    clients = site.clients()
    marks = ClientMarks(clients.values())
    remedy = "Leave the name out, or write {{ client }}."
    for procedure in read.values():
        client = "" if procedure.client == SHARED else procedure.client
        ends = f"{procedure.title}\n{procedure.escalate}\n{procedure.close}"
        texts = [(None, ends), *((step.line, f"{step.title}\n{step.text}") for step in procedure.steps)]
        yield from naming_problems(procedure.path, texts, client, clients, marks, remedy)


def _named_wrongly(site: Site, path: Path) -> Iterator[Problem]:
    told = path.relative_to(site.root).as_posix()
    if not NAME.fullmatch(path.stem):
        yield Problem(path=told, line=None, message="a procedure is called '<name>.md', in small letters.")
    client = path.parent.name
    if client != SHARED and client not in site.client_ids() and not (site.root / tables.FOLDER / client).is_dir():
        remedy = did_you_mean(client, site.client_ids())
        yield Problem(path=told, line=None, message=f"no client is called '{client}'.", remedy=remedy)


def _ownerless(site: Site, read: Mapping[str, Procedure]) -> Iterator[Problem]:
    """Procedures whose owner is nobody: the last page of an open step and the mail of a review would reach nobody."""
    try:
        people = site.rota().people
    except InvalidDocument:
        return
    for procedure in read.values():
        if procedure.owner not in people:
            lines = procedure.source.split("\n")
            line = next((number for number, each in enumerate(lines, start=1) if each.startswith("owner:")), None)
            message = f"owner: nobody in the rota is called '{procedure.owner}'."
            yield Problem(path=procedure.path, line=line, message=message, remedy=did_you_mean(procedure.owner, people))


def _endless(read: Mapping[str, Procedure]) -> Iterator[Problem]:
    """Procedures that only open one another: whoever follows them never comes to an end."""
    leads = {key: {_led(read, procedure, way.target) for way in ways(procedure)} for key, procedure in read.items()}
    ending = {CLOSE, ESCALATE, ""}
    while grown := {key for key in leads.keys() - ending if leads[key] & ending}:
        ending |= grown
    for key in leads.keys() - ending:
        yield Problem(
            path=read[key].path,
            line=read[key].steps[0].line,
            message="no way through this procedure ends: each opens a procedure, and so on without end.",
            remedy="Let an answer lead to Escalate or to Close.",
        )


def _led(read: Mapping[str, Procedure], procedure: Procedure, target: str) -> str:
    """The end that a way leads to, or the procedure it opens; empty where that one cannot be read, a step inside."""
    if not target.endswith(".md"):
        return target if target in {CLOSE, ESCALATE} else "inside"
    name = target.removesuffix(".md")
    return next((key for key in (f"{procedure.client}/{name}", f"{SHARED}/{name}") if key in read), "")
