"""Since when something counts as watched: nobody is called for what was due while nobody looked for it.

A site counts from the first look under the rule that expects it, whatever its business dates are: a rule that is
edited, a site that is added and a watch that begins expect nothing of the past.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from vigie.core.occurrence import NOT_WATCHED, UNSEEN, Occurrence

SURE_FOR = timedelta(hours=12)
"""So long after a deadline the first look still says *missing*. Later what came may have been taken away again: what is
not there then is recorded as not watched, and nobody is called. About a shift: what was due in it is still acted on."""

ALWAYS = timedelta.max
"""For who knows what was there, however late it is asked: a log of arrivals."""


def was_expected(new: Occurrence, *, ever: bool, last_look: datetime | None) -> bool:
    """Whether somebody was to look for an occurrence that is not known, and whose deadline has passed.

    ``ever``: this site and slot were looked for before. ``last_look`` is the last whole look of the watch (UTC): what it
    did not expect, though its window was open, the rule of then did not expect.
    """
    return ever and (last_look is None or last_look < new.window_open)


def is_due_again(known: Occurrence, new: Occurrence, now: datetime) -> bool:
    """Whether what ended because nobody looked in time is due later under the rule of now."""
    unseen = known.status == "waived" and known.reason in UNSEEN
    return unseen and new.status == "pending" and new.deadline > max(now, known.deadline)


def kept_deadline(known: Occurrence, new: Occurrence, now: datetime) -> Mapping[str, Any]:
    """What a pending occurrence keeps of the rule that it began under, as fields to change.

    A deadline that a changed rule moves into the past was not watched for under that rule: the one that was watched
    for stays.
    """
    if new.deadline <= now and new.deadline < known.deadline:
        return {"due": known.due, "deadline": known.deadline}
    return {}


def ended_without(pending: Occurrence, now: datetime, sure_for: timedelta = ALWAYS) -> Occurrence:
    """How an occurrence ends whose deadline has passed and of which nothing is there: *missing*, while that is sure."""
    if now - pending.deadline <= sure_for:
        return pending.model_copy(update={"status": "missing", "looked_at": now})
    return pending.model_copy(update={"status": "waived", "reason": NOT_WATCHED, "looked_at": now})
