"""What a rule asks of one field of a mail, and what it finds there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vigie.core.pattern import Found
from vigie.core.plain_word import Says, TakenBack, look_for

_WHOLE = "="


class Condition(NamedTuple):
    """A field by its name, the pattern asked of it (None asks nothing), and its values in the mail.

    ``says`` is what the pattern looks for; it decides how a plain word is read.
    """

    field: str
    pattern: str | None
    values: tuple[str, ...]
    says: Says = "anything"


class Answer(NamedTuple):
    """The named groups of all patterns, None where one found nothing; and a sentence on what was found or missed."""

    groups: dict[str, str] | None
    said: str


def address(field: str, written: str | None, values: tuple[str, ...]) -> Condition:
    """An address, compared whole, or by its domain where it begins with ``@``."""
    return Condition(field, None if written is None else _WHOLE + written.lower(), values)


def asked(conditions: Sequence[Condition], *, ignore_case: bool) -> Answer:
    """Ask all of them; the first that finds nothing ends it."""
    groups: dict[str, str] = {}
    said = []
    for each in conditions:
        if each.pattern is None:
            continue
        if each.pattern.startswith(_WHOLE) and each.field in {"sender", "recipient"}:
            wanted = each.pattern[1:]
            if not any(is_address(wanted, value) for value in each.values):
                return Answer(None, f"its {each.field} is {', '.join(each.values)[:100] or 'nobody'}, not {wanted}")
            continue
        found = _found(each, ignore_case=ignore_case)
        if not isinstance(found, Found):
            return Answer(None, _missed(each, found))
        groups |= found.groups
        said.append(f"{each.field} '{each.pattern}' found {found.text[:80]!r}")
    return Answer(groups, "; ".join(said))


def is_address(wanted: str, value: str) -> bool:
    """Whether an address is the wanted one, or of the wanted domain."""
    return value.endswith(wanted) if wanted.startswith("@") else value == wanted


def _found(condition: Condition, *, ignore_case: bool) -> Found | TakenBack | None:
    taken: TakenBack | None = None
    for value in condition.values:
        found = look_for(condition.pattern or "", value, condition.says, ignore_case=ignore_case)
        if isinstance(found, Found):
            return found
        taken = taken or found
    return taken


def _missed(condition: Condition, taken: TakenBack | None) -> str:
    if taken is not None:
        return f"{condition.field} '{condition.pattern}' found only {taken.why}"
    shown = f" in {condition.values[0][:80]!r}" if condition.values and condition.field != "body" else ""
    return f"{condition.field} '{condition.pattern}' found nothing{shown}"
