"""The wall between clients: a message that names another client, or goes to another's people, does not leave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vigie.core.client import PLATFORM, Client, Rota, channel_key
from vigie.core.message import Outbound


def channel_of(client: Client, clients: Iterable[Client], rota: Rota) -> str:
    """Where what is said of a client goes in Slack: to its channel, but to ours where another client has the same one."""
    own = channel_key(client.slack_channel)
    shared = any(channel_key(other.slack_channel) == own for other in clients if other.id != client.id)
    return rota.platform_channel if shared else client.slack_channel


class SharedChannel(NamedTuple):
    """A Slack channel that several clients have, or a client and the platform (``PLATFORM``)."""

    channel: str
    owners: tuple[str, ...]


def shared_channels(
    clients: Iterable[Client], rota: Rota | None, places: Mapping[str, str] | None = None
) -> list[SharedChannel]:
    """Each channel that has more than one owner. ``places`` gives the id of a channel by its name, where it is known."""
    owners: dict[str, list[str]] = {}
    claims = [(client.slack_channel, client.id) for client in clients]
    claims += [(rota.platform_channel, PLATFORM)] if rota else []
    for channel, owner in claims:
        key = channel_key(channel)
        owners.setdefault((places or {}).get(key, key), []).append(owner)
    return [SharedChannel(key, tuple(sorted(found))) for key, found in owners.items() if len(found) > 1]


def leak(
    outbound: Outbound, clients: Iterable[Client], rota: Rota, places: Mapping[str, str] | None = None
) -> str | None:
    """Why this message must not leave, as a sentence; None where it may.

    A procedure's run stays inside Airflow: its dag_id must be the client's own or a shared one. Our own people may read
    everything, even where a client names one of them as its contact, and so may our channel where it is no client's.
    Somebody who is a contact of this client too may be written to. A name counts as a whole word, and not within a
    longer one. ``places`` gives the id of a channel by its name, where it is known: one channel may be written in both
    ways.
    """
    known = tuple(clients)
    others = [client for client in known if client.id != outbound.client]
    own = next((client for client in known if client.id == outbound.client), None)
    contacts = {contact.email.lower() for contact in own.contacts.values()} if own else set()
    if outbound.channel == "procedure":
        owner = outbound.recipient.removeprefix("procedure.").partition(".")[0]
        return None if owner in {outbound.client, "_shared"} else f"the procedure belongs to '{owner}'"
    if _is_ours(outbound, rota):
        return None
    for other in others:
        if outbound.channel == "slack" and _place(outbound.recipient, places) == _place(other.slack_channel, places):
            return f"the channel belongs to '{other.id}'"
        theirs = {contact.email.lower() for contact in other.contacts.values()} - contacts
        if outbound.recipient.lower() in theirs:
            return f"the recipient belongs to '{other.id}'"
    to_platform = outbound.channel == "slack" and _place(outbound.recipient, places) == _place(
        rota.platform_channel, places
    )
    if outbound.client == PLATFORM or (to_platform and not _is_own_channel(outbound, own, places)):
        return None
    said = f"{outbound.message.subject}\n{outbound.message.text}\n{outbound.message.html}\n{outbound.message.slack}"
    return next((f"it names the client '{name}'" for name in named_others(said, known, outbound.client)), None)


def named_others(said: str, clients: Iterable[Client], client: str) -> list[str]:
    """The clients, by id, that a text of this client names beside it."""
    known = tuple(clients)
    own = [each for each in known if each.id == client]
    names = {_heard(each.name): each.id for each in (*(each for each in known if each.id != client), *own)}
    found = (names[name] for name in _named(names, said))
    return list(dict.fromkeys(name for name in found if name != client))


def _is_ours(outbound: Outbound, rota: Rota) -> bool:
    ours = {person.email.lower() for person in rota.people.values()}
    ours |= {person.slack for person in rota.people.values() if person.slack}
    return outbound.recipient.lower() in ours or outbound.recipient in ours


def _place(channel: str, places: Mapping[str, str] | None) -> str:
    key = channel_key(channel)
    return (places or {}).get(key, key)


def _is_own_channel(outbound: Outbound, own: Client | None, places: Mapping[str, str] | None) -> bool:
    return own is not None and _place(own.slack_channel, places) == _place(outbound.recipient, places)


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
