"""A process that watches a mailbox until somebody kills it: a triggerer of one session."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from datetime import timedelta

from vigie.adapters.imap_mailbox import ImapMailbox
from vigie.core.respond import Respond
from vigie.core.watch import MailWatch
from vigie.demo.post_box import PostBox
from vigie.logbook.book import Logbook
from vigie.tasks.mail_round import MailRound
from vigie.tasks.session import Session

WATCHES = tuple(
    MailWatch(
        client="nordwind",
        flux="end_of_day",
        task_id=task_id,
        mailbox="nordwind_ops",
        subject=subject,
        dedup_key="{job}",
        blind_after=timedelta(minutes=2),
        respond=Respond(severity="critical", template="mail_ko", storm_after=100_000),
    )
    for task_id, subject in (("batch_ko", r"\[KO\] (?P<job>\w+)"), ("every_tenth", r"\[KO\] (?P<job>\w+0)\b"))
)
SOURCE = WATCHES[0].source

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.logbook.watchman"])


class Watchman:
    """Starts the process again and again, and kills it (SIGKILL) at moments that nobody chose."""

    def __init__(self, address: str, box: PostBox) -> None:
        self.killed = 0
        self._arguments = (address, box.port, box.user, box.password)
        self._start()

    def _start(self) -> None:
        self._process = _context.Process(target=_watch, args=self._arguments, daemon=True)
        self._process.start()

    def kill(self) -> None:
        """Let it work for up to a third of a second, kill it, and start another."""
        self._process.join(random.uniform(0.02, 0.35))
        self.end()
        self.killed += 1
        self._start()

    def end(self) -> None:
        """Kill it. It must not have ended by itself."""
        assert self._process.exitcode is None, f"it ended by itself: {self._process.exitcode}"
        os.kill(self._process.pid or 0, signal.SIGKILL)
        self._process.join()
        assert self._process.exitcode == -signal.SIGKILL


def _watch(address: str, port: int, user: str, password: str) -> None:
    book = Logbook(address)
    round_ = MailRound(SOURCE, lambda: ImapMailbox("127.0.0.1", port, user, password, ssl=False), book)
    session = Session(round_, book, book.record)
    for watch in WATCHES:
        session.join_watch(watch)
    session.run()
