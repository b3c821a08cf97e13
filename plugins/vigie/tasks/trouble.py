"""Something of ours that does not look or act, as the rounds find it: an incident of the platform."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import JsonValue


class Trouble(NamedTuple):
    """``source`` and ``kind`` are the incident's key. ``facts``: source, reason, since, watches; what the template names."""

    source: str
    kind: str
    title: str
    facts: dict[str, JsonValue]
    template: str = "blind"
