"""The wall between clients as the tables are now: asked before each message leaves."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.core.boundary import Refusal, redacted, refusal
from vigie.core.client_marks import ClientMarks
from vigie.core.errors import InvalidDocument
from vigie.core.message import Message, Outbound
from vigie.core.site_table import SiteTable
from vigie.documents.library import Library
from vigie.tasks.posts import known_rota


class Wall:
    """Asks the tables of ``library``; what it makes of them is kept until one of them changes."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._read: tuple[object, ...] = ()
        self._marks = ClientMarks(())

    def refusal(self, outbound: Outbound, places: Mapping[str, str] | None = None) -> Refusal | None:
        """Why the message must not go to its recipient; None where it may."""
        return refusal(outbound, self._library.clients().values(), known_rota(self._library), places)

    def redacted(self, outbound: Outbound, places: Mapping[str, str] | None = None) -> tuple[Message, list[str]]:
        """What it may say there, and the clients of which it said something else."""
        clients = self._library.clients()
        return redacted(outbound, clients.values(), known_rota(self._library), self.marks(), places)

    def marks(self) -> ClientMarks:
        """By what a text tells of each client. A table that cannot be read tells of nobody."""
        clients = self._library.clients()
        sites = {client: self._sites(client) for client in clients}
        read = (*clients.values(), *(table for tables in sites.values() for table in tables))
        if len(read) != len(self._read) or any(new is not old for new, old in zip(read, self._read, strict=True)):
            rows = {client: [site for table in tables for site in table] for client, tables in sites.items()}
            self._marks, self._read = ClientMarks(clients.values(), rows), read
        return self._marks

    def _sites(self, client: str) -> list[SiteTable]:
        found = []
        for name in self._library.tables(client):
            try:
                found.append(self._library.site_table(client, name))
            except InvalidDocument:
                continue
        return found
