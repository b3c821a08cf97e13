"""The rule of a watch: plain data, so that it can travel to the triggerer and be compared there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, field_validator

from vigie.core.duration import Duration
from vigie.core.monitor import Monitor
from vigie.core.pattern import check_pattern
from vigie.core.respond import Respond
from vigie.core.signal import Event, Signal
from vigie.core.unless import Unless, exceptions
from vigie.core.working_days import ShiftPolicy

_FIELD_NAME = re.compile(r"[!-9;-~]+")
"""RFC 5322 2.2: printable ASCII without the colon."""

_ADDRESS = re.compile(r"[^\s@<>,;:\"]*@[^\s@<>,;:\"]+")
_SERVER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,250}[A-Za-z0-9])?")
"""RFC 8601 2.5: as a rule a domain name."""


class Watch(BaseModel):
    """One sensor of a flux. Its ``id`` names it everywhere: ``client.flux.task``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client: str
    flux: str
    task_id: str
    respond: Respond
    check_after: Duration = timedelta(minutes=2)
    blind_after: Duration = timedelta(minutes=2)

    @property
    def id(self) -> str:
        """The watch's name in the logbook."""
        return f"{self.client}.{self.flux}.{self.task_id}"

    @property
    def dag_id(self) -> str:
        """The flux's DAG in Airflow."""
        return f"{self.client}.{self.flux}"

    def signal(
        self,
        event: Event,
        *,
        dedup_key: str,
        key: str,
        seen_at: datetime,
        title: str,
        facts: Mapping[str, JsonValue] | None = None,
        respond: Respond | None = None,
    ) -> Signal:
        """What the watch found, answered as ``respond`` says (by default its own): every signal of a watch is made here.

        ``dedup_key``, ``key`` and ``seen_at`` (UTC) are those of the signal; ``facts`` are the watch's own, for templates.
        """
        answer = respond or self.respond
        return Signal(
            event=event,
            client=self.client,
            flux=self.flux,
            watch=self.id,
            dedup_key=dedup_key,
            key=key,
            seen_at=seen_at,
            title=title,
            severity=answer.severity,
            template=answer.template,
            procedure=answer.procedure,
            facts=dict(facts or {}),
            storm_after=answer.storm_after,
            page=answer.page,
            hold=answer.hold,
        )


class MailboxWatch(Watch):
    """Whatever looks into one folder of one mailbox (an Airflow connection)."""

    mailbox: str
    folder: str = "INBOX"

    @property
    def source(self) -> str:
        """The session that looks for this watch."""
        return f"{self.mailbox}/{self.folder}"


class ReturnPath(MailboxWatch):
    """The mailbox that our own mails come back to. It claims no mail: a bounce is known in any mailbox."""

    kind: Literal["return_path"] = "return_path"

    @property
    def dag_id(self) -> str:
        """The mail desk's DAG."""
        return "duty.mail_desk"


class MailPatterns(MailboxWatch):
    """What a watch asks of each mail.

    ``subject``, ``body``, ``attachment`` and the values of ``headers`` are RE2 patterns that must all match; one of
    words alone is looked for as whole words. What any of ``unless`` finds takes the match back. ``sender`` and
    ``recipient`` are compared whole, case ignored, or by their domain where they are written as ``@acme.example``.
    Where the mail server ``authenticated_by`` is named, it must say of an OK who sent it. The client's ``monitors`` are
    heard whatever their mails look like.
    """

    sender: str | None = None
    subject: str | None = None
    body: str | None = None
    recipient: str | None = None
    headers: dict[str, str] = {}
    attachment: str | None = None
    unless: tuple[Unless, ...] = ()
    authenticated_by: str | None = None
    monitors: tuple[Monitor, ...] = ()
    ignore_case: bool = True

    @field_validator("authenticated_by")
    @classmethod
    def _a_server(cls, name: str | None) -> str | None:
        if name is not None and not _SERVER.fullmatch(name):
            raise ValueError(
                f"{name!r} is no name of a server; write the word with which yours begins its Authentication-Results,"
                " as 'mx.acme.example'"
            )
        return name

    @field_validator("sender")
    @classmethod
    def _an_address(cls, written: str | None) -> str | None:
        if written and not _ADDRESS.fullmatch(written):
            inner = re.search(r"<([^<>\s]+@[^<>\s]+)>", written)
            right = f"'{inner[1]}'" if inner else "'batch@acme.example', or '@acme.example' for everybody there"
            raise ValueError(f"{written!r} is no mail address; write {right}")
        return written

    @field_validator("unless", mode="before")
    @classmethod
    def _a_list(cls, written: object) -> object:
        return exceptions(written)

    @field_validator("subject", "body", "attachment")
    @classmethod
    def _readable(cls, pattern: str | None) -> str | None:
        return None if pattern is None else check_pattern(pattern)

    @field_validator("headers")
    @classmethod
    def _headers_readable(cls, patterns: dict[str, str]) -> dict[str, str]:
        for name, pattern in patterns.items():
            if not _FIELD_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a header; write it without its colon, as 'X-Job-Status'")
            check_pattern(pattern)
        return patterns

    @property
    def ends_by_itself(self) -> bool:
        """Whether its OK ends an incident. Of a critical one it must be known whose it is: a whole sender, or proof."""
        named = self.sender is not None and not self.sender.startswith("@")
        return self.respond.severity != "critical" or named or self.authenticated_by is not None

    @property
    def patterns(self) -> dict[str, str]:
        """The patterns that a mail must match, by the words with which they are written."""
        written = {"subject": self.subject, "body": self.body, "attachment": self.attachment, **self.headers}
        return {name: pattern for name, pattern in written.items() if pattern is not None}


class MailWatch(MailPatterns):
    """A KO mail to look for, and the mail that says it is well again.

    ``resolves`` (of the subject) and ``resolves_body`` end the incident, but where any of ``resolves_unless`` is found;
    ``ignores`` (of the subject) tells mails that are known to mean nothing. ``dedup_key`` is filled from the patterns' named groups; without it the normalised
    subject is the key. With ``trust_sender`` what its patterns find is heard, be it taken for a bounce or not.
    """

    kind: Literal["mail"] = "mail"
    resolves: str | None = None
    resolves_body: str | None = None
    resolves_unless: tuple[Unless, ...] = ()
    ignores: str | None = None
    dedup_key: str | None = None
    trust_sender: bool = False

    @field_validator("resolves_unless", mode="before")
    @classmethod
    def _also_a_list(cls, written: object) -> object:
        return exceptions(written)

    @field_validator("resolves", "resolves_body", "ignores")
    @classmethod
    def _also_readable(cls, pattern: str | None) -> str | None:
        return None if pattern is None else check_pattern(pattern)


class DatedWatch(Watch):
    """A watch of what must come on working days.

    ``calendar`` names calendars of the client (none: every day), ``calendar_digest`` is their content;
    ``shift_policy`` says what becomes of what is expected on a holiday.
    """

    calendar: tuple[str, ...] = ()
    calendar_digest: str = ""
    shift_policy: ShiftPolicy = "skip"
