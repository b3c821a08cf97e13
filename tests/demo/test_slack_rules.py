from __future__ import annotations

from typing import Any

import pytest

from vigie.demo.slack_rules import broken_rules


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "Take it"}, "action_id": "take", **more}


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


DIVIDER = {"type": "divider"}
GOOD = [
    {"type": "header", "text": plain("x" * 150)},
    {"type": "section", "text": mrkdwn("x" * 3000), "accessory": button(style="danger")},
    {"type": "section", "fields": [mrkdwn("x")] * 10},
    {"type": "context", "elements": [mrkdwn("x")] * 10},
    {"type": "actions", "elements": [button(action_id=str(number)) for number in range(25)]},
    *[DIVIDER] * 45,
]


def test_a_message_at_every_limit_is_accepted():
    assert broken_rules(GOOD) == []


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (
            {"type": "header", "text": plain("x" * 151)},
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        ({"type": "header", "text": mrkdwn("x")}, "must be plain_text [json-pointer:/blocks/0/text/type]"),
        (
            {"type": "section", "text": mrkdwn("x" * 3001)},
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ),
        ({"type": "section", "text": mrkdwn("")}, "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        (
            {"type": "section", "text": plain("x") | {"verbatim": True}},
            "must be a boolean, of a mrkdwn text [json-pointer:/blocks/0/text/verbatim]",
        ),
        ({"type": "section"}, "missing required field: text or fields [json-pointer:/blocks/0]"),
        ({"type": "context", "elements": []}, "must have at least 1 item [json-pointer:/blocks/0/elements]"),
        (
            {"type": "context", "elements": [mrkdwn("x")] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            {"type": "actions", "elements": [button(text=plain("x" * 76))]},
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            {"type": "actions", "elements": [button(value="x" * 2001)]},
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (
            {"type": "actions", "elements": [button(style="green")]},
            "must be one of primary, danger [json-pointer:/blocks/0/elements/0/style]",
        ),
        (
            {"type": "actions", "elements": [button(url="javascript:alert(1)")]},
            "must be a valid URL [json-pointer:/blocks/0/elements/0/url]",
        ),
        (
            {"type": "actions", "elements": [button(), button()]},
            "action_id `take` already exists in this block [json-pointer:/blocks/0/elements/1/action_id]",
        ),
        ({"type": "carousel"}, "unsupported type: carousel [json-pointer:/blocks/0/type]"),
        ("text", "must be an object [json-pointer:/blocks/0]"),
    ],
)
def test_one_broken_rule(block: Any, problem: str):
    assert broken_rules([block]) == [f"[ERROR] {problem}"]


def test_rules_about_the_whole_message():
    assert broken_rules([DIVIDER] * 51) == ["[ERROR] no more than 50 items allowed [json-pointer:/blocks]"]
    assert broken_rules({"type": "divider"}) == ["[ERROR] must be an array [json-pointer:/blocks]"]
    twice = {"type": "divider", "block_id": "one"}
    assert broken_rules([twice, twice]) == [
        "[ERROR] block_id already exists in this message [json-pointer:/blocks/1/block_id]"
    ]
