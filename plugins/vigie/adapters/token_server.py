"""A token server (OAuth 2.0, RFC 6749): gives the access token with which Vigie signs in to a mail server."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Mapping
from typing import Any

import httpx

from vigie.core.errors import Refused, TransportError
from vigie.core.ports import AccessToken

_NOT_NOW = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
_SLOW_DOWN, _LONGEST = 15.0, 30 * 60.0


class TokenServer:
    """Gives a token by the refresh token (section 6) where there is one, else by the client's credentials (4.4).

    A refresh token that the server replaces is kept for as long as this object lives. Safe from any thread.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        *,
        client_secret: str = "",
        refresh_token: str = "",
        scope: str = "",
        trust: ssl.SSLContext | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._url, self._client_id, self._scope = httpx.URL(url), client_id, scope
        self._client_secret, self._refresh_token = client_secret, refresh_token
        self._trust, self._timeout = trust, timeout
        self._lock = threading.Lock()
        if self._url.scheme != "https" and not (self._url.scheme == "http" and _is_loopback(self._url.host)):
            raise TransportError(f"the token_url {self._where} must begin with https://", permanent=True)

    def __repr__(self) -> str:
        return f"TokenServer({self._where})"

    @property
    def _where(self) -> str:
        return str(self._url.copy_with(username=None, password=None, query=None, fragment=None))

    def fetch(self) -> AccessToken:
        """A new token.

        Raises Refused where the server refuses the grant, TransportError where it does not answer as it should.
        """
        with self._lock:
            answer = self._ask()
            said = _as_json(answer)
            if answer.status_code != 200 or not isinstance(said.get("access_token"), str) or not said["access_token"]:
                raise self._trouble(answer, said)
            if isinstance(said.get("refresh_token"), str) and self._refresh_token:
                self._refresh_token = said["refresh_token"]
            return AccessToken(text=said["access_token"], seconds=_seconds(said.get("expires_in")))

    def _ask(self) -> httpx.Response:
        grant = (
            {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
            if self._refresh_token
            else {"grant_type": "client_credentials"}
        )
        more = {"client_id": self._client_id, "client_secret": self._client_secret, "scope": self._scope}
        try:
            return httpx.post(
                self._url,
                data=grant | {name: value for name, value in more.items() if value},
                headers={"Accept": "application/json"},
                timeout=self._timeout,
                verify=self._trust or True,
                trust_env=not _is_loopback(self._url.host),
            )
        except httpx.HTTPError as failed:
            if isinstance(_cause(failed), ssl.SSLCertVerificationError):
                raise TransportError(
                    f"the certificate of the token server {self._where} is not accepted; if an authority of your own "
                    "signed it, put the authority's certificate (PEM) into the connection's extra as ca_pem",
                    permanent=True,
                ) from failed
            text = f"the token server {self._where} does not answer ({type(failed).__name__})"
            raise TransportError(text) from failed

    def _trouble(self, answer: httpx.Response, said: Mapping[str, Any]) -> TransportError:
        status, error = answer.status_code, str(said.get("error", ""))
        if status == 429 or status >= 500 or error in _NOT_NOW:
            pause = _seconds(answer.headers.get("Retry-After"))
            if status == 429 or error == "slow_down":
                pause = pause or _SLOW_DOWN
            text = f"the token server {self._where} answers {status}{self._words(said)}"
            return TransportError(text, retry_after=min(pause, _LONGEST) if pause else None)
        if error and 400 <= status < 500:
            return Refused(f"the token server {self._where} refuses client '{self._client_id}'{self._words(said)}")
        return TransportError(
            f"the token server {self._where} answers {status} and no token; is that address the token_url?",
            permanent=400 <= status < 500,
        )

    def _words(self, said: Mapping[str, Any]) -> str:
        """The server's error and its description, in one line, without a secret."""
        words = ": ".join(str(said[name]) for name in ("error", "error_description") if said.get(name))
        for secret in filter(None, (self._client_secret, self._refresh_token)):
            words = words.replace(secret, "***")
        return f": {' '.join(words.split())[:300]}" if words else ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _as_json(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(value: object) -> float | None:
    """``expires_in`` or ``Retry-After`` in seconds; some servers write a number as text. None where it is neither."""
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if 0 < seconds < 10**9 else None


def _cause(error: BaseException) -> BaseException | None:
    """The first cause of an error."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
