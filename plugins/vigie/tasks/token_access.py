"""The access token of a mail connection, as its ``extra`` says it: one rule for mailboxes (IMAP) and for sending (SMTP)."""

from __future__ import annotations

import json
import ssl
from difflib import get_close_matches
from functools import lru_cache
from typing import ClassVar, TypeVar

from airflow.sdk import Connection
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from vigie.adapters.token_server import TokenServer
from vigie.core.errors import TransportError

_NONE = SecretStr("")


class TokenExtra(BaseModel):
    """What may stand in ``extra`` to sign in with a token; docs/operators/mailbox.md explains each with an example.

    ``shown`` is an example of the JSON.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    shown: ClassVar[str] = '{"starttls": true}'

    ca_file: str = ""
    ca_pem: str = ""
    access_token: SecretStr | None = None
    token_url: str = ""
    client_id: str = ""
    client_secret: SecretStr = _NONE
    refresh_token: SecretStr = _NONE
    scope: str = ""


Extra = TypeVar("Extra", bound=TokenExtra)


def read_extra(connection: Connection, kind: type[Extra]) -> Extra:
    """The ``extra`` of a connection. Raises TransportError (permanent) where it cannot be meant so."""
    try:
        written = json.loads(connection.extra or "{}")
    except json.JSONDecodeError as error:
        raise wrong(connection, f"is not JSON (line {error.lineno}, column {error.colno}: {error.msg})") from None
    if not isinstance(written, dict):
        raise wrong(connection, f"must be names and values in JSON, as {kind.shown}")
    for name in written.keys() - kind.model_fields.keys():
        if near := get_close_matches(name, kind.model_fields, n=1, cutoff=0.7):
            raise wrong(connection, f"has {name[:40]!r}, which is nothing; is {near[0]!r} meant?")
    try:
        return kind.model_validate(written)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise wrong(connection, f"cannot be read: {told}") from None


def token_of(connection: Connection, extra: TokenExtra) -> str | TokenServer | None:
    """The token itself, the server that gives one, or None: sign in by password."""
    if not extra.token_url:
        given = {"client_id", "client_secret", "refresh_token", "scope"} & extra.model_fields_set
        if given:
            raise wrong(connection, f"has {' and '.join(sorted(given))} without token_url")
        return extra.access_token.get_secret_value() if extra.access_token is not None else None
    secret, refresh = extra.client_secret.get_secret_value(), extra.refresh_token.get_secret_value()
    if extra.access_token is not None:
        raise wrong(connection, "has both access_token and token_url; write one")
    if not extra.client_id or not (secret or refresh):
        raise wrong(connection, "has a token_url; write client_id with it, and client_secret or refresh_token")
    return _token_server(extra.token_url, extra.client_id, secret, refresh, extra.scope, pem(extra.ca_pem))


def own_authority(connection: Connection, extra: TokenExtra) -> ssl.SSLContext | None:
    """Trust in the given authorities alone; None where none is given."""
    if not extra.ca_file and not extra.ca_pem:
        return None
    try:
        return ssl.create_default_context(cafile=extra.ca_file or None, cadata=pem(extra.ca_pem) or None)
    except (OSError, ValueError) as error:
        name = "ca_pem" if extra.ca_pem and not isinstance(error, FileNotFoundError) else "ca_file"
        why = " ".join(str(error).split())[:200]
        text = f"has a {name} that cannot be read ({why}); write the text from -----BEGIN CERTIFICATE----- on"
        raise wrong(connection, text) from None


def pem(text: str) -> str:
    r"""A PEM of which a form or a shell made one line, with ``\n`` for each line end, is mended."""
    return text.replace("\\n", "\n")


def wrong(connection: Connection, what: str) -> TransportError:
    """The error that the ``extra`` of a connection cannot be meant so."""
    return TransportError(f"the extra of the connection '{connection.conn_id}' {what}", permanent=True)


@lru_cache(maxsize=1000)
def _token_server(url: str, client_id: str, secret: str, refresh: str, scope: str, ca_pem: str) -> TokenServer:
    """One for all who sign in to the account: a refresh token that was replaced must be known to all of them."""
    trust = ssl.create_default_context()
    if ca_pem:
        trust.load_verify_locations(cadata=ca_pem)
    return TokenServer(url, client_id, client_secret=secret, refresh_token=refresh, scope=scope, trust=trust)
