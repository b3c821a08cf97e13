"""What Vigie adds to a message, whatever its template says."""

from __future__ import annotations

from html import escape

from vigie.core.message import Message
from vigie.documents.mrkdwn import literal


def with_remark(message: Message, remark: str) -> Message:
    """The message with a paragraph below its text, in each of its forms."""
    return message.model_copy(
        update={
            "text": f"{message.text.rstrip()}\n\n{remark}",
            "html": f"{message.html}\n<p>{escape(remark)}</p>" if message.html else "",
            "slack": f"{message.slack}\n\n{literal(remark)}" if message.slack else "",
        }
    )
