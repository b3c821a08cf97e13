"""An error of ours at which the desk fails again and again: whom it keeps waiting, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

REPEATED = 2
"""A single error may be a passing one; the second is told."""

OVER_AFTER = timedelta(minutes=5)
"""An error that was not seen again for so long is over: whatever fails is tried again within two minutes."""

REMIND_EVERY = timedelta(minutes=30)

NAMED = 20
"""So many of what it keeps waiting are named."""


class DeskError(BaseModel):
    """What the desk fails at: ``what`` is an incident, a step, a message's key or a work of its own.

    ``cause`` says which error it is (its kind and place in the code), ``text`` the last one's words. Instants are UTC;
    ``told_at`` is when the platform was told, last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    cause: str
    text: str
    times: int
    since: datetime
    last_at: datetime
    told_at: datetime | None = None


class ErrorNews(NamedTuple):
    """What has to be told of one cause: that it is there, still there, or over."""

    kind: Literal["new", "reminder", "over"]
    cause: str
    whats: tuple[str, ...]
    subject: str
    text: str


def cause_of(error: BaseException) -> str:
    """Which error it is: its kind, and where in the code it was raised. The same for each that it keeps waiting."""
    trace = error.__traceback__
    if trace is None:
        return type(error).__name__
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return f"{type(error).__name__} in {code.co_name} ({code.co_filename.rpartition('/')[2]}:{trace.tb_lineno})"


def news_of(errors: Iterable[DeskError], now: datetime) -> list[ErrorNews]:
    """What has to be told at ``now`` (UTC): once for each cause, a reminder while it lasts, and that it is over."""
    found = []
    for cause, members in groupby(sorted(errors, key=lambda each: (each.cause, each.since)), lambda each: each.cause):
        all_of_it = list(members)
        alive = [each for each in all_of_it if now - each.last_at < OVER_AFTER]
        told = max((each.told_at for each in all_of_it if each.told_at), default=None)
        if alive and any(each.times >= REPEATED for each in alive):
            if told is None or now - told >= REMIND_EVERY:
                found.append(_lasts("new" if told is None else "reminder", cause, alive))
        elif not alive:
            found.append(_over(cause, all_of_it))
    return found


def is_failing(errors: Iterable[DeskError], now: datetime) -> bool:
    """Whether the desk fails at something again and again."""
    return any(each.times >= REPEATED and now - each.last_at < OVER_AFTER for each in errors)


def _lasts(kind: Literal["new", "reminder"], cause: str, alive: list[DeskError]) -> ErrorNews:
    whats = tuple(each.what for each in alive)
    named = ", ".join(whats[:NAMED]) + (f" and {len(whats) - NAMED} more" if len(whats) > NAMED else "")
    since = min(each.since for each in alive)
    text = (
        f"The desk fails at {named} since {since:%H:%M:%S} UTC: {cause}: {alive[-1].text}\n\n"
        "This is an error in Vigie. It is tried again every 30 s; until then nobody is called for it. "
        "Look at it yourself, and report the error."
    )
    subject = f"Vigie: the desk fails at {whats[0]}" + (f" and {len(whats) - 1} more" if len(whats) > 1 else "")
    return ErrorNews(kind, cause, whats, subject, text)


def _over(cause: str, ended: list[DeskError]) -> ErrorNews:
    whats = tuple(each.what for each in ended)
    text = f"The desk no longer fails at {', '.join(whats[:NAMED])}: {cause}."
    return ErrorNews("over", cause, whats, "Vigie: the desk works again", text)
