"""The tests of templates (``is odd``), each bounded before it acts: Jinja's own format a text, and compare endless lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, cast

from jinja2.tests import TESTS

from vigie.documents.bounded import check_scalar, compared, number
from vigie.documents.budget import spend

_KEPT = cast("Mapping[str, Callable[..., Any]]", TESTS)


def _of_numbers(name: str) -> Callable[..., bool]:
    kept = _KEPT[name]

    @wraps(kept)
    def tested(*given: Any) -> bool:
        return bool(kept(*(number(name, value) for value in given)))

    return tested


def _comparing(name: str) -> Callable[..., bool]:
    kept = _KEPT[name]

    @wraps(kept)
    def tested(*given: Any) -> bool:
        return bool(kept(*map(compared, given)))

    return tested


def _of_case(name: str) -> Callable[..., bool]:
    kept = _KEPT[name]

    @wraps(kept)
    def tested(value: Any) -> bool:
        check_scalar(name, value)
        spend(len(str(value)))
        return bool(kept(value))

    return tested


TESTS_OF_TEMPLATES: Mapping[str, Callable[..., Any]] = {
    **{
        name: _KEPT[name]
        for name in (
            *("defined", "undefined", "none", "boolean", "false", "true", "integer", "float", "string", "mapping"),
            *("number", "sequence", "iterable", "sameas"),
        )
    },
    **{name: _of_numbers(name) for name in ("odd", "even", "divisibleby")},
    **{name: _of_case(name) for name in ("lower", "upper")},
    **{
        name: _comparing(name)
        for name in (
            *(
                "==",
                "eq",
                "equalto",
                "!=",
                "ne",
                ">",
                "gt",
                "greaterthan",
                "ge",
                ">=",
                "<",
                "lt",
                "lessthan",
                "<=",
                "le",
            ),
            "in",
        )
    },
}
