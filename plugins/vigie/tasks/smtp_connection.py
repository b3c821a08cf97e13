"""The connection that sends mail: how to reach it, and how to sign in. Part of ``connections``, and as discreet."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, cast

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowException

from vigie.adapters.kept_token import KeptToken
from vigie.adapters.smtp_login import by_password, by_token
from vigie.adapters.token_server import TokenServer
from vigie.core.errors import Refused, TransportError
from vigie.tasks.lock_out import LockOut
from vigie.tasks.token_access import TokenExtra, own_authority, read_extra, token_of, wrong

REFUSED_REST = 60.0
"""Seconds for which a credential that was refused is left alone at most: calls wait for it."""

MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
MICROSOFT_SCOPE = "https://outlook.office365.com/.default"
"""What Airflow's own keys ``tenant_id``, ``client_id`` and ``client_secret`` mean."""


class SmtpExtra(TokenExtra):
    """What may stand in its ``extra``: what signs in, and the keys of Airflow's provider. See docs/operators/smtp.md."""

    shown: ClassVar[str] = '{"from_email": "vigie@acme.example"}'

    from_email: str = ""
    tenant_id: str = ""
    auth_type: str = "basic"
    disable_ssl: Any = None
    disable_tls: Any = None
    timeout: Any = None
    retry_limit: Any = None
    ssl_context: Any = None
    subject_template: Any = None
    html_content_template: Any = None


class UnsignedHook(SmtpHook):
    """Airflow's hook as far as the sign-in, which is left to us: it knows no token server but Microsoft's, by msal."""

    smtp_password = ""  # the hook signs in where there is one

    def __init__(self, connection: Connection, trust: ssl.SSLContext | None) -> None:
        super().__init__(smtp_conn_id=connection.conn_id)
        self._given, self._trust = connection, trust

    def get_connection(self, conn_id: str) -> Connection:  # type: ignore[override]
        """The connection that was read already: the vault is asked once a mail."""
        return self._given

    def _build_ssl_context(self) -> ssl.SSLContext | None:
        return self._trust or super()._build_ssl_context()


def sender_of(connection: Connection) -> str:
    """Who writes our mail: an address, with or without a name. Raises as ``open_smtp``."""
    with _refusals():
        return read_extra(connection, SmtpExtra).from_email or connection.login or ""


@contextmanager
def _refusals() -> Iterator[None]:
    """What only a person can mend is no recipient's: no mail goes out until then, and none is given up at once."""
    try:
        yield
    except TransportError as failed:
        if failed.permanent and not isinstance(failed, Refused):
            raise Refused(str(failed)) from failed
        raise


def open_smtp(connection: Connection) -> smtplib.SMTP:
    """Connect and sign in: with a token where the ``extra`` has one, else by password, without one not at all.

    Raises what smtplib raises; Refused where the token server refuses us, where the same credential was refused a moment
    ago, or where the connection cannot be meant so; TransportError where the token server does not answer.
    """
    with _refusals():
        return _open(connection)


def _open(connection: Connection) -> smtplib.SMTP:
    extra = read_extra(connection, SmtpExtra)
    token = _token(connection, extra)
    lock_out = _lock_out(connection.host, connection.port, connection.login, connection.password, connection.extra)
    lock_out.check()
    try:
        smtp = _signed_in(connection, extra, token)
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code >= 500:
            said = (
                error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
            )
            lock_out.login_ended(
                Refused(f"mail: the login was refused: {error.smtp_code} {' '.join(said.split())[:300]}")
            )
        raise
    except Refused as refused:
        lock_out.login_ended(refused)
        raise
    lock_out.login_ended(None)
    return smtp


def _signed_in(connection: Connection, extra: SmtpExtra, token: str | KeptToken | None) -> smtplib.SMTP:
    user, password = connection.login or extra.from_email, connection.password or ""
    if isinstance(token, KeptToken):
        given = token.fetch()
        try:
            return _opened(connection, extra, lambda smtp: by_token(smtp, user, given.text))
        except smtplib.SMTPAuthenticationError as refused:
            token.forget(given)
            if refused.smtp_code < 500:
                raise
        # It may have ended before its time, or been revoked: the server's word counts, not its expires_in.
        anew = token.fetch()
        return _opened(connection, extra, lambda smtp: by_token(smtp, user, anew.text))
    if token is not None:
        return _opened(connection, extra, lambda smtp: by_token(smtp, user, token))
    if user and password:
        return _opened(connection, extra, lambda smtp: by_password(smtp, user, password))
    return _opened(connection, extra, lambda smtp: None)


def _opened(connection: Connection, extra: SmtpExtra, sign_in: Any) -> smtplib.SMTP:
    hook = UnsignedHook(connection, own_authority(connection, extra))
    try:
        smtp = cast("smtplib.SMTP", hook.get_conn()._smtp_client)  # noqa: SLF001 (the hook has no other door)
    except AirflowException as failed:
        raise TransportError(f"mail: {failed}") from failed  # nothing was sent yet, so nothing is in doubt
    try:
        sign_in(smtp)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _token(connection: Connection, extra: SmtpExtra) -> str | KeptToken | None:
    if extra.tenant_id and not extra.token_url:
        url, scope = MICROSOFT.format(tenant=extra.tenant_id), extra.scope or MICROSOFT_SCOPE
        extra = extra.model_copy(update={"token_url": url, "scope": scope})
    source = token_of(connection, extra)
    if source is None and extra.auth_type == "oauth2":
        raise wrong(
            connection, "says auth_type 'oauth2' and has no token; write token_url, client_id and client_secret"
        )
    if (connection.login or extra.from_email) or source is None:
        return _kept(source) if isinstance(source, TokenServer) else source
    raise TransportError(
        f"the connection '{connection.conn_id}' has a token and no login; write the mailbox's address", permanent=True
    )


@lru_cache(maxsize=100)
def _lock_out(*credential: object) -> LockOut:
    return LockOut(longest=REFUSED_REST)


@lru_cache(maxsize=100)
def _kept(source: TokenServer) -> KeptToken:
    """One for all mails of the account."""
    return KeptToken(source)
