"""Slack's Web API, as far as an incident bot needs it: one table of methods, and the record of all calls."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from vigie.demo import slack_posting as posting
from vigie.demo import slack_reading as reading
from vigie.demo.slack_call import Call, Refused
from vigie.demo.slack_faults import Faults, RateLimit
from vigie.demo.slack_views import Triggers, open_view, update_view
from vigie.demo.slack_world import Json, World

_CALLS_KEPT = 20_000

# method: (what it does, the scope that the token needs)
_METHODS: dict[str, tuple[Callable[[Call], Json], str]] = {
    "api.test": (lambda call: {"args": {}}, ""),
    "auth.test": (reading.auth_test, ""),
    "chat.postMessage": (posting.post_message, "chat:write"),
    "chat.update": (posting.update, "chat:write"),
    "chat.delete": (posting.delete, "chat:write"),
    "chat.postEphemeral": (posting.post_ephemeral, "chat:write"),
    "chat.getPermalink": (posting.permalink, ""),
    "conversations.list": (reading.list_conversations, "channels:read"),
    "conversations.info": (reading.conversation_info, "channels:read"),
    "conversations.open": (reading.open_conversation, "im:write"),
    "conversations.join": (reading.join_conversation, "channels:join"),
    "conversations.history": (reading.history, "channels:history"),
    "conversations.replies": (reading.replies, "channels:history"),
    "reactions.add": (posting.add_reaction, "reactions:write"),
    "reactions.remove": (posting.remove_reaction, "reactions:write"),
    "users.list": (reading.list_users, "users:read"),
    "users.info": (reading.user_info, "users:read"),
    "users.lookupByEmail": (reading.user_by_email, "users:read.email"),
    "usergroups.list": (reading.list_usergroups, "usergroups:read"),
    "views.update": (update_view, ""),
}
_LIMITED = ("chat.postMessage", "chat.postEphemeral")


class SlackApi:
    """The Web API of one workspace, with one bot token."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.faults = Faults()
        self.limit = RateLimit(world.config.rate_limit)
        self.triggers = Triggers()
        self.calls: deque[Json] = deque(maxlen=_CALLS_KEPT)
        self._token = token
        self._counted = 0

    async def answer(self, method: str, args: Json, token: str | None) -> Json:
        """Carry out one call. Raises RateLimited; every other refusal is an answer with `ok: false`."""
        try:
            self._authorise(method, token)
            answer = {"ok": True} | self._carry_out(method, Call(self.world, args))
        except Refused as refused:
            return refused.answer
        if "." in method and method.partition(".")[0] in ("chat", "reactions", "views", "conversations"):
            await self.world.changed()
        return answer

    def record(self, method: str, args: Json, started: float, answer: Json | None, status: int, fault: str) -> None:
        """Note a call; the token is never in it. `started` is `time.monotonic()`."""
        self._counted += 1
        entry: Json = {"n": self._counted, "at": datetime.now(UTC).isoformat(timespec="microseconds"), "method": method}
        entry |= {"args": {name: value for name, value in args.items() if name not in ("token", "_base")}}
        entry |= {"answer": answer, "status": status, "fault": fault, "seconds": round(time.monotonic() - started, 6)}
        self.calls.append(entry)

    def _authorise(self, method: str, token: str | None) -> None:
        if method == "api.test":
            return
        if not token:
            raise Refused("not_authed")
        if token != self._token:
            raise Refused("not_allowed_token_type" if token.startswith("xapp-") else "invalid_auth")
        if method not in _METHODS and method != "views.open":
            raise Refused("unknown_method", req_method=method)
        needed = _METHODS.get(method, (None, ""))[1]
        granted = self.world.config.scopes
        if needed and granted is not None and needed not in granted:
            raise Refused("missing_scope", needed=needed, provided=",".join(granted))

    def _carry_out(self, method: str, call: Call) -> Json:
        if method == "views.open":
            return open_view(call, self.triggers)
        if method in _LIMITED:
            self.limit.spend(call.channel(by_name=True).id)
        return _METHODS[method][0](call)
