"""The Web API's methods that read: auth.*, conversations.*, users.* and usergroups.*."""

from __future__ import annotations

import re

from vigie.demo.slack_call import Call, Refused
from vigie.demo.slack_world import Channel, Json, Message, User, World


def auth_test(call: Call) -> Json:
    """auth.test."""
    world = call.world
    return {
        "url": call.text("_base") + "/",
        "team": world.config.team,
        "team_id": world.team_id,
        "user": world.bot_user.name,
        "user_id": world.bot_user.id,
        "bot_id": world.bot_id,
        "is_enterprise_install": False,
    }


def list_conversations(call: Call) -> Json:
    """conversations.list."""
    kinds = set(call.text("types", "public_channel").split(","))
    shown = [each for each in call.world.channels.values() if _kind(each) in kinds]
    if call.flag("exclude_archived"):
        shown = [each for each in shown if not each.archived]
    part, cursor = call.page(shown)
    return {"channels": [_channel(each) for each in part], "response_metadata": {"next_cursor": cursor}}


def conversation_info(call: Call) -> Json:
    """conversations.info."""
    return {"channel": _channel(call.channel())}


def open_conversation(call: Call) -> Json:
    """conversations.open, with one user."""
    if call.text("channel"):
        return {"channel": {"id": call.channel().id}}
    users = [each for each in call.text("users").replace(" ", "").split(",") if each]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1 or users[0] not in call.world.users:
        raise Refused("user_not_found")
    return {"channel": {"id": call.world.direct(users[0]).id}}


def join_conversation(call: Call) -> Json:
    """conversations.join."""
    channel = call.channel()
    if channel.archived:
        raise Refused("is_archived")
    if channel.private:
        raise Refused("method_not_supported_for_channel_type")
    channel.member = True
    return {"channel": _channel(channel)}


def history(call: Call) -> Json:
    """conversations.history: newest first, without the replies in threads."""
    channel = _readable(call)
    shown = [each for each in call.world.in_order(channel.id) if each.in_channel]
    return _messages(call, _between(call, shown)[::-1])


def replies(call: Call) -> Json:
    """conversations.replies: the parent, then its replies, oldest first."""
    channel = _readable(call)
    parent = call.world.message(channel.id, call.text("ts"))
    if parent is not None and parent.thread_ts not in (None, parent.ts):
        parent = call.world.message(channel.id, parent.thread_ts or "")
    if parent is None or parent.only_for:
        raise Refused("thread_not_found")
    return _messages(call, [parent, *_between(call, list(call.world.replies(parent)))])


def list_users(call: Call) -> Json:
    """users.list."""
    part, cursor = call.page(list(call.world.users.values()))
    return {"members": [_user(call.world, each) for each in part], "response_metadata": {"next_cursor": cursor}}


def user_info(call: Call) -> Json:
    """users.info."""
    user = call.world.users.get(call.text("user"))
    if user is None:
        raise Refused("user_not_found")
    return {"user": _user(call.world, user)}


def user_by_email(call: Call) -> Json:
    """users.lookupByEmail."""
    email = call.text("email").lower()
    user = next((each for each in call.world.users.values() if email and each.email.lower() == email), None)
    if user is None:
        raise Refused("users_not_found")
    return {"user": _user(call.world, user)}


def list_usergroups(call: Call) -> Json:
    """usergroups.list."""
    groups = []
    for each in call.world.config.usergroups:
        members = [user.id for user in call.world.users.values() if user.name in each.users]
        group: Json = {"id": each.id, "handle": each.handle, "name": each.name, "user_count": len(members)}
        groups.append(group | {"users": members} if call.flag("include_users") else group)
    return {"usergroups": groups}


def _readable(call: Call) -> Channel:
    channel = call.channel()
    if not channel.member:
        raise Refused("not_in_channel")
    return channel


def _between(call: Call, messages: list[Message]) -> list[Message]:
    oldest, latest = _limit(call, "oldest"), _limit(call, "latest")
    inclusive = call.flag("inclusive")

    def inside(at: float) -> bool:
        if inclusive and at in (oldest, latest):
            return True
        return (oldest is None or at > oldest) and (latest is None or at < latest)

    return [each for each in messages if inside(float(each.ts))]


def _limit(call: Call, name: str) -> float | None:
    text = call.text(name)
    if not text:
        return None
    if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", text):
        raise Refused(f"invalid_ts_{name}")
    return float(text)


def _messages(call: Call, messages: list[Message]) -> Json:
    part, cursor = call.page(messages)
    metadata = call.flag("include_all_metadata")
    return {
        "messages": [call.world.as_slack(each, metadata=metadata) for each in part],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def _kind(channel: Channel) -> str:
    if channel.im:
        return "im"
    return "private_channel" if channel.private else "public_channel"


def _channel(channel: Channel) -> Json:
    shared: Json = {"id": channel.id, "is_archived": channel.archived, "is_im": bool(channel.im)}
    if channel.im:
        return shared | {"user": channel.im, "is_channel": False}
    return shared | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_private": channel.private,
        "is_member": channel.member,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.topic, "creator": "", "last_set": 0},
    }


def _user(world: World, user: User) -> Json:
    real_name = user.real_name or user.name
    return {
        "id": user.id,
        "team_id": world.team_id,
        "name": user.name,
        "real_name": real_name,
        "tz": user.tz,
        "deleted": False,
        "is_bot": user is world.bot_user,
        "profile": {"real_name": real_name, "display_name": user.name, "email": user.email, "title": user.title},
    }
