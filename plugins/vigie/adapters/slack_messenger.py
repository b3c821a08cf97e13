"""Messages in Slack, through the Web API."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from vigie.core.errors import InDoubt, Refused, TransportError
from vigie.core.message import Button, Outbound

_EVENT_TYPE = "vigie"
_SECTION, _HEADER, _TEXT, _BUTTONS = 3_000, 150, 35_000, 25  # Slack's limits (40,000 for the text)
_SAID, _CONTEXT = 10, 150  # elements of a context block (Slack's limit), and of each so many characters
_SECTIONS = 40  # of the 50 blocks a message may have
_REPEATED = "*perhaps repeated*"
_CREDENTIAL = {
    *("access_denied", "account_inactive", "ekm_access_denied", "invalid_auth", "missing_scope", "no_permission"),
    *("not_allowed_token_type", "not_authed", "org_login_required", "token_expired", "token_revoked"),
}
_LATER = {"rate_limited", "ratelimited", "request_timeout", "service_unavailable", "team_added_to_org"}
_PERHAPS_DONE = {"fatal_error", "internal_error"}  # Slack: "some aspect of the operation" may have succeeded
_BAD_BLOCKS = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
_NEVER_SENT = (ConnectionRefusedError, TimeoutError, socket.gaierror, ssl.SSLError)  # inside an URLError: no answer due
_ID = re.compile(r"[CGDUW][A-Z0-9]{6,}")


class SlackMessenger:
    """Posts, edits and finds messages as one bot. ``recipient`` is a channel's or user's id, or a channel's name.

    The ref of a message is ``channel:ts``. Its key travels in the metadata: ``vigie``, ``{"key": …}``.
    The client must not repeat a call by itself (slack_sdk does by default), or a page is told twice where an answer
    is lost: its ``retry_handlers`` are taken away. The outbox repeats.
    """

    def __init__(self, client: WebClient, bot_user: str | None = None) -> None:
        self._client = client
        self._client.retry_handlers = []
        self._bot_user = bot_user
        self._channels: dict[str, str] = {}

    def send(self, outbound: Outbound, *, reply_ref: str | None = None) -> str:
        """Post it, in the thread of ``reply_ref`` if given; or edit the message of ``reply_ref`` in place.

        Blocks that Slack refuses are left out: the text alone goes. Raises InDoubt where the answer to a post was
        lost; an edit may be repeated, so it is never in doubt.
        """
        blocks = _blocks(outbound)
        try:
            return self._send(outbound, reply_ref, blocks=blocks)
        except _BlocksRefused:
            return self._send(outbound, reply_ref, blocks=[])

    def sign_in(self) -> None:
        """Ask Slack who we are. Raises Refused where it does not know our token any more."""
        with _failures("auth.test", "our bot", posts=False):
            self._client.auth_test()

    def find(self, outbound: Outbound, *, reply_ref: str | None = None) -> str | None:
        """The ref under which this key was posted since it was claimed; None if it was not.

        An edit is never found: sending it again is harmless.
        """
        if outbound.edits or outbound.claimed_at is None:
            return None
        oldest = f"{(outbound.claimed_at - timedelta(minutes=1)).timestamp():.6f}"
        with _failures("finding a message", outbound.recipient, posts=False):
            if reply_ref:
                channel, _, ts = reply_ref.partition(":")
                pages = self._client.conversations_replies(
                    channel=channel, ts=ts, oldest=oldest, include_all_metadata=True, limit=200
                )
            else:
                channel = self._channel(outbound.recipient)
                pages = self._client.conversations_history(
                    channel=channel, oldest=oldest, include_all_metadata=True, limit=200
                )
            for page in pages:
                for message in page.get("messages", []):
                    metadata = message.get("metadata") or {}
                    key = (metadata.get("event_payload") or {}).get("key")
                    if metadata.get("event_type") == _EVENT_TYPE and key == outbound.key and self._ours(message):
                        return f"{channel}:{message['ts']}"
        return None

    def place_of(self, recipient: str) -> str:
        """The id of a channel by its name. Raises TransportError where Slack does not say it."""
        with _failures("finding a channel", recipient, posts=False):
            return self._channel(recipient)

    def _send(self, outbound: Outbound, reply_ref: str | None, blocks: list[dict[str, Any]]) -> str:
        # A message keeps the key it was posted under, also after an edit, so that it can still be found.
        metadata = {"event_type": _EVENT_TYPE, "event_payload": {"key": outbound.edits or outbound.key}}
        # ``parse`` none is for the text alone what ``verbatim`` is in the blocks.
        said: dict[str, Any] = {
            "text": _plain(outbound), "blocks": blocks, "metadata": metadata, "parse": "none", "link_names": False,
        }  # fmt: skip
        channel, _, ts = (reply_ref or "").partition(":")
        if outbound.edits:
            if not ts:
                raise TransportError(f"Slack: {outbound.key} edits a message that was never sent", permanent=True)
            with _failures("chat.update", outbound.recipient, posts=False):
                self._client.chat_update(channel=channel, ts=ts, **said)
                return f"{channel}:{ts}"
        if ts:
            said |= {"thread_ts": ts, "reply_broadcast": outbound.broadcast}
        with _failures("chat.postMessage", outbound.recipient, posts=True):
            answer = self._client.chat_postMessage(
                channel=channel or outbound.recipient, unfurl_links=False, unfurl_media=False, **said
            )
            return f"{answer['channel']}:{answer['ts']}"

    def _channel(self, recipient: str) -> str:
        """The id of a conversation: Slack reads by id only."""
        if recipient not in self._channels:
            if not _ID.fullmatch(recipient):
                name = recipient.removeprefix("#")
                pages = self._client.conversations_list(types="public_channel,private_channel", limit=1000)
                found = [each["id"] for page in pages for each in page["channels"] if each["name"] == name]
                if not found:
                    raise TransportError(f"Slack: there is no channel {recipient}", permanent=True)
                self._channels[recipient] = found[0]
            elif recipient[0] in "UW":
                self._channels[recipient] = self._client.conversations_open(users=recipient)["channel"]["id"]
            else:
                self._channels[recipient] = recipient
        return self._channels[recipient]

    def _ours(self, message: dict[str, Any]) -> bool:
        return self._bot_user is None or message.get("user") == self._bot_user


class _BlocksRefused(Exception):
    pass


@contextmanager
def _failures(what: str, recipient: str, *, posts: bool) -> Iterator[None]:
    """Slack's and the network's errors as ours; ``posts``: doing it twice would be seen."""
    doubt = InDoubt if posts else TransportError
    where = f"Slack: {what} for {recipient}"
    try:
        yield
    except SlackApiError as error:
        response = error.response
        code = str(response.get("error", "") if isinstance(response.data, dict) else "no JSON")
        text = f"{where}: {code[:200]}"
        if response.status_code == http.HTTPStatus.TOO_MANY_REQUESTS or code in _LATER:
            wait = str(response.headers.get("Retry-After", ""))
            raise TransportError(text, retry_after=float(wait) if wait.isdigit() else None) from error
        if response.status_code >= http.HTTPStatus.INTERNAL_SERVER_ERROR or code in _PERHAPS_DONE:
            raise doubt(f"{text} (HTTP {response.status_code})") from error
        if posts and not re.fullmatch(r"[a-z0-9_]+", code):  # some proxy answered, and not Slack
            raise doubt(text) from error
        if code in _CREDENTIAL:
            raise Refused(text) from error
        if code in _BAD_BLOCKS:
            raise _BlocksRefused from error
        details = "; ".join(response.get("response_metadata", {}).get("messages", []))
        raise TransportError(f"{text} {details[:300]}".strip(), permanent=True) from error
    except URLError as error:
        kind = TransportError if isinstance(error.reason, _NEVER_SENT) else doubt
        raise kind(f"{where}: {error.reason}") from error
    except (OSError, http.client.HTTPException, SlackClientError, ValueError, AttributeError, KeyError) as error:
        # the request went out; what came back, if anything, was no answer of Slack's
        raise doubt(f"{where}: {type(error).__name__}: {error}") from error


def _plain(outbound: Outbound) -> str:
    """What a notification shows, and what is left where blocks are refused."""
    links = [f"{_escaped(button.label)}: <{_escaped(button.url)}>" for button in outbound.buttons if button.url]
    repeated = [_REPEATED] if outbound.repeated else []
    lines = [" ".join(filter(None, [_mentions(outbound), _escaped(outbound.message.subject)])), *repeated]
    return "\n".join(line for line in [*lines, _body(outbound), *links] if line)[:_TEXT] or "-"


def _blocks(outbound: Outbound) -> list[dict[str, Any]]:
    subject = " ".join(outbound.message.subject.split())
    blocks: list[dict[str, Any]] = []
    if subject:
        blocks.append({"type": "header", "text": {"type": "plain_text", "text": _cut(subject, _HEADER)}})
    before = " ".join(filter(None, [_mentions(outbound), _REPEATED if outbound.repeated else ""]))
    sections = _pieces("\n".join(filter(None, [before, _body(outbound)])))
    if len(sections) > _SECTIONS:
        sections[_SECTIONS - 1 :] = ["_…cut: the message is too long for Slack_"]
    # Verbatim: a bare address, #channel or @here in a fact becomes no link and calls nobody; what we write as one does.
    blocks += [
        {"type": "section", "text": {"type": "mrkdwn", "text": section, "verbatim": True}} for section in sections
    ]
    for row in sorted({button.row for button in outbound.buttons}):
        blocks += _row([button for button in outbound.buttons if button.row == row])
    return blocks


def _row(buttons: list[Button]) -> Iterator[dict[str, Any]]:
    said = [{"type": "plain_text", "text": _cut(button.label, _CONTEXT)} for button in buttons if button.only_words]
    if said:
        yield {"type": "context", "elements": said[:_SAID]}
    pressed = [_button(button) for button in buttons if not button.only_words]
    for start in range(0, len(pressed), _BUTTONS):
        yield {"type": "actions", "elements": pressed[start : start + _BUTTONS]}


def _button(button: Button) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "button",
        "action_id": button.action,
        "text": {"type": "plain_text", "text": _cut(button.label, 75)},
    }
    made |= {name: value for name, value in (("url", button.url), ("value", button.value)) if value}
    return made | ({"style": button.style} if button.style else {})


def _mentions(outbound: Outbound) -> str:
    """Users (U…), groups (S…) and ``here`` or ``channel``, as Slack writes them."""
    forms = {"U": "<@{}>", "W": "<@{}>", "S": "<!subteam^{}>"}
    said = []
    for mention in outbound.mentions:
        if mention in ("here", "channel"):
            said.append(f"<!{mention}>")
        elif re.fullmatch(r"[UWS][A-Z0-9]{6,}", mention):
            said.append(forms[mention[0]].format(mention))
        else:
            said.append(_escaped(mention))
    return " ".join(said)


def _body(outbound: Outbound) -> str:
    return outbound.message.slack.strip() or _escaped(outbound.message.text.strip())


def _escaped(text: str) -> str:
    """Text in which nothing is a mention, a link or a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _pieces(text: str) -> list[str]:
    """The text in pieces that fit a section, broken at line ends where that is possible; code blocks stay closed."""
    pieces: list[str] = []
    rest = text
    while rest.strip():
        if len(rest) <= _SECTION:
            return [*pieces, rest]
        room = _SECTION - len("\n```")
        end = rest.rfind("\n", room // 2, room)
        end = room if end < 0 else end
        piece, rest = rest[:end], rest[end:].removeprefix("\n")
        if piece.count("```") % 2:
            piece, rest = f"{piece}\n```", f"```\n{rest}"
        pieces.append(piece)
    return pieces
