"""A small server of the demo's world, listening on 127.0.0.1 from a thread of its own.

The same class serves the tests (started in their process, any free port) and the command line (one process per
server, see `vigie.demo.foreground`).
"""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

HOST = "127.0.0.1"
_ANSWER_WITHIN = 10.0

T = TypeVar("T")


class PortInUse(OSError):
    """Another process listens on the port that was asked for."""

    def __init__(self, port: int) -> None:
        super().__init__(errno.EADDRINUSE, f"port {port} of {HOST} is in use; stop its owner or choose another port")


def tcp_socket() -> socket.socket:
    """A TCP socket whose accepted connections asyncio sends without delay.

    asyncio sets TCP_NODELAY only where the protocol is named; without it each answer in two parts takes 40 ms.
    """
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)


def listening_socket(port: int = 0) -> socket.socket:
    """A socket that already listens on loopback, so clients may connect before the server's loop runs.

    Port 0 means any free one. Raises PortInUse.
    """
    listener = tcp_socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(port) from error
        raise
    listener.setblocking(False)
    return listener


class LoopbackServer(ABC):
    """A server with `start()`, `stop()` and `port`; usable as a context manager; keeps its port when restarted."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @abstractmethod
    async def _open(self, listener: socket.socket) -> None:
        """Serve on this socket until `_shut`."""

    @abstractmethod
    async def _shut(self) -> None:
        """Stop serving; drop what is connected."""

    def start(self) -> Self:
        """Listen and serve. Raises PortInUse."""
        listener = listening_socket(self.port)
        self.port = int(listener.getsockname()[1])
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=type(self).__name__, daemon=True)
        self._thread.start()
        try:
            self._run(self._open(listener))
        except BaseException:
            listener.close()
            self._end_loop()
            raise
        return self

    def stop(self) -> None:
        """Stop serving, and end the thread. Harmless when it is not running."""
        if self._loop is None:
            return
        try:
            self._run(self._shut())
        finally:
            self._end_loop()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run this on the server's loop and wait for its result."""
        if self._loop is None:
            work.close()
            raise RuntimeError(f"{type(self).__name__} is not started")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_ANSWER_WITHIN)

    def _end_loop(self) -> None:
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_the_rest(), loop).result(_ANSWER_WITHIN)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_ANSWER_WITHIN)
        loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


async def _cancel_the_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
