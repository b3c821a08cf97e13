"""A client, the people who may be called for it, and whom it lets us write to."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from vigie.core.duration import Duration
from vigie.core.monitor import Monitor

PLATFORM = "platform"
"""The reserved client of our own troubles: whatever is blind belongs to it."""


_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9_]{2,}", re.ASCII)


def is_channel_id(channel: str) -> bool:
    """Whether it is Slack's own name of a channel (``C012AB3CD``), and not the one that people read (``#night``)."""
    return bool(_CHANNEL_ID.fullmatch(channel.strip()))


def channel_key(channel: str) -> str:
    """A Slack channel in its one spelling: ``#Night`` and ``night`` are one, an id stays an id."""
    channel = channel.strip()
    return channel if is_channel_id(channel) else channel.lstrip("#").casefold()


class Contact(BaseModel):
    """Somebody at the client (or its warehouse, its host…) who may be written to, in one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    email: str
    language: str | None = None


class Client(BaseModel):
    """The company that we watch for.

    ``policy`` names an escalation policy of the rota, ``calendar`` the calendar of a watch that names none;
    ``country`` is where a watch without a table of sites keeps its holidays.
    ``connections`` are those that its procedures may use, each with what it is. ``monitors`` are heard whatever their
    mails look like.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    zone: str
    languages: tuple[str, ...] = Field(min_length=1)
    slack_channel: str
    policy: str
    country: str | None = None
    calendar: str | None = None
    contacts: dict[str, Contact] = {}
    connections: dict[str, str] = {}
    monitors: tuple[Monitor, ...] = ()


class Person(BaseModel):
    """Somebody of ours who can be paged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    email: str
    slack: str | None = None
    language: str = "en"


class EscalationStep(BaseModel):
    """Whom to page, and how long to wait for an answer before the next step (GoAlert's ``delay``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: tuple[str, ...] = Field(min_length=1)
    delay: Duration


class EscalationPolicy(BaseModel):
    """Steps of people and delays, walked ``repeat`` more times while nobody acknowledges."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    steps: tuple[EscalationStep, ...] = Field(min_length=1)
    repeat: int = Field(default=3, ge=0, le=100)


class Rota(BaseModel):
    """The people of the team and the policies by which they are called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: dict[str, Person]
    policies: dict[str, EscalationPolicy]
    platform_channel: str
