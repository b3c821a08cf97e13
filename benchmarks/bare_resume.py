"""The floor's half inside Airflow: a task that is deferred, resumed by one byte, and deferred again.

Nothing of Vigie is in it. What it costs from the byte to the first line of ``resume`` is what Airflow asks of whoever
waits in the triggerer and acts on a worker.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.triggers.base import BaseTrigger, TriggerEvent

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class ByteTrigger(BaseTrigger):
    """Fires when a byte comes to the port; a connection that says nothing only asks whether we listen."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return ("bare_resume.ByteTrigger", {"port": self.port})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        came = asyncio.Event()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if await reader.read(1):
                came.set()
            writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", self.port)
        try:
            await came.wait()
        finally:
            server.close()
        yield TriggerEvent({})


class BareOperator(BaseOperator):
    """Defers for ever; each resume appends its instant to the file."""

    def __init__(self, *, port: int, file: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.port = port
        self.file = file

    def execute(self, context: Context) -> None:
        self.defer(trigger=ByteTrigger(self.port), method_name="resume")

    def resume(self, context: Context, event: dict[str, Any]) -> None:
        at = time.time()
        with Path(self.file).open("a", encoding="ascii") as file:
            file.write(f"{at:.6f}\n")
        self.defer(trigger=ByteTrigger(self.port), method_name="resume")
