"""Everything that people wrote under ``include/`` of a site."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from vigie.core.client import Client, Rota
from vigie.core.errors import InvalidDocument, Problem
from vigie.core.mail_desk import MailDeskRules
from vigie.core.message import Message
from vigie.core.procedure import SHARED, Procedure
from vigie.core.site import Site
from vigie.core.site_table import SiteTable
from vigie.documents import procedures, rotas, site_check, tables, template_file
from vigie.documents.calendar_shelf import CalendarShelf
from vigie.documents.findings import did_you_mean
from vigie.documents.folder_names import FolderNames
from vigie.documents.leftovers import is_readme
from vigie.documents.mail_desk import FILE as MAIL_DESK
from vigie.documents.mail_desk import read_mail_desk
from vigie.documents.procedure_checks import Surroundings
from vigie.documents.procedure_files import ProcedureFiles
from vigie.documents.rota_shelf import RotaShelf
from vigie.documents.shelf import Shelf, Stamp, stamp_of
from vigie.documents.tables import CLIENT_ID, digest_of, read_client, read_site_table
from vigie.documents.template_file import FILE, NAME, TemplateFile, read_template
from vigie.documents.templates import Templates


class Library:
    """What people wrote for the site at ``root``: clients, sites, rota, procedures, templates.

    Files are read when they are asked for, and again when they have changed. Everything raises InvalidDocument,
    with file, line and remedy, where a file is missing or wrong; a wrong file never takes another one away.
    In ``production`` only approved procedures run.
    """

    def __init__(self, root: Path, *, production: bool = False) -> None:
        self.root = Path(root)
        self._clients = Shelf(lambda path, data, _: read_client(self._told(path), path.parent.name, data))
        self._sites = Shelf(lambda path, data, _: read_site_table(self._told(path), data))
        self.procedure_files = ProcedureFiles(self.root, self._around, production=production)
        self._templates = Shelf(lambda path, data, _: read_template(self._told(path), data))
        self._mail_desk = Shelf(lambda path, data, _: read_mail_desk(self._told(path), data))
        self._names_in = FolderNames()
        self._rota = RotaShelf(self.root / rotas.FOLDER, self._told)
        self.templates = Templates(self)
        self.calendars = CalendarShelf(self.root, self._language)

    def client_ids(self) -> list[str]:
        """The names of the clients' folders, whether or not they can be read."""
        names = _names(self.root / tables.FOLDER, "*/client.yaml", lambda path: path.parent.name)
        return [name for name in names if CLIENT_ID.fullmatch(name)]

    def client(self, client: str) -> Client:
        """A client. Its policy may be one that the rota does not have: ``problems`` says so."""
        found = (
            self._clients.get(self.root / tables.FOLDER / client / "client.yaml")
            if CLIENT_ID.fullmatch(client)
            else None
        )
        if found is None:
            remedy = did_you_mean(client, self.client_ids(), f"Write {tables.FOLDER}/{client}/client.yaml.")
            raise InvalidDocument(_absent(tables.FOLDER, f"no client is called '{client}'.", remedy))
        return found

    def clients(self) -> dict[str, Client]:
        """Every client that can be read, by its id."""
        readable = {}
        for client in self.client_ids():
            try:
                readable[client] = self.client(client)
            except InvalidDocument:
                continue
        return readable

    def tables(self, client: str) -> list[str]:
        """The names of a client's tables of sites."""
        names = self._stems(self.root / tables.FOLDER / client, ".yaml")
        return [name for name in names if name not in tables.NOT_SITES]

    def sites(self, client: str, table: str) -> tuple[Site, ...]:
        """The rows of a client's table of sites, in their order; without a table the client itself is the only site."""
        found = self.site_table(client, table)
        if found.problems:
            raise InvalidDocument(*found.problems)
        return found

    def site_table(self, client: str, table: str) -> SiteTable:
        """As ``sites``, with the rows that can be read. Raises InvalidDocument where that is none of them."""
        if not table:
            whole = self.client(client)
            return SiteTable((Site(code=client, name=whole.name, zone=whole.zone, country=whole.country or ""),))
        named = CLIENT_ID.fullmatch(client) and NAME.fullmatch(table) and table not in tables.NOT_SITES
        found = self._sites.get(self.root / tables.FOLDER / client / f"{table}.yaml") if named else None
        if found is None:
            path = f"{tables.FOLDER}/{client}"
            remedy = did_you_mean(
                table, self.tables(client) if CLIENT_ID.fullmatch(client) else [], f"Write {path}/{table}.yaml."
            )
            raise InvalidDocument(_absent(path, f"no table of sites is called '{table}'.", remedy))
        return found

    def sites_digest(self, client: str, table: str) -> str:
        """A digest of a table's content, for whoever must notice that it changed; of what is wrong with it too."""
        try:
            return digest_of(found := self.site_table(client, table), found.problems)
        except InvalidDocument as invalid:
            return digest_of((), invalid.problems)

    def rota(self) -> Rota:
        """The people and their policies, from every file of the rota."""
        return self._rota.whole()

    def readable_rota(self) -> Rota:
        """The rota to call people by tonight, however its files are. Raises nothing."""
        return self._rota.readable()

    def mail_desk(self) -> MailDeskRules:
        """How unclassified mail is told and read mail is filed; without a file, told each half hour and not filed."""
        return self._mail_desk.get(self.root / MAIL_DESK) or MailDeskRules()

    def procedure(self, client: str, name: str) -> Procedure:
        """A procedure of the client, or of those that all share."""
        for folder in (client, SHARED):
            if (CLIENT_ID.fullmatch(client) or client == SHARED) and NAME.fullmatch(name):
                found = self.procedure_at(self.root / procedures.FOLDER / folder / f"{name}.md")
                if found is not None:
                    return found
        remedy = did_you_mean(name, self.procedure_names(client), f"Write {procedures.FOLDER}/{client}/{name}.md.")
        raise InvalidDocument(_absent(f"{procedures.FOLDER}/{client}", f"no procedure is called '{name}'.", remedy))

    def procedure_at(self, path: Path) -> Procedure | None:
        """What runs of a file of ``procedure_paths``; None where the file is gone."""
        return self.procedure_files.runs(path)

    def procedure_paths(self) -> list[Path]:
        """The files of all procedures, whether or not they can be read."""
        return sorted(each for each in (self.root / procedures.FOLDER).glob("*/*.md") if not is_readme(each))

    def procedure_names(self, client: str) -> list[str]:
        """The procedures that a client may use: its own and the shared ones."""
        folders = {client, SHARED} if CLIENT_ID.fullmatch(client) else {SHARED}
        return sorted({name for each in folders for name in self._stems(self.root / procedures.FOLDER / each, ".md")})

    def render(self, name: str, client: str, language: str, facts: Mapping[str, Any]) -> Message:
        """Render a template in a language: the client's own before the common one, the language's before the other."""
        return self.templates.render(self.find_template(name, client, language), facts)

    def find_template(self, name: str, client: str, language: str) -> str:
        """The file of a template for a client in a language, by its path below the folder of templates."""
        for file in (f"{client}/{name}.{language}", f"{client}/{name}", f"{name}.{language}", name):
            if self.template_stamp(f"{file}.md.j2") is not None:
                return f"{file}.md.j2"
        remedy = did_you_mean(name, {known for known, _ in self._template_names(client)} - {name})
        raise InvalidDocument(
            _absent(template_file.FOLDER, f"no template '{name}' for {client} in '{language}'.", remedy)
        )

    def template_exists(self, name: str, client: str) -> bool:
        """Whether the client has a template of this name in any language."""
        return any(known == name for known, _ in self._template_names(client))

    def template_names(self, client: str) -> list[str]:
        """The names of the templates that a client has, its own and the common ones."""
        return sorted({name for name, _ in self._template_names(client)})

    def template_files(self) -> list[str]:
        """Every template, by its path below the folder of templates; bases (``_incident.md.j2``) too."""
        folder = self.root / template_file.FOLDER
        return sorted(path.relative_to(folder).as_posix() for path in folder.glob("**/*.md.j2"))

    def template(self, file: str) -> TemplateFile | None:
        """A template's file by its path below the folder of templates, None where there is none."""
        return self._templates.get(self.root / template_file.FOLDER / file) if _is_template(file) else None

    def template_stamp(self, file: str) -> Stamp | None:
        """Something that changes when the file does."""
        return stamp_of(self.root / template_file.FOLDER / file) if _is_template(file) else None

    def preview(self, file: str) -> Message:
        """A template rendered with its own example."""
        template = self.template(file)
        if template is None:
            raise InvalidDocument(
                _absent(template_file.FOLDER, f"no template '{file}'.", did_you_mean(file, self.template_files()))
            )
        return self.templates.render(file, template.example)

    def problems(self) -> list[Problem]:
        """Everything that is wrong under ``include/``, all at once."""
        return site_check.problems_of(self)

    def _language(self, client: str) -> str:
        try:
            return self.client(client).languages[0]
        except InvalidDocument:  # told as the client's own problem
            return "en"

    def _told(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _stems(self, folder: Path, ending: str) -> list[str]:
        return [name.removesuffix(ending) for name in self._names_in(folder) if name.endswith(ending)]

    def _template_names(self, client: str) -> frozenset[tuple[str, str]]:
        folders = [
            self.root / template_file.FOLDER,
            *([self.root / template_file.FOLDER / client] if CLIENT_ID.fullmatch(client) else []),
        ]
        return _templates_in(tuple(self._names_in(folder) for folder in folders))

    def _around(self, client: str) -> Surroundings:
        contacts: frozenset[tuple[str, str]] = frozenset()
        connections: frozenset[str] = frozenset()
        language = ""
        is_readable = True
        if client != SHARED:
            try:
                known = self.client(client)
            except InvalidDocument:
                is_readable = False  # told as the client's own problem, which must not take its procedures away
            else:
                language = known.languages[0]
                connections = frozenset(known.connections)
                contacts = frozenset((name, contact.language or language) for name, contact in known.contacts.items())
        return Surroundings(
            client=client,
            procedures=frozenset(self.procedure_names(client)),
            templates=self._template_names(client),
            contacts=contacts,
            connections=connections,
            language=language,
            is_readable=is_readable,
        )


@lru_cache(maxsize=256)
def _templates_in(folders: tuple[tuple[str, ...], ...]) -> frozenset[tuple[str, str]]:
    """The templates of these lists of files: name and language."""
    files = [FILE.fullmatch(name) for names in folders for name in names]
    return frozenset((file[1], file[2] or "") for file in files if file and not file[1].startswith("_"))


def _absent(path: str, message: str, remedy: str) -> Problem:
    return Problem(path=path, line=None, message=message, remedy=remedy)


def _names(folder: Path, pattern: str, name: Any) -> list[str]:
    return sorted(name(path) for path in folder.glob(pattern))


def _is_template(file: str) -> bool:
    folder, _, name = file.rpartition("/")
    return bool(FILE.fullmatch(name)) and (not folder or bool(CLIENT_ID.fullmatch(folder)))
