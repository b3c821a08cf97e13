"""What a step asks for as a form of Airflow's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

from vigie.core.procedure import Input

_PARAMS: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": ["null", "string"]},
    "number": {"type": ["null", "number"]},
    "date": {"type": ["null", "string"], "format": "date"},
    "time": {"type": ["null", "string"], "format": "time"},
    "yes_no": {"type": ["null", "boolean"]},
    "one_of": {"type": ["null", "string"]},
}


def fields(inputs: tuple[Input, ...]) -> dict[str, Param]:
    """The inputs as fields of Airflow's form. What must be there is judged when it comes: a default would be refused."""
    return {
        each.name: Param(
            None,
            source="task",
            title=each.label if each.required else f"{each.label} (optional)",
            **_PARAMS[each.kind],
            **_one_of(each),
        )
        for each in inputs
    }


def _one_of(each: Input) -> dict[str, Any]:
    return {"enum": [None, *each.options]} if each.kind == "one_of" else {}


def boxes(checklist: tuple[str, ...]) -> dict[str, Param]:
    """The checklist as boxes, by the names that an answer is judged by."""
    return {
        f"check_{number}": Param(False, source="task", type="boolean", title=what)
        for number, what in enumerate(checklist, 1)
    }
