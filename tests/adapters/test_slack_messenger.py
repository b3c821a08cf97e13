"""What a message looks like in Slack, and Slack's ways to say no."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from vigie.adapters.slack_messenger import SlackMessenger
from vigie.core.errors import InDoubt, Refused, TransportError
from vigie.core.message import Button, Message, Outbound
from vigie.demo.slack_stand_in import SlackStandIn
from vigie.demo.slack_world import Message as Posted
from vigie.demo.slack_world import World

BODY = Message(subject="[HIGH] 3 files missing", text="3 files of Tokyo are missing.", slack="*3* files of Tokyo")


def outbound(channel: str, key: str = "INC-7|page|1", **more: object) -> Outbound:
    fields = {
        "key": key,
        "incident": "INC-7",
        "client": "maison-lumiere",
        "channel": "slack",
        "purpose": "page",
        "recipient": channel,
        "message": BODY,
        "claimed_at": datetime.now(UTC),
    }
    return Outbound.model_validate(fields | more)


@pytest.fixture
def messenger(slack: SlackStandIn) -> SlackMessenger:
    return SlackMessenger(WebClient(token=slack.token, base_url=slack.api_url, timeout=5))


def failure(messenger: SlackMessenger, message: Outbound) -> TransportError:
    with pytest.raises(TransportError) as raised:
        messenger.send(message)
    return raised.value


def test_a_page_as_blocks_and_as_text(slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger):
    alice = slack.world.user("alice")
    assert alice
    buttons = (
        Button(label="Take it", action="acknowledge", value="INC-7", style="primary"),
        Button(label="Procedure", action="procedure", url="http://127.0.0.1/vigie/procedures/x"),
    )
    ref = messenger.send(outbound(slack_channel, buttons=buttons, mentions=(alice.id, "here", "<@Bob>")))
    (message,) = slack.messages(slack_channel)
    assert ref == f"{message['channel']}:{message['ts']}"
    assert message["metadata"] == {"event_type": "vigie", "event_payload": {"key": "INC-7|page|1"}}
    header, section, actions = message["blocks"]
    assert header["text"] == {"type": "plain_text", "text": "[HIGH] 3 files missing"}
    assert section["text"]["text"] == f"<@{alice.id}> <!here> &lt;@Bob&gt;\n*3* files of Tokyo"
    assert actions["elements"] == [
        {
            "type": "button",
            "action_id": "acknowledge",
            "value": "INC-7",
            "style": "primary",
            "text": {"type": "plain_text", "text": "Take it"},
        },
        {
            "type": "button",
            "action_id": "procedure",
            "url": "http://127.0.0.1/vigie/procedures/x",
            "text": {"type": "plain_text", "text": "Procedure"},
        },
    ]
    assert message["text"] == (
        f"<@{alice.id}> <!here> &lt;@Bob&gt; [HIGH] 3 files missing\n*3* files of Tokyo\n"
        "Procedure: <http://127.0.0.1/vigie/procedures/x>"
    )


def test_slack_makes_no_link_and_no_mention_of_what_a_fact_says(
    slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger
):
    seen = len(slack.calls)
    hostile = Message(
        subject="pay at evil.example", text="x", slack="Pay at http://evil.example, @here, #general\n" * 99
    )
    ref = messenger.send(outbound(slack_channel, message=hostile))
    messenger.send(outbound(slack_channel, "INC-7|page|2", message=hostile, edits="INC-7|page|1"), reply_ref=ref)
    asked = [call["args"] for call in slack.calls[seen:]]
    texts = [block["text"] for said in asked for block in said["blocks"]]
    assert len(texts) == 6
    assert all(text["type"] == "plain_text" or text["verbatim"] is True for text in texts)
    assert [(said["parse"], said["link_names"]) for said in asked] == [("none", False)] * 2


def test_each_row_of_buttons_has_its_place(slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger):
    link = Button(label="Open incident", action="open_incident", url="http://127.0.0.1/x", row=1)
    take = Button(label="Take it", action="acknowledge", value="INC-7", row=0)
    taken = Button(label="Taken by Camille <!channel>.", action="", row=0, only_words=True)
    resolve = Button(label="Resolve", action="resolve", value="INC-7", row=2)
    ref = messenger.send(outbound(slack_channel, buttons=(take, link)))
    before = slack.messages(slack_channel)[0]["blocks"]
    edit = outbound(slack_channel, "INC-7|tell|2", buttons=(taken, link, resolve), edits="INC-7|page|1")
    messenger.send(edit, reply_ref=ref)
    after = slack.messages(slack_channel)[0]["blocks"]

    def rows(blocks: list[dict[str, Any]]) -> list[list[str]]:
        return [[each.get("action_id", each.get("text")) for each in block["elements"]] for block in blocks[2:]]

    assert rows(before) == [["acknowledge"], ["open_incident"]]
    assert rows(after) == [["Taken by Camille <!channel>."], ["open_incident"], ["resolve"]]
    assert [block["type"] for block in after[2:]] == ["context", "actions", "actions"]
    assert after[2]["elements"][0]["type"] == "plain_text"


def test_a_text_without_slack_form_is_no_markup(slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger):
    messenger.send(outbound(slack_channel, message=Message(subject="<!here> a&b", text="<!channel> & <@U123456>")))
    (message,) = slack.messages(slack_channel)
    assert message["blocks"][0]["text"]["text"] == "<!here> a&b"  # plain_text: Slack shows it as it is
    assert message["blocks"][1]["text"]["text"] == "&lt;!channel&gt; &amp; &lt;@U123456&gt;"
    assert message["text"].startswith("&lt;!here&gt; a&amp;b\n")


def test_a_long_text_is_split_at_line_ends_and_code_stays_code(
    slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger
):
    lines = [f"line {number:04d} " + "x" * 60 for number in range(100)]
    text = "Log:\n```\n" + "\n".join(lines) + "\n```\nEnd."
    messenger.send(outbound(slack_channel, message=Message(subject="s" * 200, text="-", slack=text)))
    (message,) = slack.messages(slack_channel)
    header, *sections = (block["text"]["text"] for block in message["blocks"])
    assert header == "s" * 149 + "…"
    assert len(sections) == 3
    assert all(len(section) <= 3000 and section.count("```") % 2 == 0 for section in sections)
    said = [line for section in sections for line in section.split("\n") if line.startswith("line")]
    assert said == lines


def test_a_text_beyond_fifty_blocks_is_cut(slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger):
    messenger.send(outbound(slack_channel, message=Message(subject="", text="y" * 300_000)))
    (message,) = slack.messages(slack_channel)
    assert len(message["blocks"]) == 40
    assert message["blocks"][-1]["text"]["text"] == "_…cut: the message is too long for Slack_"


def test_a_repeated_page_says_so(slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger):
    messenger.send(outbound(slack_channel, repeated=True))
    (message,) = slack.messages(slack_channel)
    assert message["blocks"][1]["text"]["text"].startswith("*perhaps repeated*\n")
    assert "\n*perhaps repeated*\n" in message["text"]


def test_an_answer_in_the_thread_and_in_the_channel(slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger):
    ref = messenger.send(outbound(slack_channel))
    quiet, loud = outbound(slack_channel, "k2"), outbound(slack_channel, "k3", broadcast=True)
    for each in (quiet, loud):
        messenger.send(each, reply_ref=ref)
    assert [reply.get("subtype") for reply in slack.thread(slack_channel, ref.split(":")[1])] == [
        None,
        "thread_broadcast",
    ]


def test_an_edit_replaces_and_the_message_is_still_found(
    slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger
):
    first = outbound(slack_channel, buttons=(Button(label="Take it", action="acknowledge", value="INC-7"),))
    ref = messenger.send(first)
    edit = outbound(slack_channel, "INC-7|edit|1", edits=first.key, message=Message(subject="Taken", text="by Alice"))
    assert messenger.send(edit, reply_ref=ref) == ref
    (message,) = slack.messages(slack_channel)
    assert [block["type"] for block in message["blocks"]] == ["header", "section"]
    assert message["edited"]
    channel_id = ref.split(":")[0]
    assert messenger.find(first.model_copy(update={"recipient": channel_id})) == ref
    assert messenger.find(edit, reply_ref=ref) is None


def test_an_edit_whose_answer_was_lost_is_no_doubt(slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger):
    ref = messenger.send(outbound(slack_channel))
    slack.fail_next("drop", after=True, methods=["chat.update"])
    with pytest.raises(TransportError) as raised:
        messenger.send(outbound(slack_channel, "k2", edits="INC-7|page|1"), reply_ref=ref)
    assert not isinstance(raised.value, InDoubt)
    assert not raised.value.permanent


def test_an_edit_of_what_was_never_sent(slack_channel: str, messenger: SlackMessenger):
    error = failure(messenger, outbound(slack_channel, "k2", edits="k1"))
    assert str(error) == "Slack: k2 edits a message that was never sent"
    assert error.permanent


@pytest.mark.parametrize("form", ["{name}", "#{name}", "{id}"])
def test_a_message_is_found_however_its_channel_is_named(slack: SlackStandIn, messenger: SlackMessenger, form: str):
    channel_id = slack.add_channel("ops-lumiere", private=True)
    message = outbound(form.format(name="ops-lumiere", id=channel_id))
    assert messenger.find(message) is None
    assert messenger.send(message) == messenger.find(message)


def test_a_direct_message_is_found(slack: SlackStandIn, messenger: SlackMessenger):
    bruno = slack.world.user("bruno")
    assert bruno
    message = outbound(bruno.id)
    ref = messenger.send(message)
    assert ref.startswith("D")
    assert messenger.find(message) == ref


async def many_others(world: World, channel_id: str) -> None:
    for number in range(230):
        world.put(Posted(ts=world.next_ts(), channel=channel_id, author="UALICE", text=str(number)))


def test_a_message_is_found_behind_many_others_and_not_beyond_its_claim(
    slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger
):
    slack.limit_rate(on=False)
    channel_id = slack.add_channel(slack_channel)
    message = outbound(channel_id)
    ref = messenger.send(message)
    slack._run(many_others(slack.world, channel_id))
    assert messenger.find(message) == ref
    assert len(slack.calls_of("conversations.history")) == 2
    later = datetime.now(UTC) + timedelta(minutes=2)
    assert messenger.find(message.model_copy(update={"claimed_at": later})) is None
    assert messenger.find(message.model_copy(update={"claimed_at": None})) is None


def test_a_key_in_somebody_elses_message_is_not_ours(slack: SlackStandIn, slack_channel: str):
    client = WebClient(token=slack.token, base_url=slack.api_url)
    channel_id = slack.add_channel(slack_channel)
    message = outbound(channel_id)
    ref = SlackMessenger(client).send(message)
    assert SlackMessenger(client, slack.world.bot_user.id).find(message) == ref
    assert SlackMessenger(client, "UANOTHER1").find(message) is None


# --- Slack's ways to say no -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind", "permanent"),
    [
        ("channel_not_found", TransportError, True),
        ("is_archived", TransportError, True),
        ("msg_too_long", TransportError, True),
        ("something_new", TransportError, True),
        ("invalid_auth", Refused, True),
        ("token_revoked", Refused, True),
        ("missing_scope", Refused, True),
        ("service_unavailable", TransportError, False),
        ("request_timeout", TransportError, False),
        ("internal_error", InDoubt, False),
        ("fatal_error", InDoubt, False),
    ],
)
def test_each_error_of_slack(
    slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger, code: str, kind: type, permanent: bool
):
    slack.fail_next("refuse", error=code)
    error = failure(messenger, outbound(slack_channel))
    assert type(error) is kind
    assert error.permanent is permanent
    assert str(error).startswith(f"Slack: chat.postMessage for {slack_channel}: {code}")


def test_a_channel_that_is_not_there(messenger: SlackMessenger):
    error = failure(messenger, outbound("nowhere"))
    assert str(error) == "Slack: chat.postMessage for nowhere: channel_not_found"
    assert error.permanent
    with pytest.raises(TransportError, match="Slack: there is no channel nowhere"):
        messenger.find(outbound("nowhere"))


def test_the_rate_limit_says_when_to_come_back(slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger):
    slack.fail_next("ratelimited", seconds=7)
    error = failure(messenger, outbound(slack_channel))
    assert error.retry_after == 7
    assert not error.permanent
    assert not isinstance(error, InDoubt)
    assert len(slack.calls) == 1


def test_a_server_error_is_a_doubt_and_is_asked_once(
    slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger
):
    slack.fail_next("status", status=503)
    error = failure(messenger, outbound(slack_channel))
    assert isinstance(error, InDoubt)
    assert "(HTTP 503)" in str(error)
    slack.fail_next("drop")
    assert isinstance(failure(messenger, outbound(slack_channel)), InDoubt)
    assert len(slack.calls_of("chat.postMessage")) == 2


def test_a_slow_answer_is_a_doubt(slack: SlackStandIn, slack_channel: str):
    messenger = SlackMessenger(WebClient(token=slack.token, base_url=slack.api_url, timeout=1))
    slack.fail_next("slow", after=True, seconds=1.5)
    assert isinstance(failure(messenger, outbound(slack_channel)), InDoubt)
    assert len(slack.messages(slack_channel)) == 1


def test_nobody_listens(slack_channel: str):
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    messenger = SlackMessenger(WebClient(token="xoxb-secret", base_url=f"http://127.0.0.1:{port}/api/"))
    error = failure(messenger, outbound(slack_channel))
    assert str(error) == f"Slack: chat.postMessage for {slack_channel}: [Errno 111] Connection refused"
    assert not isinstance(error, InDoubt)


def test_a_wrong_token_is_refused_and_not_told(slack: SlackStandIn, slack_channel: str):
    error = failure(SlackMessenger(WebClient(token="xoxb-wrong", base_url=slack.api_url)), outbound(slack_channel))
    assert isinstance(error, Refused)
    assert "xoxb" not in str(error)


def test_blocks_that_slack_refuses_are_left_out(slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger):
    twice: dict[str, Any] = {"label": "Open", "action": "open"}
    message = outbound(slack_channel, buttons=(Button(**twice, url="http://a.example/"), Button(**twice, value="x")))
    messenger.send(message)
    (arrived,) = slack.messages(slack_channel)
    assert "blocks" not in arrived
    assert arrived["text"].endswith("*3* files of Tokyo\nOpen: <http://a.example/>")
    assert arrived["metadata"]["event_payload"]["key"] == message.key
    assert [json.loads(json.dumps(each["answer"]))["ok"] for each in slack.calls] == [False, True]


def test_signing_in_posts_nothing_and_a_token_that_slack_does_not_know_is_refused(
    slack: SlackStandIn, slack_channel: str, messenger: SlackMessenger
):
    messenger.sign_in()
    assert slack.messages(slack_channel) == []
    with pytest.raises(Refused) as refused:
        SlackMessenger(WebClient(token="xoxb-of-yesterday", base_url=slack.api_url, timeout=5)).sign_in()
    assert str(refused.value) == "Slack: auth.test for our bot: invalid_auth"
    slack.fail_next("refuse", 1, error="token_revoked")
    with pytest.raises(Refused) as refused:
        messenger.sign_in()
    assert str(refused.value) == "Slack: auth.test for our bot: token_revoked"
