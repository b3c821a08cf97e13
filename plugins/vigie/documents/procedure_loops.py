"""Procedures that open each other by an action, for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vigie.core.errors import Problem
from vigie.core.procedure import SHARED, Procedure


def loops(read: Mapping[str, Procedure]) -> Iterator[Problem]:
    """One for each ``open`` from which its own procedure is opened again. ``read`` is by ``<client>/<name>``."""
    opened = {key: dict(_opened(read, procedure)) for key, procedure in read.items()}
    for key, others in opened.items():
        for other, line in others.items():
            way = _way(opened, other, key)
            if way:
                told = " -> ".join(each.rpartition("/")[2] for each in (key, *way))
                message = f"the procedures open each other for ever: {told}."
                remedy = "Take one 'open' out, or let a question lead to it ('[…](name.md)')."
                yield Problem(path=read[key].path, line=line, message=message, remedy=remedy)


def _opened(read: Mapping[str, Procedure], procedure: Procedure) -> Iterator[tuple[str, int]]:
    for step in procedure.steps:
        if step.action is not None and step.action.name == "open":
            name = step.action.parameters.get("procedure", "")
            found = next((key for key in (f"{procedure.client}/{name}", f"{SHARED}/{name}") if key in read), None)
            if found:
                yield found, step.line


def _way(opened: Mapping[str, Mapping[str, int]], start: str, goal: str) -> list[str]:
    """The procedures from one to another, both named; empty where none leads there."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        if way[-1] == goal:
            return way
        for each in opened.get(way[-1], ()):
            if each not in seen or each == goal:
                seen.add(each)
                ways.append([*way, each])
    return []
