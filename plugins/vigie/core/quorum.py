"""The judge of OK mails: which of the expected ones have come by now, and what that means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from vigie.core.expectation import LATE_FOR
from vigie.core.mail_arrival import Arrival
from vigie.core.missing_mail import MissingMailWatch
from vigie.core.occurrence import BEFORE_WATCHED, NEEDED, RULE, Occurrence, OccurrenceStatus, first_arrivals
from vigie.core.quorum_words import signal_of
from vigie.core.signal import Signal
from vigie.core.watched import ALWAYS, ended_without, is_due_again, kept_deadline, was_expected
from vigie.core.window import Window, had_date
from vigie.core.working_days import EVERY_DAY, WorkingDays
from vigie.core.zone import ZoneInfo

TOLD_IN = timedelta(seconds=1)
"""A server tells the time of a mail in whole seconds: a mail is missing once the deadline's own second is over."""

OPEN = frozenset({"pending", "missing"})

Known = Mapping[str, Occurrence]
"""The occurrences of one watch by their keys, as the logbook knows them."""


class Counted(NamedTuple):
    """The occurrences that are new or changed, what has to be said of them, and when to look again at the latest."""

    changed: tuple[Occurrence, ...]
    signals: tuple[Signal, ...]
    again: datetime | None


def expected_mails(
    watch: MissingMailWatch, now: datetime, days: WorkingDays = EVERY_DAY, early: Collection[date] = ()
) -> list[Occurrence]:
    """Each occurrence whose window is open at ``now`` (UTC), or closed less than two days ago: pending or waived.

    Of the days in ``early`` something has come before their window.
    """
    today = now.astimezone(ZoneInfo(watch.zone)).date()
    labels, found = _labels(watch), []
    for far in range(-4 - watch.grace.days, 4):
        day = today + timedelta(days=far)
        if not had_date(day, watch.zone):
            continue
        when = watch.window_of(day)
        if now <= when.deadline + LATE_FOR and (when.opens <= now or day in early):
            found.append(_occurrence(watch, day, when, days, labels))
    return found


def expected_mail_of(watch: MissingMailWatch, day: date, days: WorkingDays = EVERY_DAY) -> list[Occurrence]:
    """The occurrence of a business date, pending or waived; none on a date that the place did not have."""
    if not had_date(day, watch.zone):
        return []
    return [_occurrence(watch, day, watch.window_of(day), days, _labels(watch))]


def _labels(watch: MissingMailWatch) -> dict[str, str]:
    return {RULE: watch.rule, NEEDED: str(watch.needed)}


def _occurrence(
    watch: MissingMailWatch, day: date, when: Window, days: WorkingDays, labels: dict[str, str]
) -> Occurrence:
    planned = days.planned(day, watch.shift_policy, watch.place)
    return Occurrence(
        client=watch.client,
        flux=watch.flux,
        watch=watch.id,
        site="",
        business_date=day,
        path=watch.source,
        window_open=when.opens,
        due=when.due,
        deadline=when.deadline,
        status="pending" if planned.on else "waived",
        reason=planned.reason,
        labels=labels,
    )


def uncounted_since(
    watch: MissingMailWatch,
    known: Known,
    now: datetime,
    days: WorkingDays = EVERY_DAY,
    last_look: datetime | None = None,
) -> datetime | None:
    """From when on mails must be read again, because what is open has not been counted under this rule. None: it has."""
    newest = max(known.values(), key=lambda each: each.deadline, default=None)
    if newest is not None and newest.labels.get(RULE) == watch.rule:
        return None
    due = _due(watch, known, (), now, days, last_look)
    return min((each.window_open for each in due if each.status in OPEN), default=None)


