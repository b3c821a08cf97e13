"""The other end of Slack's callbacks: an HTTP server that keeps what it is sent."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs


class SlackApp:
    """Collects callbacks. `status` and `answer` may be changed; while `silent` it does not answer."""

    def __init__(self) -> None:
        self.status = 200
        self.answer: dict[str, Any] | None = None
        self.speak = threading.Event()
        self.speak.set()
        self.requests: list[tuple[dict[str, str], bytes]] = []
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                app.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
                app.speak.wait(10)
                said = b"" if app.answer is None else json.dumps(app.answer).encode()
                try:
                    self.send_response(app.status)
                    self.send_header("Content-Type", "application/json" if said else "text/plain")
                    self.send_header("Content-Length", str(len(said)))
                    self.end_headers()
                    self.wfile.write(said)
                except OSError:
                    pass  # the stand-in stopped waiting

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/slack/actions"

    def payload(self, number: int = -1) -> dict[str, Any]:
        """What the form field `payload` of a request holds."""
        found = parse_qs(self.requests[number][1].decode())
        return dict(json.loads(found["payload"][0]))

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.speak.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
