"""One call of Slack's Web API: its arguments, read as Slack reads them, and the ways to refuse it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from vigie.demo.slack_world import Channel, Json, Message, World

T = TypeVar("T")


class Refused(Exception):
    """Slack answers HTTP 200 with `ok: false` and this error."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer: Json = {"ok": False, "error": error, **more}


class RateLimited(Exception):
    """Slack answers HTTP 429 with `Retry-After` (whole seconds)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"ratelimited for {retry_after} s")
        self.retry_after = retry_after


def arguments(content_type: str, body: bytes, query: str) -> Json:
    """The arguments of a call: the query, then a form or a JSON object.

    A JSON content type with an empty body is a call without arguments: slack_sdk and SlackHook.test_connection do that.
    """
    found: Json = dict(parse_qsl(query, keep_blank_values=True))
    if not body.strip():
        return found
    if content_type.startswith("application/json"):
        try:
            given = json.loads(body)
        except ValueError as error:
            raise Refused("invalid_json") from error
        if not isinstance(given, dict):
            raise Refused("json_not_object")
        return found | given
    return found | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True)
class Call:
    """The arguments of one call, and the world that it is about."""

    world: World
    args: Json

    def text(self, name: str, default: str = "") -> str:
        """A string argument; a missing one or null is the default."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A boolean argument, in JSON or in a form."""
        return str(self.args.get(name, "")).lower() in ("true", "1")

    def whole(self, name: str, default: int, largest: int) -> int:
        """A whole number between 1 and the largest allowed."""
        value = self.text(name, str(default)) or str(default)
        if not value.isascii() or not value.isdigit():
            raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] {name} must be an integer"]})
        return max(1, min(int(value), largest))

    def structure(self, name: str, error: str) -> Any:
        """An argument that is JSON, or in a form a string holding JSON; None when it is not given."""
        value = self.args.get(name)
        if isinstance(value, str):
            try:
                return json.loads(value) if value else None
            except ValueError as bad:
                raise Refused(error) from bad
        return value

    def channel(self, *, by_name: bool = False) -> Channel:
        """The channel named by the argument `channel`; only posting accepts a name or a user's id in its place."""
        reference = self.text("channel")
        known = self.world.channels.get(reference)
        channel = self.world.channel(reference) if known is None and by_name else known
        if channel is None:
            raise Refused("channel_not_found")
        return channel

    def own_message(self, ts: str, error: str) -> Message:
        """A message that the bot wrote, in the call's channel."""
        message = self.message(ts)
        if message.author != self.world.bot_user.id:
            raise Refused(error)
        return message

    def message(self, ts: str) -> Message:
        """A message in the call's channel."""
        message = self.world.message(self.channel().id, ts)
        if message is None or message.deleted or message.only_for:
            raise Refused("message_not_found")
        return message

    def page(self, items: Sequence[T], default: int = 100) -> tuple[list[T], str]:
        """The part of a list that `limit` and `cursor` ask for, and the cursor of the next part ("" at the end)."""
        limit = self.whole("limit", default, 1000)
        start = _read_cursor(self.text("cursor"))
        following = start + limit
        cursor = base64.b64encode(f"next:{following}".encode()).decode() if following < len(items) else ""
        return list(items[start:following]), cursor


def _read_cursor(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode("ascii").partition(":")
        if word == "next":
            return max(0, int(number))
    except (binascii.Error, ValueError):
        pass
    raise Refused("invalid_cursor")
