"""A client, the people who may be called for it, and whom it lets us write to."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vigie.core.duration import Duration, format_duration
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


PLATFORM_POLICY = "platform_duty"
"""The policy by which the platform's own people are called. Every rota has it."""

A_DAY = timedelta(days=1)
"""No wait of a policy is longer: within a day of any call comes the next one."""

A_MINUTE = timedelta(minutes=1)
A_MOMENT = timedelta(seconds=10)


def _at_most_a_day(wait: timedelta) -> timedelta:
    if wait > A_DAY:
        raise ValueError(f"write at most '24 h' (found '{format_duration(wait)}')")
    return wait


def some_time(wait: timedelta) -> timedelta:
    """The wait, which people can answer within. Raises ValueError for a shorter one."""
    if wait < A_MOMENT:
        raise ValueError(
            f"write at least '10 s' (found '{format_duration(wait)}'): nobody could answer before the next is called"
        )
    return wait


def _at_least_a_minute(wait: timedelta) -> timedelta:
    if wait < A_MINUTE:
        raise ValueError(f"write at least '1 min' (found '{format_duration(wait)}')")
    return wait


Delay = Annotated[Duration, AfterValidator(_at_most_a_day)]
"""How long a call waits for its answer: at most a day. The check refuses one in which nobody could answer (``some_time``)."""

Pause = Annotated[Duration, AfterValidator(_at_most_a_day), AfterValidator(_at_least_a_minute)]
"""What comes again and again for as long as nobody acts: from a minute to a day."""


_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][^\W_]+")


def _a_domain(written: str) -> str:
    if not _DOMAIN.fullmatch(written):
        raise ValueError(f"write the part after the @ of its addresses, as 'acme.example' (found '{written}')")
    return written.lower()


def _an_alias(written: str) -> str:
    if sum(char.isalnum() for char in written) < 2:
        raise ValueError(f"write a name of two letters or more (found '{written}')")
    return written


Alias = Annotated[str, AfterValidator(_an_alias)]
Domain = Annotated[str, AfterValidator(_a_domain)]


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
    mails look like. ``aliases`` are other names that it goes by, ``domains`` those of its mail: whoever is in one may
    be written to, and a message of another client that names either does not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    aliases: tuple[Alias, ...] = ()
    domains: tuple[Domain, ...] = ()
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
    delay: Delay


class LastResort(BaseModel):
    """Whom to call when a policy's own steps are used up, and how often, until somebody takes the incident.

    Without ``page`` everybody of the policy, and everybody of the platform's policy.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: tuple[str, ...] | None = Field(default=None, min_length=1)
    every: Pause = timedelta(minutes=15)


class EscalationPolicy(BaseModel):
    """Steps of people and delays, walked ``repeat`` more times while nobody acknowledges; then the last resort, for ever.

    An incident that somebody took is called for again when nobody worked on it for ``if_unresolved``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    steps: tuple[EscalationStep, ...] = Field(min_length=1)
    repeat: int = Field(default=3, ge=0, le=100)
    last_resort: LastResort = LastResort()
    if_unresolved: Pause = timedelta(minutes=60)

    @property
    def levels(self) -> int:
        """How many calls there are before the last resort."""
        return len(self.steps) * (1 + self.repeat)

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whom its steps call, in their order."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.page))


class Rota(BaseModel):
    """The people of the team and the policies by which they are called.

    ``unreadable`` says that its files cannot be read whole: this is what could be, to call somebody tonight.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: dict[str, Person]
    policies: dict[str, EscalationPolicy]
    platform_channel: str
    unreadable: bool = False
