"""The only YAML loader: strings, plain integers, true/false and dates, and nothing else.

PyYAML speaks YAML 1.1, which turns ``16:30`` into 990, ``no`` into false, ``0123`` into 83 and ``on:`` into a key
``True``, and keeps the last of two equal keys. Here those are strings, and the second key is refused.
Anchors, aliases and tags are refused too: a table says what it says where it says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import yaml

from vigie.documents.findings import Findings, Place

DEPTH = 12
"""How deep lists and fields may stand in one another."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WORDS = {"true": True, "false": False}


class Written(NamedTuple):
    """A value and the line of each of its parts. Values: dict, list, str, int, bool, date."""

    value: Any
    lines: dict[Place, int]


def read_yaml(text: str, findings: Findings, first_line: int = 1, *, in_parts: bool = False) -> Written | None:
    """Read one YAML document whose first line is line ``first_line`` of its file.

    None, with every problem noted, where it cannot be used; an empty document is an empty dict. ``in_parts``: a
    document that is valid YAML is returned beside its problems, and the caller leaves out the parts that have one.
    """
    before = len(findings.problems)
    reader = _Reader(text, findings, first_line)
    value: Any = None
    whole = False
    try:
        value = reader.document()
        whole = True
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        problem = error.problem or ""
        indented = any(sign in problem for sign in ("mapping values", "block", "':'"))
        remedy = f"Put a text that holds ': ', '#' or brackets in quotes{INDENT if indented else ''}."
        if "tab" in problem:
            remedy = "Indent with spaces."
        if "cannot start any token" in problem and _begins_with_tab(text, mark):
            problem, remedy = "a tab stands where a field begins", "Indent with spaces."
        findings.add(line, f"not valid YAML: {problem}.", remedy)
    except yaml.YAMLError as error:  # characters that YAML does not allow
        findings.add(first_line, f"not valid YAML: {str(error).splitlines()[0]}.")
    except _TooDeepError as too_deep:
        findings.add(too_deep.line, f"more than {DEPTH} lists or fields in one another.")
    if len(findings.problems) > before and not (in_parts and whole):
        return None
    return Written(value, reader.lines)


def _begins_with_tab(text: str, mark: yaml.Mark | None) -> bool:
    lines = text.split("\n")
    return mark is not None and mark.line < len(lines) and lines[mark.line].lstrip(" ").startswith("\t")


INDENT = ", or indent the line as those beside it"


class _TooDeepError(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Reader:
    def __init__(self, text: str, findings: Findings, first_line: int) -> None:
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self.findings = findings
        self.first_line = first_line
        self.lines: dict[Place, int] = {(): first_line}

    def document(self) -> Any:
        value: Any = {}
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.findings.add(self._line(event), "a second document begins here.", "Delete the line '---'.")
            elif isinstance(event, yaml.NodeEvent):
                written = self._node(event, ())
                empty = isinstance(event, yaml.ScalarEvent) and event.value == "" and not event.style
                value = written if documents == 1 and not empty else value
        return value

    def _line(self, event: Any) -> int:
        return self.first_line + int(event.start_mark.line)

    def _node(self, event: Any, place: Place) -> Any:
        line = self._line(event)
        self.lines.setdefault(place, line)
        if len(place) > DEPTH:
            raise _TooDeepError(line)
        if isinstance(event, yaml.AliasEvent):
            self.findings.add(line, f"an alias (*{event.anchor}) is not allowed.", "Write the value again.")
            return ""
        if event.anchor is not None:
            self.findings.add(line, f"an anchor (&{event.anchor}) is not allowed.", "Put the text in quotes.")
        if event.tag not in {None, "!"}:
            self.findings.add(line, f"a tag ({event.tag}) is not allowed.", "Put the text in quotes.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(place)
        if event.value == "" and not event.style and place:
            self.findings.add(line, f"{_name(place)} has no value.", "Write one, or delete the line.")
        return event.value if event.style else _plain(event.value)

    def _mapping(self, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = self._line(event)
            if not isinstance(event, yaml.ScalarEvent) or event.anchor is not None or event.tag is not None:
                self.findings.add(line, "a field's name must be plain text.")
                self._node(event, (*place, "?"))
                self._node(next(self.events), (*place, "?"))
                continue
            name = event.value
            here = (*place, name)
            if name in values:
                self.findings.add(line, f"'{name}' stands twice (first on line {self.lines[here]}).", "Keep one.")
            self.lines[here] = line
            values[name] = self._node(next(self.events), here)
        return values

    def _sequence(self, place: Place) -> list[Any]:
        values: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            values.append(self._node(event, (*place, len(values))))
        return values


def _plain(value: str) -> Any:
    if value in _WORDS:
        return _WORDS[value]
    if _INTEGER.fullmatch(value):
        return int(value)
    if _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _name(place: Place) -> str:
    return f"'{place[-1]}'" if isinstance(place[-1], str) else f"item {place[-1] + 1}"
