"""Nobody else's page may press our buttons: where a request comes from, and a token bound to the user.

Airflow's session cookie is SameSite=Lax and nothing else guards a mounted app, so both checks are ours.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from fastapi import Request

FIELD = "csrf_token"
HEADER = "x-csrf-token"
LIFETIME = timedelta(hours=12)
"""A page left open longer gets a new token with each of its refreshes."""


class FormTokens:
    """Tokens made from a secret of the server: nothing is stored, and any process of the server can check them."""

    def __init__(self, secret_key: str) -> None:
        self._key = hashlib.sha256(b"vigie.web.csrf\0" + secret_key.encode()).digest()

    def issue(self, user_id: str, now: datetime) -> str:
        """A token for this user's forms, valid for LIFETIME from ``now`` (UTC)."""
        until = str(int((now + LIFETIME).timestamp()))
        return f"{until}.{self._seal(user_id, until)}"

    def accepts(self, token: str, user_id: str, now: datetime) -> bool:
        """Whether the token was issued for this user and still holds at ``now`` (UTC)."""
        until, _, seal = token.partition(".")
        if not (until.isascii() and until.isdigit() and len(until) <= 12 and seal.isascii()):
            return False
        if not hmac.compare_digest(seal, self._seal(user_id, until)):
            return False
        return now < datetime.fromtimestamp(int(until), UTC)

    def _seal(self, user_id: str, until: str) -> str:
        return hmac.new(self._key, f"{until}\0{user_id}".encode(), hashlib.sha256).hexdigest()


def comes_from_us(request: Request, public_url: str, *, must_say: bool) -> bool:
    """Whether the browser says that one of our own pages made the request.

    Every browser sends Origin with a POST (Fetch standard, "append a request Origin header"), and a current one
    Sec-Fetch-Site too. ``must_say`` refuses a request with neither; a program that shows a token needs neither, but
    where they are there they must be right (Airflow's ``simple_auth_manager_all_admins`` gives a token to everybody).
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    if origin is not None:
        return origin in {_origin_of(str(request.base_url)), _origin_of(public_url)}
    return site is not None or not must_say


def _origin_of(url: str) -> str:
    """The origin as a browser writes it (RFC 6454 6.2): without the scheme's own port."""
    parts = urlsplit(url.lower())
    own_port = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.removesuffix(own_port)}" if parts.netloc else "no origin"
