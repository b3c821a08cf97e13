"""A template's code, and which names in it come from outside."""

from __future__ import annotations

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame


class NamedCode(CodeGenerator):
    """Generates a template's code and notes on its tree (``undeclared``) which names come from outside.

    ``jinja2.meta.find_undeclared_variables`` does the same by generating the code once more.
    """

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        self._undeclared: set[str] = set()
        super().visit_Template(node, frame)
        node.undeclared = frozenset(self._undeclared)  # type: ignore[attr-defined]

    def enter_frame(self, frame: Frame) -> None:
        super().enter_frame(frame)
        for action, name in frame.symbols.loads.values():
            if action == "resolve" and name is not None and name not in self.environment.globals:
                self._undeclared.add(name)
