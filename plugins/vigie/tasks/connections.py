"""Airflow connections (from the vault) become adapters: the only place that sees a credential."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from airflow.configuration import conf
from airflow.providers.slack.hooks.slack import SlackHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from vigie.adapters.imap_mail_filer import ImapMailFiler
from vigie.adapters.local_drop_zone import LocalDropZone
from vigie.adapters.sftp_drop_zone import MAX_ENTRIES, TIMEOUT, SftpDropZone
from vigie.adapters.slack_form import SlackForms
from vigie.adapters.slack_messenger import SlackMessenger
from vigie.adapters.smtp_messenger import SmtpMessenger
from vigie.core.errors import NotInVault, TransportError
from vigie.core.message import Channel
from vigie.core.ports import DropZone, Mailbox, MailFiler, SignsIn
from vigie.logbook.book import Logbook
from vigie.tasks.mailbox_connection import open_mailbox
from vigie.tasks.smtp_connection import open_smtp, sender_of

LOGBOOK = "vigie_logbook"
SLACK = "vigie_slack"
SMTP = "vigie_smtp"
AIRFLOW = "vigie_airflow"


def find(conn_id: str) -> Connection:
    """Read a connection.

    Raises TransportError where the vault does not answer, NotInVault where it answers and knows no such connection:
    Airflow itself says *isn't defined* for both.
    """
    try:
        connection: Connection = Connection.get(conn_id)
    except AirflowNotFoundException:
        raise _not_found(conn_id) from None
    return connection


async def find_async(conn_id: str) -> Connection:
    """As ``find``, from the triggerer's event loop."""
    try:
        connection: Connection = await Connection.async_get(conn_id)
    except AirflowNotFoundException:
        raise _not_found(conn_id) from None
    return connection


def _not_found(conn_id: str) -> TransportError:
    trouble = vault_trouble()
    if trouble:
        return TransportError(trouble)
    return NotInVault(f"the vault has no connection '{conn_id}', or does not show it to us; put it there")


def vault_trouble() -> str | None:
    """Why the vault cannot be read just now, as a sentence; None where it answers as it should."""
    settings = json.loads(conf.get("secrets", "backend_kwargs", fallback="") or "{}")
    if not settings.get("url"):
        return None
    try:
        health = httpx.get(f"{settings['url']}/v1/sys/health", timeout=3, params={"standbyok": "true"})
    except httpx.HTTPError as failed:
        return f"the vault at {settings['url']} does not answer ({type(failed).__name__})"
    reasons = {501: "is not initialised", 503: "is sealed"}
    if health.status_code != 200:
        return f"the vault at {settings['url']} {reasons.get(health.status_code, f'answers {health.status_code}')}"
    return None


def logbook_url(connection: Connection) -> str:
    """The SQLAlchemy address of the logbook."""
    if connection.conn_type == "sqlite":
        return f"sqlite:///{connection.host}"
    login, password = quote(connection.login or "", safe=""), quote(connection.password or "", safe="")
    port = f":{connection.port}" if connection.port else ""
    return f"postgresql+psycopg://{login}:{password}@{connection.host}{port}/{connection.schema}"


@cache
def _logbook(url: str) -> Logbook:
    return Logbook(url)


@cache
def _logbook_address() -> str:
    return logbook_url(find(LOGBOOK))


def logbook() -> Logbook:
    """The logbook, one per process. Its address is read once."""
    return _given.get() or _logbook(_logbook_address())


_given: ContextVar[Logbook | None] = ContextVar("given", default=None)


@contextmanager
def with_logbook(given: Logbook) -> Iterator[None]:
    """Let this be the logbook of what is run within: a story's, whose address is in no vault."""
    before = _given.set(given)
    try:
        yield
    finally:
        _given.reset(before)


_asked: dict[asyncio.AbstractEventLoop, asyncio.Task[Connection]] = {}


async def logbook_async() -> Logbook:
    """As ``logbook``, from the triggerer's event loop: hundreds of watches that start at once ask for it once."""
    loop = asyncio.get_running_loop()
    asked = _asked.get(loop)
    if asked is None or (asked.done() and (asked.cancelled() or asked.exception())):
        asked = _asked[loop] = loop.create_task(find_async(LOGBOOK))
    # Shielded: one trigger that ends while it waits must not cancel the others' question.
    return _logbook(logbook_url(await asyncio.shield(asked)))


