"""Shared pieces: a step that is one link to a shared procedure is replaced by that procedure's steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vigie.core.errors import InvalidDocument, Problem
from vigie.core.procedure import CLOSE, ESCALATE, Procedure, Step
from vigie.core.way import ways


def with_pieces(procedure: Procedure, find: Callable[[str], Procedure | None]) -> Procedure:
    """The procedure, each piece in its place; ``find`` gives a shared procedure by its name, None where it is broken.

    The piece's *Close* is the next step here, its *Escalate* this procedure's. A broken piece stays a step with a link.
    Raises InvalidDocument where a piece never comes to its end, so that nothing after it would be reached.
    """
    if not any(step.piece for step in procedure.steps):
        return procedure
    following = [*(step.anchor for step in procedure.steps[1:]), CLOSE]
    steps: list[Step] = []
    for step, after in zip(procedure.steps, following, strict=True):
        piece = find(step.piece) if step.piece else None
        if piece is None:
            steps.append(step)
            continue
        if all(way.target != CLOSE for way in ways(piece)):
            message = f"the shared procedure '{step.piece}' never comes to its end, and steps follow it."
            raise InvalidDocument(
                Problem(
                    path=procedure.path, line=step.line, message=message, remedy="Link to it from an answer instead."
                )
            )
        steps += _steps(piece, step, after)
    return procedure.model_copy(update={"steps": tuple(steps)})


def _steps(piece: Procedure, host: Step, after: str) -> Iterator[Step]:
    anchors = {each.anchor: f"{host.anchor}--{each.anchor}" for each in piece.steps}
    anchors[piece.steps[0].anchor] = host.anchor  # links of the page lead to the heading that they name
    targets = {**anchors, CLOSE: after, ESCALATE: ESCALATE}
    for each in piece.steps:
        action = each.action
        yield each.model_copy(
            update={
                "anchor": anchors[each.anchor],
                "title": f"{host.title}: {each.title}",
                "line": host.line,
                "piece": piece.name,
                "choices": tuple(
                    choice.model_copy(update={"target": targets.get(choice.target, choice.target)})
                    for choice in each.choices
                ),
                "action": action
                and action.model_copy(update={"on_failure": targets.get(action.on_failure, action.on_failure)}),
            }
        )
