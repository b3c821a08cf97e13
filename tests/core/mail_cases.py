"""Small mails with the verdict that is right of each: what a folder of cases says, and how it is asked.

A case is one mail, ``NAME.eml``, or a KO and the OK that ends it, ``NAME-a-ko.eml`` and ``NAME-b-ok.eml``, and a
``NAME.txt`` of fields, a field a line and its continuation indented: ``right`` (the verdict, see `Case.problem`),
``rule`` (a ``KoMail(…)`` as an author writes it), ``group`` and ``why``.
"""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from vigie.core.explanation import explain
from vigie.core.mail import Mail, parse_mail
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch

NOW = datetime(2026, 11, 23, 4, 42, tzinfo=UTC)

_FIELD = re.compile(r"^(\w+):[ \t]*(.*(?:\n[ \t]+.*)*)", re.MULTILINE)


class Case(NamedTuple):
    """One case. ``right`` is a verdict of `explain`, ``not ok``, or a sentence that begins with ``the OK ends``."""

    name: str
    mails: tuple[bytes, ...]
    right: str
    rule: dict[str, Any]
    why: str

    def problem(self) -> str | None:
        """What is wrong with today's verdict; None where it is right."""
        watch = ko_mail(**self.rule)
        read = [parse_mail(raw, received_at=NOW) for raw in self.mails]
        told = [explain([watch], mail) for mail in read]
        seen = ", then ".join(f"{each.verdict} ({'; '.join(each.reasons)})" for each in told)
        if self.right.startswith("the OK ends"):
            right = [each.verdict for each in told] == ["ko", "ok"] and len({each.dedup_key for each in told}) == 1
        elif self.right == "not ok":
            right = told[0].verdict != "ok"
        else:
            right = told[0].verdict == self.right
        return None if right else f"{self.name}: right is {self.right}, but it is {seen}. {self.why}"


def ko_mail(**rule: Any) -> MailWatch:
    """A watch of the client acme, with a rule as an author writes it."""
    respond = Respond(severity="critical", template="mail_ko")
    return MailWatch(client="acme", flux="jobs", task_id="ko", mailbox="m", respond=respond, **rule)


def read_mail(written: str | bytes) -> Mail:
    """The mail of these bytes."""
    return parse_mail(written if isinstance(written, bytes) else written.encode(), received_at=NOW)


def cases(folder: Path) -> list[Case]:
    """The cases of a folder, by their numbers."""
    return sorted((_case(path) for path in folder.glob("*.txt")), key=lambda case: int(case.name.partition("-")[0]))


def _case(path: Path) -> Case:
    told = {name: " ".join(value.split()) for name, value in _FIELD.findall(path.read_text(encoding="utf-8"))}
    alone = path.with_suffix(".eml")
    mails = [alone] if alone.exists() else sorted(path.parent.glob(f"{path.stem}-?-*.eml"))
    return Case(path.stem, tuple(each.read_bytes() for each in mails), told["right"], _rule(told["rule"]), told["why"])


def _rule(written: str) -> dict[str, Any]:
    """The words of a ``KoMail(…)``; what stands behind its bracket is a remark."""
    for end in (found.end() for found in re.finditer(r"\)", written)):
        try:
            call = ast.parse(written[:end], mode="eval").body
        except SyntaxError:
            continue
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "KoMail":
            return {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    raise ValueError(f"no KoMail(…) stands in {written!r}")
