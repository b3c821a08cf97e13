"""A call from a thread to whoever waits on an event loop of the same process."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress


class Wake:
    """Shortens waits, and promises no more: a call that finds nobody waiting is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def call(self) -> None:
        """Wake everybody who waits now. From any thread."""
        with self._lock:
            for event, loop in self._waiting.items():
                with suppress(RuntimeError):  # the loop has ended, and nobody waits there any more
                    loop.call_soon_threadsafe(event.set)

    async def wait(self, seconds: float) -> bool:
        """Wait for a call, so many seconds at most; whether one came."""
        event = asyncio.Event()
        with self._lock:
            self._waiting[event] = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                return await event.wait()
        except TimeoutError:
            return False
        finally:
            with self._lock:
                del self._waiting[event]


DESK = Wake()
"""Called when something was recorded for the desk to act on."""
