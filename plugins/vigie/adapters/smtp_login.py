"""Signing in to an SMTP server: by password, or with an access token (XOAUTH2)."""

from __future__ import annotations

import base64
import json
import re
import smtplib

_CONTINUE, _SIGNED_IN = 334, 235


def by_password(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """AUTH, in the first way that both sides know (RFC 4954); PLAIN where the password is not ASCII (RFC 4616)."""
    smtp.ehlo_or_helo_if_needed()
    _require(smtp, "password", {"PLAIN", "LOGIN", "CRAM-MD5"})
    if (user + password).isascii():
        smtp.login(user, password)
        return
    _require(smtp, "a password that is not ASCII", {"PLAIN"})
    plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    code, said = smtp.docmd("AUTH", f"PLAIN {plain}")
    if code != _SIGNED_IN:
        raise smtplib.SMTPAuthenticationError(code, said)


def by_token(smtp: smtplib.SMTP, user: str, token: str) -> None:
    """XOAUTH2, as Google and Microsoft describe it: a refusal comes as JSON first, and wants an empty answer.

    smtplib's own ``auth`` would answer with the token again.
    """
    smtp.ehlo_or_helo_if_needed()
    _require(smtp, "access token (XOAUTH2)", {"XOAUTH2"})
    first = base64.b64encode(f"user={user}\1auth=Bearer {token}\1\1".encode()).decode()
    code, said = smtp.docmd("AUTH", f"XOAUTH2 {first}")
    status = None
    if code == _CONTINUE:
        status = _status(said)
        code, said = smtp.docmd("")
    if code != _SIGNED_IN:
        raise smtplib.SMTPAuthenticationError(code, said + (f" (status {status})".encode() if status else b""))


def _require(smtp: smtplib.SMTP, what: str, ways: set[str]) -> None:
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if not ways & set(offered):
        ways_there = f"offers {', '.join(sorted(set(offered)))}" if offered else "offers no sign-in on this connection"
        raise smtplib.SMTPAuthenticationError(504, f"the server takes no sign-in by {what}: it {ways_there}".encode())


def _status(challenge: bytes) -> str | None:
    """What the server's JSON says of its refusal: an HTTP status, as a rule 400 or 401."""
    try:
        status = str(json.loads(base64.b64decode(challenge))["status"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return status if re.fullmatch(r"\w{1,40}", status) else None
