"""Filing: what every watch has passed is moved into the folders that the site names; nothing is ever deleted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from vigie.core.client import PLATFORM
from vigie.core.entry import Entry
from vigie.core.errors import TransportError
from vigie.core.look import WatchState
from vigie.core.mail_desk import Filing
from vigie.core.mail_filing import Passed, Watched, misplaced, passed_by_all
from vigie.core.ports import MailFiler
from vigie.core.seen_mail import SeenMail
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.tasks.mail_desk import rules_of

BATCH = 200
"""So many mails are moved by one command, and noted by one entry for each folder that they go to."""

AT_ONCE = 2000
"""So many mails of a folder at most are moved by one call: the rest is moved by the next."""

log = logging.getLogger(__name__)


class MailFiling:
    """Moves mails and notes it. ``connect(mailbox, folder)`` opens a folder of a mailbox to move mails out of it.

    A batch is moved first and noted after. Whoever is killed in between leaves mails that are not there any more, and
    the next call notes that. A folder that cannot be filed is told once a day and keeps no other one waiting: its
    watches see as well as before.
    """

    def __init__(self, logbook: Logbook, library: Library, connect: Callable[[str, str], MailFiler]) -> None:
        self._logbook = logbook
        self._library = library
        self._connect = connect

    def file(self, now: datetime) -> int:
        """Move what may go at ``now`` (UTC); how many mails. Raises TransportError where the logbook is away."""
        rules = rules_of(self._library)
        if not rules.filing:
            return 0
        states = [state for state in self._logbook.watch_states() if state.source.partition("/")[0] in rules.filing]
        watched = [Watched(*_place(state.source), state.watch) for state in states if state.sight != "gone"]
        wrong = {each.mailbox: each.reason for each in misplaced(rules, watched)}
        number = 0
        for source in sorted({state.source for state in states if state.sight != "gone"}):
            mailbox, _ = _place(source)
            if mailbox in wrong:
                self._tell(source, states, wrong[mailbox], now)
                continue
            try:
                for moved in self._moves(source, rules.filing[mailbox], states, now):
                    number += moved
            except NotFiledError as failed:
                self._tell(source, states, str(failed.__cause__), now)
        return number

    def _moves(self, source: str, filing: Filing, states: Sequence[WatchState], now: datetime) -> Iterator[int]:
        """Move one batch after the other; how many mails of each were moved."""
        passed = passed_by_all(source, states, self._logbook.cursors(source))
        if passed is None:
            return
        filer: MailFiler | None = None
        try:
            for folder, mails in self._ripe(source, filing, passed, now):
                try:
                    filer = filer or self._connect(*_place(source))
                    done = filer.move(passed.uidvalidity, [mail.uid for mail in mails], folder)
                except TransportError as failed:
                    raise NotFiledError from failed
                if done is None:
                    log.info("%s was rebuilt; it is filed again when its watches have read it", source)
                    return
                moved = [mail for mail in mails if mail.uid in done.moved]
                left = [mail for mail in mails if mail.uid in done.gone]
                yield self._logbook.file_mails(moved, left, folder, now)
        finally:
            if filer is not None:
                filer.close()

    def _ripe(self, source: str, filing: Filing, passed: Passed, now: datetime) -> Iterator[tuple[str, list[SeenMail]]]:
        """What may go, in batches: a folder, and the mails that go there."""
        after_uid = offered = 0
        while offered < AT_ONCE:
            page = self._logbook.unfiled_mails(
                source, passed, filing.fates(), now - filing.after, after_uid=after_uid, limit=BATCH
            )
            by_folder: dict[str, list[SeenMail]] = {}
            for mail in page:
                folder = filing.folder_of(mail)
                if folder is not None and filing.is_ripe(mail, now):
                    by_folder.setdefault(folder, []).append(mail)
            yield from by_folder.items()
            if len(page) < BATCH:
                return
            after_uid = page[-1].uid
            offered += sum(map(len, by_folder.values()))

    def _tell(self, source: str, states: Sequence[WatchState], reason: str, now: datetime) -> None:
        log.warning("%s: nothing is filed: %s", source, reason)
        clients = {state.client for state in states if state.source == source} - {PLATFORM}
        self._logbook.append(
            Entry(
                at=now,
                client=clients.pop() if len(clients) == 1 else PLATFORM,
                kind="mail.not_filed",
                actor="mail_desk",
                text=f"{source}: nothing is filed: {reason}",
                key=f"not_filed|{source}|{now:%Y-%m-%d}",
                data={"source": source},
            )
        )


class NotFiledError(Exception):
    """The mailbox failed, and not the logbook."""


def _place(source: str) -> tuple[str, str]:
    mailbox, _, folder = source.partition("/")
    return mailbox, folder
