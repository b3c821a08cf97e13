"""Watches of files, and the memory that a session keeps between its looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from vigie.core.expectation import Verdict, expected, judge
from vigie.core.file_name import folder_and_name
from vigie.core.file_watch import FileWatch
from vigie.core.occurrence import FileSeen, Occurrence
from vigie.core.respond import Respond
from vigie.core.site import Site
from vigie.core.working_days import EVERY_DAY, WorkingDays

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

OPENS = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # Tokyo, Monday 23 November, 00:00
DUE = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)  # Tokyo, 06:00


def store(number: int, zone: str = "Asia/Tokyo", **attributes: str) -> Site:
    return Site(code=f"S-{number}", zone=zone, country="JP", attributes=attributes)


def watch(**rule: Any) -> FileWatch:
    known: dict[str, Any] = {
        "client": "acme",
        "flux": "supply",
        "task_id": "files",
        "respond": Respond(severity="high", template="file_missing", group_by=rule.pop("group_by", ())),
        "where": "acme_depot",
        "path": "out/REPL_{site.code}_{business_date:%Y%m%d}.csv",
        "sites": "stores",
        "opens": "00:00",
        "due": "06:00",
        "stable_for": "30 s",
    }
    if "slots" in rule:
        del known["due"]
    return FileWatch.model_validate(known | rule)


class Looks:
    """One session: it lists, remembers, judges, and keeps what the logbook would."""

    def __init__(
        self, rule: FileWatch, sites: Iterable[Site], since: datetime = OPENS, days: WorkingDays = EVERY_DAY
    ) -> None:
        self.rule, self.sites, self.since, self.days = rule, list(sites), since, days
        self.book: dict[str, Occurrence] = {}
        self.files: dict[str, dict[str, FileSeen]] = {}
        self.looked: datetime | None = None
        self.ends: list[tuple[str, str, str]] = []

    def look(self, now: datetime, listed: dict[str, tuple[int, datetime]] | None = None, **more: Any) -> Verdict:
        """Judge by a listing: size and time by path."""
        files: dict[str, dict[str, FileSeen]] = {}
        for path, (size, modified_at) in (listed or {}).items():
            folder, name = folder_and_name(path)
            known = self.files.get(folder, {}).get(name)
            if known is not None and (known.size, known.modified_at) == (size, modified_at):
                files.setdefault(folder, {})[name] = known
                continue
            files.setdefault(folder, {})[name] = FileSeen(
                name=name,
                size=size,
                modified_at=modified_at,
                unchanged_since=now,
                seen_at=now,
                first_seen_at=known.first_seen_at if known else now,
                absent_at=known.absent_at if known else self.looked,
            )
        self.files, self.looked = files, now
        return self.judge(now, **more)

    def judge(self, now: datetime, **more: Any) -> Verdict:
        known = []
        for each in expected(self.rule, self.sites, now, self.days):
            old = self.book.get(each.key)
            if old is None and each.deadline <= self.since:
                old = each.model_copy(update={"status": "waived"})
            known.append(old or each)
        sites = {site.code: site for site in self.sites}
        verdict = judge(self.rule, known, self.files, now, sites, days=self.days, known=self.book.values(), **more)
        self.book |= {each.key: each for each in known}
        for each in verdict.changed:
            if each.status != self.book[each.key].status:
                self.ends.append((each.site, each.when, each.status))
            self.book[each.key] = each
        return verdict

    def status(self, when: str = "2026-11-23") -> dict[str, str]:
        return {each.site: each.status for each in self.book.values() if each.when == when}


def said(verdict: Verdict) -> list[tuple[str, str]]:
    return [(signal.event, signal.title) for signal in verdict.signals]
