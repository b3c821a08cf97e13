"""The entries of a folder of an SFTP server, several requests ahead of the server's answers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

import asyncssh

AHEAD = 8
"""At most so many requests wait for an answer: at 40 ms a big folder then takes as long as its names need to be read, and
what else is asked over the connection waits for few answers."""

_ONE_BY_ONE = 8
"""So many answers are waited for one by one (OpenSSH gives 100 names in each): most folders need no more."""

_GONE = (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost)

_Answer = tuple[Sequence[asyncssh.SFTPName], bool]


class OutOfOrder(Exception):
    """The server was asked ahead, and failed or told a name twice: it has to be asked one by one."""


async def entries(
    sftp: asyncssh.SFTPClient, path: bytes, ahead: int = AHEAD
) -> AsyncGenerator[asyncssh.SFTPName, None]:
    """The entries of a folder, in the server's order, with at most ``ahead`` requests under way.

    Raises asyncssh's SFTPError, of the folder or of the connection, and OutOfOrder. asyncssh's own `scandir` waits for
    each answer before it asks again, so that 100,000 entries at 40 ms take a minute.
    """
    handler = sftp._handler  # noqa: SLF001 (it has no other way to ask ahead)
    handle = await handler.opendir(sftp.compose_path(path))
    asked: deque[asyncio.Task[_Answer]] = deque()
    known: set[str | bytes] = set()
    answers, at_end, most = 0, False, 1
    try:
        while asked or not at_end:
            while not at_end and len(asked) < most:
                asked.append(asyncio.ensure_future(handler.readdir(handle)))
            names, last = await _answer(asked.popleft(), ahead=most > 1)
            answers, at_end = answers + 1, at_end or last  # what was asked before the end may still bring names
            most = min(ahead, max(most, 2 ** (answers - _ONE_BY_ONE + 1)) if answers >= _ONE_BY_ONE else 1)
            for entry in names:
                if most > 1 and entry.filename in known:
                    raise OutOfOrder
                if ahead > 1:
                    known.add(entry.filename)
                yield entry
    finally:
        for task in asked:
            task.cancel()
        with suppress(asyncssh.SFTPError):
            await handler.close(handle)


async def _answer(request: asyncio.Task[_Answer], *, ahead: bool) -> _Answer:
    """The names of an answer, and whether it was the last one."""
    try:
        return await request
    except asyncssh.SFTPEOFError:
        return (), True
    except asyncssh.SFTPError as failure:
        if ahead and not isinstance(failure, _GONE):
            raise OutOfOrder from failure
        raise
