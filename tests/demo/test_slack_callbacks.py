from __future__ import annotations

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from tests.demo.slack_app import SlackApp

from vigie.demo.slack_stand_in import SlackStandIn
from vigie.demo.slack_world import Json


@pytest.fixture
def message(client: WebClient, slack: SlackStandIn, slack_channel: str) -> Json:
    take = {"type": "button", "text": {"type": "plain_text", "text": "Take it"}, "action_id": "take", "value": "I-1"}
    step = {"text": {"type": "plain_text", "text": "Relaunched"}, "value": "yes"}
    choose = {"type": "static_select", "action_id": "choose", "options": [step]}
    blocks = [{"type": "actions", "block_id": "answers", "elements": [take, choose]}]
    client.chat_postMessage(channel=slack_channel, text="KO", blocks=blocks)
    return slack.messages(slack_channel)[0]


def test_a_press_is_posted_signed(slack: SlackStandIn, app: SlackApp, message: Json):
    result = slack.press(message, "take", "alice")

    headers, body = app.requests[0]
    verifier = SignatureVerifier(slack.signing_secret)
    assert result["ok"]
    assert verifier.is_valid_request(body, headers)
    assert not verifier.is_valid_request(body + b" ", headers)
    payload = app.payload()
    assert payload["type"] == "block_actions"
    assert payload["user"]["name"] == "alice"
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == message["ts"]
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("take", "answers", "I-1")


def test_an_option_is_chosen(slack: SlackStandIn, app: SlackApp, message: Json):
    slack.press(message, "choose", "bruno", chosen="yes")

    assert app.payload()["actions"][0]["selected_option"]["value"] == "yes"
    with pytest.raises(ValueError) as refused:
        slack.press(message, "choose", "bruno", chosen="maybe")
    assert str(refused.value) == "'choose' has no option 'maybe'"


def test_a_press_that_comes_twice_says_so(slack: SlackStandIn, app: SlackApp, message: Json):
    slack.press(message, "take", "alice", copies=2)

    assert [headers.get("x-slack-retry-num") for headers, _ in app.requests] == [None, "1"]
    assert app.requests[0][1] == app.requests[1][1]


@pytest.mark.parametrize(
    ("action_id", "user", "error"),
    [
        ("nothing", "alice", "message {ts} has no action 'nothing'; it has: take, choose"),
        ("take", "zoe", "no user 'zoe'; there are {users}"),
    ],
)
def test_what_cannot_be_pressed(
    slack: SlackStandIn, app: SlackApp, message: Json, action_id: str, user: str, error: str
):
    with pytest.raises(ValueError) as refused:
        slack.press(message, action_id, user)

    users = ", ".join(each.name for each in slack.world.users.values())
    assert str(refused.value) == error.format(ts=message["ts"], users=users)
    assert app.requests == []


def test_without_an_address_nothing_can_be_pressed(slack: SlackStandIn, message: Json):
    with pytest.raises(ValueError) as refused:
        slack.press(message, "take", "alice")

    assert str(refused.value) == "no interactivity URL is set; the stand-in does not know where to send the press"


def test_an_app_that_fails_or_is_gone(slack: SlackStandIn, app: SlackApp, message: Json):
    app.status = 500
    assert slack.press(message, "take", "alice")["error"] == "the app answered HTTP 500"
    slack.send_presses_to("http://127.0.0.1:1/")
    assert slack.press(message, "take", "alice")["error"].startswith("ConnectError: ")


def test_an_app_that_is_silent_for_three_seconds_and_a_trigger_that_expires(
    client: WebClient, slack: SlackStandIn, app: SlackApp, message: Json
):
    app.speak.clear()
    result = slack.press(message, "take", "alice")

    assert (result["ok"], result["error"]) == (False, "no answer within 3 s")
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Note"}, "blocks": []}
    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=app.payload()["trigger_id"], view=view)
    assert refused.value.response["error"] == "expired_trigger_id"


def test_a_modal_is_opened_once_and_submitted(client: WebClient, slack: SlackStandIn, app: SlackApp, message: Json):
    slack.press(message, "take", "alice")
    field = {"type": "plain_text_input", "action_id": "text"}
    block = {"type": "input", "block_id": "note", "label": {"type": "plain_text", "text": "Note"}, "element": field}
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Resolve"}, "blocks": [block]}
    view["submit"] = {"type": "plain_text", "text": "Submit"}
    trigger_id = app.payload()["trigger_id"]

    opened = client.views_open(trigger_id=trigger_id, view=view)["view"]
    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=trigger_id, view=view)
    updated = client.views_update(view_id=opened["id"], view=view, hash=opened["hash"])["view"]
    app.answer = {"response_action": "errors", "errors": {"note": "too short"}}
    slack.submit(updated["id"], {})
    still_open = slack.views()
    app.answer = {"response_action": "update", "view": view | {"title": {"type": "plain_text", "text": "Too late"}}}
    slack.submit(updated["id"], {})
    (in_its_place,) = slack.views()
    app.answer = None
    slack.submit(updated["id"], {"note": {"text": {"type": "plain_text_input", "value": "done"}}})

    assert refused.value.response["error"] == "exchanged_trigger_id"
    assert [each["id"] for each in still_open] == [opened["id"]]
    assert (in_its_place["id"], in_its_place["title"]["text"]) == (opened["id"], "Too late")
    assert slack.views() == []
    assert app.payload()["view"]["state"]["values"]["note"]["text"]["value"] == "done"
    assert app.payload()["user"]["name"] == "alice"


def test_a_response_url_replaces_the_message_and_answers_five_times(
    slack: SlackStandIn, app: SlackApp, message: Json, slack_channel: str
):
    slack.press(message, "take", "alice")
    url = app.payload()["response_url"]

    assert httpx.post(url, json={"text": "taken", "replace_original": True}).text == "ok"
    assert slack.messages(slack_channel)[0]["text"] == "taken"
    for _ in range(4):
        assert httpx.post(url, json={"text": "only you"}).status_code == 200
    assert httpx.post(url, json={"text": "once more"}).json() == {"ok": False, "error": "used_url"}
    assert httpx.post(url + "0", json={"text": "x"}).json() == {"ok": False, "error": "expired_url"}
    assert slack.messages(slack_channel)[1]["only_for"] == app.payload()["user"]["id"]
