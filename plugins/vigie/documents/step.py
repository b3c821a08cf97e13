"""One step of a procedure: text to read, then a question, an action, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.token import Token

from vigie.core.action import ACTIONS
from vigie.core.procedure import Action, Choice, Step
from vigie.documents.findings import Findings
from vigie.documents.outline import Block, Link, Section, items, only_link
from vigie.documents.strict_yaml import read_yaml

LABEL_LIMIT = 75
"""Characters of an answer: what Slack allows on a button (Block Kit reference, button element)."""

_LISTS = {"bullet_list", "ordered_list"}


def read_step(section: Section, page: Sequence[str], first: int, findings: Findings) -> Step:
    """Read the step of a section. ``page`` holds the lines of the body, ``first`` the number of its first line."""
    _check_fences(section, page, first, findings)
    ends = [block for block in section.blocks if _is_question(block) or _is_action(block)]
    for block in ends[:-1]:
        what = "question" if _is_question(block) else "action"
        remedy = "Make a step of each: begin the second with a heading '### …'."
        findings.add(
            first + block.start, f"a step has one question or one action; this {what} is not its last.", remedy
        )
    last = section.blocks[-1] if section.blocks else None
    if ends and ends[-1] is not last:
        what = "question" if _is_question(ends[-1]) else "action"
        remedy = f"Put the text before it, or begin a new step after the {what}."
        findings.add(first + ends[-1].start, f"text follows the {what} of this step.", remedy)
    end = ends[-1] if ends and ends[-1] is last else None
    prose = section.blocks[: -1 if end else None]
    if not section.blocks:
        remedy = "Write what to do, a question, or an action below its heading."
        findings.add(first + section.line, f"the step '{section.title}' is empty.", remedy)
    return Step(
        anchor=section.anchor,
        title=section.title,
        text="\n".join(page[prose[0].start : prose[-1].end]).strip("\n") if prose else "",
        line=first + section.line,
        choices=_choices(end, first, findings) if end and _is_question(end) else (),
        action=_action(end, page, first, findings) if end and _is_action(end) else None,
    )


def _is_action(block: Block) -> bool:
    return block.kind == "fence" and bool(block.tokens[0].info.strip())


def _is_question(block: Block) -> bool:
    return block.kind in _LISTS and any(_jump(only_link(item)) for item in items(block))


def _jump(link: Link | None) -> Link | None:
    """The link, if it leads to a step or to a procedure rather than out into the web."""
    if link is None or ":" in link.target or not (link.target.startswith("#") or link.target.endswith(".md")):
        return None
    return link


def _choices(block: Block, first: int, findings: Findings) -> tuple[Choice, ...]:
    choices: dict[str, Choice] = {}
    for item in items(block):
        line = first + ((item[0].map or [block.start])[0] if item else block.start)
        link = only_link(item)
        if link is None:
            remedy = "Write '- [The answer](#the-step)'; text about it stands before the list."
            findings.add(line, "an answer is one link to a step or a procedure, and nothing else.", remedy)
        elif _jump(link) is None and ":" not in link.target:
            continue  # it leads nowhere, which the checks tell
        elif _jump(link) is None:
            remedy = "Put the link into the text above the list."
            findings.add(line, f"the answer '{link.label}' leads to '{link.target}', not to a step.", remedy)
        elif not link.label or len(link.label) > LABEL_LIMIT:
            findings.add(
                line, f"an answer has 1 to {LABEL_LIMIT} characters.", "Explain it in the text above the list."
            )
        elif link.label in choices:
            findings.add(line, f"the answer '{link.label}' stands twice.", "Give each its own words.")
        else:
            target = link.target[1:] if link.target.startswith("#") else link.target.rsplit("/", 1)[-1]
            choices[link.label] = Choice(label=link.label, target=target, line=line)
    return tuple(choices.values())


def _action(block: Block, page: Sequence[str], first: int, findings: Findings) -> Action | None:
    token = block.tokens[0]
    line = first + block.start
    name, *rest = token.info.split()
    if rest:
        findings.add(
            line, f"'{' '.join(rest)}' stands after the action '{name}'.", "Write each parameter on a line of its own."
        )
    parameters: dict[str, str] = {}
    if name not in ACTIONS:
        return Action(name=name, parameters={}, line=line)  # told by the checks; its parameters mean nothing
    written = read_yaml(token.content, findings, first_line=line + 1) if _is_closed(token, page) else None
    if written is None:
        return None
    if not isinstance(written.value, dict):
        findings.add(line + 1, f"the parameters of '{name}' are lines 'name: value'.")
        return None
    for key, value in written.value.items():
        if not isinstance(value, str):
            findings.add(line, f"{name}: '{key}' must be text.", 'Put it in quotes: "…".')
        parameters[key] = str(value)
    return Action(name=name, parameters=parameters, line=line)


def _check_fences(section: Section, page: Sequence[str], first: int, findings: Findings) -> None:
    for block in section.blocks:
        for token in block.tokens:
            if token.type != "fence" or token.map is None:
                continue
            line = first + token.map[0]
            if token.level > 0 and token.info.strip():
                findings.add(
                    line, "an action stands at the left margin, not in a list or a quote.", "Unindent the block."
                )
            if not _is_closed(token, page):
                findings.add(
                    line, "the block that begins here is not closed.", f"Write a line '{token.markup}' after it."
                )


def _is_closed(token: Token, page: Sequence[str]) -> bool:
    start, end = token.map or (0, 0)
    return end - start > 1 and page[end - 1].strip(" >\t").startswith(token.markup)
