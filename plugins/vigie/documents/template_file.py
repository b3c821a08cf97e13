"""A template as its file holds it: a head with purpose and example, then Jinja."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from vigie.documents.facts import FACTS
from vigie.documents.findings import Findings, did_you_mean, line_of
from vigie.documents.front_matter import read_front_matter
from vigie.documents.strict_yaml import Written
from vigie.documents.text_file import read_text

FOLDER = "include/templates"
LIMIT = 50_000
"""Bytes of the longest template."""

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)
FILE = re.compile(r"(_?[a-z0-9][a-z0-9_-]{0,62})(?:\.([a-z]{2}))?\.md\.j2", re.ASCII)
"""A template's file name: its name, and its language where it has one."""


_TAG = re.compile(r"\{%.*?%\}")
_ENDS_IN_TAG = re.compile(r"(?<![-+])%\}\s*$")


class TemplateFile(NamedTuple):
    """What a file says. ``source`` keeps the file's line numbers: its head has become blank lines."""

    path: str
    purpose: str
    example: dict[str, Any]
    source: str

    @property
    def is_base(self) -> bool:
        """Whether it is there to be extended, not sent: its name begins with an underscore."""
        return self.path.rsplit("/", 1)[-1].startswith("_")


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid")

    purpose: str
    example: dict[str, Any]


def read_template(path: str, data: bytes) -> TemplateFile:
    """Read a template's file. Raises InvalidDocument; the Jinja in it is checked elsewhere."""
    findings = Findings(path)
    text = read_text(data, findings, LIMIT)
    if not FILE.fullmatch(path.rsplit("/", 1)[-1]):
        findings.add(None, "a template is called '<name>.md.j2' or '<name>.<language>.md.j2', in small letters.")
    if path.rsplit("/", 1)[-1].startswith("_") and not text.startswith("---"):
        findings.raise_any()
        return TemplateFile(path, "", {}, _with_line_ends(text))
    head, body, first = read_front_matter(text, findings, example="purpose: …")
    model = findings.model(_Head, head.value, head.lines) if head else None
    if head and model:
        _check_example(model.example, head, findings)
    findings.raise_any()
    if model is None:  # cannot be: a missing head was raised above
        raise AssertionError(path)
    return TemplateFile(path, model.purpose, model.example, "\n" * (first - 1) + _with_line_ends(body))


def _with_line_ends(source: str) -> str:
    """The source, its line ends kept where text stands beside a tag.

    Jinja's ``trim_blocks`` drops the line end after every tag, which is right for a line of tags alone; after
    ``Taken{% if who %} by {{ who }}{% endif %}`` it would glue the next line on. ``+%}`` keeps it.
    """
    return "\n".join(
        f"{line.rstrip()[:-2]}+%}}" if _ENDS_IN_TAG.search(line) and _TAG.sub("", line).strip() else line
        for line in source.split("\n")
    )


def _check_example(example: dict[str, Any], head: Written, findings: Findings) -> None:
    for name, value in example.items():
        line = line_of(head.lines, ("example", name))
        fact = FACTS.get(name)
        if fact is None:
            findings.add(line, f"example: no fact is called '{name}'.", did_you_mean(name, FACTS))
        elif fact.of_each != isinstance(value, list) and fact.parts:
            findings.add(line, f"example: '{name}' is {'a list' if fact.of_each else 'one thing'}: {fact.meaning}.")
