"""A credential that was refused is left alone for a while: who tries a wrong password quickly locks the account."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from vigie.core.errors import Refused

REST = 15.0
"""Seconds after the first refusal; after each further one twice as long."""

LONGEST = 300.0


class LockOut:
    """What became of the logins with one credential, in this process: shared by all its sessions.

    A credential that changed in the vault has another one, and is tried at once. ``longest`` (seconds) is its longest rest. Safe from any thread.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, longest: float = LONGEST) -> None:
        self._clock, self._longest = clock, longest
        self._lock = threading.Lock()
        self._refusal = ""
        self._refusals = 0
        self._rests_until = 0.0

    def check(self) -> None:
        """Raise the refusal again, without a try, while the credential is left alone."""
        with self._lock:
            left = self._rests_until - self._clock()
            if self._refusals and left > 0:
                raise Refused(f"{self._refusal}; the same is not tried again for {left:.0f} s")

    def login_ended(self, refused: Refused | None) -> None:
        """A login was refused, or went well."""
        with self._lock:
            if refused is None:
                self._refusals = 0
                return
            self._refusal = str(refused)
            self._rests_until = self._clock() + min(REST * 2.0 ** min(self._refusals, 10), self._longest)
            self._refusals += 1
