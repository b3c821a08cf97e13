"""The Web API's methods that write: chat.* and reactions.*."""

from __future__ import annotations

import json
import re
from typing import Any

from vigie.demo.slack_call import Call, Refused
from vigie.demo.slack_rules import MAX_TEXT, broken_rules
from vigie.demo.slack_world import Channel, Json, Message

_TS = re.compile(r"\d{10}\.\d{6}\Z")


def post_message(call: Call) -> Json:
    """chat.postMessage. Stricter than Slack in one point: a reply's own ts is no thread to answer in."""
    channel = _writable(call)
    message = Message(
        ts="",
        channel=channel.id,
        author=call.world.bot_user.id,
        text=call.text("text"),
        blocks=_blocks(call) or [],
        thread_ts=_thread(call, channel),
        metadata=_metadata(call),
    )
    message.broadcast = message.thread_ts is not None and call.flag("reply_broadcast")
    _check_content(message)
    message.ts = call.world.next_ts()
    call.world.put(message)
    shown = call.world.as_slack(message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def update(call: Call) -> Json:
    """chat.update: what is not given (blocks, metadata) stays as it was."""
    message = call.own_message(call.text("ts"), "cant_update_message")
    blocks = _blocks(call)
    metadata = _metadata(call)
    if blocks is None and not call.text("text"):
        raise Refused("no_text")
    changed = Message(
        ts=message.ts,
        channel=message.channel,
        author=message.author,
        text=call.text("text"),
        blocks=message.blocks if blocks is None else blocks,
    )
    _check_content(changed)
    message.text, message.blocks, message.edited = changed.text, changed.blocks, call.world.next_ts()
    if metadata is not None:
        message.metadata = metadata or None
    shown = call.world.as_slack(message, metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def delete(call: Call) -> Json:
    """chat.delete."""
    message = call.own_message(call.text("ts"), "cant_delete_message")
    call.world.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral: seen by one user, and in no history."""
    channel = _writable(call)
    user = call.world.users.get(call.text("user"))
    if user is None:
        raise Refused("user_not_in_channel")
    message = Message(
        ts="",
        channel=channel.id,
        author=call.world.bot_user.id,
        text=call.text("text"),
        blocks=_blocks(call) or [],
        thread_ts=_thread(call, channel),
        only_for=user.id,
    )
    _check_content(message)
    message.ts = call.world.next_ts()
    call.world.put(message)
    return {"message_ts": message.ts}


def permalink(call: Call) -> Json:
    """chat.getPermalink; the address leads to the stand-in's own page."""
    message = call.world.message(call.channel().id, call.text("message_ts"))
    if message is None:
        raise Refused("message_not_found")
    address = f"{call.text('_base')}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        address += f"?thread_ts={message.thread_ts}&cid={message.channel}"
    return {"channel": message.channel, "permalink": address}


def add_reaction(call: Call) -> Json:
    """reactions.add."""
    users = call.message(call.text("timestamp")).reactions.setdefault(_emoji(call), [])
    if call.world.bot_user.id in users:
        raise Refused("already_reacted")
    users.append(call.world.bot_user.id)
    return {}


def remove_reaction(call: Call) -> Json:
    """reactions.remove."""
    reactions = call.message(call.text("timestamp")).reactions
    users = reactions.get(_emoji(call), [])
    if call.world.bot_user.id not in users:
        raise Refused("no_reaction")
    users.remove(call.world.bot_user.id)
    if not users:
        del reactions[_emoji(call)]
    return {}


def _writable(call: Call) -> Channel:
    channel = call.channel(by_name=True)
    if channel.archived:
        raise Refused("is_archived")
    if not channel.member:
        raise Refused("not_in_channel")
    return channel


def _thread(call: Call, channel: Channel) -> str | None:
    ts = call.text("thread_ts")
    if not ts:
        return None
    if not _TS.match(ts):
        raise Refused("invalid_thread_ts", response_metadata={"messages": [f"[ERROR] {ts} is not a valid thread_ts"]})
    parent = call.world.message(channel.id, ts)
    if parent is None or parent.thread_ts not in (None, parent.ts):
        raise Refused("thread_not_found")
    return ts


def _blocks(call: Call) -> list[Json] | None:
    blocks = call.structure("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    problems = broken_rules(blocks)
    if problems:
        raise Refused("invalid_blocks", errors=problems, response_metadata={"messages": problems})
    for number, block in enumerate(blocks):
        block.setdefault("block_id", f"b{number}")
        for place, element in enumerate(block.get("elements", []) if block["type"] == "actions" else []):
            element.setdefault("action_id", f"a{place}")
    return list(blocks)


def _metadata(call: Call) -> Json | None:
    metadata: Any = call.structure("metadata", "invalid_metadata_format")
    if metadata is None or metadata == {}:
        return None if metadata is None else {}
    well_formed = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )
    if not well_formed:
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(metadata)) > 8000:
        raise Refused("metadata_too_large")
    return dict(metadata)


def _check_content(message: Message) -> None:
    if not message.text and not message.blocks:
        raise Refused("no_text")
    if len(message.text) > MAX_TEXT:
        raise Refused("msg_too_long")


def _emoji(call: Call) -> str:
    name = call.text("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+\-':]+", name):
        raise Refused("invalid_name")
    return name
