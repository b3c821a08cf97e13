from __future__ import annotations

import http.client

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from vigie.demo.slack_stand_in import SlackStandIn


def test_posting_too_fast_is_answered_429_for_that_channel_only(
    client: WebClient, slack: SlackStandIn, slack_channel: str
):
    slack.add_channel("quiet")
    slack.limit_rate(on=True, per_second=0.5, burst=2)
    for _ in range(2):
        client.chat_postMessage(channel=slack_channel, text="x")

    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=slack_channel, text="x")

    assert refused.value.response.status_code == 429
    assert refused.value.response["error"] == "ratelimited"
    assert 1 <= int(refused.value.response.headers["Retry-After"]) <= 2
    assert client.chat_postMessage(channel="quiet", text="x")["ok"]
    assert len(slack.messages(slack_channel)) == 2
    slack.limit_rate(on=False)
    assert client.chat_postMessage(channel=slack_channel, text="x")["ok"]


def test_slack_sdks_own_handler_waits_out_a_429(slack: SlackStandIn, slack_channel: str):
    handler = RateLimitErrorRetryHandler(max_retry_count=1)
    patient = WebClient(token=slack.token, base_url=slack.api_url, retry_handlers=[handler])
    slack.fail_next("ratelimited", methods=["chat.postMessage"], seconds=0.1)

    assert patient.chat_postMessage(channel=slack_channel, text="x")["ok"]
    assert [each["status"] for each in slack.calls_of("chat.postMessage")] == [429, 200]


@pytest.mark.parametrize("after", [False, True])
def test_a_dropped_connection_before_or_after_the_message_is_stored(
    client: WebClient, slack: SlackStandIn, slack_channel: str, after: bool
):
    slack.fail_next("drop", methods=["chat.postMessage"], after=after)

    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        client.chat_postMessage(channel=slack_channel, text="in doubt")

    assert len(slack.messages(slack_channel)) == int(after)
    assert slack.calls[-1]["fault"] == ("drop after" if after else "drop")
    assert client.chat_postMessage(channel=slack_channel, text="again")["ok"]  # one call only


def test_slack_sdk_posts_twice_by_default_when_an_answer_is_lost(slack: SlackStandIn, slack_channel: str):
    # Why an adapter must pass its own retry_handlers: the default one repeats a post after a lost connection.
    default = WebClient(token=slack.token, base_url=slack.api_url)
    slack.fail_next("drop", methods=["chat.postMessage"], after=True)

    default.chat_postMessage(channel=slack_channel, text="twice")

    assert [each["text"] for each in slack.messages(slack_channel)] == ["twice", "twice"]


@pytest.mark.parametrize("after", [False, True])
def test_an_error_500_and_a_refusal_on_command(client: WebClient, slack: SlackStandIn, slack_channel: str, after: bool):
    slack.fail_next("status", after=after, status=503)
    slack.fail_next("refuse", after=after, error="internal_error")
    for expected in (503, 200):
        with pytest.raises(SlackApiError) as refused:
            client.chat_postMessage(channel=slack_channel, text="x")
        assert refused.value.response.status_code == expected

    assert len(slack.messages(slack_channel)) == (2 if after else 0)


def test_a_slow_answer(slack: SlackStandIn, slack_channel: str):
    hasty = WebClient(token=slack.token, base_url=slack.api_url, retry_handlers=[], timeout=1)
    slack.fail_next("slow", seconds=1.3, after=True)

    with pytest.raises(TimeoutError):
        hasty.chat_postMessage(channel=slack_channel, text="stored all the same")

    assert len(slack.wait_for(slack_channel, "stored")) == 1
