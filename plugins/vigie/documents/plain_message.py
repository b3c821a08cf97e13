"""The message that goes out when a template fails: at night, a message with a hole beats no message."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from vigie.core.message import Message
from vigie.documents.facts import clean_text, prepare
from vigie.documents.mrkdwn import literal
from vigie.documents.templates import SUBJECT_LIMIT

_LINES = 60


def plain_message(title: str, facts: Mapping[str, Any], failure: str) -> Message:
    """A message of the title and the facts as a list. ``failure`` says why no template made it; it never fails."""
    subject = " ".join(clean_text(title).split()) or "Incident"
    subject = subject if len(subject) <= SUBJECT_LIMIT else subject[: SUBJECT_LIMIT - 1] + "…"
    lines = [f"{name}: {value}" for name, value in _flat(prepare(facts), "")]
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"… and {len(lines) - _LINES} more"]
    note = f"This is the built-in plain message: {clean_text(failure)}"
    html = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return Message(
        subject=subject,
        text="\n".join([subject, "", *(f"- {line}" for line in lines), "", note]),
        html=f"<p><strong>{escape(subject)}</strong></p><ul>{html}</ul><p>{escape(note)}</p>",
        slack="\n".join([literal(subject), *(f"• {literal(line)}" for line in lines), literal(note)]),
    )


def _flat(value: Any, name: str) -> list[tuple[str, str]]:
    """The facts as lines: a dict's by name, a list of dicts one line each, a list of values in one line."""
    if isinstance(value, dict):
        return [line for key, of in value.items() for line in _flat(of, f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        if any(isinstance(of, dict) for of in value):
            return [(f"{name} {number}", _short(of)) for number, of in enumerate(value, start=1)]
        return [(name, ", ".join(_short(of) for of in value))] if value else []
    return [(name, _short(value))]


def _short(value: Any) -> str:
    text = ", ".join(str(of) for of in value.values()) if isinstance(value, dict) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 300 else text[:299] + "…"
