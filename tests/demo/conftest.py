from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from tests.demo.slack_app import SlackApp

from vigie.demo.slack_stand_in import SlackStandIn


@pytest.fixture
def client(slack: SlackStandIn) -> WebClient:
    """slack_sdk's client without its own retries, which would hide what the stand-in does."""
    return WebClient(token=slack.token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def app(slack: SlackStandIn) -> Iterator[SlackApp]:
    with SlackApp() as each:
        slack.send_presses_to(each.url)
        yield each
