"""Whether the facts in a procedure are facts, and whether what it fills in was asked before."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError

from vigie.core.action import ACTIONS
from vigie.core.procedure import Step
from vigie.documents.findings import Findings, did_you_mean
from vigie.documents.outline import Section
from vigie.documents.procedure_text import SANDBOX, more_than_facts, parsed
from vigie.documents.template_checks import check_names


def check_facts(
    found: Sequence[Section], steps: Sequence[Step], page: Sequence[str], first: int, findings: Findings
) -> None:
    """Every ``{{ … }}`` of the page is a fact; an answer was asked before, and an action has it for sure."""
    order = {step.anchor: step for step in steps}
    asked: dict[str, Step] = {}
    for step in steps:
        for name in _given(step):
            if name in asked:
                findings.add(step.line, f"the name '{name}' stands twice (also in '{asked[name].title}').")
            asked.setdefault(name, step)
    before: set[str] = set()
    ends = [section.line for section in found[1:]] + [len(page)]
    for section, end in zip(found, ends, strict=True):
        if "{{" in section.title:
            findings.add(first + section.line, "a heading holds no facts.", "Write them into the text below it.")
        tree = _tree("\n".join(page[section.line : end]), first + section.line, findings)
        if tree is not None and not _unknown_filters(tree, findings):
            check_names(tree, findings)
        here = order.get(section.anchor) if section.level == 3 else None
        known = before if here else set(asked)
        for name, line in _answers(tree) if tree else ():
            if name in known:
                continue
            if name in asked:
                remedy = f"Ask for it before this step, not in '{asked[name].title}'."
            else:
                remedy = did_you_mean(name, asked, "Ask for it at an earlier step, in a table 'Fill in'.")
            findings.add(line, f"answers.{name}: no step before this one asks for it.", remedy)
        before |= set(_given(here)) if here else set()
    _check_sure(steps, set(asked), findings)


def _tree(text: str, line: int, findings: Findings) -> nodes.Template | None:
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return None
    try:
        tree = parsed(text, line)
    except TemplateSyntaxError as error:
        said = (error.message or "not valid Jinja").rstrip(".")
        findings.add(error.lineno, f"{said}.", "Write a fact as '{{ facts.job }}'.")
    except (SyntaxError, RecursionError, MemoryError):
        findings.add(line, "the facts are nested too deeply.", "Make it simpler.")
    else:
        wrong = more_than_facts(tree)
        if wrong is None:
            return tree
        remedy = "What depends on a fact is a question with a list of links."
        findings.add(wrong.lineno, "only facts, as '{{ facts.job }}', stand in a procedure; no '{% … %}'.", remedy)
    return None


def _unknown_filters(tree: nodes.Template, findings: Findings) -> bool:
    """Note the filters and tests that there are not; whether there are any."""
    before = len(findings.problems)
    for found in tree.find_all((nodes.Filter, nodes.Test)):
        known = SANDBOX.filters if isinstance(found, nodes.Filter) else SANDBOX.tests
        if found.name not in known:
            kind = "filter" if isinstance(found, nodes.Filter) else "test"
            remedy = did_you_mean(found.name, [name for name in known if not name.startswith("_")])
            findings.add(found.lineno, f"No {kind} named '{found.name}'.", remedy)
    return len(findings.problems) > before


def _answers(tree: nodes.Template) -> list[tuple[str, int]]:
    return [
        (found.attr, found.lineno)
        for found in tree.find_all(nodes.Getattr)
        if isinstance(found.node, nodes.Name) and found.node.name == "answers"
    ]


def _given(step: Step) -> list[str]:
    """The names that later steps may read, once this one is done."""
    saved = step.action.parameters.get("save") if step.action else None
    return [*(each.name for each in step.inputs), *([saved] if saved else [])]


def _check_sure(steps: Sequence[Step], asked: set[str], findings: Findings) -> None:
    """An action that needs an answer has it whatever way led to it."""
    sure: dict[str, set[str] | None] = {step.anchor: None for step in steps}
    if steps:
        sure[steps[0].anchor] = set()
    for number, step in enumerate(steps):
        here = sure[step.anchor] or set()
        if step.action:
            for name, line in _needed(step):
                if name in asked and name not in here:
                    message = f"answers.{name}: a way leads here on which nobody is asked for it, or need not answer."
                    findings.add(line, message, "Ask for it on each way, or let a question lead elsewhere.")
            _meet(sure, step.action.on_failure, here)
        after = here | {each.name for each in step.inputs if each.required}
        if step.action and "save" in step.action.parameters:
            after |= {step.action.parameters["save"]}
        for choice in step.choices:
            _meet(sure, choice.target, after)
        if not step.choices and number + 1 < len(steps):
            _meet(sure, steps[number + 1].anchor, after)


def _meet(sure: dict[str, set[str] | None], target: str, brought: set[str]) -> None:
    if target in sure:
        known = sure[target]
        sure[target] = set(brought) if known is None else known & brought


def _needed(step: Step) -> list[tuple[str, int]]:
    action = step.action
    if action is None or action.name not in ACTIONS:
        return []
    needed = []
    for value in action.parameters.values():
        if "{{" not in value:
            continue
        try:
            needed += [(name, action.line) for name, _ in _answers(parsed(value, 1))]
        except (SyntaxError, RecursionError, MemoryError, TemplateSyntaxError):
            continue  # told with the text of its step
    return needed
