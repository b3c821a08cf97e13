"""A wire that counts: how often one side waited for the other, and how many bytes went each way."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Coroutine
from typing import Any, Self

_HOST = "127.0.0.1"


class CountingWire:
    """Forwards a port to another on loopback. A context manager.

    ``turns`` counts round trips: each time the client speaks after the server did (or first of all). That is the
    number of times that the network's latency is waited for, whatever the protocol.
    """

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.turns = self.connections = self.sent = self.received = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._socket = socket.create_server((_HOST, 0), backlog=500)
        self.port: int = self._socket.getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def reset(self) -> None:
        """Count from zero."""
        self.turns = self.connections = self.sent = self.received = 0

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, sock=self._socket)

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        answers, inner = await asyncio.open_connection(_HOST, self.upstream)
        speaking = {"client": False}

        async def asked() -> None:
            while data := await reader.read(65536):
                self.turns += not speaking["client"]
                speaking["client"] = True
                self.sent += len(data)
                inner.write(data)
            inner.close()

        async def answered() -> None:
            while data := await answers.read(65536):
                speaking["client"] = False
                self.received += len(data)
                writer.write(data)
            writer.close()

        with contextlib.suppress(ConnectionError):
            await asyncio.gather(asked(), answered())
