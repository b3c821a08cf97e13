"""The night of the tests, and what its fixtures are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fastapi.testclient import TestClient
from httpx import Response

ORIGIN = "https://control.example"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NIGHT = datetime(2026, 11, 23, 21, 14, 5, tzinfo=UTC)

Browser = Callable[..., TestClient]
Detect = Callable[..., str]
Send = Callable[..., Response]


class Night:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = NIGHT

    def __call__(self) -> datetime:
        return self.now

    def passes(self, span: timedelta) -> None:
        self.now += span
