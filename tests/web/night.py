"""The night of the tests, and what its fixtures are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi.testclient import TestClient
from httpx import Response

from vigie.core.errors import TransportError
from vigie.core.open_step import OpenStep

ORIGIN = "https://control.example"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NIGHT = datetime(2026, 11, 23, 21, 14, 5, tzinfo=UTC)

Browser = Callable[..., TestClient]
Detect = Callable[..., str]
Send = Callable[..., Response]


class AirflowAsks:
    """The twin of ``answer_in_airflow``."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, dict[str, object], str]] = []
        self.refuses = ""

    def __call__(self, step: OpenStep, option: str, given: Mapping[str, object], user: BaseUser) -> str:
        self.told.append((step.id, option, dict(given), user.get_name()))
        return self.refuses


class SlackShows:
    """The twin of ``open_in_slack``."""

    def __init__(self) -> None:
        self.views: list[tuple[str, dict[str, Any]]] = []
        self.refuses = ""

    def __call__(self, trigger: str, view: Mapping[str, Any]) -> None:
        if self.refuses:
            raise TransportError(f"Slack: views.open: {self.refuses}", permanent=True)
        self.views.append((trigger, dict(view)))


class Night:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = NIGHT

    def __call__(self) -> datetime:
        return self.now

    def passes(self, span: timedelta) -> None:
        self.now += span
