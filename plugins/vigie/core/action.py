"""The registered actions: what a fenced block of a procedure may name, and the parameters of each.

Never a shell of our own. Each action is data here; ``tasks`` holds what does it. A parameter says in its annotation
what it means, what it names, and how a fact is written into it, so that a file's name in a mail can neither end a
command nor change a query.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

from vigie.core.duration import Duration

CHANNEL = "channel"
"""Where ``to`` names no contact: the client's Slack channel."""

Names = Literal["", "connection", "template", "contact", "procedure", "watch", "dag"]
FactForm = Literal["", "text", "path", "shell", "address", "json"]
"""How a fact is written: not at all, as it is, as a path that stays below its folder, quoted for a shell,
percent-encoded, or as the inside of a JSON text."""


class Of(NamedTuple):
    """What a parameter means, what it names, and how a fact in it is written."""

    meaning: str
    names: Names = ""
    facts: FactForm = ""


Connection = Annotated[str, Of("a connection of the client, from the vault", names="connection")]
Save = Annotated[str | None, Of("the name by which later steps know the result: answers.<name>")]


class Parameters(BaseModel):
    """The parameters of one action, facts filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Send(Parameters):
    """Send a message."""

    template: Annotated[str, Of("the name of a template", names="template")]
    to: Annotated[
        str, Of(f"a contact of the client's client.yaml, or '{CHANNEL}' for its Slack channel", names="contact")
    ]


class Sql(Parameters):
    """Ask a database. ``values`` are the query's ``:names``, each written as a line of its own, and bound, not pasted."""

    connection: Connection
    query: Annotated[str, Of("the query, its values as :names; each gets a line 'name: value'")]
    expect: Annotated[Literal["rows", "no rows"] | None, Of("'rows' or 'no rows'; anything else is a failure")] = None
    save: Save = None
    values: Annotated[dict[str, str], Of("", facts="text")] = {}


class Http(Parameters):
    """Call a web service. ``path`` is appended to the connection's address."""

    connection: Connection
    path: Annotated[str, Of("the path below the connection's address", facts="address")]
    method: Annotated[Literal["GET", "POST", "PUT", "DELETE"], Of("GET, POST, PUT or DELETE; GET if not written")] = (
        "GET"
    )
    body: Annotated[str | None, Of("what is sent, as JSON", facts="json")] = None
    expect: Annotated[int | None, Of("the status that means success; any from 200 to 299 if not written")] = Field(
        default=None, ge=100, le=599
    )
    save: Save = None

    @field_validator("body")
    @classmethod
    def _is_json(cls, body: str | None) -> str | None:
        try:
            json.loads(body or "null")
        except ValueError:
            raise ValueError('this is not JSON; a fact in it stands in quotes, as {"job": "{{ facts.job }}"}') from None
        return body


class Ssh(Parameters):
    """Run one command on a server; it fails where its exit code is not 0."""

    connection: Connection
    command: Annotated[
        str, Of("the command; a fact is one whole word of a simple command, and is quoted", facts="shell")
    ]
    save: Save = None


class Move(Parameters):
    """Move a file on a file server."""

    connection: Connection
    file: Annotated[str, Of("the file's path", facts="path")]
    to: Annotated[str, Of("its new path", facts="path")]


class Copy(Parameters):
    """Copy a file on a file server."""

    connection: Connection
    file: Annotated[str, Of("the file's path", facts="path")]
    to: Annotated[str, Of("the copy's path", facts="path")]


class Resend(Parameters):
    """Drop a file again: it is copied under a name that nobody reads, and then gets its own name, whole."""

    connection: Connection
    file: Annotated[str, Of("the file's path, for example in an archive", facts="path")]
    to: Annotated[str, Of("the folder in which the receiver looks", facts="path")]


class Wait(Parameters):
    """Wait until a check is green: its incident is resolved, or its watch has looked and all is well."""

    at_most: Annotated[Duration, Of("how long; then it has failed")]
    watch: Annotated[str | None, Of("the watch, as '<flux>.<watch>'; the incident's own if not written", "watch")] = (
        None
    )


class Trigger(Parameters):
    """Start a DAG of the client in Airflow. ``conf`` is every other line of the block."""

    dag: Annotated[str, Of("the DAG, as '<client>.<name>'", names="dag")]
    at_most: Annotated[Duration | None, Of("how long its run may take; it is not waited for if not written")] = None
    conf: Annotated[dict[str, str], Of("", facts="text")] = {}


class Acknowledge(Parameters):
    """Acknowledge the incident, in the name of the procedure."""


class Resolve(Parameters):
    """Resolve the incident."""

    note: Annotated[str | None, Of("why, for the logbook", facts="text")] = None


class Open(Parameters):
    """Open another procedure for the same incident, and go on with this one."""

    procedure: Annotated[str, Of("the procedure's name", names="procedure")]


class ActionKind(NamedTuple):
    """A registered action: its parameters, and the parameter that takes all lines whose names are not its own.

    ``goes_on`` says that people go on with the next step when it fails, where ``on_failure`` does not say otherwise;
    else they go to *Escalate*.
    """

    model: type[Parameters]
    others: str = ""
    goes_on: bool = False

    @property
    def purpose(self) -> str:
        """What it does, in one sentence."""
        return (self.model.__doc__ or "").split(".")[0] + "."

    @property
    def parameters(self) -> Mapping[str, Of]:
        """Its parameters, with what each means."""
        return {
            name: next(of for of in field.metadata if isinstance(of, Of))
            for name, field in self.model.model_fields.items()
            if name != self.others
        }

    @property
    def required(self) -> frozenset[str]:
        """The parameters that must be written."""
        return frozenset(name for name, field in self.model.model_fields.items() if field.is_required())

    def form_of(self, parameter: str) -> FactForm:
        """How a fact is written into a parameter; the empty form where none may stand there."""
        name = parameter if parameter in self.model.model_fields and parameter != self.others else self.others
        field = self.model.model_fields.get(name)
        return next((of.facts for of in field.metadata if isinstance(of, Of)), "") if field else ""

    def read(self, written: Mapping[str, str]) -> Parameters:
        """The parameters as values of their types. Raises pydantic's ValidationError."""
        own = {name: value for name, value in written.items() if name in self.parameters}
        others = {name: value for name, value in written.items() if name not in own}
        return self.model.model_validate({**own, self.others: others} if self.others else written)


ACTIONS: Mapping[str, ActionKind] = {
    "send": ActionKind(Send, goes_on=True),
    "sql": ActionKind(Sql, others="values"),
    "http": ActionKind(Http),
    "ssh": ActionKind(Ssh),
    "move": ActionKind(Move),
    "copy": ActionKind(Copy),
    "resend": ActionKind(Resend),
    "wait": ActionKind(Wait),
    "trigger": ActionKind(Trigger, others="conf"),
    "acknowledge": ActionKind(Acknowledge),
    "resolve": ActionKind(Resolve),
    "open": ActionKind(Open),
}

COMMON = {
    "on_failure": "where people go when it fails: '#heading' or '<file>.md'",
}
"""What every block may say beside its action's own parameters; not a parameter of any."""
