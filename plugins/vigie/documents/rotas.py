"""The people of the team and their escalation policies, read from every file of ``include/rota/``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from vigie.core.client import EscalationPolicy, EscalationStep, LastResort, Person, Rota, some_time
from vigie.core.errors import InvalidDocument, Problem
from vigie.documents.findings import Findings, did_you_mean, line_of
from vigie.documents.strict_yaml import Written, read_yaml
from vigie.documents.tables import is_address
from vigie.documents.text_file import read_text

_FIELDS = ("people", "policies", "platform_channel")
_SLACK_USER = re.compile(r"[UW][A-Z0-9_]{1,40}", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}", re.ASCII)

FOLDER = "include/rota"
_CHANNEL = "platform"
"""The platform's channel of a rota that does not say it."""


class Reading(NamedTuple):
    """What can be read of a rota, and what is wrong with its files."""

    rota: Rota
    problems: tuple[Problem, ...]


def read_rota(files: Mapping[str, bytes]) -> Rota:
    """Read the rota from its files (path to content), which together make one. Raises InvalidDocument."""
    reading = readable_rota(files)
    if reading.problems:
        raise InvalidDocument(*reading.problems)
    return reading.rota


def readable_rota(files: Mapping[str, bytes]) -> Reading:
    """The same, as far as the files can be read: with problems it is not whole."""
    people: dict[str, Person | None] = {}
    policies: dict[str, EscalationPolicy] = {}
    channels: list[str] = []
    problems: list[Problem] = []
    read: list[tuple[Findings, Written]] = []
    for path, data in files.items():
        findings = Findings(path)
        try:
            written = read_yaml(read_text(data, findings), findings)
            findings.raise_any()
        except InvalidDocument as invalid:
            problems.extend(invalid.problems)
            continue
        if written is None or not isinstance(written.value, dict):
            findings.add(1, "the file is not a list of fields.", "Write 'people:', 'policies:' or 'platform_channel:'.")
        else:
            read.append((findings, written))
            _people(written, people, findings)
            _channel(written, channels, findings)
    for findings, written in read:  # a policy may call people of another file
        _policies(written, people, policies, findings)
    for findings, _ in read:
        problems.extend(findings.problems)
    if not channels and not problems:
        remedy = "Add a line 'platform_channel: …' to one of its files."
        problems.append(Problem(path=FOLDER, line=None, message="'platform_channel' is missing.", remedy=remedy))
    rota = Rota(
        people={name: person for name, person in people.items() if person},
        policies=policies,
        platform_channel=channels[0] if channels else _CHANNEL,
        unreadable=bool(problems),
    )
    return Reading(rota, tuple(problems))


def _section(written: Written, name: str, findings: Findings) -> dict[str, Any]:
    section = written.value.get(name, {})
    if isinstance(section, dict):
        return section
    findings.add(line_of(written.lines, (name,)), f"{name}: write one field for each of them.")
    return {}


def _people(written: Written, people: dict[str, Person | None], findings: Findings) -> None:
    for name in written.value:
        if name not in _FIELDS:
            findings.add(line_of(written.lines, (name,)), f"unknown field '{name}'.", did_you_mean(name, _FIELDS))
    for name, values in _section(written, "people", findings).items():
        at = ("people", name)
        line = line_of(written.lines, at)
        if not _NAME.fullmatch(name):
            findings.add(line, f"'{name}' cannot name a person.", "Use small letters, digits, '-', '_' and '.'.")
        if name in people:
            findings.add(line, f"'{name}' stands in two files of the rota.", "Keep one.")
        person = people[name] = findings.model(Person, values, written.lines, at, id=name)
        if person is None:
            continue
        if not is_address(person.email):
            line = line_of(written.lines, (*at, "email"))
            findings.add(
                line, f"{name}: '{person.email}' is not a mail address.", "Write one address, as 'a@b.example'."
            )
        if person.slack is not None and not _SLACK_USER.fullmatch(person.slack):
            line = line_of(written.lines, (*at, "slack"))
            findings.add(line, f"{name}: '{person.slack}' is not a Slack user.", "Write the member ID, as 'U012AB3CD'.")
        _alone(name, person, people, written, findings)


