"""A procedure: a Markdown page with a head, read into its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vigie.core.action import ACTIONS
from vigie.core.procedure import CLOSE, ESCALATE, SHARED, Procedure, Step
from vigie.documents.action_checks import check_action
from vigie.documents.approvals import digest_of
from vigie.documents.fact_checks import check_facts
from vigie.documents.findings import Findings, did_you_mean, line_of
from vigie.documents.front_matter import read_front_matter
from vigie.documents.outline import Section, sections
from vigie.documents.procedure_checks import Surroundings, check_answers, check_links, check_order
from vigie.documents.procedure_words import HEADINGS, folded
from vigie.documents.step import read_step, target_of
from vigie.documents.strict_yaml import Written
from vigie.documents.text_file import read_text

LIMIT = 100_000
"""Bytes of the longest procedure: it is read at 3 a.m."""

FOLDER = "include/procedures"


def read_procedure(path: str, name: str, data: bytes, around: Surroundings) -> Procedure:
    """Read a procedure. Any bytes give one, or InvalidDocument with everything that is wrong."""
    findings = Findings(path)
    text = read_text(data, findings, LIMIT)
    head, body, first = read_front_matter(text, findings, example="title: …")
    if head is None and not body:
        findings.raise_any()
    page = body.split("\n")
    found = sections(body)
    parts = _parts(found, first, findings)
    steps = _steps(parts.pop("steps", []), page, first, findings)
    written = {key: _text(key, of[0], page, first, findings) for key, of in parts.items()}
    anchors = {key: _anchor(found, key) for key in (ESCALATE, CLOSE)}
    check_links(found, steps, anchors, first, around, findings)
    steps = _with_targets(steps, anchors)
    check_answers(steps, anchors, findings)
    check_order(steps, findings)
    check_facts(found, steps, page, first, findings)
    for step in steps:
        if step.piece and around.client == SHARED:
            findings.add(step.line, "a shared procedure cannot stand on another one.", "Write the steps here.")
        if step.action is not None:
            check_action(step.action, around, findings)
    model = None
    if head is not None:
        _check_head(head, around, findings)
        given: dict[str, Any] = {
            "name": name,
            "path": path,
            "digest": digest_of(data),
            "steps": tuple(steps),
            "source": text,
            "approval": None,
            "outdated": False,
            "as_page": False,
            **{key: written.get(key, "") for key in HEADINGS if key != "steps"},
        }
        model = findings.model(Procedure, head.value, head.lines, **given)
    findings.raise_any()
    if model is None:  # cannot be: a missing head was raised above
        raise AssertionError(path)
    return model


def _check_head(head: Written, around: Surroundings, findings: Findings) -> None:
    client = head.value.get("client", around.client)
    if client != around.client:
        line = line_of(head.lines, ("client",))
        findings.add(
            line, f"client: '{client}' is not the folder's client.", f"Write '{around.client}', or move the file."
        )
    for name in ("title", "owner"):
        value = head.value.get(name)
        if isinstance(value, str) and not 0 < len(value.strip()) <= 120:
            findings.add(line_of(head.lines, (name,)), f"{name}: write 1 to 120 characters.")


def _parts(found: Sequence[Section], first: int, findings: Findings) -> dict[str, list[Section]]:
    """The sections by their key; under ``steps`` the heading and then each step."""
    parts: dict[str, list[Section]] = {}
    current = ""
    for section in found:
        line = first + section.line
        key = next((key for key, names in HEADINGS.items() if folded(section.title) in map(folded, names)), "")
        if section.level == 0:
            if section.blocks:
                line = first + section.blocks[0].start
                findings.add(line, "text before the first section.", "Put it under '## Meaning'.")
        elif section.level == 2:
            current = key
            if not key:
                remedy = did_you_mean(section.title, [name for names in HEADINGS.values() for name in names])
                findings.add(line, f"'## {section.title}' is not a section of a procedure.", remedy)
            elif key in parts:
                findings.add(line, f"section '## {section.title}' stands twice.", "Make one of the two.")
            else:
                parts[key] = [section]
        elif section.level == 3 and current == "steps":
            parts["steps"].append(section)
        else:
            if current in parts:
                parts[current][-1] = parts[current][-1]._replace(blocks=[*parts[current][-1].blocks, *section.blocks])
            remedy = "'##' begins a section, '###' a step of '## Steps'; write other headings in bold."
            findings.add(line, f"a heading of level {section.level} stands here: '{section.title}'.", remedy)
    for key, (english, french) in HEADINGS.items():
        if key not in parts:
            other = f" or '## {french}'" if french != english else ""
            findings.add(
                None, f"section '## {english}' is missing.", f"Write '## {english}'{other}, and text below it."
            )
    return parts


def _text(key: str, section: Section, page: Sequence[str], first: int, findings: Findings) -> str:
    if not section.blocks:
        findings.add(
            first + section.line, f"section '## {section.title}' is empty.", "Write what the reader must know."
        )
        return ""
    return "\n".join(page[section.blocks[0].start : section.blocks[-1].end]).strip("\n")


def _steps(parts: Sequence[Section], page: Sequence[str], first: int, findings: Findings) -> list[Step]:
    if not parts:
        return []
    if parts[0].blocks:
        line = first + parts[0].blocks[0].start
        findings.add(
            line, "text before the first step would not be shown.", "Put it into a step, or under '## Meaning'."
        )
    if len(parts) == 1:
        findings.add(first + parts[0].line, "there is no step.", "Begin each step with a heading '### …'.")
    steps: dict[str, Step] = {}
    reserved = {anchor for names in HEADINGS.values() for anchor in map(folded, names)}
    for section in parts[1:]:
        step = read_step(section, page, first, findings)
        if not section.anchor or len(section.title) > 100:
            findings.add(step.line, "a step's heading has 1 to 100 characters, with a letter or digit among them.")
        elif section.anchor in steps or folded(section.title) in reserved:
            findings.add(step.line, f"another heading is called '{section.title}' too.", "Give each its own name.")
        steps.setdefault(section.anchor, step)
    return list(steps.values())


def _anchor(found: Iterable[Section], key: str) -> str:
    names = [folded(name) for name in HEADINGS[key]]
    return next((section.anchor for section in found if section.level == 2 and folded(section.title) in names), key)


def _with_targets(steps: Sequence[Step], anchors: Mapping[str, str]) -> list[Step]:
    """The steps, with the core's names for the two ends in place of the headings' anchors, and every failure led."""
    ends = {anchor: key for key, anchor in anchors.items()}
    following = [*(step.anchor for step in steps[1:]), CLOSE]
    led = []
    for step, after in zip(steps, following, strict=False):  # without any step there is no way to Close
        choices = tuple(each.model_copy(update={"target": ends.get(each.target, each.target)}) for each in step.choices)
        action = step.action
        if action is not None:
            kind = ACTIONS.get(action.name)
            written = target_of(action.on_failure)
            failure = ends.get(written, written) or (after if kind and kind.goes_on else ESCALATE)
            action = action.model_copy(update={"on_failure": failure})
        led.append(step.model_copy(update={"choices": choices, "action": action}))
    return led
