"""Everything that is wrong under ``include/``, all at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from jinja2 import nodes

from vigie.core.claim import claimants
from vigie.core.client import PLATFORM_POLICY, Client, Rota
from vigie.core.client_marks import ClientMarks
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.mail_desk import MailDeskRules
from vigie.core.message import Message
from vigie.core.site import Site
from vigie.core.site_table import SiteTable
from vigie.documents import calendar_checks, procedures, rotas, tables, template_file
from vigie.documents.calendar_shelf import CalendarShelf
from vigie.documents.client_checks import client_problems, naming_problems
from vigie.documents.findings import Findings, did_you_mean
from vigie.documents.leftovers import is_readme, leftovers
from vigie.documents.procedure_files import ProcedureFiles
from vigie.documents.procedure_problems import procedure_problems
from vigie.documents.tables import CLIENT_ID
from vigie.documents.template_checks import check_template
from vigie.documents.template_file import TemplateFile
from vigie.documents.templates import Templates
from vigie.documents.zone_checks import zone_problems

_READ = {
    tables.FOLDER: ("*/*.yaml",),
    procedures.FOLDER: ("*/*.md", "approvals.yaml"),
    template_file.FOLDER: ("*.md.j2", "*/*.md.j2"),
    rotas.FOLDER: ("*.yaml",),
}

_NEARLY = frozenset({"yaml", "yml", "md", "markdown", "mdown", "txt", "j2", "jinja", "jinja2"})
"""Endings that people give to files of these kinds."""


class Documents(Protocol):
    """What the check needs of the library."""

    root: Path
    templates: Templates
    calendars: CalendarShelf

    def client_ids(self) -> list[str]: ...
    def client(self, client: str) -> Client: ...
    def clients(self) -> dict[str, Client]: ...
    def tables(self, client: str) -> list[str]: ...
    def sites(self, client: str, table: str) -> tuple[Site, ...]: ...
    def site_table(self, client: str, table: str) -> SiteTable: ...
    def rota(self) -> Rota: ...
    def mail_desk(self) -> MailDeskRules: ...
    @property
    def procedure_files(self) -> ProcedureFiles: ...
    def procedure_paths(self) -> list[Path]: ...
    def template_files(self) -> list[str]: ...
    def template(self, file: str) -> TemplateFile | None: ...
    def preview(self, file: str) -> Message: ...


def problems_of(library: Documents) -> list[Problem]:
    """Every problem of a site's documents, by file and line."""
    parts = (_rota, _clients, _claims, zone_problems, calendar_checks.problems_of, procedure_problems, _templates)
    found = [
        *(problem for part in parts for problem in part(library)),
        *_strays(library.root),
        *leftovers(library.root),
    ]
    return sorted(set(found), key=lambda problem: (problem.path, problem.line or 0, problem.message))


def _of(read: Callable[[], Any]) -> Iterator[Problem]:
    try:
        read()
    except InvalidDocument as invalid:
        yield from invalid.problems


def _rota(library: Documents) -> Iterator[Problem]:
    yield from _of(library.mail_desk)
    try:
        policies = library.rota().policies
    except InvalidDocument as invalid:
        yield from invalid.problems
        return
    if PLATFORM_POLICY not in policies:
        path, line = _place_of_policies(library.root)
        remedy = f"Add '{PLATFORM_POLICY}:' under 'policies:', with the steps by which your own people are called."
        near = get_close_matches(PLATFORM_POLICY, policies, n=1, cutoff=0.8)
        remedy = f"Write '{PLATFORM_POLICY}:' where '{near[0]}:' stands." if near else remedy
        message = f"policies: the rota has no policy '{PLATFORM_POLICY}', by which problems on our side are called."
        yield Problem(path=path, line=line, message=message, remedy=remedy)


def _place_of_policies(root: Path) -> tuple[str, int | None]:
    """The file and line of the rota where its policies stand; its folder where there are none."""
    for path in sorted((root / rotas.FOLDER).glob("*.yaml")):
        for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
            if line.startswith("policies:"):
                return path.relative_to(root).as_posix(), number
    return rotas.FOLDER, None


def _clients(library: Documents) -> Iterator[Problem]:
    for client in library.client_ids():
        yield from _of(partial(library.client, client))
        for table in library.tables(client):
            yield from _of(partial(library.sites, client, table))
    try:
        rota = library.rota()
    except InvalidDocument:
        yield from client_problems(library.root, library.clients(), None)
        return
    yield from client_problems(library.root, library.clients(), rota)
    policies = rota.policies
    for client, known in library.clients().items():
        if known.policy not in policies:
            path = f"{tables.FOLDER}/{client}/client.yaml"
            message = f"policy: the rota has no policy '{known.policy}'."
            line = _line_of_policy(library.root / path)
            yield Problem(path=path, line=line, message=message, remedy=did_you_mean(known.policy, policies))


