"""What can be seen of the night from outside: in Slack, in the mail, in the logbook."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from vigie.core.incident import Incident
from vigie.core.thread_words import begins, say
from vigie.demo.world import PLATFORM, World
from vigie.documents.library import Library
from vigie.logbook.book import Logbook


class Sightings:
    """Looks where a person would look; each answer is what is seen, as a line, or None."""

    def __init__(self, world: World, logbook: Logbook, library: Library, due: datetime) -> None:
        self._world = world
        self._logbook = logbook
        self._library = library
        self._due = due

    def client_mailed(self, incident: Incident) -> str | None:
        """The first mail that went to a contact of the incident's client."""
        addresses = {c.email.lower(): c.name for c in self._library.client(incident.client).contacts.values()}
        for mail in list(self._world.mail.mails):
            for recipient in mail.recipients:
                if recipient.lower() in addresses:
                    return f"'{mail.subject}' to {addresses[recipient.lower()]}"
        return None

    def said(self, channel: str, *words: str) -> str | None:
        """The first message of a channel that holds all these words."""
        for message in self._world.slack.messages(channel):
            if all(word in str(message) for word in words):
                return f"in #{channel}: {str(message['text']).splitlines()[0][:80]}"
        return None

    def root(self, incident: Incident) -> dict[str, Any] | None:
        """The message that opened the incident's thread, as Slack shows it now."""
        outbound = self._logbook.outbound(f"{incident.id}/page/1/slack")
        ts = (outbound.ref or "").rpartition(":")[2] if outbound else ""
        return next((m for m in self._world.slack.messages(self.channel(incident)) if m["ts"] == ts), None)

    def in_thread(self, channel: str, incident: Incident, sentence: str) -> str | None:
        """The first answer in the incident's thread that is this sentence of ours, in the thread's language."""
        words = begins(self._language(incident), sentence)
        root = self.root(incident)
        replies = self._world.slack.thread(channel, root["ts"]) if root else []
        return next((str(reply["text"])[:100] for reply in replies if words in str(reply["text"])), None)

    def take(self, incident: Incident) -> str:
        """What stands on the button that takes the incident."""
        return say(self._language(incident), "take")

    def _language(self, incident: Incident) -> str:
        return "en" if incident.client == PLATFORM else self._library.client(incident.client).languages[0]

    def resolved_in(self, channel: str, words: str) -> str | None:
        """What the thread of a resolved incident of the platform says of its end."""
        for incident in self._logbook.incidents(statuses=("resolved",), client=PLATFORM):
            if words in incident.title or words in incident.watch:
                return self.in_thread(channel, incident, "resolved_by")
        return None

    def mailed(self, who: str, words: str) -> str | None:
        """The subject of a mail to this person of the rota that holds these words."""
        address = self._library.rota().people[who].email.lower()
        for mail in list(self._world.mail.mails):
            if address in [each.lower() for each in mail.recipients] and words in f"{mail.subject} {mail.text}":
                return f"'{mail.subject}'"
        return None

    def incident(self, client: str, words: str) -> Incident | None:
        """The unresolved incident of a client whose title holds these words."""
        return next((i for i in self._logbook.incidents(client=client) if words in i.title), None)

    def status(self, incident: Incident) -> str:
        """The incident's status now."""
        now = self._logbook.incident(incident.id)
        return now.status if now else "gone"

    def late(self, watch: str, number: int) -> str | None:
        """The sites whose files are entered as late, where there are this many."""
        occurrences = self._logbook.occurrences(watch, since=self._due.date())
        late = [each.site for each in occurrences if each.status == "late"]
        return ", ".join(sorted(late)) if len(late) == number else None

    def channel(self, incident: Incident) -> str:
        """The Slack channel in which the incident is told."""
        return PLATFORM if incident.client == PLATFORM else self._library.client(incident.client).slack_channel
