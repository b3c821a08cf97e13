"""The mail desk's rules, read from ``include/mail_desk.yaml``."""

from __future__ import annotations

from typing import Any

from vigie.core.mail_desk import Filing, MailDeskRules
from vigie.documents.findings import Findings, line_of
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
    rules = findings.model(MailDeskRules, values, lines, filing=filing)
    findings.raise_any()
    if rules is None:  # cannot be: the problem was raised above
        raise AssertionError(path)
    return rules
