"""The Web API's methods for modals: views.open and views.update."""

from __future__ import annotations

import time
import uuid
from typing import Any

from vigie.demo.slack_call import Call, Refused
from vigie.demo.slack_rules import MAX_VIEW_BLOCKS, broken_rules
from vigie.demo.slack_world import Json, World

TRIGGER_LIVES = 3.0  # seconds, as Slack documents


class Triggers:
    """The trigger ids given out with button presses: good once, for three seconds."""

    def __init__(self) -> None:
        self._given: dict[str, tuple[float, str]] = {}
        self._used: set[str] = set()

    def give(self, user_id: str) -> str:
        """A new trigger id, for this user."""
        trigger_id = f"{time.time_ns() // 1_000_000}.{time.monotonic_ns() // 1000}.{uuid.uuid4().hex}"
        self._given[trigger_id] = (time.monotonic() + TRIGGER_LIVES, user_id)
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """The user that it was given to."""
        if trigger_id in self._used:
            raise Refused("exchanged_trigger_id")
        if trigger_id not in self._given:
            raise Refused("invalid_trigger_id")
        until, user_id = self._given[trigger_id]
        if time.monotonic() > until:
            raise Refused("expired_trigger_id")
        self._used.add(trigger_id)
        return user_id


def open_view(call: Call, triggers: Triggers) -> Json:
    """views.open."""
    view = _view(call)
    user_id = triggers.exchange(call.text("trigger_id"))
    external = view.get("external_id")
    if external and any(each.get("external_id") == external for each in call.world.views.values()):
        raise Refused("duplicate_external_id")
    view |= {"id": f"V{uuid.uuid4().hex[:10].upper()}", "hash": call.world.next_ts(), "app_id": call.world.app_id}
    view |= {"team_id": call.world.team_id, "bot_id": call.world.bot_id, "state": {"values": {}}}
    call.world.views[view["id"]] = view | {"_user": user_id}
    return {"view": view}


def update_view(call: Call) -> Json:
    """views.update, by view_id or external_id; a stale `hash` is refused."""
    wanted = [
        each
        for each in call.world.views.values()
        if each["id"] == call.text("view_id") or (each.get("external_id") or "-") == call.text("external_id")
    ]
    if not wanted:
        raise Refused("not_found")
    if call.text("hash") and call.text("hash") != wanted[0]["hash"]:
        raise Refused("hash_conflict")
    return {"view": replace_view(call.world, wanted[0]["id"], call.structure("view", "invalid_arguments"))}


def replace_view(world: World, view_id: str, view: Any) -> Json:
    """Put a view in the place of an open one. Raises Refused for one that is no view."""
    before = world.views[view_id]
    kept = {name: before[name] for name in ("id", "app_id", "team_id", "bot_id", "state")}
    made = _checked(view) | kept | {"hash": world.next_ts()}
    world.views[view_id] = made | {"_user": before["_user"]}
    return made


def _view(call: Call) -> Json:
    return _checked(call.structure("view", "invalid_arguments"))


def _checked(view: Any) -> Json:
    if not isinstance(view, dict) or view.get("type") != "modal" or not isinstance(view.get("title"), dict):
        raise Refused(
            "invalid_arguments", response_metadata={"messages": ["[ERROR] view must be a modal with a title"]}
        )
    problems = broken_rules(view.get("blocks", []), MAX_VIEW_BLOCKS)
    for part in ("title", "submit", "close"):
        text = view[part].get("text", "") if part in view else "-"
        if not 0 < len(text) <= 24:
            problems.append(f"[ERROR] must be 1 to 24 characters [json-pointer:/view/{part}/text]")
    if len(view.get("private_metadata", "")) > 3000:
        problems.append("[ERROR] must be less than 3001 characters [json-pointer:/view/private_metadata]")
    if "submit" not in view and any(each.get("type") == "input" for each in view.get("blocks", [])):
        problems.append("[ERROR] missing required field: submit [json-pointer:/view/submit]")
    if problems:
        raise Refused("invalid_arguments", response_metadata={"messages": problems})
    return dict(view)
