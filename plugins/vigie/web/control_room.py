"""What the pages work with: the logbook, the authors' documents, Slack's secret, a clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from vigie.core.client import Person
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.web.airflow_answer import AirflowAnswer
from vigie.web.lexicon import Lexicon


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class ControlRoom:
    """Everything is asked for when it is needed, so that a page can say what is away instead of not being there.

    ``logbook``, ``signing_secret`` and ``slack_host`` read the vault: they raise TransportError where it is away.
    ``answer_in_airflow`` makes an answer to a procedure's step Airflow's own; ``open_in_slack`` shows a form to whom
    Slack gave this trigger, and raises TransportError where it does not. ``secret_key`` signs the pages' forms; ``public_url`` is the address under which people reach Airflow.
    """

    logbook: Callable[[], Logbook]
    library: Callable[[], Library]
    signing_secret: Callable[[], str]
    slack_host: Callable[[], str]
    secret_key: Callable[[], str] = field(repr=False)
    public_url: Callable[[], str]
    answer_in_airflow: AirflowAnswer
    open_in_slack: Callable[[str, Mapping[str, Any]], None]
    now: Callable[[], datetime] = utc_now

    def lexicon(self) -> Lexicon:
        """How clients, people and times are told; for one request."""
        return Lexicon(self.library())

    def person_of_slack(self, slack_id: str) -> Person | None:
        """Whose Slack account it is, by the rota."""
        people = self.lexicon().people.values()
        return next((person for person in people if person.slack == slack_id), None)


def room_of(request: Request) -> ControlRoom:
    """The control room of the app that answers this request."""
    room: ControlRoom = request.app.state.control_room
    return room


RoomDep = Annotated[ControlRoom, Depends(room_of)]
