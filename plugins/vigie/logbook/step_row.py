"""A step and its row."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping

from vigie.core.open_step import OpenStep

_ID = re.compile(r"STEP-([1-9][0-9]{0,17})", re.ASCII)


def number_of(step_id: str) -> int | None:
    """The number in a step's name; None where it is no such name (a comparison with NULL finds no row)."""
    found = _ID.fullmatch(step_id)
    return int(found[1]) if found else None


def step_of(row: RowMapping) -> OpenStep:
    """A step from its row."""
    fields = dict(row)
    fields["escalate_after"] = timedelta(seconds=fields["escalate_after"])
    return OpenStep.model_validate({"id": f"STEP-{fields.pop('number')}", **fields})


def columns_of(step: OpenStep) -> dict[str, Any]:
    """A step's row, without its number."""
    fields = step.model_dump(exclude={"id", "inputs"})
    inputs = [each.model_dump() for each in step.inputs]
    return fields | {"inputs": inputs, "escalate_after": int(step.escalate_after.total_seconds())}
