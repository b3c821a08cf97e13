"""Processes that all do something to one logbook at the same moment, or are killed in the middle of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import event
from tests.logbook.samples import NOON, cursor, entry, look, occurrence, state
from tests.logbook.samples import signal as detection

from vigie.core.look import Look
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate

_READY_WITHIN = 60.0
# A fork of a small process that has everything imported: 20 ms each, and no thread of pytest's in it.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.logbook.crowd"])


def together(deed: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Do the deed in one process for each tuple of arguments, all released at once; what each returned."""
    barrier = _context.Barrier(len(arguments))
    ends = []
    processes = []
    for each in arguments:
        ours, theirs = _context.Pipe()
        process = _context.Process(target=_released, args=(barrier, theirs, deed, each))
        process.start()
        theirs.close()
        ends.append(ours)
        processes.append(process)
    answers = []
    for end in ends:
        assert end.poll(_READY_WITHIN)
        answers.append(end.recv())
        end.close()
    for process in processes:
        process.join()
        process.close()
    return answers


def _released(barrier: Any, answer: Connection, deed: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    barrier.wait(_READY_WITHIN)
    answer.send(deed(*arguments))


def prepare(address: str) -> str:
    migrate(address)
    return "prepared"


def append(address: str, name: str, number: int) -> int:
    """One transaction for each entry."""
    book = Logbook(address)
    new = sum(book.append(entry(f"{name}|{each}")) for each in range(number))
    book.close()
    return new


def open_incident(address: str, key: str) -> tuple[str, ...]:
    book = Logbook(address)
    opened = book.record(look(detection(key))).opened
    book.close()
    return opened


def open_many(address: str, name: str, jobs: Sequence[str]) -> int:
    """One look per job, from a source of its own: nothing but the incidents' keys stands between two processes."""
    book = Logbook(address)
    opened = 0
    for job in jobs:
        one = look(*(detection(f"{name}|{job}|{other}", dedup_key=other) for other in (job, "shared")))
        opened += len(book.record(one.model_copy(update={"source": name})).opened)
    book.close()
    return opened


def join_many(address: str, name: str, keys: Sequence[str]) -> int:
    """One look per signal, from a source of its own."""
    book = Logbook(address)
    new = sum(book.record(look(detection(key)).model_copy(update={"source": name})).new_signals for key in keys)
    book.close()
    return new


def fork_with(address: str) -> int:
    """Use one logbook before a fork, and on both sides of it; 0 if the child had a connection of its own."""
    book = Logbook(address)
    book.append(entry(text="before"))
    ours = _connection_of(book)
    child = os.fork()
    if child == 0:
        try:
            book.append(entry(text="child"))
            os._exit(_connection_of(book) is ours)
        except BaseException:  # noqa: BLE001  # whatever it is, it must not run on in a copy of this process
            os._exit(2)
    _, status = os.waitpid(child, 0)
    book.append(entry(text="parent"))
    book.close()
    return os.waitstatus_to_exitcode(status)


def _connection_of(book: Logbook) -> Any:
    with book._reading() as connection:
        return connection.connection.driver_connection


def claim_all(address: str, name: str, keys: Sequence[str]) -> list[str]:
    book = Logbook(address)
    claimed = [key for key in keys if book.claim(key, name, NOON)]
    book.close()
    return claimed


def acknowledge(address: str, name: str) -> str:
    book = Logbook(address)
    result = book.acknowledge("INC-1", name, NOON, "web").result
    book.close()
    return result


def big_look() -> Look:
    """A look with a bit of everything."""
    return look(
        *(detection(f"ko|{number}", dedup_key=f"JOB{number % 4}") for number in range(8)),
        detection("ok", "resolve", dedup_key="JOB0"),
        detection("old ok", "resolve", dedup_key="OLD"),
        entries=(entry("mail|1"), entry(kind="mail.ignored"), entry(kind="mail.ignored")),
        cursors=(cursor(9),),
        occurrences=(occurrence("A", "missing"), occurrence("B")),
        states=(state(),),
    )


def _count(book: Logbook, see: Callable[[str], None]) -> None:
    @event.listens_for(book._engine, "after_cursor_execute")
    def _seen(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if not statement.startswith(("BEGIN", "select pg_catalog.version", "show", "select current_schema")):
            see(statement)


def record_and_die(address: str, after: int) -> int | None:
    """Record the big look in a process that kills itself (SIGKILL) after so many statements; its exit code.

    0 says that it took fewer statements, and was recorded.
    """
    process = _context.Process(target=_record_and_die, args=(address, after))
    process.start()
    process.join(_READY_WITHIN)
    code = process.exitcode
    process.close()
    return code


def _record_and_die(address: str, after: int) -> None:
    book = Logbook(address)
    seen: list[str] = []

    def see(statement: str) -> None:
        seen.append(statement)
        if len(seen) == after:
            os.kill(os.getpid(), signal.SIGKILL)

    _count(book, see)
    book.record(big_look())
    book.close()
