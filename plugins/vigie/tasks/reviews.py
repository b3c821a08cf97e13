"""The owners of procedures are told when a procedure is to be read through again, once for each time it is due."""

from __future__ import annotations

from datetime import datetime

from vigie.core.client import PLATFORM, Person
from vigie.core.entry import Entry
from vigie.core.errors import InvalidDocument
from vigie.core.message import Message, Outbound
from vigie.core.procedure import SHARED, Procedure, review_due
from vigie.documents.library import Library
from vigie.logbook.book import Logbook


def ask_for_reviews(library: Library, logbook: Logbook, now: datetime) -> list[str]:
    """Tell the owner of each procedure whose review is due; the procedures told now, by ``<client>/<name>``."""
    told = []
    for path in library.procedure_paths():
        try:
            procedure = library.procedure_at(path)
        except InvalidDocument:
            continue  # told as such elsewhere
        if procedure is not None and review_due(procedure, now) and _tell(procedure, library, logbook, now):
            told.append(f"{procedure.client}/{procedure.name}")
    return told


def _tell(procedure: Procedure, library: Library, logbook: Logbook, now: datetime) -> bool:
    name = f"{procedure.client}/{procedure.name}"
    key = f"review|{name}|{procedure.review_due_on}"
    client = PLATFORM if procedure.client == SHARED else procedure.client
    text = f"{procedure.owner} is to read {name} through; it was due on {procedure.review_due_on}."
    entry = Entry(at=now, client=client, kind="instruction.review", actor="rounds", text=text, key=key)
    try:
        owner = library.rota().people.get(procedure.owner)
    except InvalidDocument:
        owner = None
    if owner is None:
        return logbook.append(entry) == 1
    return logbook.queue(_mail(procedure, owner, client, key, now), entry)


def _mail(procedure: Procedure, owner: Person, client: str, key: str, now: datetime) -> Outbound:
    name = f"{procedure.client}/{procedure.name}"
    french = owner.language == "fr"
    subject = f"À relire : {procedure.title}" if french else f"To be read through: {procedure.title}"
    text = (
        f"La procédure {name} devait être relue le {procedure.review_due_on}.\n\n"
        f"Relisez-la en entier, corrigez-la, puis : ./vigie approve {procedure.client}/{procedure.name} --as {owner.id}"
        if french
        else f"The procedure {name} was to be read through by {procedure.review_due_on}.\n\n"
        f"Read all of it, mend it, and then: ./vigie approve {procedure.client}/{procedure.name} --as {owner.id}"
    )
    return Outbound(
        key=key,
        incident=None,
        client=client,
        channel="mail",
        purpose="message",
        recipient=owner.email,
        message=Message(subject=subject, text=text),
        next_action_at=now,
    )
