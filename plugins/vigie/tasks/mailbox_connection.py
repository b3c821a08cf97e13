"""The connection of a mailbox: how to reach it, and how to sign in. Part of ``connections``, and as discreet."""

from __future__ import annotations

import json
import ssl
from difflib import get_close_matches
from functools import lru_cache

from airflow.sdk import Connection
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool, ValidationError, field_validator

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.adapters.token_server import TokenServer
from vigie.core.errors import TransportError
from vigie.tasks.lock_out import LockOut

_NONE = SecretStr("")
_MEANT: dict[str, object] = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False, "": True}


class MailboxExtra(BaseModel):
    """What may stand in its ``extra``; docs/operators/mailbox.md explains each with an example."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    use_ssl: bool = True
    starttls: bool = False
    ca_file: str = ""
    ca_pem: str = ""
    poll_every: float | None = Field(default=None, ge=1, le=300)
    timeout: float = Field(default=30.0, ge=1, le=120)
    access_token: SecretStr | None = None
    token_url: str = ""
    client_id: str = ""
    client_secret: SecretStr = _NONE
    refresh_token: SecretStr = _NONE
    scope: str = ""
    junk: StrictBool | str = True

    @field_validator("junk", mode="before")
    @classmethod
    def _as_the_others(cls, written: object) -> object:
        """A form gives every value as a text: ``false`` is no folder."""
        return _MEANT.get(written.strip().lower(), written) if isinstance(written, str) else written


def open_mailbox(connection: Connection, folder: str) -> ImapMailbox:
    """The folder of a mailbox. Raises TransportError (permanent) where the connection cannot be meant so."""
    extra = _extra(connection)
    own = _own_authority(connection, extra)
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
        access_token=_token(connection, extra),
        poll_every=extra.poll_every,
        junk=extra.junk,
        login_ended=lock_out.login_ended,
    )


def _extra(connection: Connection) -> MailboxExtra:
    try:
        written = json.loads(connection.extra or "{}")
    except json.JSONDecodeError as error:
        raise _wrong(connection, f"is not JSON (line {error.lineno}, column {error.colno}: {error.msg})") from None
    if not isinstance(written, dict):
        raise _wrong(connection, 'must be names and values in JSON, as {"starttls": true}')
    for name in written.keys() - MailboxExtra.model_fields.keys():
        if near := get_close_matches(name, MailboxExtra.model_fields, n=1, cutoff=0.7):
            raise _wrong(connection, f"has {name[:40]!r}, which is nothing; is {near[0]!r} meant?")
    try:
        return MailboxExtra.model_validate(written)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise _wrong(connection, f"cannot be read: {told}") from None


def _own_authority(connection: Connection, extra: MailboxExtra) -> ssl.SSLContext | None:
    """Trust in the given authorities alone; None where none is given."""
    if not extra.ca_file and not extra.ca_pem:
        return None
    try:
        return ssl.create_default_context(cafile=extra.ca_file or None, cadata=_pem(extra.ca_pem) or None)
    except (OSError, ValueError) as error:
        name = "ca_pem" if extra.ca_pem and not isinstance(error, FileNotFoundError) else "ca_file"
        why = " ".join(str(error).split())[:200]
        text = f"has a {name} that cannot be read ({why}); write the text from -----BEGIN CERTIFICATE----- on"
        raise _wrong(connection, text) from None


def _pem(text: str) -> str:
    r"""A PEM of which a form or a shell made one line, with ``\n`` for each line end, is mended."""
    return text.replace("\\n", "\n")


def _token(connection: Connection, extra: MailboxExtra) -> str | TokenServer | None:
    if not extra.token_url:
        given = {"client_id", "client_secret", "refresh_token", "scope"} & extra.model_fields_set
        if given:
            raise _wrong(connection, f"has {' and '.join(sorted(given))} without token_url")
        return extra.access_token.get_secret_value() if extra.access_token is not None else None
    secret, refresh = extra.client_secret.get_secret_value(), extra.refresh_token.get_secret_value()
    if extra.access_token is not None:
        raise _wrong(connection, "has both access_token and token_url; write one")
    if not extra.client_id or not (secret or refresh):
        raise _wrong(connection, "has a token_url; write client_id with it, and client_secret or refresh_token")
    return _token_server(extra.token_url, extra.client_id, secret, refresh, extra.scope, _pem(extra.ca_pem))


@lru_cache(maxsize=1000)
def _lock_out(*credential: object) -> LockOut:
    return LockOut()


@lru_cache(maxsize=1000)
def _token_server(url: str, client_id: str, secret: str, refresh: str, scope: str, ca_pem: str) -> TokenServer:
    """One for all sessions of the account: a refresh token that was replaced must be known to all of them."""
    trust = ssl.create_default_context()
    if ca_pem:
        trust.load_verify_locations(cadata=ca_pem)
    return TokenServer(url, client_id, client_secret=secret, refresh_token=refresh, scope=scope, trust=trust)


def _wrong(connection: Connection, what: str) -> TransportError:
    return TransportError(f"the extra of the connection '{connection.conn_id}' {what}", permanent=True)
