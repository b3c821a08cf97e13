"""Filing: how far every watch of a folder has read, and where its mails must not go."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from vigie.core.look import Cursor, WatchState
from vigie.core.mail_desk import MailDeskRules


class Passed(NamedTuple):
    """Every watch of a folder has read up to ``uid`` of this ``uidvalidity``."""

    uidvalidity: int
    uid: int


def passed_by_all(source: str, states: Iterable[WatchState], cursors: Mapping[str, Cursor]) -> Passed | None:
    """How far every watch of a folder has come; None where nobody watches it, or one has not begun to read it.

    ``cursors`` are those of the folder, by watch. A watch that is gone, or looks into another folder now, does not
    count. One that is paused, blind or broken does: it has not read what came meanwhile.
    """
    states = list(states)
    here = {state.watch for state in states if state.source == source and state.sight != "gone"}
    counted = here | (cursors.keys() - {state.watch for state in states})
    if not here or not counted <= cursors.keys():
        return None
    positions = [cursors[watch] for watch in counted]
    if len({position.uidvalidity for position in positions}) > 1:
        return None
    return Passed(positions[0].uidvalidity, min(position.uid for position in positions))


def same_folder(one: str, other: str) -> bool:
    """Whether two names may be the same folder of a mailbox.

    Servers put ``/`` or ``.`` between the levels of a name, and some put INBOX before all of them.
    """
    return _levels(one) == _levels(other)


def _levels(folder: str) -> tuple[str, ...]:
    levels = tuple(re.split(r"[/.]", unicodedata.normalize("NFC", folder.strip())))
    if levels[0].upper() != "INBOX":
        return levels
    return levels[1:] or ("INBOX",)


class Watched(NamedTuple):
    """A folder of a mailbox that somebody watches: ``by`` is the watch."""

    mailbox: str
    folder: str
    by: str


class Misplaced(NamedTuple):
    """What is wrong with the filing of a mailbox: ``fate`` names the line, None all of it."""

    mailbox: str
    fate: str | None
    reason: str


def misplaced(rules: MailDeskRules, watched: Iterable[Watched]) -> Iterator[Misplaced]:
    """The targets that somebody watches: whatever is filed there would be seen as new."""
    watched = list(watched)
    for mailbox, filing in rules.filing.items():
        for fate, target in filing.targets().items():
            by = sorted({each.by for each in watched if each.mailbox == mailbox and same_folder(each.folder, target)})
            if by:
                reason = (
                    f"the folder '{target}' is watched by {', '.join(by)}; what is filed there would be seen as new"
                )
                yield Misplaced(mailbox, fate, reason)


def unwatched(rules: MailDeskRules, watched: Iterable[Watched]) -> Iterator[Misplaced]:
    """The mailboxes that are to be filed and that nobody watches."""
    mailboxes = {each.mailbox for each in watched}
    for mailbox in rules.filing:
        if mailbox not in mailboxes:
            yield Misplaced(mailbox, None, "no flux watches this mailbox; nothing of it is ever read, or filed")
