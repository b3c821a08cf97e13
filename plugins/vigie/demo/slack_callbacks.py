"""What Slack sends to the app: signed interactivity callbacks, and the response_url that goes with each.

Slack waits three seconds for HTTP 200 and then shows the user that it failed; interactivity requests are not sent again
by Slack itself (its documented retries belong to the Events API). People press twice, though, and proxies repeat: so
`copies` sends the same request more than once, marked with X-Slack-Retry-Num as the Events API does.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx

from vigie.demo.slack_api import SlackApi
from vigie.demo.slack_rules import broken_rules
from vigie.demo.slack_views import replace_view
from vigie.demo.slack_world import Json, Message, World

_ANSWER_WITHIN = 3.0
_RESPONSE_URL_LIVES = 30 * 60.0
_RESPONSE_URL_USES = 5


class Unpressable(Exception):
    """There is nothing to press there; the text says what there is."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's request signature, version 0."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


class Callbacks:
    """The callbacks of one workspace."""

    def __init__(self, api: SlackApi, signing_secret: str) -> None:
        self._api = api
        self._secret = signing_secret
        self._responses: dict[str, tuple[Message, str, float, int]] = {}
        self.base = ""  # the stand-in's own address, set when it is known

    async def press(self, message: Message, action_id: str, user_id: str, chosen: str = "", copies: int = 1) -> Json:
        """Press a button (or choose an option) as this user, and post the callback. Raises Unpressable."""
        world = self._api.world
        block, element = _find(message, action_id)
        channel = world.channels[message.channel]
        action: Json = {**element, "block_id": block.get("block_id", ""), "action_ts": world.next_ts()}
        if "options" in action:
            options = [each for each in action.pop("options") if each.get("value") == chosen]
            if not options:
                raise Unpressable(f"{action_id!r} has no option {chosen!r}")
            action["selected_option"] = options[0]
        payload = self._payload("block_actions", user_id) | {
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": channel.id,
                "is_ephemeral": message.only_for is not None,
            },
            "channel": {"id": channel.id, "name": "directmessage" if channel.im else channel.name},
            "message": world.as_slack(message),
            "response_url": self._response_url(message, user_id),
            "actions": [action],
        }
        if message.thread_ts:
            payload["container"]["thread_ts"] = message.thread_ts
        return await self._post(payload, copies)

    async def submit(self, view_id: str, values: Json) -> Json:
        """Submit a modal; `values` is `{block_id: {action_id: {...}}}`. The view closes unless the app says otherwise.

        The app may find errors, or show another view in its place.
        """
        view = dict(self._api.world.views[view_id])
        payload = self._payload("view_submission", view.pop("_user"))
        payload |= {"view": view | {"state": {"values": values}}, "response_urls": []}
        result = await self._post(payload, copies=1)
        action = result["json"].get("response_action") if isinstance(result.get("json"), dict) else None
        if result["ok"] and action in (None, "clear"):
            del self._api.world.views[view_id]
        elif result["ok"] and action == "update":
            replace_view(self._api.world, view_id, result["json"].get("view"))
        await self._api.world.changed()
        return result

    async def respond(self, key: str, body: Json) -> tuple[int, Json | str]:
        """What the app posts to a response_url: (HTTP status, answer)."""
        message, user_id, until, uses = self._responses.get(key, (None, "", 0.0, 0))
        if message is None or time.monotonic() > until:
            return 404, {"ok": False, "error": "expired_url"}
        if uses >= _RESPONSE_URL_USES:
            return 404, {"ok": False, "error": "used_url"}
        blocks = body.get("blocks") or []
        problems = broken_rules(blocks)
        if problems:
            return 400, {"ok": False, "error": "invalid_blocks"}
        self._responses[key] = (message, user_id, until, uses + 1)
        world = self._api.world
        if body.get("delete_original"):
            world.remove(message)
        elif body.get("replace_original"):
            message.text, message.blocks, message.edited = str(body.get("text", "")), blocks, world.next_ts()
        else:
            seen_by = None if body.get("response_type") == "in_channel" else user_id
            answer = Message(
                ts=world.next_ts(), channel=message.channel, author=world.bot_user.id, text=str(body.get("text", ""))
            )
            answer.blocks, answer.only_for, answer.thread_ts = blocks, seen_by, body.get("thread_ts")
            world.put(answer)
        await world.changed()
        return 200, "ok"

    def _payload(self, kind: str, user_id: str) -> Json:
        world: World = self._api.world
        user = world.users[user_id]
        return {
            "type": kind,
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": world.team_id},
            "api_app_id": world.app_id,
            "token": "unused",
            "trigger_id": self._api.triggers.give(user.id),
            "team": {"id": world.team_id, "domain": "vigie-demo"},
            "enterprise": None,
            "is_enterprise_install": False,
            "state": {"values": {}},
        }

    def _response_url(self, message: Message, user_id: str) -> str:
        key = uuid.uuid4().hex
        self._responses[key] = (message, user_id, time.monotonic() + _RESPONSE_URL_LIVES, 0)
        return f"{self.base}/actions/{self._api.world.team_id}/{key}"

    async def _post(self, payload: Json, copies: int) -> Json:
        url = self._api.world.config.interactivity_url
        if not url:
            raise Unpressable("no interactivity URL is set; the stand-in does not know where to send the press")
        body = urlencode({"payload": json.dumps(payload)}).encode()
        result: Json = {}
        started = time.monotonic()
        async with httpx.AsyncClient(timeout=_ANSWER_WITHIN, trust_env=False) as client:
            for copy in range(copies):
                timestamp = str(int(time.time()))
                headers = {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
                    "X-Slack-Request-Timestamp": timestamp,
                    "X-Slack-Signature": sign(self._secret, timestamp, body),
                }
                if copy:
                    headers |= {"X-Slack-Retry-Num": str(copy), "X-Slack-Retry-Reason": "http_timeout"}
                result = await _send(client, url, body, headers)
        return result | {"seconds": round(time.monotonic() - started, 3)}


async def _send(client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]) -> Json:
    try:
        answer = await client.post(url, content=body, headers=headers)
    except httpx.TimeoutException:
        return {"ok": False, "status": 0, "body": "", "error": f"no answer within {_ANSWER_WITHIN:g} s"}
    except httpx.HTTPError as error:
        return {"ok": False, "status": 0, "body": "", "error": f"{type(error).__name__}: {error}"}
    result: Json = {"ok": answer.status_code == 200, "status": answer.status_code, "body": answer.text[:2000]}
    result["error"] = "" if result["ok"] else f"the app answered HTTP {answer.status_code}"
    if answer.headers.get("content-type", "").startswith("application/json"):
        try:
            result["json"] = answer.json()
        except ValueError:
            result["error"] = "the app's answer is no JSON"
    return result


def _find(message: Message, action_id: str) -> tuple[Json, Json]:
    known = []
    for block, element in _elements(message):
        if element.get("action_id") == action_id:
            return block, element
        known.append(str(element.get("action_id")))
    raise Unpressable(f"message {message.ts} has no action {action_id!r}; it has: {', '.join(known) or 'none'}")


def _elements(message: Message) -> Iterator[tuple[Json, Json]]:
    for block in message.blocks:
        candidates: list[Any] = block.get("elements", []) if block.get("type") == "actions" else []
        for element in [*candidates, block.get("accessory")]:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element
