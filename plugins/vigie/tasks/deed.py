"""One action of a procedure, about to be done: its parameters, its place, its key; and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from airflow.sdk import Connection
from airflow.triggers.base import BaseTrigger
from pydantic import JsonValue

from vigie.core.boundary import connection_refused
from vigie.core.errors import Refused, TransportError
from vigie.tasks import connections
from vigie.tasks.site import library
from vigie.tasks.step_place import StepPlace

SHOWN = 300
"""Characters of a result that the logbook and the thread show."""

SAVED = 2000
"""Characters of a result that later steps may read."""


class Result(NamedTuple):
    """What came of an action. ``text`` is for people; ``value`` for later steps, where the block says ``save``."""

    ok: bool
    text: str
    value: JsonValue = None


class Later(Exception):
    """The action has begun and its end is waited for by this trigger."""

    def __init__(self, trigger: BaseTrigger) -> None:
        super().__init__()
        self.trigger = trigger


class Deed(NamedTuple):
    """An action's place. ``key`` is single for this deed; ``again`` says that an earlier try died while doing it."""

    place: StepPlace
    key: str
    again: bool

    def connection(self, conn_id: str) -> Connection:
        """A connection of the step's client. Raises Refused for anybody else's, TransportError where there is none."""
        refused = connection_refused(conn_id, self.place.client, library().clients().values())
        if refused:
            raise Refused(refused)
        return connections.find(conn_id)

    def must_not_repeat(self, what: str) -> None:
        """Raise TransportError where an earlier try may have done it: nobody knows, so a person must look."""
        if self.again:
            raise TransportError(f"Vigie was interrupted while it did this ({what}); look whether it was done")


def without_secrets(text: str, connection: Connection) -> str:
    """The text without anything of the connection that is secret."""
    extra = connection.extra_dejson if connection.extra else {}
    secrets = [connection.password or "", *_strings(extra)]
    for secret in sorted({each for each in secrets if len(each) > 3}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def shown(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _strings(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [inner for each in value.values() for inner in _strings(each)]
    if isinstance(value, list):
        return [inner for each in value for inner in _strings(each)]
    return [value] if isinstance(value, str) else []
