"""The problems of one file, gathered so that its author reads all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vigie.core.errors import InvalidDocument, Problem

Place = tuple[str | int, ...]
"""Where a value stands in a YAML document: keys and indexes, as pydantic's ``loc``."""

Lines = Mapping[Place, int]
"""The line of each value of a YAML document."""

Model = TypeVar("Model", bound=BaseModel)


class Findings:
    """What is wrong in the file at ``path`` (relative to the site), in the order it was found."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def add(self, line: int | None, message: str, remedy: str = "") -> None:
        """Note one more problem."""
        self.problems.append(Problem(path=self.path, line=line, message=message, remedy=remedy))

    def raise_any(self) -> None:
        """Raise InvalidDocument with every problem noted, in the order of lines; do nothing where there is none."""
        if self.problems:
            raise InvalidDocument(*sorted(set(self.problems), key=lambda problem: (problem.line or 0, problem.message)))

    def model(self, model: type[Model], values: Any, lines: Lines, at: Place = (), **given: Any) -> Model | None:
        """Make the model of the values written at a place, and of what is ``given`` beside them.

        None, with every problem noted, where that fails. Fields that are given may not be written.
        """
        written = [name for name in model.model_fields if name not in given]
        if not isinstance(values, Mapping):
            self.add(line_of(lines, at), f"{_spoken(at)}write fields here, one 'name: value' a line.", _known(written))
            return None
        refused = [name for name in values if name in given]
        for name in refused:
            self.add(line_of(lines, (*at, name)), f"unknown field '{name}'.", _known(written))
        try:
            made = model.model_validate({**values, **given})
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self._note(detail, written, lines, at)
            return None
        return None if refused else made

    def _note(self, detail: ErrorDetails, written: list[str], lines: Lines, at: Place) -> None:
        place = (*at, *detail["loc"])
        line = line_of(lines, place)
        name = str(detail["loc"][-1]) if detail["loc"] else ""
        found = detail["input"]
        match detail["type"]:
            case "extra_forbidden":
                self.add(line, f"unknown field '{name}'.", did_you_mean(name, written))
            case "missing":
                self.add(line, f"{_spoken(at)}'{name}' is missing.", f"Add a line '{name}: …'.")
            case "literal_error":
                self.add(line, f"{_spoken(place)}'{found}' is not one of {detail['ctx']['expected']}.")
            case "string_type":
                self.add(line, f"{_spoken(place)}write text here (found {_shown(found)}).", 'Put it in quotes: "…".')
            case "too_short":
                self.add(line, f"{_spoken(place)}write at least {detail['ctx']['min_length']} (found {_shown(found)}).")
            case "date_type" | "date_parsing" | "date_from_datetime_parsing":
                self.add(line, f"{_spoken(place)}write a date, as 2026-11-23 (found {_shown(found)}).")
            case "value_error":
                self.add(line, f"{_spoken(place)}{detail['ctx']['error']}.")
            case _:
                said = detail["msg"][0].lower() + detail["msg"][1:]
                self.add(line, f"{_spoken(place)}{said} (found {_shown(found)}).")


def line_of(lines: Lines, place: Place) -> int | None:
    """The line of a place, or of the nearest place around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place)


def did_you_mean(wrong: str, known: Iterable[str], otherwise: str = "") -> str:
    """The remedy for a wrong name: the nearest known one, or else the list of them."""
    names = {name.lower(): name for name in known}
    near = get_close_matches(wrong.lower()[:100], names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{names[near[0]]}'?"
    return otherwise or _known(names.values())


def or_write(wrong: str, known: Iterable[str], write: str) -> str:
    """The remedy for the name of what may also be meant to be written: the nearest known one, and the place of a new one."""
    meant = did_you_mean(wrong, known, write)
    return meant if meant == write else f"{meant} Or write {write.removeprefix('Write ')}"


def _known(names: Iterable[str]) -> str:
    listed = sorted(names)
    if not listed:
        return ""
    return f"Known: {', '.join(listed[:12])}{', …' if len(listed) > 12 else ''}."


def _spoken(place: Place) -> str:
    return ".".join(str(part + 1 if isinstance(part, int) else part) for part in place) + ": " if place else ""


def _shown(value: Any) -> str:
    shown = f"'{value}'" if isinstance(value, str) else f"{value}"
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
