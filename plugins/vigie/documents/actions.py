"""The registered actions: what a fenced block of a procedure may name. Never a shell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

CHANNEL = "channel"
"""Where ``to`` names no contact: the client's Slack channel."""


class ActionKind(NamedTuple):
    """A registered action: what it does, and its parameters (all required) with what each means."""

    purpose: str
    parameters: Mapping[str, str]


ACTIONS: Mapping[str, ActionKind] = {
    "send": ActionKind(
        "Send a message.",
        {
            "template": "the name of a template",
            "to": f"a contact of the client's client.yaml, or '{CHANNEL}' for its Slack channel",
        },
    ),
}
