"""What somebody pressed or sent in Slack (https://docs.slack.dev/reference/interaction-payloads)."""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple, cast, get_args
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, Field, TypeAdapter

from vigie.tasks.step_question import ANSWER, FILL_IN
from vigie.web.slack_form import FORM, TURN_FORM, FormState

Turn = Literal["resolve", "reopen"]
TURNS = frozenset(get_args(Turn))
_STEP = re.compile(r"(STEP-[0-9]{1,18}):([0-9]{1,6}):([0-9]{1,3})", re.ASCII)
_TURN = re.compile(r"(resolve|reopen):(INC-[0-9]{1,18})", re.ASCII)
_FORM = re.compile(r"(STEP-[0-9]{1,18}):([0-9]{1,6})", re.ASCII)
SLACK_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})


class _User(BaseModel):
    id: str = Field(pattern=r"^[A-Z0-9_]{1,50}$")


class _Action(BaseModel):
    action_id: str = Field(max_length=255)
    value: str = Field(default="", max_length=2000)


class StepPress(NamedTuple):
    """An answer under a question: the step's name, how often it had been asked, and the answer's number."""

    step: str
    asked: int
    option: int


class Asked(NamedTuple):
    """A question as somebody saw it: the step's name, and how often it had been asked."""

    step: str
    asked: int


class Press(BaseModel):
    """One press of a button. Whatever else Slack tells is not read."""

    type: Literal["block_actions"]
    user: _User
    actions: list[_Action] = Field(min_length=1, max_length=25)
    response_url: str = Field(default="", max_length=2000)
    trigger_id: str = Field(default="", max_length=500)

    @property
    def forms(self) -> list[Asked]:
        """The steps whose form is wanted."""
        found = [_FORM.fullmatch(action.value) for action in self.actions if action.action_id == FILL_IN]
        return [Asked(each[1], int(each[2])) for each in found if each]

    @property
    def answers(self) -> list[StepPress]:
        """The steps that are answered. A value that is not one of our buttons' is none."""
        found = [_STEP.fullmatch(action.value) for action in self.actions if action.action_id.startswith(f"{ANSWER}:")]
        return [StepPress(each[1], int(each[2]), int(each[3])) for each in found if each]

    @property
    def taken(self) -> list[str]:
        """The incidents that are taken. A button that only opens a link asks for nothing."""
        return [action.value for action in self.actions if action.action_id == "acknowledge"]

    @property
    def turns(self) -> list[tuple[Turn, str]]:
        """The incidents that are to be resolved or reopened, once somebody has said why."""
        pushed = [(action.action_id, action.value) for action in self.actions if action.action_id in TURNS]
        return cast(list[tuple[Turn, str]], pushed)

    @property
    def wanted(self) -> list[str]:
        """The incidents and steps that something is asked for."""
        steps = [*(each.step for each in self.answers), *(each.step for each in self.forms)]
        named = [*self.taken, *(each for _, each in self.turns), *steps]
        return list(dict.fromkeys(named))


class _View(BaseModel):
    callback_id: Literal["vigie_step", "vigie_turn"]
    private_metadata: str = Field(max_length=100)
    state: FormState = FormState()


class FormSent(BaseModel):
    """A form that was filled in and sent."""

    type: Literal["view_submission"]
    user: _User
    view: _View

    @property
    def asked(self) -> Asked | None:
        """The question that it answers; None where it is no step's form."""
        found = _FORM.fullmatch(self.view.private_metadata) if self.view.callback_id == FORM else None
        return Asked(found[1], int(found[2])) if found else None

    @property
    def wanted(self) -> list[str]:
        """The incident or step that it is about."""
        found = self.turn[1] if self.turn else (self.asked.step if self.asked else None)
        return [found] if found else []

    @property
    def turn(self) -> tuple[Turn, str] | None:
        """What is to be done, and to which incident; None where the form is another one."""
        found = _TURN.fullmatch(self.view.private_metadata) if self.view.callback_id == TURN_FORM else None
        return cast(tuple[Turn, str], (found[1], found[2])) if found else None


_READ: TypeAdapter[Press | FormSent] = TypeAdapter(Annotated[Press | FormSent, Field(discriminator="type")])


def read_press(body: bytes) -> Press | FormSent:
    """What is in a request's body, ``payload=<JSON>`` as a form. Raises ValueError for anything else."""
    fields = parse_qs(body.decode("utf-8"), max_num_fields=20)
    payloads = fields.get("payload", [])
    if len(payloads) != 1:
        raise ValueError("the request has no field 'payload', or several")
    return _READ.validate_json(payloads[0])


def may_answer_at(url: str, slack_host: str) -> bool:
    """Whether an answer may be sent there: to Slack itself, or to the host where the connection says that Slack is.

    The address comes with the request; an answer to any other place could reach into our own network.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if host is None or parts.username is not None or parts.password is not None:
        return False
    if parts.scheme == "https" and host in SLACK_HOSTS:
        return True
    return parts.scheme in {"https", "http"} and host == slack_host and not host.endswith("slack.com")
