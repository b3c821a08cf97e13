"""Whether a request is Slack's: signed with our secret, and young."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from slack_sdk.signature import Clock, SignatureVerifier

MAX_AGE = 300
"""Seconds. Slack's documentation, "Verifying requests from Slack": refuse what is older than five minutes."""

_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class _Told(Clock):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> float:
        return self._now.timestamp()


def is_slacks(body: bytes, headers: Mapping[str, str], secret: Callable[[], str], now: datetime) -> bool:
    """Whether Slack signed this body less than five minutes before ``now`` (UTC).

    The secret is read only for a request that has the form of a signed one. ``headers`` are looked up in small letters.
    """
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    if not (_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature)):
        return False
    if abs(now.timestamp() - int(timestamp)) > MAX_AGE:
        return False
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    known = secret()
    return bool(known.strip()) and SignatureVerifier(known, _Told(now)).is_valid(text, timestamp, signature)
