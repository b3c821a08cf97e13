"""What the client's contacts who were told of an incident are told of its end, once it has not come back for ``hold``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from vigie.core.client import Client
from vigie.core.entry import Entry
from vigie.core.incident import Incident
from vigie.core.message import Outbound
from vigie.documents.last_words import ALL_CLEAR, all_clear
from vigie.documents.library import Library
from vigie.tasks.incident_facts import IncidentFacts
from vigie.tasks.posts import known_rota

_MARK = "/all_clear/"
_TOLD = ("queued", "claimed", "sent", "maybe_sent")


def letters_told(incident: Incident, messages: Sequence[Outbound]) -> dict[str, Outbound]:
    """The last letter to each address outside, by the address: what a procedure sent to a contact and did not fail.

    One that still waits counts: its all-clear waits with it. Whom the procedure wrote to after this end knows of it.
    ``messages`` are those of the incident in their order.
    """
    told: dict[str, Outbound] = {}
    for each in messages:
        if each.channel == "mail" and each.purpose == "message" and each.status in _TOLD and _MARK not in each.key:
            told[each.recipient] = each
            if incident.resolved_at is not None and each.variables.get("after_end") == after_end(incident)["after_end"]:
                del told[each.recipient]
    return told


def after_end(incident: Incident) -> dict[str, JsonValue]:
    """What a letter carries (``variables``) that is written when its incident has ended; empty while it has not."""
    return {"after_end": incident.resolved_at.isoformat()} if incident.resolved_at else {}


def is_all_clear(outbound: Outbound) -> bool:
    """Whether a message is one of these."""
    return _MARK in outbound.key and outbound.channel == "mail"


class AllClear:
    """Writes to those who were told, at ``now`` (UTC). ``failures`` are entries that tell the owner of a template that it failed."""

    def __init__(self, library: Library, now: datetime) -> None:
        self._library = library
        self._now = now
        self._about = IncidentFacts(library, known_rota(library))
        self.failures: list[Entry] = []

    def outbounds(self, incident: Incident, messages: Sequence[Outbound]) -> list[Outbound]:
        """One answer to the last letter to each address, in its language. ``messages`` are those of the incident.

        An incident that a person reopens and ends again is told once more.
        """
        client = self._about.client(incident)
        facts = self._about.facts(incident, "resolved")
        said = []
        for address, letter in letters_told(incident, messages).items():
            message, failure = all_clear(self._library, incident.client, _language(client, address), facts)
            if failure:
                self._failed(incident, failure)
            named = hashlib.sha256(address.encode("utf-8", "backslashreplace")).hexdigest()[:16]
            said.append(
                Outbound(
                    key=f"{incident.id}{_MARK}{incident.reopenings}/{named}",
                    incident=incident.id,
                    client=incident.client,
                    channel="mail",
                    purpose="message",
                    recipient=address,
                    message=message,
                    reply_to=letter.key,
                    next_action_at=self._now,
                )
            )
        return said

    def _failed(self, incident: Incident, why: str) -> None:
        key = f"template|{ALL_CLEAR}|{incident.id}"
        self.failures.append(
            Entry(
                at=self._now, client=incident.client, incident=incident.id, kind="template.failed", actor="desk",
                text=why[:1000], key=key,
            )
        )  # fmt: skip


def _language(client: Client, address: str) -> str:
    languages = (each.language for each in client.contacts.values() if each.email.lower() == address.lower())
    return next((each for each in languages if each), client.languages[0])
