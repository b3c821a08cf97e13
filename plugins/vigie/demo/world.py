"""The little world around the demo's control room: two clients' mailboxes, a file server, mail, Slack."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

from vigie.cli.settings import Settings
from vigie.demo.imap_server import ImapServer
from vigie.demo.sftp_server import SftpServer
from vigie.demo.slack_stand_in import SlackStandIn
from vigie.demo.slack_world import Channel, RatePolicy, SlackConfig, User
from vigie.demo.smtp_capture import SmtpCapture
from vigie.demo.tcp_gate import TcpGate
from vigie.documents.library import Library

LUMIERE, NORDWIND, PLATFORM = "maison-lumiere", "nordwind", "platform"


class World:
    """Every server outside the control room, each on its own loopback port, with credentials of this night only.

    A gate stands before each mailbox and the file server: closed, they cannot be reached, while mail still comes in
    behind it.
    """

    def __init__(self, settings: Settings, site: Path) -> None:
        base, folder = settings.port_base, settings.state
        self._stack = ExitStack()
        self.mailboxes = {
            LUMIERE: ImapServer("ops@maison-lumiere.example", secrets.token_urlsafe(12), base + 20),
            NORDWIND: ImapServer("ops@nordwind.example", secrets.token_urlsafe(12), base + 21),
        }
        self.gates = {
            LUMIERE: TcpGate(base + 20, base + 10),
            NORDWIND: TcpGate(base + 21, base + 11),
        }
        self.files = SftpServer(folder / "wms", "vigie", secrets.token_urlsafe(12), base + 12)
        spool = folder / "sent-mail.jsonl"
        self.mail = SmtpCapture(user="vigie", password=secrets.token_urlsafe(12), port=base + 13, spool=spool)
        self.slack = SlackStandIn(
            self._workspace(Library(site), f"{settings.airflow_url}/vigie/slack/actions"),
            token=f"xoxb-{secrets.token_urlsafe(16)}",
            signing_secret=secrets.token_hex(16),
            port=base + 14,
            mails=spool,
        )

    @staticmethod
    def ports(base: int) -> dict[int, str]:
        """Every port of this world, and what for."""
        return {
            base + 10: "the mailbox of Maison Lumière",
            base + 11: "the mailbox of Nordwind",
            base + 12: "the file server",
            base + 13: "the SMTP capture",
            base + 14: "the Slack stand-in",
            base + 20: "the mailbox behind its gate",
            base + 21: "the mailbox behind its gate",
        }

    def _workspace(self, library: Library, interactivity_url: str) -> SlackConfig:
        rota = library.rota()
        people = [User(name=each.id, real_name=each.name, email=each.email) for each in rota.people.values()]
        channels = [Channel(name=each.slack_channel, topic=each.name) for each in library.clients().values()]
        return SlackConfig(
            team="The night on watch",
            users=people,
            channels=[*channels, Channel(name=rota.platform_channel, topic="Our own troubles")],
            rate_limit=RatePolicy(on=True),
            interactivity_url=interactivity_url,
        )

    def open(self) -> None:
        """Start every server; raises PortInUse."""
        for server in (*self.mailboxes.values(), *self.gates.values(), self.files, self.mail, self.slack):
            server.start()
            self._stack.callback(server.stop)
        (self.files.files / "outbound").mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """Stop every server."""
        self._stack.close()

    def connections(self) -> dict[str, dict[str, Any]]:
        """The Airflow connections of this world, for the vault."""
        found: dict[str, dict[str, Any]] = {
            "maison_lumiere_wms": {
                "conn_type": "sftp",
                "host": "127.0.0.1",
                "port": self.files.port,
                "login": self.files.user,
                "password": self.files.password,
                "extra": {"host_key": self.files.host_key},
            },
            "vigie_slack": {
                "conn_type": "slack",
                "password": self.slack.token,
                "extra": {"base_url": self.slack.api_url, "signing_secret": self.slack.signing_secret, "timeout": 10},
            },
            "vigie_smtp": {
                "conn_type": "smtp",
                "host": "127.0.0.1",
                "port": self.mail.port,
                "login": "vigie",
                "password": self.mail.password,
                "extra": {"from_email": "vigie@vigie.example", "disable_ssl": True, "disable_tls": True, "timeout": 10},
            },
        }
        for client, conn_id in ((LUMIERE, "maison_lumiere_ops"), (NORDWIND, "nordwind_ops")):
            box = self.mailboxes[client]
            found[conn_id] = {
                "conn_type": "imap",
                "host": "127.0.0.1",
                "port": self.gates[client].port,
                "login": box.user,
                "password": box.password,
                "extra": {"use_ssl": False},
            }
        return found

    def mail_comes(self, client: str, sender: str, subject: str, text: str) -> None:
        """A mail arrives in the client's mailbox."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, self.mailboxes[client].user, subject
        mail["Date"], mail["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain="demo.example")
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        self.mailboxes[client].deliver(mail.as_bytes())
