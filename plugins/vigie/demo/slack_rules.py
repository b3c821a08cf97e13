"""Slack's documented limits on what a message may hold (docs.slack.dev, reference/block-kit), as far as a bot meets them.

A stand-in that accepts what Slack refuses would hide mistakes until the first night in production.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MAX_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_TEXT = 40_000
_KNOWN = {
    "actions",
    "context",
    "divider",
    "file",
    "header",
    "image",
    "input",
    "markdown",
    "rich_text",
    "section",
    "video",
}
_ELEMENTS = {"button", "overflow", "static_select", "users_select", "datepicker", "timepicker", "plain_text_input"}
_ELEMENTS |= {"multi_static_select", "checkboxes", "radio_buttons", "workflow_button"}
_OPTIONS = {"static_select": 100, "multi_static_select": 100, "checkboxes": 10, "radio_buttons": 10, "overflow": 5}
_URL = re.compile(r"https?://\S+\Z")


def broken_rules(blocks: Any, most: int = MAX_BLOCKS) -> list[str]:
    """What Slack would refuse, in the form of its `response_metadata.messages`; empty when all is well."""
    if not isinstance(blocks, list):
        return ["[ERROR] must be an array [json-pointer:/blocks]"]
    problems = [f"[ERROR] {what} [json-pointer:{where}]" for where, what in _of_blocks(blocks)]
    if len(blocks) > most:
        problems.append(f"[ERROR] no more than {most} items allowed [json-pointer:/blocks]")
    return problems


Problems = Iterator[tuple[str, str]]


def _of_blocks(blocks: list[Any]) -> Problems:
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        at = f"/blocks/{number}"
        if not isinstance(block, dict):
            yield at, "must be an object"
            continue
        kind = block.get("type")
        if kind not in _KNOWN:
            yield f"{at}/type", f"unsupported type: {kind}"
        block_id = block.get("block_id")
        if block_id in seen:
            yield f"{at}/block_id", "block_id already exists in this message"
        if isinstance(block_id, str):
            seen.add(block_id)
            yield from _length(block_id, f"{at}/block_id", 255)
        if kind == "header":
            yield from _text(block.get("text"), f"{at}/text", 150, plain=True)
        elif kind == "section":
            yield from _section(block, at)
        elif kind == "context":
            yield from _context(block.get("elements"), f"{at}/elements")
        elif kind == "actions":
            yield from _actions(block.get("elements"), f"{at}/elements")
        elif kind == "markdown":
            yield from _length(block.get("text"), f"{at}/text", 12_000)
        elif kind == "image":
            yield from _image(block, at)
        elif kind == "input":
            yield from _text(block.get("label"), f"{at}/label", 2000, plain=True)
            yield from _element(block.get("element"), f"{at}/element")


def _section(block: dict[str, Any], at: str) -> Problems:
    if "text" not in block and not block.get("fields"):
        yield at, "missing required field: text or fields"
    if "text" in block:
        yield from _text(block["text"], f"{at}/text", 3000)
    fields = block.get("fields", [])
    if len(fields) > 10:
        yield f"{at}/fields", "no more than 10 items allowed"
    for number, each in enumerate(fields):
        yield from _text(each, f"{at}/fields/{number}", 2000)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory")


def _context(elements: Any, at: str) -> Problems:
    yield from _count(elements, at, 10)
    for number, each in enumerate(elements if isinstance(elements, list) else []):
        if isinstance(each, dict) and each.get("type") == "image":
            yield from _image(each, f"{at}/{number}")
        else:
            yield from _text(each, f"{at}/{number}", 3000)


def _actions(elements: Any, at: str) -> Problems:
    yield from _count(elements, at, 25)
    seen: set[str] = set()
    for number, each in enumerate(elements if isinstance(elements, list) else []):
        yield from _element(each, f"{at}/{number}")
        action_id = each.get("action_id") if isinstance(each, dict) else None
        if action_id in seen:
            yield f"{at}/{number}/action_id", f"action_id `{action_id}` already exists in this block"
        if isinstance(action_id, str):
            seen.add(action_id)


def _element(element: Any, at: str) -> Problems:
    if not isinstance(element, dict):
        yield at, "must be an object"
        return
    kind = element.get("type")
    if kind == "image":
        yield from _image(element, at)
        return
    if kind not in _ELEMENTS:
        yield f"{at}/type", f"unsupported type: {kind}"
    if "action_id" in element:
        yield from _length(element["action_id"], f"{at}/action_id", 255)
    if kind == "button":
        yield from _text(element.get("text"), f"{at}/text", 75, plain=True)
        if "value" in element:
            yield from _length(element["value"], f"{at}/value", 2000)
        if element.get("style") not in (None, "primary", "danger"):
            yield f"{at}/style", "must be one of primary, danger"
        if "url" in element:
            yield from _url(element["url"], f"{at}/url")
    most = _OPTIONS.get(str(kind))
    if most is not None:
        yield from _count(element.get("options"), f"{at}/options", most)
    for number, option in enumerate(element.get("options", [])):
        yield from _text(option.get("text"), f"{at}/options/{number}/text", 75)
        yield from _length(option.get("value"), f"{at}/options/{number}/value", 150)


def _image(block: dict[str, Any], at: str) -> Problems:
    if "slack_file" not in block:
        yield from _url(block.get("image_url"), f"{at}/image_url")
    yield from _length(block.get("alt_text"), f"{at}/alt_text", 2000)


def _text(value: Any, at: str, limit: int, *, plain: bool = False) -> Problems:
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        yield at, "must be a text object"
        return
    if plain and value["type"] != "plain_text":
        yield f"{at}/type", "must be plain_text"
    if "verbatim" in value and not (value["type"] == "mrkdwn" and isinstance(value["verbatim"], bool)):
        yield f"{at}/verbatim", "must be a boolean, of a mrkdwn text"
    yield from _length(value.get("text"), f"{at}/text", limit)


def _length(value: Any, at: str, limit: int) -> Problems:
    if not isinstance(value, str):
        yield at, "must be a string"
    elif not value:
        yield at, "must be more than 0 characters"
    elif len(value) > limit:
        yield at, f"must be less than {limit + 1} characters"


def _url(value: Any, at: str) -> Problems:
    if not isinstance(value, str) or not _URL.match(value):
        yield at, "must be a valid URL"
    else:
        yield from _length(value, at, 3000)


def _count(elements: Any, at: str, limit: int) -> Problems:
    if not isinstance(elements, list) or not elements:
        yield at, "must have at least 1 item"
    elif len(elements) > limit:
        yield at, f"no more than {limit} items allowed"
