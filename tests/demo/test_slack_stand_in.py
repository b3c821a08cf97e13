from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from vigie.demo.slack_stand_in import SlackStandIn


def test_a_posted_message_is_read_back_with_its_metadata(client: WebClient, slack: SlackStandIn, slack_channel: str):
    metadata = {"event_type": "vigie_message", "event_payload": {"key": "I-1.3"}}

    posted = client.chat_postMessage(channel=f"#{slack_channel}", text="KO", metadata=metadata)

    history = client.conversations_history(channel=posted["channel"], include_all_metadata=True)
    assert [(each["ts"], each["metadata"]) for each in history["messages"]] == [(posted["ts"], metadata)]
    plain = client.conversations_history(channel=posted["channel"])
    assert "metadata" not in plain["messages"][0]
    assert slack.messages(slack_channel)[0]["user_name"] == "vigie"


def test_a_reply_is_in_the_thread_and_not_in_the_channel(client: WebClient, slack_channel: str):
    parent = client.chat_postMessage(channel=slack_channel, text="missing files")
    where = parent["channel"]
    client.chat_postMessage(channel=where, thread_ts=parent["ts"], text="taken by Alice")
    client.chat_postMessage(channel=where, thread_ts=parent["ts"], text="resolved", reply_broadcast=True)

    shown = client.conversations_history(channel=where)["messages"]
    thread = client.conversations_replies(channel=where, ts=parent["ts"])["messages"]

    assert [each["text"] for each in shown] == ["resolved", "missing files"]
    assert [each["text"] for each in thread] == ["missing files", "taken by Alice", "resolved"]
    assert shown[1]["reply_count"] == 2


def test_pages_of_a_history_follow_the_cursor(client: WebClient, slack: SlackStandIn, slack_channel: str):
    slack.limit_rate(on=False)
    where = client.chat_postMessage(channel=slack_channel, text="0")["channel"]
    for number in range(1, 5):
        client.chat_postMessage(channel=where, text=str(number))

    pages = [page["messages"] for page in client.conversations_history(channel=where, limit=2)]

    assert [[each["text"] for each in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"]]


def test_timestamps_are_unique_and_rise(client: WebClient, slack: SlackStandIn, slack_channel: str):
    slack.limit_rate(on=False)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: client.chat_postMessage(channel=slack_channel, text=str(number)), range(60)))

    stamps = [each["answer"]["ts"] for each in slack.calls_of("chat.postMessage")]

    assert len(set(stamps)) == 60
    assert stamps == sorted(stamps)


def test_an_update_keeps_what_it_does_not_give(client: WebClient, slack: SlackStandIn, slack_channel: str):
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "open"}}]
    metadata = {"event_type": "vigie_message", "event_payload": {"key": "k"}}
    posted = client.chat_postMessage(channel=slack_channel, text="open", blocks=blocks, metadata=metadata)

    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="acknowledged")

    message = slack.wait_for(slack_channel, "acknowledged", edited=True)[0]
    assert (message["blocks"][0]["text"]["text"], message["metadata"]) == ("open", metadata)
    assert message["edited"]["ts"] > posted["ts"]


def test_a_deleted_message_with_replies_leaves_a_tombstone(client: WebClient, slack_channel: str):
    parent = client.chat_postMessage(channel=slack_channel, text="wrong")
    client.chat_postMessage(channel=slack_channel, text="why?", thread_ts=parent["ts"])
    single = client.chat_postMessage(channel=slack_channel, text="also wrong")

    for each in (parent, single):
        client.chat_delete(channel=each["channel"], ts=each["ts"])

    shown = client.conversations_history(channel=parent["channel"])["messages"]
    assert [(each["subtype"], each["text"]) for each in shown] == [("tombstone", "This message was deleted.")]


