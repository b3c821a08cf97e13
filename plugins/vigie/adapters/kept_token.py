"""An access token is kept while it counts, so that not each mail asks the token server for one."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from vigie.core.errors import TransportError
from vigie.core.ports import AccessToken, TokenSource

EARLY = 300.0
"""Seconds before its end at which a token is renewed; of short ones a fifth of their life."""

AGAIN = 60.0
"""Seconds between two tries while the token server does not answer and the old token still counts."""

UNKNOWN = 60.0
"""Seconds for which a token counts of which nobody said how long."""


class KeptToken:
    """Gives the token of ``source`` again until it is nearly over. Safe from any thread.

    ``forget`` it where a server refused it: it may have ended before its time.
    """

    def __init__(self, source: TokenSource, clock: Callable[[], float] = time.monotonic) -> None:
        self._source, self._clock = source, clock
        self._lock = threading.Lock()
        self._token: AccessToken | None = None
        self._renew_at = self._ends_at = -math.inf

    def __repr__(self) -> str:
        return f"KeptToken({self._source!r})"

    def fetch(self) -> AccessToken:
        """The kept token, or a new one. Raises as the source does, unless the kept one still counts."""
        with self._lock:
            now = self._clock()
            if self._token is None or now >= min(self._renew_at, self._ends_at):
                try:
                    self._keep(self._source.fetch(), now)
                except TransportError as failed:
                    if self._token is None or now >= self._ends_at or failed.permanent:
                        raise
                    self._renew_at = now + max(AGAIN, failed.retry_after or 0.0)
            assert self._token is not None  # noqa: S101 (kept just now)
            return self._token

    def forget(self, token: AccessToken) -> None:
        """Do not give this token again."""
        with self._lock:
            if self._token == token:
                self._token = None

    def _keep(self, token: AccessToken, now: float) -> None:
        lives = UNKNOWN if token.seconds is None else token.seconds
        self._token = token
        self._ends_at = now + lives
        self._renew_at = self._ends_at - min(EARLY, lives / 5)
