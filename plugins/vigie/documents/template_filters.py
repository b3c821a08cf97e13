"""The filters of templates, each bounded before it acts.

Jinja's own do what Python does: ``replace`` makes a gigabyte of two letters, ``sum`` joins lists in the square of their
length, and whatever takes a text writes out a list that holds itself a billion times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any

from jinja2 import Environment, Undefined, pass_context, pass_environment
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.filters import FILTERS, make_attrgetter
from jinja2.runtime import Context
from markupsafe import Markup

from vigie.documents.bounded import check_scalar, compared, counted, is_scalar, joined, number
from vigie.documents.budget import ITEM, check_length, spend, spend_step
from vigie.documents.markdown import to_html
from vigie.documents.mrkdwn import to_mrkdwn

_DIGITS = 15
_NUMBER = 300
_LINES, _MARKS = 10_000, 20_000
"""Lines of one Markdown text, and signs in it that may be formatting: its parser takes a second for twice as many."""


def _join(values: Iterable[Any], between: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        values = [value[attribute] for value in counted(values)]
    return joined(values, between)


def _of_text(name: str) -> Callable[..., Any]:
    """A filter of facts; an author's text is written as it shall stand."""
    kept = FILTERS[name]

    @wraps(kept)
    def filtered(*given: Any, **named: Any) -> Any:
        values = [value for value in (*given, *named.values()) if not isinstance(value, Environment)]
        if any(isinstance(value, Markup) for value in values):
            raise TemplateRuntimeError(f"'{name}' works on a fact, not on a block or a macro")
        check_scalar(name, *values)
        spend(sum(len(value) for value in values if isinstance(value, str)))
        result = kept(*given, **named)
        check_length(len(result))
        spend(len(result))
        return result

    return filtered


def _replace(text: Any, old: Any, new: Any, count: int | None = None) -> str:
    if any(isinstance(value, Markup) for value in (text, old, new)):
        raise TemplateRuntimeError("'replace' works on a fact, not on a block or a macro")
    check_scalar("replace", text, old, new, count)
    text, old, new = str(text), str(old), str(new)
    spend(len(text))
    found = text.count(old) if count is None or count < 0 else min(count, text.count(old))
    length = len(text) + found * (len(new) - len(old))
    check_length(length)
    spend(max(length, 0))
    replaced: str = text.replace(old, new, -1 if count is None else count)
    return replaced


def _round(value: Any, precision: int = 0, method: str = "common") -> Any:
    if abs(number("round", precision)) > _DIGITS:
        raise SecurityError(f"'round' is for at most {_DIGITS} digits")
    return FILTERS["round"](number("round", value), precision, method)


def _int(value: Any, default: int = 0, base: int = 10) -> int:
    check_scalar("int", value, default, base)
    if isinstance(value, str) and len(value) > _NUMBER:
        raise SecurityError(f"a number of more than {_NUMBER} digits")
    read: int = FILTERS["int"](value, default, base)
    return read


@pass_environment
def _sum(environment: Environment, values: Iterable[Any], attribute: str | int | None = None, start: Any = 0) -> Any:
    items = list(counted(values))
    for value in (start, *_keys(environment, items, attribute)):
        number("sum", value)
    return FILTERS["sum"](environment, items, attribute, start)


def _by_keys(name: str) -> Callable[..., Any]:
    """A filter that compares the items of a list, by an attribute or as they are."""
    kept = FILTERS[name]

    @pass_environment
    @wraps(kept)
    def filtered(environment: Environment, values: Any, *given: Any, **named: Any) -> Any:
        if isinstance(values, Undefined):
            return kept(environment, values, *given, **named)
        check_scalar(name, *given, *named.values())
        items = list(counted(values))
        places = {"sort": 2, "unique": 1, "min": 1, "max": 1, "groupby": 0}
        attribute = named.get("attribute", given[places[name]] if len(given) > places[name] else None)
        for key in _keys(environment, items, attribute):
            if not is_scalar(key) and not (
                isinstance(key, tuple | list) and len(key) < _DIGITS and all(map(is_scalar, key))
            ):
                raise TemplateRuntimeError(f"'{name}' compares texts and numbers, not lists; give it an attribute")
            spend(len(key) if isinstance(key, str) else 1)
        return kept(environment, items, *given, **named)

    return filtered


def _keys(environment: Environment, items: list[Any], attribute: Any) -> Iterator[Any]:
    if attribute is None:
        yield from items
        return
    for part in str(attribute).split(",")[:_DIGITS]:
        yield from map(make_attrgetter(environment, part.strip() if isinstance(attribute, str) else attribute), items)


@pass_environment
def _list_of(environment: Environment, values: Any) -> list[Any]:
    return list(counted(values))


def _reverse(values: Any) -> Any:
    if isinstance(values, str):
        spend(len(values))
        return values[::-1]
    return list(counted(values))[::-1]


def _over(name: str) -> Callable[..., Any]:
    """A filter that goes through a list, and asks a filter or a test of each item."""
    kept = FILTERS[name]

    @pass_context
    @wraps(kept)
    def filtered(context: Context, values: Any, *given: Any, **named: Any) -> Any:
        return kept(context, values if isinstance(values, Undefined) else counted(values), *given, **named)

    return filtered


def _markdown(text: Any) -> Markup:
    return Markup(to_html(_formatted(text)))  # noqa: S704  # markdown-it escapes; facts in it are sealed


def _mrkdwn(text: Any) -> Markup:
    return Markup(to_mrkdwn(_formatted(text)))  # noqa: S704  # escaped for Slack, which is the only reader


def _formatted(text: Any) -> str:
    check_scalar("markdown", text)
    written = str(text)
    check_length(len(written))
    lines, marks = written.count("\n"), sum(map(written.count, "*_~`[]<>"))
    if lines > _LINES:
        raise SecurityError(f"more than {_LINES:,} lines of Markdown")
    if marks > _MARKS:
        raise SecurityError(f"more than {_MARKS:,} signs of Markdown")
    spend(5 * len(written))
    return written


@pass_context
def turns(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    """The items of a loop, each a step."""
    for value in values:
        spend_step()
        yield value


@pass_context
def charged(context: Context, characters: int) -> None:
    """What stands in the template itself is written: so many characters."""
    spend(characters)


def sliced(value: Any, start: Any, stop: Any, step: Any) -> Any:
    """``value[start:stop:step]``."""
    check_scalar("[:]", start, stop, step)
    if isinstance(value, str | list | tuple):
        length = len(range(*slice(start, stop, step).indices(len(value))))
        spend(length if isinstance(value, str) else length * ITEM)
    return value[slice(start, stop, step)]


FILTERS_OF_TEMPLATES: Mapping[str, Callable[..., Any]] = {
    **{name: FILTERS[name] for name in ("default", "d", "first", "last", "length", "count", "items", "abs")},
    **{name: _of_text(name) for name in ("upper", "lower", "title", "capitalize", "trim", "truncate")},
    **{name: _by_keys(name) for name in ("unique", "sort", "min", "max", "groupby")},
    **{name: _over(name) for name in ("map", "select", "reject", "selectattr", "rejectattr")},
    "replace": _replace,
    "round": _round,
    "int": _int,
    "sum": _sum,
    "list": _list_of,
    "reverse": _reverse,
    "join": _join,
    "markdown": _markdown,
    "mrkdwn": _mrkdwn,
    "_turns": turns,
    "_joined": joined,
    "_charged": charged,
    "_compared": compared,
    "_sliced": sliced,
}
"""The filters by their names; those that begin with ``_`` stand in for what Jinja writes itself."""
