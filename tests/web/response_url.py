"""A server on loopback that takes what is sent to a response_url."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ResponseUrl:
    """Where answers arrive: ``url``, and ``told()``, which waits for the next one."""

    def __init__(self, port: int, arrived: queue.Queue[dict[str, Any]]) -> None:
        self.url = f"http://127.0.0.1:{port}/response/1"
        self._arrived = arrived

    def told(self) -> dict[str, Any]:
        """The next answer. Raises queue.Empty where none comes within 5 s."""
        return self._arrived.get(timeout=5)

    def quiet(self) -> bool:
        """Whether nothing has come."""
        return self._arrived.empty()


@contextmanager
def response_url() -> Iterator[ResponseUrl]:
    """Start the server, and stop it."""
    arrived: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.put(json.loads(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield ResponseUrl(server.server_port, arrived)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
