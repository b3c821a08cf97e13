"""A monitor of a client: who says of its mails that they are alarms, however much they look like a bounce."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, field_validator

from vigie.core.condition import is_address
from vigie.core.pattern import check_pattern, find

_DOMAIN = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
_SENDER = re.compile(rf"([^\s@<>()\[\],;:\"\\*?]{{1,64}})?@{_DOMAIN}")
_NAME = re.compile(r"[!-9;-~]+")
"""RFC 5322 2.2: printable ASCII without the colon."""

_EVERYWHERE = frozenset(
    {
        "from",
        "to",
        "cc",
        "date",
        "subject",
        "message-id",
        "received",
        "return-path",
        "delivered-to",
        "reply-to",
        "sender",
    }
    | {"mime-version", "content-type", "content-transfer-encoding", "x-received", "x-original-to", "received-spf"}
    | {"authentication-results", "arc-authentication-results", "dkim-signature"}
)
"""Headers that any mail may have: that one is there says nothing of who wrote it."""

_ANY = ("q", "7", "Jean Martin <jean@acme.example>", "batch@other.test; 12")
"""Values that have nothing in common. What finds something in all of them finds it everywhere."""


class Wrong(NamedTuple):
    """What is wrong with one field, and what to write instead."""

    field: str
    message: str
    remedy: str


class Monitor(BaseModel):
    """One entry of ``monitors:``. What is written must all be so: the sender, whole or as ``@domain``, and the header.

    ``header`` is the name of a header that is there, or ``Name: pattern`` with an RE2 pattern of its value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: str | None = None
    header: str | None = None

    @field_validator("header", mode="before")
    @classmethod
    def _one_line(cls, written: Any) -> Any:
        """``{X-Job: EOD}`` is the same as ``"X-Job: EOD"``: YAML reads an unquoted one so."""
        if isinstance(written, dict) and len(written) == 1:
            (name, value), *_ = written.items()
            return f"{name}: {value}"
        return written

    @property
    def asked(self) -> tuple[str, str]:
        """The name of the header and the pattern of its value; empty where none is written."""
        name, _, pattern = (self.header or "").partition(":")
        return name.strip(), pattern.strip()

    def said_by(self, sender: str, header: Callable[[str], list[str]]) -> bool:
        """Whether a mail of this sender, with what ``header`` finds in it, is the monitor's."""
        if self.sender is not None and not is_address(self.sender.lower(), sender):
            return False
        if self.header is None:
            return self.sender is not None
        name, pattern = self.asked
        values = header(name)
        return bool(values) and (not pattern or any(find(pattern, value) for value in values))

    def wrong(self) -> list[Wrong]:
        """What an author must change: nothing asked, what is no address or pattern, and what would match every mail."""
        if self.sender is None and self.header is None:
            return [Wrong("", "a monitor without 'sender' and 'header' matches every mail.", _BOTH)]
        found = []
        if self.sender is not None and not _SENDER.fullmatch(self.sender):
            every = " matches every mail" if not self.sender.strip("@*.? ") else " is neither an address nor a domain"
            found.append(Wrong("sender", f"sender: '{self.sender}'{every}.", _A_SENDER))
        if self.header is not None:
            found += self._of_the_header()
        return found

    def _of_the_header(self) -> list[Wrong]:
        name, pattern = self.asked
        if not _NAME.fullmatch(name):
            return [Wrong("header", f"header: '{name}' is no name of a header.", _A_HEADER)]
        if not pattern and name.lower() in _EVERYWHERE:
            return [Wrong("header", f"header: every mail has '{name}', so this matches every mail.", _A_HEADER)]
        if not pattern:
            return []
        try:
            check_pattern(pattern)
        except ValueError as refused:
            return [Wrong("header", f"header: {refused}.", _A_HEADER)]
        if find(pattern, "") or all(
            find(pattern, value) for value in (_ANY if name.lower() not in _EVERYWHERE else _ANY[2:])
        ):
            message = f"header: the pattern '{pattern}' matches anything, and so every mail that has '{name}'."
            return [Wrong("header", message, _A_HEADER)]
        return []


_A_SENDER = "Write the monitor's whole address, as 'nagios@acme.example', or its domain, as '@acme.example'."
_A_HEADER = "Write what only the monitor's mails have, as 'X-Nagios-Notification' or 'X-Job-Server: prod'."
_BOTH = "Write '- {sender: nagios@acme.example}' or '- {header: X-Nagios-Notification}'."