def test_lookups(client: WebClient, slack: SlackStandIn, slack_channel: str):
    alice = client.users_lookupByEmail(email="ALICE@vigie.example")["user"]
    group = client.usergroups_list(include_users=True)["usergroups"][0]
    direct = client.conversations_open(users=[alice["id"]])["channel"]["id"]
    channels = [each for page in client.conversations_list(limit=2) for each in page["channels"]]
    posted = client.chat_postMessage(channel=alice["id"], text="only you")
    link = client.chat_getPermalink(channel=direct, message_ts=posted["ts"])["permalink"]

    assert alice["real_name"] == "Alice Martin"
    assert client.users_info(user=alice["id"])["user"]["name"] == "alice"
    assert (group["handle"], len(group["users"])) == ("platform", 1)
    assert slack_channel in [each["name"] for each in channels]
    assert posted["channel"] == direct
    assert link == f"{slack.url}/archives/{direct}/p{posted['ts'].replace('.', '')}"
    assert client.auth_test()["user_id"] == client.users_list()["members"][-1]["id"]


def test_an_ephemeral_message_is_in_no_history(client: WebClient, slack: SlackStandIn, slack_channel: str):
    alice = client.users_lookupByEmail(email="alice@vigie.example")["user"]["id"]
    channel = client.chat_postMessage(channel=slack_channel, text="for all")["channel"]

    client.chat_postEphemeral(channel=channel, user=alice, text="for Alice")

    assert [each["text"] for each in client.conversations_history(channel=channel)["messages"]] == ["for all"]
    assert [each["only_for"] for each in slack.messages(slack_channel)] == [None, alice]


def test_reactions(client: WebClient, slack: SlackStandIn, slack_channel: str):
    posted = client.chat_postMessage(channel=slack_channel, text="KO")
    message = {"channel": posted["channel"], "timestamp": posted["ts"], "name": "eyes"}

    client.reactions_add(**message)
    assert slack.messages(slack_channel)[0]["reactions"][0]["count"] == 1
    assert refusal(client, "reactions.add", **message) == "already_reacted"
    client.reactions_remove(**message)
    assert refusal(client, "reactions.remove", **message) == "no_reaction"


def refusal(client: WebClient, method: str, **args: object) -> str:
    with pytest.raises(SlackApiError) as refused:
        client.api_call(method, json=args)
    assert refused.value.response.status_code == 200
    return str(refused.value.response["error"])


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("chat.postMessage", {"channel": "nowhere", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "archived", "text": "x"}, "is_archived"),
        ("chat.postMessage", {"channel": "strangers", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "here"}, "no_text"),
        ("chat.postMessage", {"channel": "here", "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": "here", "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": "here", "text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "here", "text": "x", "thread_ts": "soon"}, "invalid_thread_ts"),
        ("chat.postMessage", {"channel": "here", "text": "x", "thread_ts": "1700000000.000001"}, "thread_not_found"),
        ("chat.postMessage", {"channel": "here", "text": "x", "metadata": {"key": 1}}, "invalid_metadata_schema"),
        ("chat.update", {"channel": "C1", "ts": "1700000000.000001", "text": "x"}, "channel_not_found"),
        ("conversations.history", {"channel": "here"}, "channel_not_found"),  # by name: posting only
        ("conversations.history", {"channel": "ID", "oldest": "yesterday"}, "invalid_ts_oldest"),
        ("conversations.history", {"channel": "ID", "cursor": "????"}, "invalid_cursor"),
        ("users.lookupByEmail", {"email": "nobody@vigie.example"}, "users_not_found"),
        (
            "views.open",
            {"trigger_id": "1.2.3", "view": {"type": "modal", "title": {"text": "x"}}},
            "invalid_trigger_id",
        ),
        ("chat.explode", {}, "unknown_method"),
    ],
)
def test_what_slack_refuses(client: WebClient, slack: SlackStandIn, method: str, args: dict[str, object], error: str):
    here = slack.add_channel("here")
    slack.add_channel("archived", archived=True)
    slack.add_channel("strangers", member=False)
    if args.get("channel") == "ID":
        args = args | {"channel": here}

    assert refusal(client, method, **args) == error
    assert slack.calls[-1]["answer"]["error"] == error


