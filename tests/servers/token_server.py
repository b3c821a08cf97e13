"""A token server on loopback: the grants of RFC 6749, and the introspection of RFC 7662 that Dovecot asks."""

from __future__ import annotations

import json
import secrets
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

CLIENT, SECRET, REFRESH = "vigie", "s3cret-of-the-client", "r3fresh-of-the-mailbox"


class TokenStandIn:
    """Gives tokens for one user. ``heard`` are the grants that were asked for; ``says`` is an answer to give instead."""

    def __init__(
        self, user: str = "ops", *, lives: float | None = 3600, certificate: tuple[Path, Path] | None = None
    ) -> None:
        self.user, self.lives = user, lives
        self.refresh_token, self.rotates = REFRESH, False
        self.heard: list[dict[str, str]] = []
        self.says: tuple[int, dict[str, str], bytes] | None = None
        self.tokens: dict[str, float] = {}
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                asked = {name: values[0] for name, values in parse_qs(body).items()}
                status, headers, answer = stand_in._answer(self.path, asked)
                self.send_response(status)
                for name, value in ({"Content-Type": "application/json"} | headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if certificate else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/token"

    @property
    def introspection_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/introspect"

    def give(self, *, lives: float = 3600) -> str:
        """A token that counts for so many seconds."""
        token = f"tok_{secrets.token_urlsafe(24)}"
        self.tokens[token] = time.monotonic() + lives
        return token

    def _answer(self, path: str, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path == "/introspect":
            active = self.tokens.get(asked.get("token", ""), 0.0) > time.monotonic()
            return 200, {}, json.dumps({"active": active, "username": self.user}).encode()
        self.heard.append(asked)
        if self.says:
            return self.says
        known = asked.get("client_id") == CLIENT
        if asked["grant_type"] == "refresh_token":
            if not known or asked["refresh_token"] != self.refresh_token:
                return _error(400, "invalid_grant", f"the token {asked['refresh_token']} was revoked")
        elif not known or asked.get("client_secret") != SECRET:
            return _error(401, "invalid_client", f"{asked.get('client_secret')} is wrong")
        said: dict[str, Any] = {"access_token": self.give(), "token_type": "Bearer"}
        if self.lives is not None:
            said["expires_in"] = self.lives
        if self.rotates:
            said["refresh_token"] = self.refresh_token = secrets.token_urlsafe(24)
        return 200, {}, json.dumps(said).encode()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def _error(status: int, error: str, description: str) -> tuple[int, dict[str, str], bytes]:
    return status, {}, json.dumps({"error": error, "error_description": description}).encode()
