"""A message of a doubtful incident says so, whatever its template says."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from vigie.core.message import Message
from vigie.core.thread_words import say
from vigie.documents.mrkdwn import literal
from vigie.documents.templates import SUBJECT_LIMIT

_TOLD = 3


def told_as_doubtful(message: Message, doubts: Sequence[str], language: str) -> Message:
    """The message with a mark before its subject, and why, at most three reasons, below its text."""
    why = say(language, "doubtful_text", why="; ".join(doubts[:_TOLD]))
    subject = say(language, "doubtful_subject", subject=message.subject)
    return Message(
        subject=subject if len(subject) <= SUBJECT_LIMIT else subject[: SUBJECT_LIMIT - 1] + "…",
        text=f"{message.text.rstrip()}\n\n{why}",
        html=f"{message.html}\n<p>{escape(why)}</p>" if message.html else "",
        slack=f"{message.slack}\n\n{literal(why)}" if message.slack else "",
    )
