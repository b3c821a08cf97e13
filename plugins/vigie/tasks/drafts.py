"""The owners of procedures learn that theirs is a draft: before anybody needs it, and when somebody did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from vigie.core.call_plan import call_plan
from vigie.core.client import PLATFORM, PLATFORM_POLICY, Person, Rota
from vigie.core.entry import Entry
from vigie.core.errors import InvalidDocument
from vigie.core.incident import Incident
from vigie.core.message import Message, Outbound
from vigie.core.procedure import SHARED, Procedure
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.posts import known_rota
from vigie.tasks.procedure_standing import procedure_of


def ask_for_approvals(library: Library, logbook: Logbook, now: datetime) -> list[str]:
    """Tell the owner of each draft of a site in production, once for each text; those told now, by ``<client>/<name>``.

    A draft was never approved, or has changed since it was.
    """
    if not library.procedure_files.production:
        return []
    told = []
    for path in library.procedure_paths():
        try:
            runs, written = library.procedure_at(path), library.procedure_files.written(path)
        except InvalidDocument:
            continue  # told as the file's own problem
        if runs is not None and written is not None and (runs.as_page or runs.outdated):
            name = f"{path.parent.name}/{path.stem}"
            entry = _entry(runs, path, f"draft|{name}|{written.digest}", now)
            mails = list(_mails(library, path, written, runs, None, now))
            new = [logbook.queue(mail, entry) for mail in mails] or [logbook.append(entry) == 1]
            told += [name] if any(new) else []
    return told


def used(library: Library, incident: Incident, now: datetime) -> tuple[list[Outbound], list[Entry]]:
    """What is to be said where an incident opens a procedure that nobody approved: to its owner, and in the story."""
    runs = procedure_of(library, incident)
    if runs is None or not runs.as_page:
        return [], []
    path = library.root / runs.path
    written = library.procedure_files.written(path) or runs
    entry = Entry(
        at=now,
        client=incident.client,
        incident=incident.id,
        kind="procedure.draft",
        actor="desk",
        text=f"The procedure {path.parent.name}/{path.stem} is a draft: nobody has approved it, so it is read as a page.",
        key=f"{incident.id}|draft",
    )
    return list(_mails(library, path, written, runs, incident, now)), [entry]


def _entry(procedure: Procedure, path: Path, key: str, now: datetime) -> Entry:
    name = f"{path.parent.name}/{path.stem}"
    what = "has never been approved" if procedure.as_page else "has changed since it was approved"
    client = PLATFORM if procedure.client == SHARED else procedure.client
    return Entry(
        at=now, client=client, kind="instruction.draft", actor="rounds", text=f"{name} {what}; its owner is asked.", key=key
    )  # fmt: skip


def _mails(
    library: Library, path: Path, written: Procedure, runs: Procedure, incident: Incident | None, now: datetime
) -> Iterator[Outbound]:
    """A mail to the procedure's owner; to the platform's people where the rota does not know the owner."""
    for person in _owners(known_rota(library), written.owner):
        name = f"{path.parent.name}/{path.stem}"
        subject, text = _words(person, name, written, runs, incident)
        yield Outbound(
            key=f"{incident.id}/draft/{person.id}" if incident else f"draft|{name}|{written.digest}|{person.id}",
            incident=incident.id if incident else None,
            client=incident.client if incident else PLATFORM if written.client == SHARED else written.client,
            channel="mail",
            purpose="message",
            recipient=person.email,
            message=Message(subject=subject, text=text),
            next_action_at=now,
        )


def _owners(rota: Rota, owner: str) -> list[Person]:
    if owner in rota.people:
        return [rota.people[owner]]
    first = call_plan(rota, PLATFORM_POLICY).policy.steps[:1]
    return [rota.people[name] for step in first for name in step.page if name in rota.people]


def _words(
    person: Person, name: str, written: Procedure, runs: Procedure, incident: Incident | None
) -> tuple[str, str]:
    french = person.language == "fr"
    command = f"./vigie approve {name} --as {person.id}"
    if incident is not None:
        if french:
            return (
                f"Brouillon utilisé : {written.title} ({incident.id})",
                (
                    f"{incident.id} a ouvert la procédure {name}, que personne n'a approuvée : elle est lue d'un bloc, sans "
                    f"questions.\n\nRelisez-la, corrigez-la, puis : {command}"
                ),
            )
        return (
            f"Draft in use: {written.title} ({incident.id})",
            (
                f"{incident.id} has opened the procedure {name}, which nobody has approved: it is read as a page, without "
                f"questions.\n\nRead it, fix it, and then: {command}"
            ),
        )
    if french:
        why = "n'a jamais été approuvée : en production elle est lue d'un bloc, sans questions"
        if not runs.as_page:
            why = "a changé depuis son approbation : en production, c'est le texte approuvé qui s'applique"
        return f"À approuver : {written.title}", f"La procédure {name} {why}.\n\nRelisez-la en entier, puis : {command}"
    why = "was never approved: in production it is read as a page, without questions"
    if not runs.as_page:
        why = "has changed since it was approved: in production the approved text runs"
    return f"To be approved: {written.title}", f"The procedure {name} {why}.\n\nRead all of it, and then: {command}"
