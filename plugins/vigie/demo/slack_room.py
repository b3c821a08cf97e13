"""What a person does in front of Slack, for tests and for the night of the demo: read, wait, press, disturb.

It talks to the control interface of a stand-in, in this process or in another.
"""

from __future__ import annotations

from typing import Any, Literal

import httpx

from vigie.demo.slack_world import Json

FaultKind = Literal["drop", "status", "slow", "ratelimited", "refuse"]


class SlackRoom:
    """A view on a stand-in.

    Channels and users are named by name or id; messages are dicts as the Web API writes them, with `channel`,
    `metadata`, `user_name` and `only_for`.
    """

    def __init__(self, url: str = "") -> None:
        self._url = url
        self._client: httpx.Client | None = None

    @property
    def url(self) -> str:
        """The address of the stand-in's page, without a slash at the end."""
        return self._url

    @property
    def api_url(self) -> str:
        """The `base_url` for slack_sdk and for the Slack connection of Airflow."""
        return f"{self.url}/api/"

    @property
    def calls(self) -> list[Json]:
        """Every Web API call so far: n, at (UTC), method, args (without token), answer, status, fault, seconds."""
        return list(self._get("calls"))

    def calls_of(self, method: str) -> list[Json]:
        """The calls of one method."""
        return [each for each in self.calls if each["method"] == method]

    def messages(self, channel: str) -> list[Json]:
        """All messages of a channel and its threads, oldest first."""
        return list(self._get("messages", channel=channel))

    def thread(self, channel: str, ts: str) -> list[Json]:
        """The replies to a message, oldest first."""
        return [each for each in self.messages(channel) if each.get("thread_ts") == ts and each["ts"] != ts]

    def wait_for(
        self,
        channel: str | None = None,
        text: str = "",
        *,
        count: int = 1,
        after: str = "",
        thread_ts: str | None = None,
        edited: bool = False,
        metadata: Json | None = None,
        within: float = 10.0,
    ) -> list[Json]:
        """At least `count` messages that fit, come or to come, oldest first.

        `text` is part of the text or of a block's; `after` a ts; `metadata` part of the event payload. Raises
        TimeoutError after `within` seconds (at most 60).
        """
        wanted: Json = {"channel": channel, "text": text, "count": count, "after": after, "thread_ts": thread_ts}
        wanted |= {"edited": edited, "metadata": metadata or {}, "within": within}
        found = list(self._post("wait", wanted, within=within + 5))
        if len(found) < count:
            what = {name: value for name, value in wanted.items() if value not in (None, "", False, {})}
            raise TimeoutError(f"{len(found)} of {count} messages came within {within:g} s for {what}")
        return found

    def press(self, message: Json, action_id: str, user: str, *, chosen: str = "", copies: int = 1) -> Json:
        """Press a button of a message as this user; `copies` sends the same callback again, as after a lost answer.

        The answer has `ok`, `status` (0: no answer), `body`, `error`, `seconds`.
        """
        asked: Json = {"channel": message["channel"], "ts": message["ts"], "action_id": action_id, "user": user}
        return dict(self._post("press", asked | {"chosen": chosen, "copies": copies}))

    def submit(self, view_id: str, values: Json) -> Json:
        """Submit a modal; `values` is `{block_id: {action_id: {"type": …, "value": …}}}`."""
        return dict(self._post("submit", {"view_id": view_id, "values": values}))

    def views(self) -> list[Json]:
        """The open modals; `_user` is the id of the user who sees it."""
        return list(self._get("state")["views"])

    def say(self, channel: str, user: str, text: str, thread_ts: str | None = None) -> str:
        """Write a message as a person; returns its ts."""
        return str(self._post("say", {"channel": channel, "user": user, "text": text, "thread_ts": thread_ts})["ts"])

    def fail_next(
        self, kind: FaultKind, count: int = 1, methods: list[str] | None = None, *, after: bool = False, **more: Any
    ) -> None:
        """Make the next calls go wrong (`slack_faults.Fault`); `after`: only once the call was carried out and stored."""
        self._post("faults", {"kind": kind, "count": count, "methods": methods or [], "after": after, **more})

    def clear_faults(self) -> None:
        """Behave again."""
        self._post("faults", {"clear": True})

    def limit_rate(self, on: bool, *, per_second: float = 1.0, burst: int = 5) -> None:
        """Turn the limit for posting on or off."""
        self._post("settings", {"rate_limit": {"on": on, "per_second": per_second, "burst": burst}})

    def send_presses_to(self, url: str | None) -> None:
        """Set the interactivity URL."""
        self._post("settings", {"interactivity_url": url})

    def grant(self, scopes: list[str] | None) -> None:
        """Set the token's scopes; None grants all."""
        self._post("settings", {"scopes": scopes})

    def add_channel(self, name: str, **more: Any) -> str:
        """Make a channel (fields of `slack_world.Channel`); returns its id."""
        return str(self._post("channels", {"name": name, **more})["id"])

    def add_user(self, name: str, **more: Any) -> str:
        """Make a user (fields of `slack_world.User`); returns the id."""
        return str(self._post("users", {"name": name, **more})["id"])

    def forget(self) -> None:
        """Empty the channels, the modals, the record of calls and the faults."""
        self._post("forget", {})

    def close(self) -> None:
        """Close the connection to the stand-in."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _get(self, path: str, **query: str) -> Any:
        return _read(self._http().get(f"/control/{path}", params=query))

    def _post(self, path: str, body: Json, within: float = 10.0) -> Any:
        return _read(self._http().post(f"/control/{path}", json=body, timeout=within))

    def _http(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(base_url=self.url, timeout=10.0, trust_env=False)
        return self._client


def _read(answer: httpx.Response) -> Any:
    if answer.status_code == 400:
        raise ValueError(answer.json()["error"])
    answer.raise_for_status()
    return answer.json()
