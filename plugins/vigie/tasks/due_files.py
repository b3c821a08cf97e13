"""What the watches of a file server expect now, as far as the logbook knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from vigie.core.chosen_days import EVERY_DATE
from vigie.core.expectation import FOLLOWED, LATE_FOR, OpenWindow, expected, followed, open_windows
from vigie.core.file_watch import FileWatch
from vigie.core.look import Look
from vigie.core.look_times import next_opening
from vigie.core.occurrence import BEFORE_WATCHED, NOT_EXPECTED, Occurrence
from vigie.core.site import Site
from vigie.core.site_table import SitesOf
from vigie.core.watched import is_due_again, kept_deadline, was_expected
from vigie.core.working_days import REACH, WorkingDays
from vigie.logbook.book import Logbook
from vigie.tasks.kept_days import KeptDays
from vigie.tasks.kept_sites import KeptSites

KEPT = FOLLOWED + timedelta(days=3)
"""How long what has ended is remembered: the deadlines of one date are up to 26 hours apart, and a set that is given up is
told once."""


class _Plan(NamedTuple):
    """What a watch expects, and what it was made of."""

    sites: tuple[Site, ...]
    days: WorkingDays
    windows: dict[str, list[OpenWindow]]
    expected: list[Occurrence]


class DueFiles:
    """The occurrences of each watch: those of its rule, of its table of sites and its calendar as they are now.

    What was due before a site was first looked for is waived, and so is what was taken out of the rule before its
    deadline. What the calendar waives is recorded at its deadline: until then the calendar may change.
    """

    def __init__(
        self,
        logbook: Logbook,
        sites: Callable[[str, str], tuple[Site, ...]],
        days: Callable[[FileWatch], WorkingDays],
    ) -> None:
        self.sites = KeptSites(sites)
        self.days = KeptDays(days)
        self._logbook = logbook
        self._known: dict[str, dict[str, Occurrence]] = {}
        self._last_look: dict[str, datetime | None] = {}
        self._waives: dict[str, datetime] = {}
        self._plans: dict[str, _Plan] = {}

    def join(self, watch: FileWatch, now: datetime) -> None:
        """Expect what this watch expects, from the occurrences and the last look in the logbook."""
        state = self._logbook.watch_state(watch.id)
        last_look = state.looked_at if state else None
        since = min(now, last_look or now) - _kept(watch) - watch.grace
        known = self._logbook.occurrences(watch.id, since=since.date())
        self._known[watch.id] = {occurrence.key: occurrence for occurrence in known}
        self._last_look[watch.id] = last_look
        self._plans.pop(watch.id, None)

    def leave(self, watch_id: str) -> None:
        """Expect it no longer."""
        for each in (self._known, self._last_look, self._waives, self._plans):
            each.pop(watch_id, None)
        self.sites.forget(watch_id)

    def known(self, watch: FileWatch) -> dict[str, Occurrence]:
        """The occurrences of a watch that the logbook knows, by their keys."""
        return self._known[watch.id]

    def waived_at(self, watch: FileWatch) -> datetime | None:
        """When the next waiver of the calendar is to be recorded."""
        return self._waives.get(watch.id)

    def opens_at(self, watch: FileWatch, now: datetime) -> datetime | None:
        """When the next window opens of what is taken at once (UTC), where it does soon."""
        return next_opening(watch, {site.zone for site in self.sites(watch).usable}, now)

    def due(self, watch: FileWatch, now: datetime) -> list[Occurrence]:
        """What is expected now (UTC). Raises whatever the rule, its table or its calendar make it raise."""
        of = self.sites(watch)
        known = self._known[watch.id]
        self._waives.pop(watch.id, None)
        ever = {(occurrence.site, occurrence.slot) for occurrence in known.values()}
        found = [
            taken
            for occurrence in self._expected(watch, of.usable, now)
            if (taken := self._taken(watch, occurrence, ever, now)) is not None
        ]
        return found + self._leftovers(known, of, found, now)

    def _taken(
        self, watch: FileWatch, occurrence: Occurrence, ever: set[tuple[str, str]], now: datetime
    ) -> Occurrence | None:
        """An occurrence as it is known, or as it begins; None where the calendar waives it and may still change."""
        known = self._known[watch.id]
        before = known.get(occurrence.key)
        if before is not None and is_due_again(before, occurrence, now):
            return occurrence
        if before is not None and (before is occurrence or before.status != "pending"):
            return before
        if occurrence.status == "waived":
            if now > occurrence.deadline:
                return occurrence.model_copy(update={"looked_at": now})
            at = occurrence.deadline + timedelta(milliseconds=200)
            self._waives[watch.id] = min(at, self._waives.get(watch.id, at))
            return None
        if before is not None:
            # A changed deadline counts for what has not ended: the rule of now, not the one it began under.
            kept = {"warned_at": before.warned_at, "files": before.files, "looked_at": before.looked_at}
            changed = {**kept, **kept_deadline(before, occurrence, now)}
            now_due = occurrence if occurrence == before else occurrence.model_copy(update=changed)
            if now_due == before:
                known[occurrence.key] = now_due
            return now_due
        watched = (occurrence.site, occurrence.slot) in ever
        if occurrence.deadline <= now and not was_expected(
            occurrence, ever=watched, last_look=self._last_look[watch.id]
        ):
            return occurrence.model_copy(update={"status": "waived", "reason": BEFORE_WATCHED, "looked_at": now})
        return occurrence

    def _leftovers(
        self, known: dict[str, Occurrence], of: SitesOf, found: Sequence[Occurrence], now: datetime
    ) -> list[Occurrence]:
        """What is known and not expected any more, and still looked at or without an end."""
        codes, listed = {site.code for site in of.usable}, {each.key for each in found}
        pending = [each for each in known.values() if each.status == "pending" and each.key not in listed]
        never_ended = [each for each in pending if each.deadline + LATE_FOR < now]
        followed_on = [each for each in followed(known.values(), now) if each.key not in listed]
        more = [each for each in (*followed_on, *never_ended) if each.site in codes]
        more_keys = {each.key for each in more}
        left = [each for each in pending if each.key not in more_keys]
        if of.problems:  # a row that cannot be used now was not taken out: what is known of its site still holds
            return more + [each for each in left if each.site not in codes]
        taken_out = {"status": "waived", "reason": NOT_EXPECTED, "looked_at": now}
        return more + [each.model_copy(update=taken_out) for each in left if each.deadline < now]

    def _expected(self, watch: FileWatch, sites: tuple[Site, ...], now: datetime) -> list[Occurrence]:
        """What the watch expects now, made anew only where its table, its calendar or the open windows have changed."""
        days = self.days(watch)
        windows = open_windows(watch, {site.zone for site in sites}, now)
        kept = self._plans.get(watch.id)
        if kept is None or not (kept.sites is sites and kept.days is days and kept.windows == windows):
            kept = self._plans[watch.id] = _Plan(sites, days, windows, expected(watch, sites, now, days))
        return kept.expected

    def recorded(self, look: Look) -> None:
        """The look is in the logbook: its occurrences are what is known now."""
        for occurrence in look.occurrences:
            self._known.get(occurrence.watch, {})[occurrence.key] = occurrence
        for state in look.states:
            if state.sight == "watching" and state.watch in self._last_look and state.looked_at is not None:
                self._last_look[state.watch] = state.looked_at

    def forget_before(self, watch: FileWatch, now: datetime) -> None:
        """Keep of what has ended only what may still be asked."""
        known, oldest = self._known[watch.id], now - _kept(watch)
        for key in [key for key, one in known.items() if one.deadline < oldest and one.status != "pending"]:
            del known[key]


def _kept(watch: FileWatch) -> timedelta:
    """How long what has ended is remembered: by it we know a monthly file, too, as one that we have watched before."""
    moved = timedelta(days=REACH if watch.shift_policy in {"previous_business_day", "next_business_day"} else 0)
    return KEPT + moved if watch.chosen == EVERY_DATE else KEPT + watch.chosen.furthest + timedelta(days=REACH)
