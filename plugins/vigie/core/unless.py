"""What takes a match back: patterns that say of a mail that it is not what the rule took it for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from vigie.core.pattern import check_pattern, matching_everything

FIELDS = ("subject", "body", "headers")


class Unless(BaseModel):
    """One exception; all of its patterns must be found.

    Written as a pattern alone it is ``anywhere``: asked of the fields of which the rule itself asks something. Written
    as a dict it names its fields: ``subject``, ``body``, and ``headers``, patterns by the names of headers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    anywhere: str | None = None
    subject: str | None = None
    body: str | None = None
    headers: dict[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, written: object) -> object:
        if isinstance(written, str):
            return {"anywhere": written}
        if not isinstance(written, Mapping):
            return written
        fields: dict[Any, Any] = {name: value for name, value in written.items() if value not in (None, {})}
        for name in fields.keys() - {*FIELDS, "anywhere"}:
            raise ValueError(f"{name!r} is no field; write {', '.join(FIELDS)}: {{'subject': 'KO: 0'}}")
        if not fields:
            raise ValueError("an exception without a pattern; write one, as 'KO: 0' or {'body': 'KO: 0'}")
        return fields

    @field_validator("anywhere", "subject", "body")
    @classmethod
    def _readable(cls, pattern: str | None) -> str | None:
        return None if pattern is None else check_pattern(pattern)

    @field_validator("headers")
    @classmethod
    def _headers_readable(cls, patterns: dict[str, str]) -> dict[str, str]:
        return {name: check_pattern(pattern) for name, pattern in patterns.items()}

    @property
    def patterns(self) -> dict[str, str]:
        """Its patterns, by the words with which they are written."""
        written = {"unless": self.anywhere, "unless subject": self.subject, "unless body": self.body}
        named = {f"unless header {name}": pattern for name, pattern in self.headers.items()}
        return {name: pattern for name, pattern in written.items() if pattern is not None} | named


def exceptions(written: object) -> object:
    """The exceptions of a rule as a list; raises ValueError where one stands alone."""
    if isinstance(written, (str, Mapping)):
        raise ValueError(f"write a list, also of one: [{written!r}]")  # noqa: TRY004 (pydantic's way)
    return written


def wrong_exceptions(task_id: str, word: str, unless: Sequence[Unless], own: Mapping[str, str | None]) -> list[str]:
    """What is wrong with the exceptions of a rule, as sentences. ``own`` are the rule's own patterns by their words."""
    found = []
    for each in unless:
        named = {name.replace("unless", word): pattern for name, pattern in each.patterns.items()}
        found += matching_everything(task_id, named)
        taken = next((of for of, pattern in own.items() if set(each.patterns.values()) == {pattern}), None)
        if taken is not None:
            found.append(
                f"{task_id}: {word} has the pattern of {taken} itself, {own[taken]!r}, and takes every match back."
            )
    return found
