"""An SMTP server that signs in by XOAUTH2 alone, and asks a token server whether a token counts, as Microsoft 365 does."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult
from tests.servers.token_server import TokenStandIn

from vigie.demo.smtp_capture import Conversation, SmtpCapture


class TokenSmtp(SmtpCapture):
    """A capture whose senders show a token of ``tokens``. ``shown`` are the tokens, ``answers`` what followed a refusal.

    ``says`` refuses every token, with this reply in place of ``535 5.7.3``.
    """

    def __init__(self, tokens: TokenStandIn, **more: Any) -> None:
        super().__init__(user=tokens.user, **more)
        self.tokens = tokens
        self.shown: list[str] = []
        self.answers: list[bytes] = []
        self.says = ""
        self.excluded = ("LOGIN", "PLAIN")

    def conversation(self) -> Conversation:
        return _Conversation(self)


class _Conversation(Conversation):
    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 (aiosmtpd's rule)
        capture = self._capture
        assert isinstance(capture, TokenSmtp)
        user, _, rest = base64.b64decode(args[1]).decode().partition("\1")
        token = rest.removeprefix("auth=Bearer ").removesuffix("\1\1")
        capture.shown.append(token)
        counts = capture.tokens.tokens.get(token, 0.0) > time.monotonic()
        if not capture.says and counts and user == f"user={capture.tokens.user}":
            return AuthResult(success=True, auth_data=user)
        challenge = base64.b64encode(json.dumps({"status": "401", "schemes": "bearer"}).encode())
        await server.push(f"334 {challenge.decode()}")
        capture.answers.append((await server._reader.readline()).rstrip(b"\r\n"))
        await server.push(capture.says or "535 5.7.3 Authentication unsuccessful")
        return AuthResult(success=False, handled=True)