def judge_mails(
    watch: MissingMailWatch,
    known: Known,
    arrivals: Iterable[Arrival],
    now: datetime,
    days: WorkingDays = EVERY_DAY,
    last_look: datetime | None = None,
    *,
    read_to_the_end: bool,
    sure_for: timedelta = ALWAYS,
) -> Counted:
    """Count what came, and judge what is due.

    Pure, and the same when asked twice: arrivals join what is known, in whatever order and however often they are
    seen, and nothing ends before the folder is ``read_to_the_end``. What has ended changes only from *missing* to
    *late*, or to *on_time* where the mails came before the deadline and were read after it. What was due before the
    watch looked for it (``last_look`` is its last one) is waived, and what the calendar waives at its deadline: until
    then the calendar may change. What is absent ``sure_for`` so long after its deadline is waived, and not missing.
    """
    came: dict[date, dict[str, datetime]] = {}
    for day, name, at in arrivals:
        seen = came.setdefault(day, {})
        seen[name] = min(at, seen.get(name, at))
    changed, signals, ends = [], [], []
    for occurrence in _due(watch, known, came, now, days, last_look):
        before = known.get(occurrence.key)
        after = _joined(watch, occurrence, came.get(occurrence.business_date, {}), now)
        if read_to_the_end:
            after = _judged(watch, after, now, sure_for)
        if after != before:
            changed.append(after)
        if (said := signal_of(watch, before, after, now)) is not None:
            signals.append(said)
        if after.status == "pending":
            ends.append(after.deadline + TOLD_IN)
    return Counted(tuple(changed), tuple(signals), min(ends, default=None))


def _due(
    watch: MissingMailWatch,
    known: Known,
    came: Collection[date],
    now: datetime,
    days: WorkingDays,
    last_look: datetime | None,
) -> list[Occurrence]:
    """What is expected now, as far as it is known, and under the rule of now."""
    early = {*came, *(each.business_date for each in known.values() if each.status == "pending")}
    found = []
    for occurrence in expected_mails(watch, now, days, early):
        before = known.get(occurrence.key)
        if occurrence.status == "waived" and (before is None or before.status == "pending"):
            if now >= occurrence.deadline + TOLD_IN:
                found.append(occurrence.model_copy(update={"looked_at": now}))
            continue
        if before is None:
            unseen = occurrence.deadline <= now and not was_expected(occurrence, ever=bool(known), last_look=last_look)
            waived = {"status": "waived", "reason": BEFORE_WATCHED, "looked_at": now}
            found.append(occurrence.model_copy(update=waived) if unseen else occurrence)
            continue
        if is_due_again(before, occurrence, now):
            found.append(occurrence)
            continue
        same = before.labels.get(RULE) == watch.rule
        if before.status == "pending":
            progress = {"arrivals": before.arrivals if same else {}, "looked_at": before.looked_at}
            found.append(occurrence.model_copy(update={**progress, **kept_deadline(before, occurrence, now)}))
        elif before.status == "missing" and not same:
            found.append(before.model_copy(update={"labels": occurrence.labels, "arrivals": {}}))
        else:
            found.append(before)
    listed = {each.key for each in found}
    never_ended = (each for each in known.values() if each.status == "pending" and each.deadline + LATE_FOR < now)
    return found + [each for each in never_ended if each.key not in listed]


def _joined(watch: MissingMailWatch, occurrence: Occurrence, came: Mapping[str, datetime], now: datetime) -> Occurrence:
    if occurrence.status not in OPEN:
        return occurrence
    arrivals = first_arrivals(watch.needed, occurrence.arrivals, came)
    if arrivals == occurrence.arrivals:
        return occurrence
    return occurrence.model_copy(update={"arrivals": arrivals, "looked_at": now})


def _judged(watch: MissingMailWatch, occurrence: Occurrence, now: datetime, sure_for: timedelta) -> Occurrence:
    if occurrence.status not in OPEN:
        return occurrence
    if len(occurrence.arrivals) >= watch.needed:
        whole_at = max(occurrence.arrivals.values())
        status: OccurrenceStatus = "on_time"
        if whole_at > occurrence.deadline:
            status = "late"
        elif whole_at < occurrence.window_open and occurrence.status == "pending":
            status = "early"
        return occurrence.model_copy(update={"status": status, "arrived_at": whole_at, "looked_at": now})
    if occurrence.status == "pending" and now >= occurrence.deadline + TOLD_IN:
        return ended_without(occurrence, now, sure_for)
    return occurrence
