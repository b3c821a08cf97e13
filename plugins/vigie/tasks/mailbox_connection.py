"""The connection of a mailbox: how to reach it, and how to sign in. Part of ``connections``, and as discreet."""

from __future__ import annotations

from functools import lru_cache

from airflow.sdk import Connection
from pydantic import Field, StrictBool, field_validator

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.tasks.lock_out import LockOut
from vigie.tasks.token_access import TokenExtra, own_authority, read_extra, token_of

_MEANT: dict[str, object] = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False, "": True}


class MailboxExtra(TokenExtra):
    """What may stand in its ``extra``; docs/operators/mailbox.md explains each with an example."""

    use_ssl: bool = True
    starttls: bool = False
    poll_every: float | None = Field(default=None, ge=1, le=300)
    timeout: float = Field(default=30.0, ge=1, le=120)
    junk: StrictBool | str = True

    @field_validator("junk", mode="before")
    @classmethod
    def _as_the_others(cls, written: object) -> object:
        """A form gives every value as a text: ``false`` is no folder."""
        return _MEANT.get(written.strip().lower(), written) if isinstance(written, str) else written


def open_mailbox(connection: Connection, folder: str) -> ImapMailbox:
    """The folder of a mailbox. Raises TransportError (permanent) where the connection cannot be meant so."""
    extra = read_extra(connection, MailboxExtra)
    own = own_authority(connection, extra)
    lock_out = _lock_out(connection.host, connection.port, connection.login, connection.password, connection.extra)
    lock_out.check()
    encrypted = extra.use_ssl or extra.starttls
    return ImapMailbox(
        connection.host or "",
        connection.port or (993 if encrypted and not extra.starttls else 143),
        connection.login or "",
        connection.password or "",
        folder=folder,
        ssl=(own or True) if encrypted else False,
        starttls=extra.starttls,
        timeout=extra.timeout,
        access_token=token_of(connection, extra),
        poll_every=extra.poll_every,
        junk=extra.junk,
        login_ended=lock_out.login_ended,
    )


@lru_cache(maxsize=1000)
def _lock_out(*credential: object) -> LockOut:
    return LockOut()
