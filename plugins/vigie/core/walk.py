"""Walks through a procedure: so many that each way out of each step is gone at least once."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.core.procedure import Procedure
from vigie.core.way import Way, ways

Walk = tuple[Way, ...]
"""From the first step to an end, or to another procedure."""


def walks(procedure: Procedure) -> Iterator[Walk]:
    """Walks that together go every way. A procedure only goes forward, so each of them ends."""
    out: dict[str, list[Way]] = {step.anchor: [] for step in procedure.steps}
    to: dict[str, Walk] = {procedure.steps[0].anchor: ()}
    for way in ways(procedure):
        out[way.step].append(way)
        if way.step in to and way.target in out:
            to.setdefault(way.target, (*to[way.step], way))
    left = dict.fromkeys(way for step in out if step in to for way in out[step])
    while left:
        first = next(iter(left))
        walk = [*to[first.step], first]
        while walk[-1].target in out:
            further = out[walk[-1].target]
            walk.append(next((way for way in further if way in left and way not in walk), further[0]))
        for way in walk:
            left.pop(way, None)
        yield tuple(walk)
