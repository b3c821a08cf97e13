"""Signing in to an IMAP server: by password, or with an access token (XOAUTH2)."""

from __future__ import annotations

import json
import re

from imapclient.exceptions import LoginError

from vigie.adapters.imap_connection import ImapConnection
from vigie.core.errors import TransportError


def by_password(connection: ImapConnection, user: str, password: str, *, secure: bool, where: str) -> None:
    """LOGIN, or PLAIN where the name or the password is not ASCII (LOGIN takes ASCII only; PLAIN is UTF-8, RFC 4616).

    Without TLS the server's LOGINDISABLED is obeyed: the password does not leave.
    """
    if not secure and not connection.takes_passwords:
        raise TransportError(
            f"{where}: the server takes no password without TLS; write starttls: true into the connection's extra",
            permanent=True,
        )
    if (user + password).isascii() and (user + password).isprintable():
        connection.login(user, password)
    else:
        connection.plain_login(user, password)


def by_token(connection: ImapConnection, user: str, token: str) -> None:
    """XOAUTH2, as Google and Microsoft describe it: a refusal comes as JSON first, and wants an empty answer.

    imapclient's own would answer with the token again.
    """
    challenges: list[bytes] = []

    def answer(challenge: bytes) -> bytes:
        challenges.append(challenge)
        return f"user={user}\1auth=Bearer {token}\1\1".encode() if len(challenges) == 1 else b""

    try:
        connection.sasl_login("XOAUTH2", answer)
    except LoginError as error:
        for status in filter(None, map(_status, challenges[1:])):
            error.args = (f"{error} (status {status})",)
        raise


def _status(challenge: bytes) -> str | None:
    """What the server's JSON says of its refusal: an HTTP status, as a rule 400 or 401."""
    try:
        status = str(json.loads(challenge)["status"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return status if re.fullmatch(r"\w{1,40}", status) else None
