"""The mail desk's rules, read from ``include/mail_desk.yaml``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from vigie.core.errors import Problem
from vigie.core.mail_desk import Filing, MailDeskRules
from vigie.core.mail_filing import Misplaced
from vigie.documents.findings import Findings, did_you_mean, line_of
from vigie.documents.strict_yaml import read_yaml
from vigie.documents.text_file import read_text

FILE = "include/mail_desk.yaml"


def read_mail_desk(path: str, data: bytes) -> MailDeskRules:
    """Read the rules. Raises InvalidDocument."""
    findings = Findings(path)
    written = read_yaml(read_text(data, findings), findings)
    findings.raise_any()
    values: Any = written.value if written is not None else {}
    lines = written.lines if written is not None else {}
    filing: dict[str, Filing] = {}
    if isinstance(values, dict):
        values = dict(values)
        asked = values.pop("filing", {})
        if not isinstance(asked, dict):
            findings.add(line_of(lines, ("filing",)), "filing: write one field for each mailbox.")
            asked = {}
        read = {name: findings.model(Filing, of, lines, ("filing", name)) for name, of in asked.items()}
        filing = {name: one for name, one in read.items() if one is not None}
        for name, one in filing.items():
            if one.claimed is None and one.ignored is None and one.settled is None:
                message = f"{name}: nothing says where its mails go."
                findings.add(
                    line_of(lines, ("filing", name)), message, "Write 'claimed: …', 'ignored: …', 'settled: …'."
                )
        values["filing"] = filing
    rules = findings.model(MailDeskRules, values, lines)
    findings.raise_any()
    if rules is None:  # cannot be: the problem was raised above
        raise AssertionError(path)
    return rules


def misplaced_problems(root: Path, found: Iterable[Misplaced], mailboxes: Collection[str]) -> list[Problem]:
    """What is wrong with the filing, as the fluxes are, with the line of each. ``mailboxes`` are those that are watched."""
    findings = Findings(FILE)
    written = read_yaml(read_text((root / FILE).read_bytes(), findings), findings)
    lines = written.lines if written is not None else {}
    for each in found:
        place = ("filing", each.mailbox) if each.fate is None else ("filing", each.mailbox, each.fate)
        remedy = did_you_mean(each.mailbox, mailboxes) if each.fate is None else "Write another folder."
        findings.add(line_of(lines, place), f"{'.'.join(place)}: {each.reason}.", remedy)
    return findings.problems