def mailbox(connection: Connection, folder: str) -> Mailbox:
    """The folder of a mailbox. Raises TransportError (permanent) where the connection cannot be meant so."""
    return open_mailbox(connection, folder)


def mail_filer(conn_id: str, folder: str) -> MailFiler:
    """The folder of a mailbox, by the connection of its watches, opened to move mails out of it."""
    return ImapMailFiler(open_mailbox(find(conn_id), folder))


def drop_zone(connection: Connection) -> DropZone:
    """A file server (sftp), or a folder of the machine that looks (fs).

    Extra of sftp: ``host_key`` or ``known_hosts``, or ``no_host_key_check`` where nobody can give one; ``private_key``;
    ``timeout`` (seconds of silence) and ``max_entries`` of a folder. Raises TransportError (permanent) where one of them
    cannot be meant so.
    Extra of fs: ``path``, the folder below which everything lies.
    """
    extra = connection.extra_dejson
    if connection.conn_type == "fs":
        folder = str(extra.get("path") or "")
        if not folder.startswith("/"):
            where = f"the connection '{connection.conn_id}' (fs)"
            raise TransportError(f"{where} names no folder; give its extra a path, as /srv/drop", permanent=True)
        return LocalDropZone(Path(folder))
    refuse_changing_keys(connection)
    return SftpDropZone(
        connection.host or "",
        connection.port or 22,
        connection.login or "",
        connection.password or None,
        host_key=extra.get("host_key"),
        known_hosts=extra.get("known_hosts"),
        no_host_key_check=_yes(extra.get("no_host_key_check", False)),
        private_key=extra.get("private_key"),
        passphrase=extra.get("private_key_passphrase"),
        timeout=_number(connection, "timeout", extra.get("timeout"), TIMEOUT),
        max_entries=int(_number(connection, "max_entries", extra.get("max_entries"), MAX_ENTRIES)),
    )


def refuse_changing_keys(connection: Connection) -> None:
    """Raise TransportError (permanent) where the connection would believe whoever shows a new key (Airflow's hook)."""
    if _yes(connection.extra_dejson.get("allow_host_key_change", False)):
        told = f"the extra of the connection '{connection.conn_id}' says allow_host_key_change: whoever shows a new key is believed"
        raise TransportError(f"{told}; delete it, and give host_key", permanent=True)


def _number(connection: Connection, name: str, written: Any, default: float) -> float:
    """A positive number of a connection's extra."""
    if written is None or written == "":
        return default
    try:
        number = float(written)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 < number <= 10_000_000:
        where = f"the extra of the connection '{connection.conn_id}'"
        raise TransportError(f"{where} says {name} '{written}'; write a number, as {default:g}", permanent=True)
    return number


def slack_messenger() -> SlackMessenger:
    """Slack, by the provider's hook."""
    find(SLACK)
    return SlackMessenger(SlackHook(slack_conn_id=SLACK, timeout=10).get_conn())


def slack_forms() -> SlackForms:
    """Slack's forms. Who pressed waits, and Slack waits three seconds: so does the network, less."""
    find(SLACK)
    return SlackForms(SlackHook(slack_conn_id=SLACK, timeout=2).get_conn())


def slack_signing_secret() -> str:
    """The secret by which Slack signs what it sends to us."""
    return str(find(SLACK).extra_dejson.get("signing_secret", ""))


def slack_host() -> str:
    """The host of Slack's API, where it is not Slack's own."""
    return str(httpx.URL(find(SLACK).extra_dejson.get("base_url") or "https://slack.com/api/").host)


def smtp_messenger() -> SmtpMessenger:
    """Mail, by the provider's hook."""
    sender = sender_of(find(SMTP))
    return SmtpMessenger(lambda: open_smtp(find(SMTP)), sender, parseaddr(sender)[1].partition("@")[2] or "localhost")


def channels() -> dict[Channel, Callable[[], SignsIn]]:
    """What signs in to each channel."""
    return {"slack": slack_messenger, "mail": smtp_messenger}


def _yes(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).strip().lower() in {"1", "true", "yes", "on"}
