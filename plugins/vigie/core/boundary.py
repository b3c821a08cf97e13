"""The wall between clients: whom a message of one may reach, and what it may say of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vigie.core.client import PLATFORM, Client, Rota, channel_key
from vigie.core.client_marks import ClientMarks
from vigie.core.message import Message, Outbound
from vigie.core.thread_words import say


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


class Refusal(NamedTuple):
    """Why a message must not leave, as a sentence. ``stranger``: a second person may release it."""

    reason: str
    stranger: bool = False


def refusal(
    outbound: Outbound, clients: Iterable[Client], rota: Rota, places: Mapping[str, str] | None = None
) -> Refusal | None:
    """Why this message must not go to its recipient; None where it may. What it says is ``redacted``'s matter.

    A procedure's run stays inside Airflow: its dag_id must be the client's own or a shared one. Somebody who is a
    contact of this client too may be written to. A mail goes to our own people, to the client's contacts, and to whoever
    is in one of its ``domains``; to anybody else only when a second person releases it. ``places`` gives the id of a
    channel by its name, where it is known: one channel may be written in both ways.
    """
    known = tuple(clients)
    own = next((client for client in known if client.id == outbound.client), None)
    if outbound.channel == "procedure":
        owner = outbound.recipient.removeprefix("procedure.").partition(".")[0]
        return None if owner in {outbound.client, "_shared"} else Refusal(f"the procedure belongs to '{owner}'")
    if _is_ours(outbound, rota):
        return None
    contacts = _addresses(own) if own else set()
    address = outbound.recipient.strip().lower()
    for other in known:
        if other.id == outbound.client:
            continue
        if outbound.channel == "slack" and _place(outbound.recipient, places) == _place(other.slack_channel, places):
            return Refusal(f"the channel belongs to '{other.id}'")
        if address not in contacts and (address in _addresses(other) or _is_within(address, other.domains)):
            return Refusal(f"the recipient belongs to '{other.id}'")
    if outbound.channel == "slack" or outbound.client == PLATFORM or address in contacts:
        return None
    if own is not None and _is_within(address, own.domains):
        return None
    return Refusal(f"the recipient is no contact of '{outbound.client}' and in none of its domains", stranger=True)


def redacted(
    outbound: Outbound,
    clients: Iterable[Client],
    rota: Rota,
    marks: ClientMarks,
    places: Mapping[str, str] | None = None,
) -> tuple[Message, list[str]]:
    """What the message may say where it goes, and the clients of which it said something else.

    Whatever tells of another client is replaced. Our own people may read everything, even where a client names one of
    them as its contact, and so may our channel where it is no client's.
    """
    own = next((client for client in clients if client.id == outbound.client), None)
    ours = outbound.channel == "slack" and _place(outbound.recipient, places) == _place(rota.platform_channel, places)
    if outbound.channel == "procedure" or outbound.client == PLATFORM or _is_ours(outbound, rota):
        return outbound.message, []
    if ours and not (own and _place(own.slack_channel, places) == _place(outbound.recipient, places)):
        return outbound.message, []
    instead = say(own.languages[0] if own else "en", "another_client")
    told: list[str] = []
    forms: dict[str, str] = {}
    for form in ("subject", "text", "html", "slack"):
        said, named = marks.without_others(
            getattr(outbound.message, form), outbound.client, instead, markup=form == "html"
        )
        told += named
        forms[form] = said
    return Message(**forms) if told else outbound.message, list(dict.fromkeys(told))


def named_others(said: str, marks: ClientMarks, client: str) -> list[str]:
    """The clients, by id, that a text of this client tells of beside it."""
    found = (owner for each in marks.others_in(said, client) for owner in sorted(each.owners))
    return list(dict.fromkeys(found))


def _is_ours(outbound: Outbound, rota: Rota) -> bool:
    ours = {person.email.lower() for person in rota.people.values()}
    ours |= {person.slack for person in rota.people.values() if person.slack}
    return outbound.recipient.lower() in ours or outbound.recipient in ours


def _place(channel: str, places: Mapping[str, str] | None) -> str:
    key = channel_key(channel)
    return (places or {}).get(key, key)


def _addresses(client: Client) -> set[str]:
    return {contact.email.strip().lower() for contact in client.contacts.values()}


def _is_within(address: str, domains: Iterable[str]) -> bool:
    domain = address.rpartition("@")[2]
    return any(domain == each or domain.endswith(f".{each}") for each in domains)


def connection_refused(conn_id: str, client: str, clients: Iterable[Client]) -> str | None:
    """Why a procedure of this client must not use the connection, as a sentence; None where it may.

    A connection is one client's: the client's own table names it, and no other's does.
    """
    owners = [each.id for each in clients if conn_id in each.connections]
    if client not in owners:
        return f"'{conn_id}' is not a connection of {client}; write it under 'connections:' of its client.yaml"
    others = [owner for owner in owners if owner != client]
    return f"'{conn_id}' is a connection of {others[0]} too; each client has its own" if others else None
