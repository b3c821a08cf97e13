"""A session of a file server beside an event loop, as in the triggerer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.servers.sshd import Sshd
from tests.tasks.samples import eventually, file_watch

from vigie.adapters.sftp_drop_zone import SftpDropZone
from vigie.core.file_watch import FileWatch
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
    # waits for its turn only, again and again, on a busy machine somewhat longer.
    assert held < looked * 0.75


@pytest.mark.needs("sshd")
def test_a_consumer_takes_at_once_what_has_been_seen(book: Logbook, sshd: Sshd, sshd_folder: str) -> None:
    """On a real server: each file lies two seconds and is gone, or is moved before anybody has looked."""
    root, day = Path(sshd_folder), datetime.now(UTC)
    for folder in ("gone", "inbox", "archive"):
        (root / folder).mkdir()
    sites = tuple(Site(code=f"S-{n}", zone="UTC", country="JP", attributes={"warehouse": "tokyo"}) for n in range(5))
    name = "REPL_{site.code}_{business_date:%Y%m%d}.csv"
    whole_day = {"opens": "00:00", "due": "23:59", "grace": "1 d"}
    taken = file_watch(task_id="taken", path=f"{root}/gone/{name}", taken=True, **whole_day)
    moved = file_watch(task_id="moved", path=[f"{root}/{each}/{name}" for each in ("inbox", "archive")], **whole_day)
    looked = threading.Event()

    def record(look: Look) -> object:
        recorded = book.record(look)
        looked.set()
        return recorded

    def connect() -> SftpDropZone:
        key = sshd.private_key_text
        return SftpDropZone("127.0.0.1", sshd.port, sshd.user, host_key=sshd.host_key, private_key=key)

    def ended(watch: FileWatch) -> dict[str, str]:
        found = book.occurrences(watch.id, since=day.date())
        return {each.site: each.status for each in found if each.business_date == day.date()}

    session = Session(FileRound("wms", connect, book, lambda _client, _table: sites), book, record)
    session.join_watch(taken)
    session.start()
    try:
        assert looked.wait(20)
        for site in sites:
            file = f"REPL_{site.code}_{day:%Y%m%d}.csv"
            (root / "gone" / file).write_bytes(b"store;quantity")
            (root / "inbox" / file).write_bytes(b"store;quantity")
            (root / "inbox" / file).rename(root / "archive" / file)
        lies_until = time.monotonic() + 2
        eventually(lambda: time.monotonic() >= lies_until)
        for file in (root / "gone").iterdir():
            file.unlink()
        eventually(lambda: set(ended(taken).values()) == {"on_time"})
        session.join_watch(moved.model_copy(update={"stable_for": timedelta(0)}))
        eventually(lambda: set(ended(moved).values()) == {"on_time"})
    finally:
        session.end()
        session.join(10)
    assert len(ended(taken)) == len(ended(moved)) == 5
    reasons = {each.reason for each in book.occurrences(taken.id, since=day.date()) if each.status == "on_time"}
    assert reasons == {"seen, and gone before it had stayed the same for 30 s"}


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
