"""What is wrong in a template before anybody renders it: names, blocks, text that would never be sent."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.meta import find_undeclared_variables

from vigie.documents.facts import FACTS, Fact
from vigie.documents.findings import Findings, did_you_mean
from vigie.documents.sandbox import Sandbox
from vigie.documents.template_file import TemplateFile

BASE = "_incident.md.j2"
BLOCKS = ("subject", "text", "html", "slack")


def check_template(file: str, template: TemplateFile, sandbox: Sandbox, findings: Findings) -> None:
    """Note everything that can be seen without rendering. ``file`` is its path below the folder of templates."""
    try:
        tree = sandbox.parse(template.source, filename=template.path)
        sandbox.get_template(file)
    except TemplateSyntaxError as error:
        findings.add(
            error.lineno, f"{(error.message or 'not valid Jinja').rstrip('.')}.", _filter_remedy(error, sandbox)
        )
        return
    except (SyntaxError, RecursionError, MemoryError):
        findings.add(None, "the template is nested too deeply.", "Make it simpler.")
        return
    check_names(tree, findings)
    if not template.is_base:
        _check_blocks(tree, findings)


def _filter_remedy(error: TemplateSyntaxError, sandbox: Sandbox) -> str:
    message = error.message or ""
    if not message.startswith("No filter named '"):
        return ""
    known = [name for name in sandbox.filters if not name.startswith("_")]
    return did_you_mean(message.split("'")[1], known)


def check_names(tree: nodes.Template, findings: Findings) -> None:
    """Every name is a fact's, and every part one of its parts."""
    names = [each for each in tree.find_all(nodes.Name) if each.ctx == "load" and each.name not in {*FACTS, "range"}]
    parts = [
        (each, fact) for each in tree.find_all(nodes.Getattr) if (fact := _fact_of(each)) and _is_unknown(each, fact)
    ]
    if not names and not parts:
        return
    free = getattr(tree, "undeclared", None) or find_undeclared_variables(tree)
    for name in names:
        if name.name in free:
            findings.add(name.lineno, f"no fact is called '{name.name}'.", did_you_mean(name.name, FACTS))
    for found, fact in parts:
        if isinstance(found.node, nodes.Name) and found.node.name in free:
            message = f"'{found.node.name}' has no '{found.attr}'."
            findings.add(found.lineno, message, did_you_mean(found.attr, fact.parts))


def _fact_of(found: nodes.Getattr) -> Fact | None:
    return FACTS.get(found.node.name) if isinstance(found.node, nodes.Name) else None


def _is_unknown(found: nodes.Getattr, fact: Fact) -> bool:
    return bool(fact.parts) and not fact.of_each and found.attr not in fact.parts


def _check_blocks(tree: nodes.Template, findings: Findings) -> None:
    remedy = f"Write '{{% extends \"{BASE}\" %}}' after the head."
    bases = list(tree.find_all(nodes.Extends))
    if not bases:
        findings.add(None, "the template extends no base.", remedy)
    for base in bases:
        if not isinstance(base.template, nodes.Const):
            findings.add(base.lineno, "the base has no fixed name.", remedy)
    blocks = {block.name: block for block in tree.find_all(nodes.Block)}
    for name, block in blocks.items():
        if name not in BLOCKS:
            findings.add(block.lineno, f"'{name}' is not a block of a message.", did_you_mean(name, BLOCKS))
    for name in ("subject", "text"):
        if name not in blocks:
            findings.add(None, f"the block '{name}' is missing.", f"Write '{{% block {name} %}} … {{% endblock %}}'.")
    for line in _lost_text(tree):
        findings.add(line, "text outside of the blocks is never sent.", "Put it into '{% block text %}'.")


def _lost_text(tree: nodes.Template) -> Iterator[int]:
    for node in tree.body:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                if not isinstance(part, nodes.TemplateData):
                    yield part.lineno
                elif part.data.strip():
                    blank = len(part.data) - len(part.data.lstrip())
                    yield part.lineno + part.data[:blank].count("\n")
