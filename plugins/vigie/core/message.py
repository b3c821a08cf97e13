"""What is said, and to whom: the desk's outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

Channel = Literal["slack", "mail", "procedure"]
Purpose = Literal["page", "update", "note", "resolved", "message", "procedure"]
Delivery = Literal["queued", "claimed", "sent", "maybe_sent", "failed", "bounced", "held"]
Obstacle = Literal["credential", "away", "recipient", "wall", "unknown", "error"]
"""Why a message does not go out: our *credential* is refused; the server is *away* (unreachable, busy, limiting us); it
refuses this *recipient* for good; our *wall* between clients holds it; it is *unknown* whether it arrived; an *error* of ours.
"""


class Message(BaseModel):
    """One message in every form: subject and text, HTML for mail, mrkdwn for Slack."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str
    text: str
    html: str = ""
    slack: str = ""


class Button(BaseModel):
    """Something to press under a message: a link where ``url`` is set, else an action with a value.

    Those of one ``row`` stand beside each other, and a row keeps its place whatever the others hold: what is dangerous
    has a row of its own, so that it never comes to stand where another button was a moment ago. With ``only_words``
    it is nothing to press, and says something in the place of a button that is gone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    action: str
    value: str = ""
    url: str = ""
    style: Literal["", "primary", "danger"] = ""
    row: int = 0
    only_words: bool = False


class Outbound(BaseModel):
    """A message in the outbox. ``key`` is single for ever and travels with the message.

    ``recipient`` is a Slack channel or user, a mail address, or the dag_id of a procedure.
    ``reply_to`` is the key of the message whose thread this one belongs to; ``edits`` the key of the message
    that this one replaces in place. ``ref`` is the other side's name for it (Slack's ``channel:ts``,
    a Message-ID, a run id). ``variables`` is the conf of a procedure's run, and what a letter says of its incident (``tasks/all_clear.py``). A mail that was sent may be *bounced* later.
    One that is *held* goes out when a second person releases it; who wrote it is ``variables["by"]``, who released it
    ``variables["released_by"]``.
    ``reason`` says in a sentence why a message is not sent; ``obstacle`` is the kind of it, since ``obstacle_since``
    (UTC), until it is sent or, where it never will be, until the platform has been notified.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    incident: str | None
    client: str
    channel: Channel
    purpose: Purpose
    recipient: str
    message: Message
    buttons: tuple[Button, ...] = ()
    mentions: tuple[str, ...] = ()
    reply_to: str | None = None
    edits: str | None = None
    broadcast: bool = False
    variables: dict[str, JsonValue] = {}
    status: Delivery = "queued"
    attempts: int = 0
    next_action_at: datetime | None = None
    claimed_at: datetime | None = None
    ref: str | None = None
    repeated: bool = False
    reason: str = ""
    obstacle: Obstacle | None = None
    obstacle_since: datetime | None = None
