"""Forms opened in a Slack stand-in, and what keeps them from being shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from tests.demo.slack_app import SlackApp

from vigie.adapters.slack_form import SlackForms
from vigie.core.errors import TransportError
from vigie.demo.slack_stand_in import SlackStandIn
from vigie.demo.slack_world import Channel, SlackConfig, User

VIEW: dict[str, Any] = {"type": "modal", "title": {"type": "plain_text", "text": "A step"}, "blocks": []}
BUTTON = {"type": "button", "action_id": "fill_in", "text": {"type": "plain_text", "text": "Fill in"}}


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    config = SlackConfig(users=[User(name="anna")], channels=[Channel(name="nordwind")])
    with SlackStandIn(config) as stand_in:
        yield stand_in


def _client(slack: SlackStandIn) -> WebClient:
    return WebClient(token=slack.token, base_url=slack.api_url, timeout=0.5)


def _pressed(slack: SlackStandIn) -> str:
    """The trigger of a button that somebody has just pressed."""
    with SlackApp() as app:
        slack.send_presses_to(app.url)
        _client(slack).chat_postMessage(
            channel="nordwind", text="?", blocks=[{"type": "actions", "elements": [BUTTON]}]
        )
        slack.press(slack.messages("nordwind")[-1], "fill_in", "anna")
        return str(app.payload()["trigger_id"])


def test_the_one_who_pressed_sees_the_form(slack: SlackStandIn) -> None:
    trigger = _pressed(slack)
    SlackForms(_client(slack)).open(trigger, VIEW)
    assert [each["title"]["text"] for each in slack.views()] == ["A step"]


def test_a_trigger_is_good_once(slack: SlackStandIn) -> None:
    trigger = _pressed(slack)
    forms = SlackForms(_client(slack))
    forms.open(trigger, VIEW)
    with pytest.raises(TransportError, match=r"^Slack: views.open: exchanged_trigger_id$") as refused:
        forms.open(trigger, VIEW)
    assert refused.value.permanent


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("refuse", {"error": "expired_trigger_id"}, "expired_trigger_id"),
        ("ratelimited", {"seconds": 1}, "ratelimited"),
        ("status", {"status": 502}, "HTTP 502"),
        ("drop", {}, "RemoteDisconnected"),
        ("slow", {"seconds": 1}, "TimeoutError"),
    ],
)
def test_whatever_befalls_is_told_and_not_tried_again(
    slack: SlackStandIn, kind: Any, more: dict[str, Any], said: str
) -> None:
    slack.fail_next(kind, **more)
    with pytest.raises(TransportError) as trouble:
        SlackForms(_client(slack)).open("1.2.3", VIEW)
    assert str(trouble.value) == f"Slack: views.open: {said}"
    assert len(slack.calls_of("views.open")) <= 1
