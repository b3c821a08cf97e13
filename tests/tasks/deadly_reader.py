"""A reader that a mail kills: the process that reads ``DEADLY`` in a mail dies of it, as of a bomb that nobody has met yet.

`python -m tests.tasks.deadly_reader apart` reads one mail, as vigie.adapters.apart_reader does.
`python -m tests.tasks.deadly_reader LOGBOOK` looks into a folder with three mails, one of which is deadly, and says ``read``.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from datetime import datetime
from functools import partial
from pathlib import Path

from tests.tasks.samples import NOW, mail, mail_watch

from vigie.adapters import apart_reader
from vigie.adapters.apart_reader import read_apart
from vigie.core.mail import Mail
from vigie.logbook.book import Logbook
from vigie.tasks.mail_reader import MailReader, read_here
from vigie.tasks.mail_round import MailRound
from vigie.testing.memory_mailbox import MemoryMailbox

CHECKOUT = Path(__file__).resolve().parents[2]
WATCH = mail_watch()

DEADLY = mail("[KO] DEADLY_JOB", 2) + b"DEADLY\n"
"""Its subject is a KO: that is heard, whatever its text does."""


def deadly(raw: bytes, received_at: datetime, size: int) -> Mail:
    """Read a mail here, unless it is deadly."""
    if b"DEADLY\n" in raw:
        os.kill(os.getpid(), signal.SIGKILL)
    return read_here(raw, received_at, size)


def apart(*arguments: str) -> partial[Mail]:
    """Read a mail in a process of its own, which a deadly one kills."""
    code = f"import sys; sys.path[:0] = [{str(CHECKOUT)!r}]; from tests.tasks.deadly_reader import main; main()"
    return partial(read_apart, command=(sys.executable, "-c", code, "apart", *arguments))


def look(book: Logbook, mailbox: MemoryMailbox, reader: MailReader) -> MailRound:
    """A session begins before the mails come, as one did before it was killed, and looks once."""
    looks = MailRound(WATCH.source, lambda: mailbox, book, reader=reader)
    looks.join(WATCH)
    found, _ = looks.look(NOW)
    book.record(found)
    looks.recorded(found)
    return looks


def delivered() -> MemoryMailbox:
    """A folder with an OK, the deadly mail and a KO."""
    mailbox = MemoryMailbox()
    mailbox.deliver(mail("[KO] BEFORE", 1), NOW)
    mailbox.deliver(DEADLY, NOW)
    mailbox.deliver(mail("[KO] BEHIND", 3), NOW)
    return mailbox


def main() -> None:
    """See above."""
    if sys.argv[1] == "apart":
        everything = sys.stdin.buffer.read()
        if b"DEADLY\n" in everything:
            os.kill(os.getpid(), signal.SIGKILL)
        sys.stdin = io.TextIOWrapper(io.BytesIO(everything))
        apart_reader.main()
        return
    look(Logbook(sys.argv[1]), delivered(), MailReader(Logbook(sys.argv[1]), here=deadly, apart=apart()))
    print("read")


if __name__ == "__main__":
    main()
