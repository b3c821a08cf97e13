"""Whose a connection is: a client's watches and procedures use its own connections, and nobody else's."""

from __future__ import annotations

from collections.abc import Mapping

from vigie.core.client import Client


def claimants(connection: str, clients: Mapping[str, Client]) -> tuple[str, ...]:
    """The clients whose table names this connection, in alphabetical order. It should be one at most."""
    return tuple(sorted(name for name, client in clients.items() if connection in client.connections))


def refused(client: str, connection: str, clients: Mapping[str, Client]) -> str | None:
    """Why a client's watch may not use a connection, as a sentence; None where it may.

    Once a client names connections they bind it; one that names none may use those that nobody claims. A client that
    cannot be read is told elsewhere, and only what others claim is kept from it.
    """
    others = [name for name in claimants(connection, clients) if name != client]
    own = clients.get(client)
    if own is not None and connection in own.connections:
        return None  # claimed twice is a problem of the two tables
    if others:
        return f"the connection '{connection}' belongs to the client '{others[0]}'."
    if own is not None and own.connections:
        return f"the connection '{connection}' is not one of {client}'s."
    return None