def test_another_authors_message_is_not_the_bots_to_change(client: WebClient, slack: SlackStandIn, slack_channel: str):
    ts = slack.say(slack_channel, "alice", "mine")
    channel = slack.messages(slack_channel)[0]["channel"]

    assert refusal(client, "chat.update", channel=channel, ts=ts, text="yours") == "cant_update_message"
    assert refusal(client, "chat.delete", channel=channel, ts=ts) == "cant_delete_message"
    assert refusal(client, "chat.update", channel=channel, ts="1.000001", text="x") == "message_not_found"


def test_the_token_is_checked_and_never_recorded(slack: SlackStandIn, slack_channel: str):
    def said(token: str | None, body: bytes = b"", kind: str = "application/x-www-form-urlencoded") -> str:
        headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = httpx.post(slack.api_url + "auth.test", content=body, headers=headers)
        return str(answer.json().get("error", "ok"))

    assert said(None) == "not_authed"
    assert said("xoxb-wrong") == "invalid_auth"
    assert said("xapp-level") == "not_allowed_token_type"
    assert said(slack.token, b"", "application/json") == "ok"  # as SlackHook.test_connection does
    assert said(slack.token, b"[1]", "application/json") == "json_not_object"
    assert said(slack.token, b"{", "application/json") == "invalid_json"
    assert said(None, f"token={slack.token}".encode()) == "ok"
    assert slack.token not in json.dumps(slack.calls)


def test_a_scope_that_the_token_lacks(client: WebClient, slack: SlackStandIn, slack_channel: str):
    slack.grant(["chat:write"])

    assert refusal(client, "users.list") == "missing_scope"
    assert client.chat_postMessage(channel=slack_channel, text="x")["ok"]


def test_wait_for_says_what_did_not_come(slack: SlackStandIn, slack_channel: str):
    with pytest.raises(TimeoutError) as waited:
        slack.wait_for(slack_channel, "resolved", within=0.1)

    assert str(waited.value) == (
        f"0 of 1 messages came within 0.1 s for {{'channel': '{slack_channel}', 'text': 'resolved', 'count': 1, 'within': 0.1}}"
    )


def test_wait_for_is_woken_by_the_message(client: WebClient, slack: SlackStandIn, slack_channel: str):
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(slack.wait_for, slack_channel, metadata={"key": "I-7"})
        client.chat_postMessage(channel=slack_channel, text="other")
        client.chat_postMessage(
            channel=slack_channel, text="page", metadata={"event_type": "m", "event_payload": {"key": "I-7", "n": 1}}
        )
        assert [each["text"] for each in waiting.result()] == ["page"]


def test_a_foreign_page_cannot_use_the_control_interface(slack: SlackStandIn):
    answer = httpx.post(slack.url + "/control/forget", json={}, headers={"Origin": "http://evil.example"})

    assert (answer.status_code, answer.json()) == (403, {"error": "requests from http://evil.example are refused"})


def test_a_restart_keeps_port_and_messages():
    stand_in = SlackStandIn()
    with stand_in:
        stand_in.add_channel("here")
        stand_in.say("here", "vigie", "before")
        port = stand_in.port
    with stand_in:
        stand_in.say("here", "vigie", "after")
        assert [each["text"] for each in stand_in.wait_for("here", count=2)] == ["before", "after"]
        assert stand_in.port == port


def test_the_slack_providers_hook_works_against_it(slack: SlackStandIn, slack_channel: str, tmp_path: Path):
    connection = {"conn_type": "slack", "password": slack.token, "extra": {"base_url": slack.api_url, "timeout": 5}}
    program = f"""
from airflow.providers.slack.hooks.slack import SlackHook
hook = SlackHook(slack_conn_id="vigie_slack", retry_handlers=[])
print(hook.test_connection())
channel = hook.get_channel_id({slack_channel!r})
print(hook.call("chat.postMessage", json={{"channel": channel, "text": "from Airflow"}})["ok"])
"""
    environment = os.environ | {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW_CONN_VIGIE_SLACK": json.dumps(connection),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=120
    )

    assert done.stdout.splitlines()[-1:] == ["True"], done.stderr[-2000:]
    assert "(True, " in done.stdout
    assert [each["text"] for each in slack.messages(slack_channel)] == ["from Airflow"]
