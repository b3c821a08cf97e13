"""The wall between clients: a message that names another client, or goes to another's people, does not leave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from vigie.core.client import PLATFORM, Client, Rota
from vigie.core.message import Outbound


def leak(outbound: Outbound, clients: Iterable[Client], rota: Rota) -> str | None:
    """Why this message must not leave, as a sentence; None where it may.

    A procedure's run stays inside Airflow: its dag_id must be the client's own or a shared one. Somebody who is a
    contact of this client too may be written to. A name counts as a whole word, and not within a longer one.
    """
    known = tuple(clients)
    others = [client for client in known if client.id != outbound.client]
    own = next((client for client in known if client.id == outbound.client), None)
    contacts = {contact.email.lower() for contact in own.contacts.values()} if own else set()
    if outbound.channel == "procedure":
        owner = outbound.recipient.removeprefix("procedure.").partition(".")[0]
        return None if owner in {outbound.client, "_shared"} else f"the procedure belongs to '{owner}'"
    for other in others:
        if outbound.recipient == other.slack_channel:
            return f"the channel belongs to '{other.id}'"
        theirs = {contact.email.lower() for contact in other.contacts.values()} - contacts
        if outbound.recipient.lower() in theirs:
            return f"the recipient belongs to '{other.id}'"
    if outbound.client == PLATFORM:
        return None
    ours = {person.email.lower() for person in rota.people.values()}
    ours |= {person.slack for person in rota.people.values() if person.slack}
    if outbound.recipient.lower() in ours or outbound.recipient in ours:
        return None
    said = f"{outbound.message.subject}\n{outbound.message.text}\n{outbound.message.html}\n{outbound.message.slack}"
    names = {_heard(client.name): client.id for client in (*others, *([own] if own else []))}
    return next(
        (f"it names the client '{names[name]}'" for name in _named(names, said) if names[name] != outbound.client), None
    )


def connection_refused(conn_id: str, client: str, clients: Iterable[Client]) -> str | None:
    """Why a procedure of this client must not use the connection, as a sentence; None where it may.

    A connection is one client's: the client's own table names it, and no other's does.
    """
    owners = [each.id for each in clients if conn_id in each.connections]
    if client not in owners:
        return f"'{conn_id}' is not a connection of {client}; write it under 'connections:' of its client.yaml"
    others = [owner for owner in owners if owner != client]
    return f"'{conn_id}' is a connection of {others[0]} too; each client has its own" if others else None


def _heard(said: str) -> str:
    """Text as a reader hears it: no matter the case, the accents' encoding, the escaping of HTML, or line breaks."""
    return " ".join(unicodedata.normalize("NFKC", said.replace("&amp;", "&")).casefold().split())


def _named(names: Iterable[str], said: str) -> list[str]:
    """The names that a text holds as whole words; the longest first, so that 'Acme Japan' does not name 'Acme'."""
    longest_first = sorted(filter(None, names), key=len, reverse=True)
    if not longest_first:
        return []
    return re.findall(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", _heard(said))
