"""When a flux is checked: after each deadline of its sites, or each hour where it has none."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

from vigie.core.window import next_wall_clock
from vigie.tasks.clock import utc_now


class ChecksTimetable(Timetable):
    """Checks at wall-clock moments of several zones, each some seconds later; or every so many seconds.

    ``moments`` are triples: clock (``06:00``), IANA zone, seconds to wait after it. ``every`` and ``offset`` are
    seconds; they count only where there are no moments.
    """

    def __init__(self, moments: list[tuple[str, str, int]], *, every: int = 3600, offset: int = 0) -> None:
        self.moments = sorted((str(clock), str(zone), int(after)) for clock, zone, after in moments)
        self.every = every
        self.offset = offset
        self.description = self.summary

    @property
    def summary(self) -> str:
        """What Airflow's list of DAGs shows."""
        if not self.moments:
            return "each hour" if self.every == 3600 else f"every {self.every} s"
        clocks = sorted({clock for clock, _, _ in self.moments})
        zones = len({zone for _, zone, _ in self.moments})
        return f"after {', '.join(clocks)} in {zones} time zone{'s' if zones > 1 else ''}"

    def serialize(self) -> dict[str, Any]:
        """Plain data, the same for the same checks."""
        return {"moments": [list(moment) for moment in self.moments], "every": self.every, "offset": self.offset}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> ChecksTimetable:
        """The timetable that was serialised."""
        return cls([tuple(moment) for moment in data["moments"]], every=data["every"], offset=data["offset"])

    def next_check(self, after: datetime) -> datetime:
        """The first check later than ``after`` (UTC)."""
        if not self.moments:
            passed = (after.timestamp() - self.offset) // self.every
            return datetime.fromtimestamp((passed + 1) * self.every + self.offset, tz=after.tzinfo)
        return min(
            next_wall_clock(after - (wait := timedelta(seconds=seconds)), time.fromisoformat(clock), zone) + wait
            for clock, zone, seconds in self.moments
        )

    def infer_manual_data_interval(self, *, run_after: pendulum.DateTime) -> DataInterval:
        """A run by hand is about this moment."""
        return DataInterval.exact(run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The next check; the ones that nobody made are not made up for: the watches looked, or rounds says so."""
        after = restriction.earliest
        if last_automated_data_interval is not None:
            after = last_automated_data_interval.end
        if after is None or not restriction.catchup:
            now = pendulum.instance(utc_now())
            after = max(after, now - timedelta(minutes=15)) if last_automated_data_interval and after else now
        following = pendulum.instance(self.next_check(after))
        if restriction.latest is not None and following > restriction.latest:
            return None
        return DagRunInfo.exact(following)
