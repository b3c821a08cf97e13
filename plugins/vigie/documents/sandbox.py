"""The sandbox in which templates run: facts, a few filters, ``if`` and ``for``, and an end to everything.

Jinja's own sandbox keeps a template away from Python; this one also keeps it from running for ever or filling the
memory: no method of a value can be called, loops and calls are counted, whatever is read and made is charged before
(budget.py, template_filters.py), and nothing grows beyond a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError, UndefinedError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from vigie.documents.bounded import compared, is_scalar, joined
from vigie.documents.bounded_tree import bound
from vigie.documents.budget import spend, spend_step
from vigie.documents.named_code import NamedCode
from vigie.documents.sealed_fact import seal
from vigie.documents.template_filters import FILTERS_OF_TEMPLATES
from vigie.documents.template_tests import TESTS_OF_TEMPLATES

TREES_KEPT = 64
"""How many texts a sandbox remembers as trees."""

_LONG_NUMBER = re.compile(r"[\d_]{4301}")


class Absent(StrictUndefined):
    """A fact that this message does not have: false in a condition, equal to nothing, an error when written."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        """What is told where it is written: of several facts of one kind (``facts.jobb``), which there are."""
        within = self._undefined_obj
        if self._undefined_hint or not isinstance(within, dict):
            return super()._undefined_message
        known = f" (known: {', '.join(sorted(map(str, within))[:12])})" if within else ""
        return f"nothing here is called '{self._undefined_name}'{known}"

    def __bool__(self) -> bool:  # type: ignore[override]
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return isinstance(other, Undefined)

    def __ne__(self, other: object) -> bool:  # type: ignore[override]
        return not isinstance(other, Undefined)

    def __hash__(self) -> int:  # type: ignore[override]
        return 0


class Sandbox(SandboxedEnvironment):
    """The environment of all templates. Every expression is a fact and is sealed; only an author's text is Markdown."""

    code_generator_class = NamedCode
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            undefined=Absent,
            autoescape=True,  # so that the results of blocks and macros are Markup, and told from facts
            finalize=sealed,
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=2_000,
        )
        self._trees: dict[str, nodes.Template] = {}
        self.globals = {"range": self.globals["range"]}
        self.filters = dict(FILTERS_OF_TEMPLATES)
        self.tests = dict(TESTS_OF_TEMPLATES)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """The tree of a text; kept, since a check asks for that of each template four times. Nobody changes it."""
        tree = self._trees.get(source)
        if tree is None:
            tree = self._parse_anew(source, name, filename)
            if len(self._trees) >= TREES_KEPT:
                self._trees.clear()
            self._trees[source] = tree
        return tree

    def _parse_anew(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        try:
            tree = super()._parse(source, name, filename)
        except ValueError:  # Python reads no number of more digits
            found = _LONG_NUMBER.search(source)
            line = source.count("\n", 0, found.start()) + 1 if found else 1
            raise TemplateSyntaxError("a number has more than 4,300 digits", line, name, filename) from None
        for loop in tree.find_all(nodes.For):
            if loop.recursive:
                raise TemplateSyntaxError("a loop cannot be recursive", loop.lineno, name, filename)
        # The layout is never written: each block is asked for by its name, so the root only has to know them.
        tree.body = [
            nodes.If(nodes.Const(False), [node], [], [], lineno=node.lineno) if isinstance(node, nodes.Block) else node
            for node in tree.body
        ]
        bound(tree)
        tree.set_environment(self)
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Undefined | Mapping | str | int | float | list):
            return self.getitem(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if not is_scalar(argument):
            return self.undefined(obj=obj, name="a list")
        if isinstance(obj, Undefined | Mapping | str | int | float | list):
            try:
                return obj[argument]  # type: ignore[index]
            except (TypeError, LookupError):
                return self.undefined(obj=obj, name=argument)
        return super().getitem(obj, argument)

    def is_safe_callable(self, obj: Any) -> bool:
        return (
            isinstance(obj, Macro | BlockReference)
            or obj is self.globals["range"]
            or isinstance(getattr(obj, "__self__", None), LoopContext)
        )

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        spend_step()
        if isinstance(getattr(obj, "__self__", None), LoopContext):
            args = tuple(map(compared, args))  # loop.changed(…) compares them
        if not self.is_safe_callable(obj):
            raise SecurityError(
                "nothing here can be called but macros and blocks; use a filter, as {{ client | upper }}"
            )
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return joined([left, right])
        if operator != "**" and _is_small(left) and _is_small(right):
            return super().call_binop(context, operator, left, right)
        raise SecurityError(f"'{operator}' is for numbers below 1,000,000,000")


def _is_small(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < 1_000_000_000


@pass_context
def sealed(context: Context, value: Any) -> Markup:
    """Whatever an expression gives: Markup is an author's text (a block, a macro), all else is a fact."""
    if isinstance(value, Markup):
        spend(len(value))
        return value
    if isinstance(value, Undefined):
        return seal(str(value))  # raises, with the name
    if isinstance(value, str | int | float):
        fact = seal(str(value))
        spend(len(fact))
        return fact
    if value is None:
        raise UndefinedError("this expression has no value")
    raise TemplateRuntimeError("a list cannot be written as it is; use {% for … %} or | join(', ')")
