"""The second pair of eyes: did the watch look, and what did it conclude? Where it did not, look now."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from vigie.core.errors import InvalidDocument, TransportError
from vigie.core.expectation import expected
from vigie.core.file_watch import FileWatch
from vigie.core.look import Look, WatchState
from vigie.core.occurrence import Occurrence
from vigie.core.quorum import expected_mails
from vigie.core.sight import blind
from vigie.core.site_table import sites_of
from vigie.core.watch import DatedWatch
from vigie.core.working_days import REACH
from vigie.logbook.book import Logbook
from vigie.tasks.look_round import LookRound, blinded, states
from vigie.tasks.mishap import reason_of
from vigie.tasks.sessions import AnyWatch, FindConnection, round_for
from vigie.tasks.site import library
from vigie.tasks.watch_sight import WatchSight

ENDED = frozenset({"early", "on_time", "late", "missing", "waived", "unexpected"})


class Finding(NamedTuple):
    """What an audit says: *quiet* or *anomaly*, by whose eyes, and the open incidents of the watch.

    The third outcome, *blind*, is the TransportError that ``audit`` raises.
    """

    outcome: Literal["quiet", "anomaly"]
    looked_by: Literal["watch", "check"]
    incidents: tuple[str, ...]
    text: str


def audit(
    watch: AnyWatch,
    logbook: Logbook,
    find: FindConnection,
    now: datetime,
    make_round: Callable[[AnyWatch], LookRound] | None = None,
) -> Finding:
    """Audit one watch. ``now`` is UTC. Raises TransportError where nobody can look: the check is then red.

    ``make_round`` stands in for the round that ``find``'s connection leads to.
    """
    state = logbook.watch_state(watch.id)
    looked_by: Literal["watch", "check"] = "watch"
    if not _has_looked(watch, state, logbook, now):
        looked_by = "check"
        round_ = make_round(watch) if make_round else round_for(watch, find, logbook, at_once=True)
        _look_now(watch, state, logbook, round_, now)
    about = [each for each in logbook.incidents(client=watch.client) if each.watch == watch.id]
    eyes = "the watch looked" if looked_by == "watch" else "the watch did not look; the check looked itself"
    said = "; ".join(f"{each.id} {each.title}" for each in about) or "nothing is wrong"
    said += "".join(f"; {sites} waived: {reason}" for reason, sites in _waived(watch, logbook, now).items())
    return Finding("anomaly" if about else "quiet", looked_by, tuple(each.id for each in about), f"{eyes}: {said}")


def _has_looked(watch: AnyWatch, state: WatchState | None, logbook: Logbook, now: datetime) -> bool:
    if state is None or state.sight != "watching" or state.looked_at is None or state.look_by is None:
        return False
    try:
        over = [each for each in _expected(watch, now) if each.deadline <= now]
    except InvalidDocument:
        return False  # the look says what is wrong
    if not over:
        return now <= state.look_by
    if state.looked_at < max(each.deadline for each in over):
        return False
    since = min(each.business_date for each in over)
    ended = {each.key for each in logbook.occurrences(watch.id, since=since) if each.status in ENDED}
    return all(each.key in ended for each in over)


def _expected(watch: AnyWatch, now: datetime) -> list[Occurrence]:
    if not isinstance(watch, DatedWatch):
        return []
    days = library().calendars.working_days(watch.client, watch.calendar)
    if isinstance(watch, FileWatch):
        return expected(watch, sites_of(watch, library().site_table(watch.client, watch.sites)).usable, now, days)
    return expected_mails(watch, now, days)


def _waived(watch: AnyWatch, logbook: Logbook, now: datetime) -> Counter[str]:
    """Why nothing was expected at the last deadline, and of how many sites."""
    if not isinstance(watch, DatedWatch):
        return Counter()
    known = logbook.occurrences(watch.id, since=(now - timedelta(days=2 + REACH)).date())
    last = max((each.deadline for each in known if each.deadline <= now), default=now)
    return Counter(each.reason for each in known if each.status == "waived" and each.deadline == last)


def _look_now(watch: AnyWatch, state: WatchState | None, logbook: Logbook, round_: LookRound, now: datetime) -> None:
    try:
        with _one_at_a_time(watch.source):
            round_.join(watch)
            _look_until_done(watch, round_, logbook, now)
    except _ToldError:
        raise
    except TransportError as failed:
        if not _is_told(state, now):
            logbook.record(_blind_look(watch, watch.source, str(failed), now))
        raise
    except Exception as wrong:
        reason = reason_of(wrong)
        if not _is_told(state, now):
            logbook.record(_blind_look(watch, watch.id, reason, now))
        raise TransportError(reason, permanent=True) from wrong
    finally:
        round_.close()


class _ToldError(TransportError):
    """The watch is blind, and the look itself says so."""


def _blind_look(watch: AnyWatch, place: str, reason: str, now: datetime) -> Look:
    told = blinded(states({watch.id: watch}, watch.source, now, now), {watch.id: reason})
    return Look(source=watch.source, at=now, states=told, signals=(blind(place, reason, (watch.id,), now, now),))


def _is_told(state: WatchState | None, now: datetime) -> bool:
    """Whether a session says it already, or looks and will say it; nobody else would end what we say."""
    if state is None or state.sight == "blind":
        return state is not None
    return state.sight == "watching" and state.look_by is not None and now <= state.look_by


def _look_until_done(watch: AnyWatch, round_: LookRound, logbook: Logbook, now: datetime) -> None:
    sight = WatchSight(logbook)
    sight.joined(watch.id)
    while True:
        look, again = round_.look(now)
        look = sight.seen(look, {watch.id: watch})
        logbook.record(look)
        sight.recorded(look)
        round_.recorded(look)
        for state in look.states:
            if state.sight == "blind":  # while the server answers: the watch itself, or one folder of it
                raise (_ToldError if state.watch in look.ailing else TransportError)(state.detail)
        if again > now:
            return


@contextmanager
def _one_at_a_time(source: str) -> Iterator[None]:
    """One login per mailbox or server and machine at a time, however many checks come at once."""
    name = hashlib.sha256(source.encode()).hexdigest()[:24]
    folder = Path(os.environ.get("VIGIE_STATE") or tempfile.gettempdir())
    with (folder / f"check-{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
