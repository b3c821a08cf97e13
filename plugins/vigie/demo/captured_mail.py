"""A mail that the SMTP capture accepted, in the form that tests, the demo and the page of mails read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path


@dataclass(frozen=True)
class CapturedMail:
    """One accepted mail. `at` is UTC, ISO 8601; headers keep their order and their repetitions."""

    at: str
    mail_from: str
    recipients: list[str]
    login: str | None
    subject: str
    sender: str
    to: str
    message_id: str
    headers: list[tuple[str, str]]
    text: str
    html: str
    attachments: list[str]
    size: int
    raw: bytes = field(default=b"", repr=False, compare=False)

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def as_line(self) -> str:
        """One JSON line, without the raw bytes."""
        record = asdict(self)
        del record["raw"]
        return json.dumps(record, ensure_ascii=True)


def read_mail(raw: bytes, *, mail_from: str, recipients: list[str], login: str | None) -> CapturedMail:
    """Parse what came through SMTP, now."""
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(raw)
    return CapturedMail(
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        mail_from=mail_from,
        recipients=recipients,
        login=login,
        subject=str(message.get("Subject", "")),
        sender=str(message.get("From", "")),
        to=str(message.get("To", "")),
        message_id=str(message.get("Message-ID", "")).strip(),
        headers=[(key, str(value)) for key, value in message.items()],
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=[part.get_filename() or part.get_content_type() for part in message.iter_attachments()],
        size=len(raw),
        raw=raw,
    )


def read_spool(spool: Path) -> list[CapturedMail]:
    """The mails in a spool file (JSON lines), oldest first; none while the file is not there.

    A last line that is still being written is left for the next call.
    """
    if not spool.exists():
        return []
    lines = spool.read_text("utf-8").split("\n")[:-1]
    return [_from_line(line) for line in lines]


def _from_line(line: str) -> CapturedMail:
    record = json.loads(line)
    record["headers"] = [(key, value) for key, value in record["headers"]]
    return CapturedMail(**record)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError):  # an unknown or a wrong charset: still show what came
        return (part.get_payload(decode=True) or b"").decode("utf-8", "replace").replace("\r\n", "\n")  # type: ignore[union-attr]
