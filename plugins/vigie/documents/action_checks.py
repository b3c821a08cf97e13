"""What is wrong with an automatic step before anybody runs it."""

from __future__ import annotations

import re

from vigie.core.action import ACTIONS, CHANNEL, ActionKind
from vigie.core.procedure import SHARED, Action
from vigie.core.ssh_command import unfit
from vigie.documents.findings import Findings, did_you_mean
from vigie.documents.procedure_checks import Surroundings

_FACT = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_VALUE_OF_QUERY = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)", re.ASCII)


def check_action(action: Action, around: Surroundings, findings: Findings) -> None:
    """The action is a registered one, its parameters are its own, and what they name is there."""
    kind = ACTIONS.get(action.name)
    if kind is None:
        remedy = did_you_mean(action.name, ACTIONS)
        findings.add(action.line, f"no action '{action.name}'.", f"{remedy} A plain block has no word after its ```.")
        return
    before = len(findings.problems)
    for name in action.parameters:
        if name not in kind.parameters and not kind.others:
            findings.add(
                action.line, f"{action.name}: unknown parameter '{name}'.", did_you_mean(name, kind.parameters)
            )
    for name, of in kind.parameters.items():
        if name in kind.required and name not in action.parameters:
            findings.add(action.line, f"{action.name}: '{name}' is missing.", f"Add a line '{name}: …' ({of.meaning}).")
    _check_facts(action, kind, findings)
    if len(findings.problems) == before:
        _check_values(action, kind, findings)
    for name, of in kind.parameters.items():
        if name in action.parameters and "{{" not in action.parameters[name]:
            _check_name(action, name, of.names, around, findings)
    if action.name == "send":
        _check_template(action, around, findings)


def _check_facts(action: Action, kind: ActionKind, findings: Findings) -> None:
    for name, value in action.parameters.items():
        form = kind.form_of(name)
        if "{{" in value and not form:
            remedy = "Write ':name' in it, and a line 'name: {{ … }}'." if name == "query" else "Write it out."
            findings.add(action.line, f"{action.name}: no fact may stand in '{name}'.", remedy)
        if form == "shell" and (fault := unfit(value)):
            findings.add(action.line, f"{action.name}: {fault.message}", fault.remedy)


def _check_values(action: Action, kind: ActionKind, findings: Findings) -> None:
    """The values fit the types; a fact counts as the digit 0."""
    values = {name: _FACT.sub("0", value) for name, value in action.parameters.items()}
    own = {name: value for name, value in values.items() if name in kind.parameters}
    others = {kind.others: {name: value for name, value in values.items() if name not in own}} if kind.others else {}
    inner = Findings(findings.path)
    inner.model(kind.model, {**own, **others}, {(): action.line})
    for problem in inner.problems:
        findings.add(problem.line, f"{action.name}: {problem.message}", problem.remedy)
    if action.name == "sql":
        wanted, given = set(_VALUE_OF_QUERY.findall(values["query"])), set(others["values"])
        for name in sorted(wanted - given):
            findings.add(action.line, f"sql: the query's ':{name}' has no value.", f"Add a line '{name}: …'.")
        for name in sorted(given - wanted):
            remedy = did_you_mean(name, {*kind.parameters, *wanted})
            findings.add(action.line, f"sql: the query has no ':{name}', and it is no parameter.", remedy)


def _check_name(action: Action, name: str, names: str, around: Surroundings, findings: Findings) -> None:
    value = action.parameters[name]
    message = f"{action.name}: "
    match names:
        case "connection" | "dag" | "watch" if around.client == SHARED:
            message += f"'{name}' belongs to one client, and every client may use this procedure."
            findings.add(action.line, message, "Write it into a procedure of the client.")
        case "connection" if around.is_readable and value not in around.connections:
            remedy = did_you_mean(
                value, around.connections, f"Write it under 'connections:' of {around.client}'s client.yaml."
            )
            findings.add(action.line, f"{message}'{value}' is not a connection of {around.client}.", remedy)
        case "contact" if around.is_readable and value not in {*dict(around.contacts), CHANNEL}:
            remedy = did_you_mean(value, [*dict(around.contacts), CHANNEL])
            findings.add(action.line, f"{message}'{value}' is not a contact of {around.client}.", remedy)
        case "template" if value not in (known := {each for each, _ in around.templates}):
            findings.add(action.line, f"{message}no template '{value}'.", did_you_mean(value, known))
        case "procedure" if value not in around.procedures:
            remedy = did_you_mean(value, around.procedures)
            findings.add(action.line, f"{message}no procedure '{value}' for {around.client}.", remedy)
        case "dag" if not value.startswith(f"{around.client}."):
            remedy = f"A DAG of the client is called '{around.client}.…'."
            findings.add(action.line, f"{message}'{value}' is not a DAG of {around.client}.", remedy)
        case "watch" if value.count(".") != 1:
            findings.add(action.line, f"{message}'{value}' is not a watch.", "Write '<flux>.<watch>'.")


def _check_template(action: Action, around: Surroundings, findings: Findings) -> None:
    template, to = action.parameters.get("template"), action.parameters.get("to")
    languages = {language for name, language in around.templates if name == template}
    wanted = dict(around.contacts).get(to or "", around.language)
    if languages and wanted and not languages & {"", wanted}:
        remedy = f"Write '{template}.{wanted}.md.j2' beside it."
        findings.add(
            action.line, f"{action.name}: the template '{template}' is not there in '{wanted}' for '{to}'.", remedy
        )
