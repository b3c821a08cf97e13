"""A message of a doubtful incident says so, whatever its template says."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.core.message import Message
from vigie.core.thread_words import say
from vigie.documents.templates import SUBJECT_LIMIT
from vigie.tasks.message_remark import with_remark

_TOLD = 3


def told_as_doubtful(message: Message, doubts: Sequence[str], language: str) -> Message:
    """The message with a mark before its subject, and why, at most three reasons, below its text."""
    why = say(language, "doubtful_text", why="; ".join(doubts[:_TOLD]))
    subject = say(language, "doubtful_subject", subject=message.subject)
    shown = subject if len(subject) <= SUBJECT_LIMIT else subject[: SUBJECT_LIMIT - 1] + "…"
    return with_remark(message.model_copy(update={"subject": shown}), why)