def _alone(
    name: str, person: Person, people: Mapping[str, Person | None], written: Written, findings: Findings
) -> None:
    """Two people are two: a call to one that reaches the other is answered in the wrong name."""
    for other in people.values():
        if other is None or other.id == name:
            continue
        if other.email.casefold() == person.email.casefold():
            line = line_of(written.lines, ("people", name, "email"))
            findings.add(
                line,
                f"{name}: '{person.email}' is the address of {other.id} too.",
                "Give each person one of their own.",
            )
        if person.slack is not None and other.slack == person.slack:
            line = line_of(written.lines, ("people", name, "slack"))
            findings.add(
                line,
                f"{name}: '{person.slack}' is the Slack user of {other.id} too.",
                "Write each person's own member ID.",
            )


def _channel(written: Written, channels: list[str], findings: Findings) -> None:
    channel = written.value.get("platform_channel")
    if channel is None:
        return
    line = line_of(written.lines, ("platform_channel",))
    if not isinstance(channel, str) or not channel:
        findings.add(line, "platform_channel: write the name of a Slack channel.")
    elif channels:
        findings.add(line, "'platform_channel' stands in two files of the rota.", "Keep one.")
    else:
        channels.append(channel)


def _policies(
    written: Written, people: dict[str, Person | None], policies: dict[str, EscalationPolicy], findings: Findings
) -> None:
    for name, values in _section(written, "policies", findings).items():
        at = ("policies", name)
        line = line_of(written.lines, at)
        if name in policies:
            findings.add(line, f"'{name}' stands in two files of the rota.", "Keep one.")
        steps = values.get("steps", []) if isinstance(values, dict) else []
        if not isinstance(steps, list) or not steps:
            findings.add(
                line, f"{name}: the policy has no steps.", "Write 'steps:' and a list of {page: […], delay: …}."
            )
            continue
        read = [_step(step, written, (*at, "steps", number), people, findings) for number, step in enumerate(steps)]
        known = [step for step in read if step is not None]
        if known and not any(person in people for step in known for person in step.page):
            findings.add(line, f"{name}: nobody can be reached by this policy.", "Name somebody of 'people:' in it.")
        given = {"id": name, "steps": known or [_NOBODY], "last_resort": LastResort()}
        if "last_resort" in values:
            given["last_resort"] = _last_resort(values["last_resort"], written, at, people, findings) or LastResort()
        others = {field: value for field, value in values.items() if field not in {"steps", "last_resort"}}
        policy = findings.model(EscalationPolicy, others, written.lines, at, **given)
        if policy is not None:
            policies[name] = policy


def _last_resort(
    values: Any, written: Written, at: tuple[str | int, ...], people: dict[str, Person | None], findings: Findings
) -> LastResort | None:
    place = (*at, "last_resort")
    named = values.get("page") if isinstance(values, dict) else None
    for number, name in enumerate(named if isinstance(named, list) else ()):
        if isinstance(name, str) and name not in people:
            line = line_of(written.lines, (*place, "page", number))
            findings.add(line, f"last_resort.page: nobody is called '{name}'.", did_you_mean(name, people))
    return findings.model(LastResort, values, written.lines, place)


_NOBODY = EscalationStep(page=("nobody",), delay="1 min")
"""Stands for steps that could not be read, so that the rest of their policy is checked all the same."""


def _step(
    values: Any, written: Written, at: tuple[str | int, ...], people: dict[str, Person | None], findings: Findings
) -> EscalationStep | None:
    step = findings.model(EscalationStep, values, written.lines, at)
    for number, name in enumerate(step.page if step else ()):
        if name not in people:
            line = line_of(written.lines, (*at, "page", number))
            findings.add(line, f"page: nobody is called '{name}'.", did_you_mean(name, people))
    if step is not None:
        _check_step(step, written, at, findings)
    return step


def _check_step(step: EscalationStep, written: Written, at: tuple[str | int, ...], findings: Findings) -> None:
    """What calls people all the same, and not as it is meant."""
    try:
        some_time(step.delay)
    except ValueError as too_short:
        findings.add(line_of(written.lines, (*at, "delay")), f"delay: {too_short}.")
    for number, name in enumerate(step.page):
        if name in step.page[:number]:
            line = line_of(written.lines, (*at, "page", number))
            findings.add(line, f"page: '{name}' stands twice; a step calls everybody in it once.")
