"""The stand-in's own interface under /control: for its page, for tests, and for the night of the demo.

It has no password. It listens on loopback, and refuses requests that a page of another origin made a browser send.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vigie.demo.captured_mail import read_spool
from vigie.demo.slack_api import SlackApi
from vigie.demo.slack_callbacks import Callbacks, Unpressable
from vigie.demo.slack_faults import Fault
from vigie.demo.slack_world import Channel, Json, Message, RatePolicy, User, World

_SHOWN = 300  # messages of each channel on the page
_LONGEST_WAIT = 60.0


class Unknown(Exception):
    """The request names something that is not there; the text says what."""


class Control:
    """The routes under /control of one stand-in."""

    def __init__(self, api: SlackApi, callbacks: Callbacks, mails: Path | None) -> None:
        self._api = api
        self._world: World = api.world
        self._callbacks = callbacks
        self._mails = mails

    def routes(self) -> list[Route]:
        """All of them; POST bodies and answers are JSON."""
        gets = {"state": self._state, "messages": self._messages, "calls": self._calls, "mails": self._captured}
        posts = {
            "wait": self._wait,
            "press": self._press,
            "submit": self._submit,
            "say": self._say,
            "faults": self._faults,
            "settings": self._settings,
            "channels": self._add_channel,
            "users": self._add_user,
            "forget": self._forget,
        }
        return [
            *(Route(f"/control/{name}", _guarded(action), methods=["GET"]) for name, action in gets.items()),
            *(Route(f"/control/{name}", _guarded(action), methods=["POST"]) for name, action in posts.items()),
        ]

    async def _state(self, request: Request) -> Response:
        world = self._world
        if request.query_params.get("since") == str(world.version):
            return Response(status_code=204)
        state: Json = {
            "version": world.version,
            "team": world.config.team,
            "bot": {"id": world.bot_user.id, "name": world.bot_user.name},
            "users": [each.model_dump() | {"id": each.id} for each in world.users.values()],
            "channels": [each.model_dump() | {"id": each.id} for each in world.channels.values()],
            "usergroups": [each.model_dump() | {"id": each.id} for each in world.config.usergroups],
            "messages": {
                channel_id: [self._shown(each) for each in world.in_order(channel_id)[-_SHOWN:]]
                for channel_id in world.messages
            },
            "views": list(world.views.values()),
            "mails": self._mails is not None,
        }
        return JSONResponse(state)

    async def _messages(self, request: Request) -> Response:
        channel = self._channel(request.query_params.get("channel", ""))
        return JSONResponse([self._shown(each) for each in self._world.in_order(channel.id)])

    async def _calls(self, request: Request) -> Response:
        after = int(request.query_params.get("after", "0"))
        return JSONResponse([each for each in list(self._api.calls) if each["n"] > after])

    async def _captured(self, _request: Request) -> Response:
        if self._mails is None:
            return JSONResponse([])
        mails = await asyncio.to_thread(read_spool, self._mails)
        return JSONResponse([json.loads(each.as_line()) for each in mails[-_SHOWN:]])

    async def _wait(self, request: Request) -> Response:
        wanted = await _body(request)
        end = time.monotonic() + min(float(wanted.get("within", 10.0)), _LONGEST_WAIT)
        while True:
            found = [self._shown(each) for each in self._matching(wanted)]
            left = end - time.monotonic()
            if len(found) >= int(wanted.get("count", 1)) or left <= 0:
                return JSONResponse(found)
            await self._world.wait_for_change(left)

    async def _press(self, request: Request) -> Response:
        asked = await _body(request)
        channel = self._channel(str(asked.get("channel", "")))
        message = self._world.message(channel.id, str(asked.get("ts", "")))
        if message is None:
            raise Unknown(f"no message {asked.get('ts')!r} in {channel.name!r}")
        user = self._user(str(asked.get("user", "")))
        return JSONResponse(
            await self._callbacks.press(
                message,
                str(asked.get("action_id", "")),
                user.id,
                chosen=str(asked.get("chosen", "")),
                copies=int(asked.get("copies", 1)),
            )
        )

    async def _submit(self, request: Request) -> Response:
        asked = await _body(request)
        if asked.get("view_id") not in self._world.views:
            raise Unknown(f"no open view {asked.get('view_id')!r}")
        return JSONResponse(await self._callbacks.submit(str(asked["view_id"]), asked.get("values", {})))

    async def _say(self, request: Request) -> Response:
        asked = await _body(request)
        message = Message(
            ts=self._world.next_ts(),
            channel=self._channel(str(asked.get("channel", ""))).id,
            author=self._user(str(asked.get("user", ""))).id,
            text=str(asked.get("text", "")),
            thread_ts=asked.get("thread_ts"),
        )
        self._world.put(message)
        await self._world.changed()
        return JSONResponse({"ts": message.ts})

    async def _faults(self, request: Request) -> Response:
        asked = await _body(request)
        if asked.get("clear"):
            self._api.faults.waiting.clear()
        else:
            self._api.faults.waiting.append(Fault.model_validate(asked))
        return JSONResponse([each.model_dump() for each in self._api.faults.waiting])

    async def _settings(self, request: Request) -> Response:
        asked = await _body(request)
        unknown = set(asked) - {"rate_limit", "interactivity_url", "scopes"}
        if unknown:
            raise Unknown(f"unknown settings: {', '.join(sorted(unknown))}")
        if "rate_limit" in asked:
            self._api.limit.policy = RatePolicy.model_validate(asked["rate_limit"])
        if "interactivity_url" in asked:
            self._world.config.interactivity_url = asked["interactivity_url"]
        if "scopes" in asked:
            self._world.config.scopes = asked["scopes"]
        return JSONResponse({"ok": True})

    async def _add_channel(self, request: Request) -> Response:
        channel = Channel.model_validate(await _body(request))
        self._world.channels[channel.id] = channel
        await self._world.changed()
        return JSONResponse({"id": channel.id})

    async def _add_user(self, request: Request) -> Response:
        user = User.model_validate(await _body(request))
        self._world.users[user.id] = user
        await self._world.changed()
        return JSONResponse({"id": user.id})

    async def _forget(self, _request: Request) -> Response:
        """Empty the channels, the modals, the record of calls, the faults and the counts of the rate limit."""
        self._world.messages.clear()
        self._world.views.clear()
        self._api.calls.clear()
        self._api.faults.waiting.clear()
        self._api.limit.forget()
        await self._world.changed()
        return JSONResponse({"ok": True})

    def _matching(self, wanted: Json) -> Iterator[Message]:
        channels = [self._channel(wanted["channel"]).id] if wanted.get("channel") else list(self._world.messages)
        for channel_id in channels:
            for each in self._world.in_order(channel_id):
                payload = (each.metadata or {}).get("event_payload", {})
                if (
                    str(wanted.get("text", "")) in each.words
                    and each.ts > str(wanted.get("after", ""))
                    and wanted.get("thread_ts") in (None, each.thread_ts)
                    and (not wanted.get("edited") or each.edited)
                    and all(payload.get(name) == value for name, value in wanted.get("metadata", {}).items())
                ):
                    yield each

    def _shown(self, message: Message) -> Json:
        author = self._world.users.get(message.author)
        more = {"channel": message.channel, "user_name": author.name if author else "", "only_for": message.only_for}
        return self._world.as_slack(message, metadata=True) | more

    def _channel(self, reference: str) -> Channel:
        channel = self._world.channel(reference)
        if channel is None:
            raise Unknown(
                f"no channel {reference!r}; there are {', '.join(c.name for c in self._world.channels.values())}"
            )
        return channel

    def _user(self, reference: str) -> User:
        user = self._world.user(reference)
        if user is None:
            raise Unknown(f"no user {reference!r}; there are {', '.join(u.name for u in self._world.users.values())}")
        return user


async def _body(request: Request) -> Json:
    given = await request.json()
    if not isinstance(given, dict):
        raise Unknown("the body must be a JSON object")
    return given


def _guarded(action: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{request.headers.get('host')}":
            return JSONResponse({"error": f"requests from {origin} are refused"}, status_code=403)
        try:
            return await action(request)
        except (Unknown, Unpressable, ValidationError, ValueError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return answer
