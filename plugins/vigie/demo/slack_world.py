"""What the Slack stand-in knows: people, channels, messages; and the settings it starts with."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Json = dict[str, Any]


def made_id(prefix: str, name: str) -> str:
    """A stable id in Slack's shape for a name, such as `C0KQ3V7N2TB`."""
    digest = base64.b32encode(hashlib.sha256(f"{prefix}{name}".encode()).digest()).decode()
    return f"{prefix}0{digest[:9]}"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class User(_Strict):
    """A person of the workspace."""

    name: str
    real_name: str = ""
    email: str = ""
    title: str = ""
    tz: str = "Europe/Paris"

    @property
    def id(self) -> str:
        """The user id (U…)."""
        return made_id("U", self.name)


class Channel(_Strict):
    """A channel, or (with `im`) a direct conversation of the bot with one user."""

    name: str
    topic: str = ""
    private: bool = False
    archived: bool = False
    member: bool = True  # whether the bot is in it
    im: str | None = None  # the user's id

    @property
    def id(self) -> str:
        """The channel id (C…, or D… for a direct conversation)."""
        return made_id("D" if self.im else "C", self.name)


class UserGroup(_Strict):
    """A group of people that can be mentioned together."""

    handle: str
    name: str = ""
    users: list[str] = Field(default_factory=list)  # names

    @property
    def id(self) -> str:
        """The group id (S…)."""
        return made_id("S", self.handle)


class RatePolicy(_Strict):
    """Slack's documented limit for posting: about one message a second and channel, short bursts allowed."""

    on: bool = True
    per_second: float = 1.0
    burst: int = 5


class SlackConfig(_Strict):
    """The settings of a workspace; the demo keeps them in a JSON file. No secret is in it."""

    team: str = "Vigie demo"
    bot: str = "vigie"
    users: list[User] = Field(default_factory=list)
    channels: list[Channel] = Field(default_factory=list)
    usergroups: list[UserGroup] = Field(default_factory=list)
    rate_limit: RatePolicy = Field(default_factory=RatePolicy)
    interactivity_url: str | None = None  # where button presses are posted
    scopes: list[str] | None = None  # the token's; None: all


@dataclass
class Message:
    """A message; `author` is a user id."""

    ts: str
    channel: str
    author: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    edited: str | None = None  # when, as a ts
    reactions: dict[str, list[str]] = field(default_factory=dict)
    only_for: str | None = None  # the one user who sees an ephemeral message
    deleted: bool = False  # kept as a tombstone because it has replies

    @property
    def in_channel(self) -> bool:
        """Whether the channel itself shows it (and not only its thread)."""
        return self.only_for is None and (self.thread_ts in (None, self.ts) or self.broadcast)

    @property
    def words(self) -> str:
        """Every text of it, its blocks' too."""
        return "\n".join([self.text, *_texts(self.blocks)])


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _texts(each)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)


class World:
    """The workspace's state. It is touched on the server's event loop only."""

    def __init__(self, config: SlackConfig) -> None:
        self.config = config
        self.team_id = made_id("T", config.team)
        self.app_id = made_id("A", config.bot)
        self.bot_id = made_id("B", config.bot)
        self.bot_user = User(name=config.bot, real_name=config.bot.title())
        self.users = {user.id: user for user in [*config.users, self.bot_user]}
        self.channels = {channel.id: channel for channel in config.channels}
        self.messages: dict[str, dict[str, Message]] = {}
        self.views: dict[str, Json] = {}
        self.version = 0
        self._last_ts = 0
        self._changed = asyncio.Condition()

    def next_ts(self) -> str:
        """A timestamp as Slack writes it, different from and later than all before."""
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def on_new_loop(self) -> None:
        """Belong to the event loop that starts now (a stand-in that is restarted keeps its messages)."""
        self._changed = asyncio.Condition()

    async def changed(self) -> None:
        """Wake everybody who waits for a message."""
        self.version += 1
        async with self._changed:
            self._changed.notify_all()

    async def wait_for_change(self, within: float) -> bool:
        """Wait for the next change, at most this many seconds."""
        try:
            async with asyncio.timeout(within), self._changed:
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def channel(self, reference: str) -> Channel | None:
        """The channel with this id, `#name` or name; for a user's id, the direct conversation with that user."""
        if reference in self.channels:
            return self.channels[reference]
        if reference in self.users:
            return self.direct(reference)
        name = reference.removeprefix("#")
        return next((each for each in self.channels.values() if each.name == name and each.im is None), None)

    def direct(self, user_id: str) -> Channel:
        """The bot's direct conversation with a user, opened when needed."""
        conversation = Channel(name=self.users[user_id].name, im=user_id, private=True)
        return self.channels.setdefault(conversation.id, conversation)

    def user(self, reference: str) -> User | None:
        """The user with this id, name or address."""
        wanted = reference.removeprefix("@")
        return self.users.get(wanted) or next(
            (each for each in self.users.values() if wanted and wanted in (each.name, each.email)), None
        )

    def put(self, message: Message) -> Message:
        """Store a new message."""
        self.messages.setdefault(message.channel, {})[message.ts] = message
        return message

    def remove(self, message: Message) -> None:
        """Delete a message; one that has replies stays as a tombstone, as in Slack."""
        if any(self.replies(message)):
            message.deleted, message.text, message.blocks = True, "This message was deleted.", []
        else:
            del self.messages[message.channel][message.ts]

    def message(self, channel_id: str, ts: str) -> Message | None:
        """One message."""
        return self.messages.get(channel_id, {}).get(ts)

    def in_order(self, channel_id: str) -> list[Message]:
        """All messages of a channel and its threads, oldest first."""
        return sorted(self.messages.get(channel_id, {}).values(), key=lambda each: each.ts)

    def replies(self, parent: Message) -> Iterator[Message]:
        """The replies in a message's thread, oldest first."""
        for each in self.in_order(parent.channel):
            if each.thread_ts == parent.ts and each is not parent and each.only_for is None:
                yield each

    def as_slack(self, message: Message, *, metadata: bool = False) -> Json:
        """The message as the Web API writes it."""
        answer: Json = {"type": "message", "ts": message.ts, "user": message.author, "text": message.text}
        answer["team"] = self.team_id
        if message.deleted:
            answer["subtype"] = "tombstone"
        elif message.broadcast:
            answer["subtype"] = "thread_broadcast"
        if message.author == self.bot_user.id:
            answer |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if message.blocks:
            answer["blocks"] = message.blocks
        if message.edited:
            answer["edited"] = {"user": message.author, "ts": message.edited}
        if message.reactions:
            answer["reactions"] = [
                {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
            ]
        if metadata and message.metadata:
            answer["metadata"] = message.metadata
        replies = list(self.replies(message))
        if replies:
            answer |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
            answer["reply_users"] = sorted({each.author for each in replies})
        elif message.thread_ts:
            answer["thread_ts"] = message.thread_ts
        return answer