def _claims(library: Documents) -> Iterator[Problem]:
    """A connection belongs to one client: the second claim is the problem, at its line."""
    clients = library.clients()
    for client, known in clients.items():
        path = f"{tables.FOLDER}/{client}/client.yaml"
        for connection in known.connections:
            first = claimants(connection, clients)[0]
            if first != client:
                yield Problem(
                    path=path,
                    line=_line_of(library.root / path, connection),
                    message=f"connections: '{connection}' is claimed by the client '{first}' already.",
                    remedy="Give each client a connection of its own in the vault.",
                )


def _line_of(path: Path, name: str) -> int | None:
    lines = path.read_text("utf-8").split("\n")
    within = False
    for number, line in enumerate(lines, start=1):
        if line[:1].strip():
            within = line.startswith("connections:")
        if within and line.strip().partition(":")[0].strip("'\" ") == name:
            return number
    return None


def _line_of_policy(path: Path) -> int | None:
    lines = path.read_text("utf-8").split("\n")
    return next((number for number, line in enumerate(lines, start=1) if line.startswith("policy:")), None)


def _templates(library: Documents) -> Iterator[Problem]:
    clients = library.clients()
    marks = ClientMarks(clients.values())
    for file in library.template_files():
        path = f"{template_file.FOLDER}/{file}"
        folder = file.rpartition("/")[0]
        if folder and folder not in library.client_ids() and not (library.root / tables.FOLDER / folder).is_dir():
            remedy = did_you_mean(folder, library.client_ids())
            yield Problem(path=path, line=None, message=f"no client is called '{folder}'.", remedy=remedy)
        findings = Findings(path)
        try:
            template = library.template(file)
            if template is None:
                findings.add(
                    None, "a template is called '<name>.md.j2' or '<name>.<language>.md.j2', in small letters."
                )
            else:
                check_template(file, template, library.templates.sandbox, findings)
                if not findings.problems and not template.is_base:
                    library.preview(file)
                    yield from _naming_others(library, file, template, clients, marks)
        except InvalidDocument as invalid:
            yield from invalid.problems
        yield from findings.problems


def _naming_others(
    library: Documents, file: str, template: TemplateFile, clients: Mapping[str, Client], marks: ClientMarks
) -> Iterator[Problem]:
    tree = library.templates.sandbox.parse(template.source, filename=template.path)
    written = list(tree.find_all(nodes.TemplateData))
    texts = ((data.lineno + number, line) for data in written for number, line in enumerate(data.data.split("\n")))
    remedy = "Write {{ client }}, or put it into the client's own folder of templates."
    path, folder = f"{template_file.FOLDER}/{file}", file.rpartition("/")[0]
    yield from naming_problems(path, texts, folder, clients, marks, remedy)


def _strays(root: Path) -> Iterator[Problem]:
    """Files in the right folder with the wrong ending: they would never be read, and nobody would be told."""
    for folder, endings in _READ.items():
        base = root / folder
        read = {path for ending in endings for path in base.glob(ending)}
        for path in base.rglob("*"):
            hidden = any(part.startswith(".") for part in path.relative_to(base).parts)
            if path.is_file() and path not in read and not hidden and not is_readme(path):
                told = path.relative_to(root).as_posix()
                yield Problem(
                    path=told,
                    line=None,
                    message="nothing reads this file.",
                    remedy=_right_name(path, base, endings) or f"Name it {' or '.join(endings)} in {folder}.",
                )
    for path in sorted((root / tables.FOLDER).glob("*/")):
        told = path.relative_to(root).as_posix()
        if path.is_dir() and not CLIENT_ID.fullmatch(path.name):
            remedy = f"Use small letters, digits and '-': '{_fit(path.name)}'."
            yield Problem(path=told, line=None, message=f"'{path.name}' cannot be the name of a client.", remedy=remedy)
        elif path.is_dir() and not (path / "client.yaml").exists():
            remedy = f"Write {told}/client.yaml."
            yield Problem(path=told, line=None, message="the client has no client.yaml.", remedy=remedy)


def _right_name(path: Path, base: Path, endings: tuple[str, ...]) -> str:
    """The remedy for a file that has only the wrong ending (``stores.yml``); empty where that is not all."""
    stem = path.name
    ending = next(each for each in endings if "*" in each).rpartition("*")[2]
    while (cut := stem.rpartition("."))[2] in _NEARLY and cut[0]:
        stem = cut[0]
    right = path.with_name(stem + ending)
    fits = any(right.relative_to(base).match(each) for each in endings)
    return f"Call it {right.name}." if stem != path.name and fits and not right.exists() else ""


def _fit(name: str) -> str:
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-") or "acme"
