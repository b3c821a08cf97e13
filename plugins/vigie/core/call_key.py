"""The key of a call's message: which call of which incident or step it is, and by which way it goes."""

from __future__ import annotations

import re
from typing import NamedTuple

_CALL = re.compile(
    r"(?P<incident>INC-\d{1,18})/page/(?P<number>\d{1,6})/(?P<way>slack|mail/.+)"
    r"|(?P<step>STEP-\d{1,18})/asked/(?P<asked>\d{1,6})/page/(?P<level>\d{1,6})/(?P<step_way>slack|mail/.+)",
    re.ASCII | re.DOTALL,
)


class CallKey(NamedTuple):
    """A call by its message. ``prefix`` begins the key of each message of the same call.

    ``step`` and ``asked`` are set for a call about a step, ``incident`` for one about an incident; ``number`` counts them.
    """

    prefix: str
    number: int
    incident: str = ""
    step: str = ""
    asked: int = 0


def call_key(key: str) -> CallKey | None:
    """Read a message's key; None where it is no call's."""
    found = _CALL.fullmatch(key)
    if found is None:
        return None
    if found["incident"]:
        return CallKey(key.removesuffix(found["way"]), int(found["number"]), incident=found["incident"])
    prefix = key.removesuffix(found["step_way"])
    return CallKey(prefix, int(found["level"]), step=found["step"], asked=int(found["asked"]))
