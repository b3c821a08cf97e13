"""The story of an incident: its entries as lines that people read, the newest first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from vigie.core.entry import Entry
from vigie.web.lexicon import Lexicon

_HAPPENED = {
    "anomaly.trigger": "Seen: {}",
    "anomaly.update": "Changed: {}",
    "anomaly.resolve": "Seen: {}",
    "incident.opened": "Opened",
    "incident.acknowledged": "Taken",
    "incident.resolved": "Resolved",
    "incident.reopened": "Reopened",
    "incident.escalated": "Handed on to the next people",
    "procedure.step_opened": "Asked: {}",
    "procedure.step_first_answer": "First of two: {}",
    "procedure.step_refused": "Not taken: {}",
    "procedure.step_escalated": "Step: {}",
    "procedure.action_begun": "Begun: {}",
    "procedure.action_done": "Done: {}",
    "procedure.action_failed": "Failed: {}",
    "procedure.sent": "Opened the procedure in Airflow",
    "message.held": "Held back: {}",
    "message.released": "Released: {}",
}
"""What the entries say whose text is only a title."""

_SENT = re.compile(r"(\w+) to (\S+) by (slack|mail)(.*)", re.DOTALL)
_PAGE = re.compile(r"(page \d+): (.+)")
_TWICE = re.compile("acknowledged by |resolved$")
"""Decisions of the desk that only follow from what somebody did, who has a line of his own."""

_SLACK_ID = re.compile("[CDGU][A-Z0-9_]+")


class Line(NamedTuple):
    """One line: what happened, who did it, when (the last time), and how many times in a row."""

    text: str
    actor: str
    at: datetime
    times: int


def story(entries: Iterable[Entry], words: Lexicon) -> list[Line]:
    """The lines of the entries, which are in the order of time; neighbours that say the same are one line."""
    lines: list[Line] = []
    for entry in entries:
        if entry.kind == "desk.decided" and _TWICE.match(entry.text):
            continue
        line = Line(_happening(entry, words), words.actor(entry.actor), entry.at, 1)
        if lines and lines[-1][:2] == line[:2]:
            line = line._replace(times=lines.pop().times + 1)
        lines.append(line)
    return lines[::-1]


def _happening(entry: Entry, words: Lexicon) -> str:
    told = _HAPPENED.get(entry.kind, "{}").replace("{}", entry.text)
    if entry.kind.endswith(".sent") and (sent := _SENT.fullmatch(told)):
        what, to, channel, more = sent.groups()
        what = "all clear" if what == "resolved" else what
        told = (
            f"{what} in {place(to)}{more}" if channel == "slack" else f"{what} to {words.addressee(to)} by mail{more}"
        )
    elif entry.kind == "desk.decided" and (paged := _PAGE.fullmatch(told)):
        told = f"{paged[1]}: {', '.join(words.actor(person) for person in paged[2].split(', '))}"
    told = told[:1].upper() + told[1:]
    why = entry.data.get("why")
    told = f"{told}: {why}" if isinstance(why, str) and why else told
    via = entry.data.get("via")
    return f"{told} ({'Slack' if via == 'slack' else via})" if isinstance(via, str) and via else told


def place(channel: str) -> str:
    """A Slack channel as people know it; an id of Slack's stays as it is."""
    return channel if _SLACK_ID.fullmatch(channel) else f"#{channel.removeprefix('#')}"
