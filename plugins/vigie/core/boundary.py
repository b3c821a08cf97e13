"""The wall between clients: a message that names another client, or goes to another's people, does not leave."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.core.client import PLATFORM, Client, Rota
from vigie.core.message import Outbound


def leak(outbound: Outbound, clients: Iterable[Client], rota: Rota) -> str | None:
    """Why this message must not leave, as a sentence; None where it may.

    A procedure's run stays inside Airflow: its dag_id must be the client's own or a shared one.
    """
    others = [client for client in clients if client.id != outbound.client]
    if outbound.channel == "procedure":
        owner = outbound.recipient.removeprefix("procedure.").partition(".")[0]
        return None if owner in {outbound.client, "_shared"} else f"the procedure belongs to '{owner}'"
    for other in others:
        if outbound.recipient == other.slack_channel:
            return f"the channel belongs to '{other.id}'"
        if any(outbound.recipient.lower() == contact.email.lower() for contact in other.contacts.values()):
            return f"the recipient belongs to '{other.id}'"
    if outbound.client == PLATFORM:
        return None
    ours = {person.email.lower() for person in rota.people.values()}
    ours |= {person.slack for person in rota.people.values() if person.slack}
    if outbound.recipient.lower() in ours or outbound.recipient in ours:
        return None
    said = f"{outbound.message.subject}\n{outbound.message.text}\n{outbound.message.html}\n{outbound.message.slack}"
    for other in others:
        if other.name.casefold() in said.casefold():
            return f"it names the client '{other.id}'"
    return None
