"""What is wrong between clients: what two of them have, and Vigie must not send to either."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from vigie.core.boundary import named_others, shared_channels
from vigie.core.client import PLATFORM, Client, Rota, is_channel_id
from vigie.core.client_marks import ClientMarks
from vigie.core.errors import Problem
from vigie.documents.tables import FOLDER

_CHANNEL_NAME = re.compile(r"#?[^\s#@A-Z.,;:!?()<>/]{1,80}")
"""Slack: at most 80 characters, in small letters, without spaces, periods and other punctuation."""


def client_problems(root: Path, clients: Mapping[str, Client], rota: Rota | None) -> Iterator[Problem]:
    """What two clients share and must not: a Slack channel or a name; and channels that cannot be."""
    for client in clients.values():
        if not is_channel_id(client.slack_channel) and not _CHANNEL_NAME.fullmatch(client.slack_channel):
            message = f"slack_channel: '{client.slack_channel}' cannot be the name of a channel."
            yield _problem(
                root, client.id, "slack_channel", message, "Write it as Slack shows it ('night-acme'), or its ID."
            )
    for shared in shared_channels(clients.values(), rota):
        for owner in shared.owners:
            if owner == PLATFORM or owner not in clients:
                continue
            others = [each for each in shared.owners if each != owner]
            told = " and ".join("the platform" if each == PLATFORM else f"'{each}'" for each in others)
            message = f"slack_channel: '{clients[owner].slack_channel}' is the channel of {told} too."
            remedy = "Give each its own: a message of one client must not reach another, and would be held back."
            yield _problem(root, owner, "slack_channel", message, remedy)
    for client in clients.values():
        for other in clients.values():
            if other.id != client.id and other.name.casefold() == client.name.casefold():
                message = f"name: '{other.id}' is called '{client.name}' too."
                remedy = "Give each its own name: Vigie tells by it whose message it is."
                yield _problem(root, client.id, "name", message, remedy)


def client_notes(root: Path, clients: Mapping[str, Client]) -> Iterator[Problem]:
    """What two clients share and may: an address that both write to."""
    owners: dict[str, set[str]] = {}
    for client in clients.values():
        for contact in client.contacts.values():
            owners.setdefault(contact.email.lower(), set()).add(client.id)
    for client in clients.values():
        for contact in client.contacts.values():
            others = sorted(owners[contact.email.lower()] - {client.id})
            if others:
                told = " and ".join(f"'{each}'" for each in others)
                message = f"contacts: {contact.email} is a contact of {told} too: it gets the messages of each."
                yield _problem(root, client.id, contact.email, message, "Nothing to do where that is meant.")


def naming_problems(
    path: str,
    texts: Iterable[tuple[int | None, str]],
    client: str,
    clients: Mapping[str, Client],
    marks: ClientMarks,
    remedy: str,
) -> Iterator[Problem]:
    """Texts (each with its line) that name another client than this one: what is sent of them says something else.

    ``marks`` are those of ``clients``. ``client`` is empty for what all clients share: it must name none.
    """
    parts = list(texts)
    whole = "\n".join(text for _, text in parts)
    if (not client and len(clients) < 2) or not named_others(whole, marks, client):
        return
    for line, text in parts:
        for named in named_others(text, marks, client):
            message = f"it names the client '{clients[named].name}': others would read '[another client]' there."
            yield Problem(path=path, line=line, message=message, remedy=remedy)


def _problem(root: Path, client: str, word: str, message: str, remedy: str) -> Problem:
    path = f"{FOLDER}/{client}/client.yaml"
    lines = (root / path).read_text("utf-8", errors="replace").split("\n")
    # The key of that name, else the line that holds the word.
    line = next((number for number, text in enumerate(lines, 1) if re.match(rf"\s*{re.escape(word)}\s*:", text)), None)
    line = line or next((number for number, text in enumerate(lines, 1) if word in text), None)
    return Problem(path=path, line=line, message=message, remedy=remedy)
