"""The mail desk: tells the people of a client which mails no rule claims and which KO was set aside, new kinds first."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from vigie.core.boundary import channel_of
from vigie.core.client import PLATFORM
from vigie.core.errors import InvalidDocument, VigieError
from vigie.core.mail_desk import Kind, MailDeskRules, is_quiet, kinds_of
from vigie.core.message import Button, Message, Outbound
from vigie.core.seen_mail import SeenMail
from vigie.core.zone import ZoneInfo
from vigie.documents.library import Library
from vigie.documents.plain_message import plain_message
from vigie.logbook.book import Logbook
from vigie.logbook.mails import Told
from vigie.tasks.posts import known_rota
from vigie.tasks.site import public_url
from vigie.tasks.wall import Wall

TEMPLATES: dict[Told, str] = {"unclassified": "mail_unclassified", "set_aside": "mail_set_aside"}

log = logging.getLogger(__name__)


def rules_of(library: Library) -> MailDeskRules:
    """The site's rules; where their file is broken, those that hold without one. ``./vigie check`` tells the file."""
    try:
        return library.mail_desk()
    except InvalidDocument as broken:
        log.warning("the mail desk goes by its own rules: %s", broken)
        return MailDeskRules()


class MailDesk:
    """Tells each client's channel of unclassified mail and of mail set aside, each once per quiet period."""

    def __init__(self, logbook: Logbook, library: Library) -> None:
        self._logbook = logbook
        self._library = library
        self._rota = known_rota(library)
        self._wall = Wall(library)

    def tell(self, now: datetime) -> int:
        """Queue what is to be told at ``now`` (UTC); how many messages. The desk sends them."""
        quiet = rules_of(self._library).quiet
        told = 0
        for fate in TEMPLATES:
            waiting = sorted(self._logbook.untold_mails(fate), key=lambda mail: mail.client)
            for client, mails in groupby(waiting, key=lambda mail: mail.client):
                if not is_quiet(self._logbook.mails_told_at(client, fate), quiet, now):
                    told += self._tell(client, fate, list(mails), now)
        return told

    def _tell(self, client: str, fate: Told, mails: list[SeenMail], now: datetime) -> bool:
        known = self._logbook.known_kinds(client, sorted({mail.alike for mail in mails}))
        kinds = kinds_of(mails, known)
        outbound = self._outbound(client, fate, kinds, len(mails), now)
        return self._logbook.tell_mails([mail.key for mail in mails], outbound, now)

    def _outbound(self, client: str, fate: Told, kinds: Sequence[Kind], number: int, now: datetime) -> Outbound:
        channel, language, name, zone = self._place(client)
        page = public_url("/vigie/mail")
        said = {kind.latest.key: self._safe(client, channel, kind.latest) for kind in kinds}
        facts: dict[str, Any] = {
            "client": name,
            "purpose": "message",
            "count": number,
            "mails": [
                {
                    "subject": said[kind.latest.key][0],
                    "sender": said[kind.latest.key][1],
                    "origin": kind.latest.origin,
                    "watches": list(kind.latest.fate_by),
                    "at": kind.latest.received_at.astimezone(zone).strftime("%H:%M"),
                    "unread": kind.latest.unread,
                    "number": kind.number,
                    "is_new": kind.is_new,
                }
                for kind in kinds
            ],
            "links": {"mail": page},
        }
        keys = "\n".join(sorted(said))
        return Outbound(
            key=f"mail-desk/{client}/{hashlib.sha256(keys.encode()).hexdigest()[:32]}",
            incident=None,
            client=client,
            channel="slack",
            purpose="message",
            recipient=channel,
            message=self._message(client, TEMPLATES[fate], language, facts),
            buttons=(Button(label="Open the mail", action="open_mail", url=page),),
            next_action_at=now,
        )

    def _message(self, client: str, template: str, language: str, facts: dict[str, Any]) -> Message:
        try:
            return self._library.render(template, client, language, facts)
        except VigieError as failed:
            log.warning("the template %s failed: %s", template, failed)
            title = "KO mails set aside" if template == TEMPLATES["set_aside"] else "unclassified mails"
            return plain_message(f"{facts['count']} {title}", facts, str(failed))

    def _place(self, client: str) -> tuple[str, str, str, ZoneInfo]:
        """Channel, language, name and zone. What is nobody's own, or of a client whose file is broken, is ours."""
        if client != PLATFORM:
            try:
                known = self._library.client(client)
            except InvalidDocument:
                return self._rota.platform_channel, "en", client, ZoneInfo("UTC")
            channel = channel_of(known, self._library.clients().values(), self._rota)
            return channel, known.languages[0], known.name, ZoneInfo(known.zone)
        return self._rota.platform_channel, "en", "Platform", ZoneInfo("UTC")

    def _safe(self, client: str, channel: str, mail: SeenMail) -> tuple[str, str]:
        """Subject and sender, without what they tell of another client."""
        subject, sender = mail.subject or "(no subject)", mail.sender or "(nobody)"
        alone = Outbound(
            key="", incident=None, client=client, channel="slack", purpose="message", recipient=channel,
            message=Message(subject=subject, text=sender),
        )  # fmt: skip
        message, told = self._wall.redacted(alone)
        return (message.subject, message.text) if told else (subject, sender)
