"""One step of a procedure: text to read, things to tick and to fill in, then a question, an action, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.token import Token

from vigie.core.action import ACTIONS
from vigie.core.procedure import Action, Choice, Step
from vigie.documents.findings import Findings
from vigie.documents.inputs import is_inputs, read_inputs
from vigie.documents.outline import Block, Link, Section, first_bold, items, only_link, only_paragraph_link
from vigie.documents.parameters import read_parameters
from vigie.documents.procedure_words import FOUR_EYES, folded, is_one_of

LABEL_LIMIT = 75
"""Characters of an answer: what Slack allows on a button (Block Kit reference, button element)."""

BOXES = 20
"""Boxes of one step."""

_LISTS = {"bullet_list", "ordered_list"}
_BOX = re.compile(r"\[([ xX])\](?:\s+|$)")
_SHARED = re.compile(r"\.\./_shared/([a-z0-9][a-z0-9_-]*)\.md")


def read_step(section: Section, page: Sequence[str], first: int, findings: Findings) -> Step:
    """Read the step of a section. ``page`` holds the lines of the body, ``first`` the number of its first line."""
    _check_fences(section, page, first, findings)
    end = _end(section, first, findings)
    prose = [block for block in section.blocks if block is not end]
    tables = [block for block in prose if is_inputs(block)]
    boxes = [block for block in prose if _is_checklist(block)]
    prose = [block for block in prose if block not in tables and block not in boxes]
    # Markdown makes one list of a checklist and the answers below it, whatever empty lines stand between.
    boxes += [end] if end and _is_question(end) else []
    step = Step(
        anchor=section.anchor,
        title=section.title,
        text=_text(prose, page),
        line=first + section.line,
        choices=_choices(end, first, findings) if end and _is_question(end) else (),
        action=_action(end, page, first, findings) if end and _is_action(end) else None,
        inputs=tuple(each for table in tables for each in read_inputs(table, first, findings)),
        checklist=tuple(box for block in boxes for box in _checklist(block, first, findings)),
        four_eyes=any(_is_four_eyes(block) for block in prose),
        piece=_piece(section.blocks),
    )
    _check_step(step, section, first, findings)
    return step


def _end(section: Section, first: int, findings: Findings) -> Block | None:
    """The question or the action with which the step ends."""
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
    return ends[-1] if ends and ends[-1] is last else None


def _check_step(step: Step, section: Section, first: int, findings: Findings) -> None:
    if not section.blocks:
        remedy = "Write what to do, a question, or an action below its heading."
        findings.add(step.line, f"the step '{step.title}' is empty.", remedy)
    if step.action and (step.inputs or step.checklist):
        remedy = "Make a step of each: people fill in and tick first, then the action runs."
        findings.add(step.line, "an automatic step has nothing to fill in or to tick.", remedy)
    if len(step.checklist) > BOXES:
        findings.add(step.line, f"a step has no more than {BOXES} boxes.", "Make a step of each part.")
    for block in section.blocks:
        words = first_bold(block) if block.kind == "blockquote" else ""
        if any(folded(each) in folded(words) for each in FOUR_EYES) and not _is_four_eyes(block):
            findings.add(first + block.start, f"'{words}' is not '**Four eyes**'.", "Write these words alone in bold.")


def _is_four_eyes(block: Block) -> bool:
    return block.kind == "blockquote" and is_one_of(first_bold(block).rstrip(" .:"), FOUR_EYES)


def _text(prose: Sequence[Block], page: Sequence[str]) -> str:
    """The page's own text; where a table or a list was taken out, an empty line stands for it."""
    parts: list[list[int]] = []
    for block in prose:
        if parts and not any(page[line].strip() for line in range(parts[-1][1], block.start)):
            parts[-1][1] = block.end
        else:
            parts.append([block.start, block.end])
    return "\n\n".join("\n".join(page[start:end]).strip("\n") for start, end in parts)


def _is_action(block: Block) -> bool:
    return block.kind == "fence" and bool(block.tokens[0].info.strip())


def _is_question(block: Block) -> bool:
    return block.kind in _LISTS and any(_jump(only_link(item)) for item in items(block))


def _is_checklist(block: Block) -> bool:
    return block.kind in _LISTS and any(_box(item) for item in items(block))


def _box(item: Sequence[Token]) -> re.Match[str] | None:
    return _BOX.match(item[1].content) if len(item) > 1 and item[1].type == "inline" else None


def _checklist(block: Block, first: int, findings: Findings) -> list[str]:
    """The boxes of a list; of a question, those that stand above its answers."""
    boxes: list[str] = []
    for item in (each for each in items(block) if _box(each) or not _is_question(block)):
        line = _line_of(item, block, first)
        box = _box(item)
        words = " ".join(item[1].content[box.end() :].split()) if box else ""
        if box is None or len(item) != 3 or not 0 < len(words) <= 200:
            findings.add(
                line, "each line of a checklist is a box and 1 to 200 characters.", "Write '- [ ] What to tick'."
            )
        elif box[1] != " ":
            findings.add(line, f"the box of '{words}' is ticked already.", "Write '- [ ]'.")
        elif words in boxes:
            findings.add(line, f"the box '{words}' stands twice.", "Delete one.")
        else:
            boxes.append(words)
    return boxes


def _line_of(item: Sequence[Token], block: Block, first: int) -> int:
    return first + ((item[0].map or [block.start])[0] if item else block.start)


def _piece(blocks: Sequence[Block]) -> str:
    """The shared procedure whose steps stand here: the step is one link to it, and nothing else."""
    link = only_paragraph_link(blocks[0]) if len(blocks) == 1 else None
    shared = _SHARED.fullmatch(link.target) if link else None
    return shared[1] if shared else ""


def _jump(link: Link | None) -> Link | None:
    """The link, if it leads to a step or to a procedure rather than out into the web."""
    if link is None or ":" in link.target or not (link.target.startswith("#") or link.target.endswith(".md")):
        return None
    return link


def target_of(link: str) -> str:
    """A link's target as a Choice has it: an anchor without ``#``, or a file without its folder."""
    return link[1:] if link.startswith("#") else link.rsplit("/", 1)[-1]


def _choices(block: Block, first: int, findings: Findings) -> tuple[Choice, ...]:
    choices: dict[str, Choice] = {}
    for item in items(block):
        if _box(item):
            continue
        line = _line_of(item, block, first)
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
        elif "{{" in link.label:
            findings.add(line, "an answer holds no facts.", "Write them into the text above the list.")
        else:
            choices[link.label] = Choice(label=link.label, target=target_of(link.target), line=line)
    return tuple(choices.values())


def _action(block: Block, page: Sequence[str], first: int, findings: Findings) -> Action | None:
    token = block.tokens[0]
    line = first + block.start
    name, *rest = token.info.split()
    if rest:
        findings.add(
            line, f"'{' '.join(rest)}' stands after the action '{name}'.", "Write each parameter on a line of its own."
        )
    if name not in ACTIONS:
        return Action(
            name=name, parameters={}, line=line, on_failure=""
        )  # told by the checks; its parameters mean nothing
    if not token.content.strip():
        parameters: dict[str, str] | None = {} if _is_closed(token, page) else None
    else:
        parameters = read_parameters(token.content, line + 1, findings) if _is_closed(token, page) else None
    if parameters is None:
        return None
    return Action(name=name, parameters=parameters, line=line, on_failure=parameters.pop("on_failure", ""))


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
