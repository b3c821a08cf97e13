"""What a rule asks of one field of a mail, and what it finds there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from vigie.core.pattern import Found
from vigie.core.plain_word import Says, look_for

_WHOLE = "="
_ADDRESSES = frozenset({"sender", "recipient"})


Condition = tuple[str, str, tuple[str, ...], Says]
"""A field by its name, the pattern asked of it, its values in the mail, and what the pattern looks for.

The last decides how a plain word is read. A plain tuple: hundreds are made for each mail.
"""


class Answer(NamedTuple):
    """The named groups of all patterns, None where one found nothing; and a sentence on what was found or missed."""

    groups: dict[str, str] | None
    said: str


def address(field: str, written: str, values: tuple[str, ...]) -> Condition:
    """An address, compared whole, or by its domain where it begins with ``@``."""
    return (field, _WHOLE + written.lower(), values, "anything")


def asked(conditions: Iterable[Condition], *, ignore_case: bool) -> Answer:
    """Ask all of them; the first that finds nothing ends it."""
    groups: dict[str, str] = {}
    said = []
    for field, pattern, values, says in conditions:
        if pattern.startswith(_WHOLE) and field in _ADDRESSES:
            wanted = pattern[1:]
            if not any(is_address(wanted, value) for value in values):
                return Answer(None, f"its {field} is {', '.join(values)[:100] or 'nobody'}, not {wanted}")
            continue
        taken = ""
        for value in values:
            found = look_for(pattern, value, says, ignore_case=ignore_case)
            if isinstance(found, Found):
                groups |= found.groups
                said.append(f"{field} '{pattern}' found {found.text[:80]!r}")
                break
            taken = taken or (found.why if found else "")
        else:
            if taken:
                return Answer(None, f"{field} '{pattern}' found only {taken}")
            shown = _within(values[0]) if values and field != "body" else ""
            return Answer(None, f"{field} '{pattern}' found nothing{shown}")
    return Answer(groups, "; ".join(said))


@lru_cache(maxsize=8)  # hundreds of rules ask the same subject
def _within(value: str) -> str:
    return f" in {value[:80]!r}"


def is_address(wanted: str, value: str) -> bool:
    """Whether an address is the wanted one, or of the wanted domain."""
    return value.endswith(wanted) if wanted.startswith("@") else value == wanted
