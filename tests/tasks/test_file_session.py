"""A session of a file server beside an event loop, as in the triggerer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.servers.sshd import Sshd
from tests.tasks.samples import file_watch

from vigie.adapters.sftp_drop_zone import SftpDropZone
from vigie.core.look import Look
from vigie.core.site import Site
from vigie.logbook.book import Logbook
from vigie.tasks.file_round import FileRound
from vigie.tasks.session import Session

HERE = (Site(code="HERE", zone="UTC", country="JP", attributes={"warehouse": "tokyo"}),)


@pytest.mark.needs("sshd")
def test_ten_thousand_entries_in_a_folder_do_not_hold_up_the_event_loop(
    book: Logbook, sshd: Sshd, sshd_folder: str
) -> None:
    """The session looks in a thread of its own; meanwhile the loop, on which every trigger runs, ticks each 5 ms."""
    for number in range(10_000):
        (Path(sshd_folder) / f"REPL_{number:05d}_20251123.csv").touch()
    looks: list[tuple[float, Look]] = []

    def record(look: Look) -> object:
        looks.append((time.monotonic(), look))
        return book.record(look)

    def connect() -> SftpDropZone:
        key = sshd.private_key_text
        return SftpDropZone("127.0.0.1", sshd.port, sshd.user, host_key=sshd.host_key, private_key=key)

    rule = file_watch(
        path=f"{sshd_folder}/REPL_{{site.code}}_{{business_date:%Y%m%d}}.csv", opens="00:00", due="23:59", grace="1 d"
    )
    session = Session(FileRound("wms", connect, book, lambda _client, _table: HERE), book, record)

    async def tick() -> tuple[float, float]:
        """How long the look took, and the longest that the loop was held up meanwhile."""
        session.join_watch(rule)
        began = time.monotonic()
        session.start()
        held = await _longest(lambda: bool(looks), 60)
        return looks[0][0] - began, held

    try:
        looked, held = asyncio.run(tick())
    finally:
        session.end()
        session.join(10)
    assert not session.is_alive()
    # A listing is half a second of computing. On the loop it would be one gap as long as that; in its thread the loop
    # waits for its turn only, again and again.
    assert held < looked / 2


async def _longest(over: Callable[[], bool], within: float) -> float:
    """The longest gap between two ticks, until it is over."""
    end = last = time.monotonic()
    end += within
    longest = 0.0
    while not over() and last < end:
        await asyncio.sleep(0.005)
        now = time.monotonic()
        longest, last = max(longest, now - last - 0.005), now
    return longest
