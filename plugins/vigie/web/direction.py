"""No answer has a character that turns the direction of text: a file or subject must read as what it is.

``photo<U+202E>gpj.exe`` reads as ``photoexe.jpg`` (Trojan Source, CVE-2021-42574). It is taken out where all answers
pass, pages and JSON alike, so that no page forgets it; the record keeps what came.
"""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Unicode's marks, embeddings, overrides and isolates of direction (UAX 9, 2)."""

# In UTF-8 the bytes of one character begin at no byte within another.
_AS_BYTES = re.compile(b"|".join(each.encode() for each in TURNING))
_TEXTS = ("text/", "application/json")


class OneDirection:
    """Takes them out of every answer that is text. Such an answer is sent as one piece, at its end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_straight(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_text(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body", False):
                return
            straight = _AS_BYTES.sub(b"", body)
            headers = MutableHeaders(scope=start)
            if "content-length" in headers:
                headers["content-length"] = str(len(straight))
            await send(start)
            await send({"type": "http.response.body", "body": straight})

        await self._app(scope, receive, send_straight)


def _is_text(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith(_TEXTS)
