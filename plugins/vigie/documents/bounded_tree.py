"""The tree of a template, changed so that each of its acts is bounded: what Jinja writes itself goes through a filter of ours."""

from __future__ import annotations

from typing import cast

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

_WRITING = (nodes.Template, nodes.Block, nodes.For, nodes.Macro, nodes.CallBlock)
"""What is written on its own, and so charged on its own."""


def bound(tree: nodes.Template) -> None:
    """Change the tree."""
    _Bounds().visit(tree)
    for node in [tree, *tree.find_all(_WRITING[1:])]:
        body: list[nodes.Node] = node.body  # type: ignore[attr-defined]  # each of them has one
        if length := _length(body):
            body.insert(0, nodes.ExprStmt(_filter(nodes.Const(length), "_charged", node.lineno), lineno=node.lineno))


def _length(body: list[nodes.Node]) -> int:
    """The characters that stand in the template itself, without those of the loops and macros within."""
    waiting, length = list(body), 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.TemplateData):
            length += len(node.data)
        elif isinstance(node, nodes.For):
            waiting += node.else_
        elif not isinstance(node, _WRITING):
            waiting += node.iter_child_nodes()
    return length


def _filter(node: nodes.Expr, name: str, lineno: int, *given: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(given), [], None, None, lineno=lineno)


class _Bounds(NodeTransformer):
    """``a ~ b`` is joined by us, which keeps facts facts; loops are counted, slices charged, comparisons kept small.

    A tuple is a list: nothing that can be endless may be the key of a dict.
    """

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802  # the visitor's name
        self.generic_visit(node)
        return _filter(nodes.List(node.nodes, lineno=node.lineno), "_joined", node.lineno)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.iter = _filter(cast("nodes.Expr", node.iter), "_turns", node.lineno)
        return node

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return nodes.List(node.items, lineno=node.lineno) if node.ctx == "load" else node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.expr = _compared(node.expr)
        for operand in node.ops:
            if operand.op not in {"in", "notin"}:
                operand.expr = _compared(operand.expr)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if not isinstance(node.arg, nodes.Slice):
            return node
        bounds = [each or nodes.Const(None) for each in (node.arg.start, node.arg.stop, node.arg.step)]
        return _filter(node.node, "_sliced", node.lineno, *bounds)


def _compared(node: nodes.Expr) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else _filter(node, "_compared", node.lineno)
