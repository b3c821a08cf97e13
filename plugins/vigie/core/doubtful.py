"""A doubtful incident: its mail may be a bounce or an automatic answer, and nothing proves it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue


def doubts_in(facts: Mapping[str, JsonValue]) -> list[str]:
    """Why an incident with these facts is doubtful, as sentences; empty where it is not."""
    mail = facts.get("mail")
    doubts = mail.get("doubts") if isinstance(mail, dict) else None
    return [str(each) for each in doubts] if isinstance(doubts, list) else []


def junk_in(facts: Mapping[str, JsonValue]) -> str:
    """The junk folder in which the mail of an incident with these facts lay; empty where it lay in none."""
    mail = facts.get("mail")
    folder = mail.get("junk") if isinstance(mail, dict) else None
    return folder if isinstance(folder, str) else ""


def no_less_certain(known: Mapping[str, JsonValue], new: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The new facts of an incident: one that was certain does not become doubtful by a further mail."""
    mail = new.get("mail")
    if doubts_in(known) or not doubts_in(new) or not isinstance(mail, dict):
        return new
    return {**new, "mail": {name: value for name, value in mail.items() if name != "doubts"}}
