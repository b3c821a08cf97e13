"""The ways through a procedure: what leads from each step to the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from vigie.core.procedure import CLOSE, Procedure


class Way(NamedTuple):
    """One way out of a step. ``target`` is as a Choice's; ``label`` is the answer, empty for the others."""

    step: str
    target: str
    kind: Literal["next", "answer", "failure"]
    label: str = ""
    line: int = 0


def ways(procedure: Procedure) -> Iterator[Way]:
    """Every way of a procedure, in the order of its steps."""
    following = [*(step.anchor for step in procedure.steps[1:]), CLOSE]
    for step, after in zip(procedure.steps, following, strict=True):
        for choice in step.choices:
            yield Way(step.anchor, choice.target, "answer", choice.label, choice.line)
        if not step.choices:
            yield Way(step.anchor, after, "next", line=step.line)
        if step.action is not None:
            yield Way(step.anchor, step.action.on_failure, "failure", line=step.action.line)
