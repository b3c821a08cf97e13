"""The sandbox in which templates run: facts, a few filters, ``if`` and ``for``, and an end to everything.

Jinja's own sandbox keeps a template away from Python; this one also keeps it from running for ever or filling the
memory: no method of a value can be called, loops and calls are counted, and nothing grows beyond a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError, UndefinedError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from vigie.documents.markdown import to_html
from vigie.documents.mrkdwn import to_mrkdwn
from vigie.documents.named_code import NamedCode
from vigie.documents.sealed_fact import seal

TREES_KEPT = 64
"""How many texts a sandbox remembers as trees."""

STEPS = 10_000
"""Turns of loops and calls of macros in one block."""

LENGTH = 200_000
"""Characters of one block, sealed facts counted as they are sealed."""

_KEPT = (
    *("default", "d", "first", "last", "length", "count", "list", "unique", "sort", "reverse", "sum", "min", "max"),
    *("map", "select", "reject", "selectattr", "rejectattr", "groupby", "items", "round", "int", "abs"),
)
_OF_TEXT = ("upper", "lower", "title", "capitalize", "trim", "truncate", "replace")

_steps_left: ContextVar[int] = ContextVar("steps_left", default=STEPS)


def start_counting() -> None:
    """Give the block that is rendered next its full number of steps."""
    _steps_left.set(STEPS)


def check_length(length: int) -> None:
    """Raise SecurityError where a text is longer than a message may be."""
    if length > LENGTH:
        raise SecurityError(f"more than {LENGTH:,} characters")


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
        self.filters = {name: self.filters[name] for name in _KEPT} | {
            name: _of_text(name, self.filters[name]) for name in _OF_TEXT
        }
        self.filters |= {
            "join": _join,
            "markdown": _markdown,
            "mrkdwn": _mrkdwn,
            "_counted": _counted,
            "_joined": _joined,
        }

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
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(nodes.For):
            if loop.recursive:
                raise TemplateSyntaxError("a loop cannot be recursive", loop.lineno, name, filename)
            loop.iter = nodes.Filter(loop.iter, "_counted", [], [], None, None, lineno=loop.lineno)
        # The layout is never written: each block is asked for by its name, so the root only has to know them.
        tree.body = [
            nodes.If(nodes.Const(False), [node], [], [], lineno=node.lineno) if isinstance(node, nodes.Block) else node
            for node in tree.body
        ]
        _Concatenation().visit(tree)
        tree.set_environment(self)
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Undefined | Mapping | str | int | float | list):
            return self.getitem(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
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
        _spend()
        if not self.is_safe_callable(obj):
            raise SecurityError(
                "nothing here can be called but macros and blocks; use a filter, as {{ client | upper }}"
            )
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return _joined([left, right])
        if operator != "**" and _is_small(left) and _is_small(right):
            return super().call_binop(context, operator, left, right)
        raise SecurityError(f"'{operator}' is for numbers below 1,000,000,000")


class _Concatenation(NodeTransformer):
    """Hands ``a ~ b`` to ``_joined``, which keeps facts facts."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802  # the visitor's name
        self.generic_visit(node)
        values = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(values, "_joined", [], [], None, None, lineno=node.lineno)


def _spend() -> None:
    left = _steps_left.get() - 1
    if left < 0:
        raise SecurityError(f"more than {STEPS:,} turns of loops and macros")
    _steps_left.set(left)


def _is_small(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < 1_000_000_000


@pass_context
def sealed(context: Context, value: Any) -> Markup:
    """Whatever an expression gives: Markup is an author's text (a block, a macro), all else is a fact."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, Undefined):
        return seal(str(value))  # raises, with the name
    if isinstance(value, str | int | float):
        return seal(str(value))
    if value is None:
        raise UndefinedError("this expression has no value")
    raise TemplateRuntimeError("a list cannot be written as it is; use {% for … %} or | join(', ')")


@pass_context
def _counted(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        _spend()
        yield value


def _joined(values: Iterable[Any], between: str = "") -> str:
    """The values in a row; where an author's text is among them, the others are sealed."""
    parts = list(values)
    if any(isinstance(part, Markup) for part in parts):
        author = Markup(between)  # noqa: S704  # written in the template
        whole: str = author.join(part if isinstance(part, Markup) else seal(str(part)) for part in parts)
    else:
        whole = str(between).join(str(part) for part in parts)
    check_length(len(whole))
    return whole


def _join(values: Iterable[Any], between: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        values = [value[attribute] for value in values]
    return _joined(values, between)


def _of_text(name: str, kept: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of facts; an author's text is written as it shall stand."""

    @wraps(kept)
    def filtered(*given: Any, **named: Any) -> Any:
        if any(isinstance(value, Markup) for value in given):
            raise TemplateRuntimeError(f"'{name}' works on a fact, not on a block or a macro")
        result = kept(*given, **named)
        check_length(len(result))
        return result

    return filtered


def _markdown(text: str) -> Markup:
    return Markup(to_html(text))  # noqa: S704  # markdown-it escapes; facts in it are sealed


def _mrkdwn(text: str) -> Markup:
    return Markup(to_mrkdwn(text))  # noqa: S704  # escaped for Slack, which is the only reader
