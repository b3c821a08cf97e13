"""Values of templates on their way into an act: what they are, what the act will cost, and whether it may be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from markupsafe import Markup

from vigie.documents.budget import ITEM, check_length, spend
from vigie.documents.sealed_fact import seal

_COMPARED = 1_000


def is_scalar(value: Any) -> bool:
    """Whether a value is one thing: a text, a number, yes or no, nothing."""
    return value is None or isinstance(value, str | int | float | Undefined)


def check_scalar(name: str, *values: Any) -> None:
    """Raise TemplateRuntimeError where a value is a list or several facts: written out it may be endless."""
    if not all(map(is_scalar, values)):
        raise TemplateRuntimeError(f"'{name}' works on one value, not on a list")


def compared(value: Any) -> Any:
    """A value as it may be compared. Raises SecurityError for lists of lists that have grown large."""
    if is_scalar(value):
        if isinstance(value, str):
            spend(1)
        return value
    waiting, seen = [value], 0
    while waiting:
        some = waiting.pop()
        inner = some.values() if isinstance(some, Mapping) else some if isinstance(some, list | tuple) else ()
        for each in inner:
            seen += 1
            if seen > _COMPARED:
                raise SecurityError(f"a list of more than {_COMPARED:,} things cannot be compared")
            if not is_scalar(each):
                waiting.append(each)
    spend(seen * ITEM)
    return value


def counted(values: Iterable[Any]) -> Iterator[Any]:
    """The items of a list, each charged."""
    for value in values:
        spend(ITEM + (len(value) if isinstance(value, str) else 0))
        yield value


def number(name: str, value: Any) -> Any:
    """A value that is a number. Raises TemplateRuntimeError."""
    if isinstance(value, int | float | Undefined):
        return value
    raise TemplateRuntimeError(f"'{name}' works on a number")


def joined(values: Iterable[Any], between: Any = "") -> str:
    """The values in a row; where an author's text is among them, the others are sealed."""
    parts = list(counted(values))
    check_scalar("join", between, *parts)
    author = any(isinstance(part, Markup) for part in parts)
    texts = [part if isinstance(part, Markup) else seal(str(part)) if author else str(part) for part in parts]
    length = sum(map(len, texts)) + len(str(between)) * len(texts)
    check_length(length)
    spend(length)
    mark: str = Markup(between) if author else str(between)  # noqa: S704  # written in the template
    return mark.join(texts)
