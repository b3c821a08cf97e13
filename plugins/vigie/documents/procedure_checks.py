"""What a procedure refers to, and whether its steps lead anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vigie.core.procedure import CLOSE, ESCALATE, Step
from vigie.documents.findings import Findings, did_you_mean
from vigie.documents.outline import Link, Section, links

_FILE = re.compile(r"(?:\.\./_shared/|\./)?([a-z0-9][a-z0-9_-]*)\.md")


@dataclass(frozen=True)
class Surroundings:
    """What a procedure of this client may refer to.

    ``templates`` are pairs of a name and a language (empty: for every language), ``contacts`` pairs of a name and
    the language in which it is written to, ``connections`` those that the client's table lends to procedures,
    ``language`` the client's first one. Where the client's own file cannot be read (``is_readable``), its contacts and
    connections are not known, and nobody is told that they are wrong.
    """

    client: str
    procedures: frozenset[str] = frozenset()
    templates: frozenset[tuple[str, str]] = frozenset()
    contacts: frozenset[tuple[str, str]] = frozenset()
    connections: frozenset[str] = frozenset()
    language: str = ""
    is_readable: bool = True


def check_links(
    found: Sequence[Section],
    steps: Sequence[Step],
    anchors: dict[str, str],
    first: int,
    around: Surroundings,
    findings: Findings,
) -> None:
    """Every link leads somewhere, and so does each ``on_failure`` (as it is written).

    ``anchors`` gives the anchors that this page has for the two ends.
    """
    names = {section.anchor for section in found if section.level in {2, 3}} | set(anchors.values())
    for section in found:
        for block in section.blocks:
            for link in links(block.tokens):
                _check_link(link, first + link.line, names, anchors, around, findings)
    for action in (step.action for step in steps if step.action and step.action.on_failure):
        written = Link("", action.on_failure, 0)
        if ":" in written.target or not (written.target.startswith("#") or written.target.endswith(".md")):
            remedy = f"Write '#{anchors[ESCALATE]}', another step, or the file of a procedure."
            findings.add(action.line, f"on_failure: '{written.target}' leads nowhere.", remedy)
        else:
            _check_link(written, action.line, names, anchors, around, findings)


def _check_link(
    link: Link, line: int, names: set[str], anchors: dict[str, str], around: Surroundings, findings: Findings
) -> None:
    target = link.target
    if target.startswith(("http://", "https://", "mailto:")):
        return
    if target.startswith("#"):
        if target[1:] not in names:
            remedy = f"Write '#{anchors[target[1:]]}'." if target[1:] in anchors else ""
            remedy = remedy or did_you_mean(target, {f"#{name}" for name in names})
            findings.add(line, f"no step '{target}'.", remedy)
        return
    file = _FILE.fullmatch(target)
    if file is None:
        remedy = "Link to a step ('#…'), to a procedure ('….md'), or to an address ('https://…')."
        findings.add(line, f"'{target}' leads nowhere.", remedy)
    elif file[1] not in around.procedures:
        known = {f"{name}.md" for name in around.procedures}
        findings.add(line, f"no procedure '{file[1]}.md' for {around.client}.", did_you_mean(f"{file[1]}.md", known))


def check_answers(steps: Sequence[Step], anchors: dict[str, str], findings: Findings) -> None:
    """An answer leads to a step, to one of the two ends, or to another file; not to what is only to be read."""
    names = {step.anchor for step in steps} | {ESCALATE, CLOSE}
    shown = {f"#{anchors.get(name, name)}" for name in names}
    for step in steps:
        for target, line in _jumps(step):
            if target in {"meaning", "signification", "impact", "steps", "étapes", "etapes"} - names:
                findings.add(line, f"'#{target}' is not a step.", did_you_mean(target, shown))


def check_order(steps: Sequence[Step], findings: Findings) -> None:
    """A procedure only goes forward, and each step can be reached."""
    positions = {step.anchor: number for number, step in enumerate(steps) if step.anchor not in {ESCALATE, CLOSE}}
    reached = {0}
    for number, step in enumerate(steps):
        jumps = _jumps(step)
        if any(not _is_known(target, positions) for target, _ in jumps):
            reached |= set(range(len(steps)))  # a link that leads nowhere may be the one that is missing
        forward = {positions[target] for target, _ in jumps if target in positions}
        for target, line in jumps:
            if positions.get(target, number + 1) <= number:
                own = findings.path.rsplit("/", 1)[-1]
                remedy = f"A procedure only goes forward; to start again, link to '{own}'."
                findings.add(line, f"'#{target}' goes back.", remedy)
        if number not in reached:
            remedy = f"Link to '#{step.anchor}' from the question before it, or delete the step."
            findings.add(step.line, f"no way leads to the step '{step.title}'.", remedy)
            reached.add(number)
        reached |= forward if step.choices else {number + 1} | forward


def _jumps(step: Step) -> list[tuple[str, int]]:
    """Where a step may lead besides the next one, each with its line."""
    failure = [(step.action.on_failure, step.action.line)] if step.action else []
    return [(choice.target, choice.line) for choice in step.choices] + failure


def _is_known(target: str, positions: Mapping[str, int]) -> bool:
    return target in positions or target in {ESCALATE, CLOSE} or target.endswith(".md")
