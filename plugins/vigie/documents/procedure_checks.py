"""What a procedure refers to, and whether its steps lead anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vigie.core.action import ACTIONS, CHANNEL
from vigie.core.procedure import CLOSE, ESCALATE, Action, Step
from vigie.documents.findings import Findings, did_you_mean
from vigie.documents.outline import Link, Section, links

_FILE = re.compile(r"(?:\.\./_shared/|\./)?([a-z0-9][a-z0-9_-]*)\.md")


@dataclass(frozen=True)
class Surroundings:
    """What a procedure of this client may refer to.

    ``templates`` are pairs of a name and a language (empty: for every language), ``contacts`` pairs of a name and
    the language in which it is written to, ``language`` the client's first one.
    """

    client: str
    procedures: frozenset[str] = frozenset()
    templates: frozenset[tuple[str, str]] = frozenset()
    contacts: frozenset[tuple[str, str]] = frozenset()
    language: str = ""


def check_links(
    found: Sequence[Section],
    anchors: dict[str, str],
    first: int,
    around: Surroundings,
    findings: Findings,
) -> None:
    """Every link leads somewhere. ``anchors`` gives the anchors that this page has for the two ends."""
    names = {section.anchor for section in found if section.level in {2, 3}} | set(anchors.values())
    for section in found:
        for block in section.blocks:
            for link in links(block.tokens):
                _check_link(link, first + link.line, names, anchors, around, findings)


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
        for choice in step.choices:
            if choice.target in {"meaning", "signification", "impact", "steps", "étapes", "etapes"} - names:
                findings.add(choice.line, f"'#{choice.target}' is not a step.", did_you_mean(choice.target, shown))


def check_order(steps: Sequence[Step], findings: Findings) -> None:
    """A procedure only goes forward, and each step can be reached."""
    positions = {step.anchor: number for number, step in enumerate(steps) if step.anchor not in {ESCALATE, CLOSE}}
    reached = {0}
    for number, step in enumerate(steps):
        if any(not _is_known(choice.target, positions) for choice in step.choices):
            reached |= set(range(len(steps)))  # a link that leads nowhere may be the one that is missing
        forward = {positions[choice.target] for choice in step.choices if choice.target in positions}
        for choice in step.choices:
            if positions.get(choice.target, number + 1) <= number:
                own = findings.path.rsplit("/", 1)[-1]
                remedy = f"A procedure only goes forward; to start again, link to '{own}'."
                findings.add(choice.line, f"'#{choice.target}' goes back.", remedy)
        if number not in reached:
            remedy = f"Link to '#{step.anchor}' from the question before it, or delete the step."
            findings.add(step.line, f"no way leads to the step '{step.title}'.", remedy)
            reached.add(number)
        reached |= forward if step.choices else {number + 1}


def _is_known(target: str, positions: Mapping[str, int]) -> bool:
    return target in positions or target in {ESCALATE, CLOSE} or target.endswith(".md")


def check_action(action: Action, around: Surroundings, findings: Findings) -> None:
    """The action is a registered one, its parameters are its own, and what they name is there."""
    kind = ACTIONS.get(action.name)
    if kind is None:
        remedy = did_you_mean(action.name, ACTIONS)
        findings.add(action.line, f"no action '{action.name}'.", f"{remedy} A plain block has no word after its ```.")
        return
    for name in action.parameters:
        if name not in kind.parameters and not kind.others:
            findings.add(
                action.line, f"{action.name}: unknown parameter '{name}'.", did_you_mean(name, kind.parameters)
            )
    for name, of in kind.parameters.items():
        if name in kind.required and name not in action.parameters:
            findings.add(action.line, f"{action.name}: '{name}' is missing.", f"Add a line '{name}: …' ({of.meaning}).")
    if action.name == "send":
        _check_recipient(action, around, findings)


def _check_recipient(action: Action, around: Surroundings, findings: Findings) -> None:
    template, to = action.parameters.get("template"), action.parameters.get("to")
    contacts = dict(around.contacts)
    if to is not None and to not in {*contacts, CHANNEL}:
        message = f"{action.name}: '{to}' is not a contact of {around.client}."
        findings.add(action.line, message, did_you_mean(to, [*contacts, CHANNEL]))
    if template is None:
        return
    languages = {language for name, language in around.templates if name == template}
    wanted = contacts.get(to or "", around.language)
    if not languages:
        known = {name for name, _ in around.templates}
        findings.add(action.line, f"{action.name}: no template '{template}'.", did_you_mean(template, known))
    elif wanted and not languages & {"", wanted}:
        remedy = f"Write '{template}.{wanted}.md.j2' beside it."
        findings.add(
            action.line, f"{action.name}: the template '{template}' is not there in '{wanted}' for '{to}'.", remedy
        )
