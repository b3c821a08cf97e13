"""What went wrong with an IMAP server, as a TransportError: whose fault it is, and when to knock again."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable

from imapclient.exceptions import IMAPClientAbortError, LoginError

from vigie.core.errors import Refused, TransportError

SLOW_DOWN = 15.0
"""Seconds for which a server that limits us is left alone, where it does not say how long."""

_LONGEST = 30 * 60.0
_LIMITED = re.compile(  # RFC 5530, and the words of Exchange Online, Gmail, Dovecot and Cyrus where they have no code
    r"\[(LIMIT|THROTTLED)\b|throttl|too many|maximum number of connections|exceeded .{0,30}limit|rate limit|slow down"
    r"|backoff time",
    re.IGNORECASE,
)
_BACK_OFF = re.compile(r"backoff time:? *(\d{1,12}) *milliseconds", re.IGNORECASE)  # Exchange Online
_AWAY = re.compile(r"\[(UNAVAILABLE|INUSE|SERVERBUG|CONTACTADMIN)\b")
_EXPIRED, _OTHER_NAME = 10, (62, 64)  # X509_V_ERR_CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")


_NO_TLS = "port 993 usually does, port 143 wants starttls: true"


def complaint(error: Exception, where: str, user: str, secrets: Iterable[str]) -> TransportError:
    """The error as everybody above reads it, in one line, without a secret."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return TransportError(f"{where}: {_distrust(error)}", permanent=True)
    if isinstance(error, ssl.SSLError) and error.reason in _NOT_TLS:
        return TransportError(f"{where}: the server does not begin with TLS on this port; {_NO_TLS}")
    text = f"{where}: {_said(error, secrets)}"
    if is_limit(text):
        asked = _BACK_OFF.search(text)
        pause = max(1.0, min(int(asked[1]) / 1000, _LONGEST)) if asked else SLOW_DOWN
        return TransportError(f"{text} (the server limits us: it is left alone for a while)", retry_after=pause)
    # imapclient says LoginError also where the line broke during the login
    broke = isinstance(error.__context__, IMAPClientAbortError | OSError)
    if isinstance(error, LoginError) and not broke and not _AWAY.search(text):
        return Refused(f"{text} (user {user})")
    return TransportError(text)


def is_limit(text: str) -> bool:
    """Whether a server speaks of a limit that we reached."""
    return bool(_LIMITED.search(text))


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    why = error.verify_message
    if error.verify_code == _EXPIRED:
        return f"the server's certificate is not accepted: {why}; the server's owner must renew it"
    if error.verify_code in _OTHER_NAME:
        return f"the server's certificate is not accepted: {why}; write the name that it was made for as host"
    return (
        f"the server's certificate is not accepted: {why}; if an authority of your own signed it, put the authority's "
        "certificate (PEM) into the connection's extra as ca_pem"
    )


def _said(error: Exception, secrets: Iterable[str]) -> str:
    text = re.sub(r"^b(['\"])(.*)\1$", r"\2", str(error)) or type(error).__name__
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return " ".join(text.split())[:300]
