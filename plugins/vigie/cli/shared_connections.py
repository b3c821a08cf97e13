"""A connection that nobody claims and that the fluxes of two clients watch: one of them reads the other's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vigie.cli.flux_file import Written
from vigie.core.claim import claimants
from vigie.core.client import PLATFORM
from vigie.core.errors import Problem
from vigie.core.watch import MailboxWatch
from vigie.documents.library import Library
from vigie.documents.tables import FOLDER


def shared_connections(library: Library, written: Sequence[Written]) -> Iterator[Problem]:
    """One problem for each connection, at the first watch of the second client. Claimed ones are told elsewhere."""
    clients = library.clients()
    watched: dict[str, dict[str, Written]] = {}
    for each in written:
        connection = each.watch.mailbox if isinstance(each.watch, MailboxWatch) else each.watch.where
        if each.watch.client != PLATFORM:
            watched.setdefault(connection, {}).setdefault(each.watch.client, each)
    for connection, found in watched.items():
        if len(found) > 1 and not claimants(connection, clients):
            first, second, *_ = found
            yield Problem(
                path=found[second].path,
                line=found[second].line,
                message=f"the connection '{connection}' is watched for the client '{first}' too.",
                remedy=f"Give each client a connection of its own, and name it under 'connections:' in {FOLDER}/….",
            )
