"""The rule of a watch of files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, PlainSerializer, field_validator, model_validator

from vigie.core.chosen_days import ChosenDays, chosen_days, written_days
from vigie.core.duration import Duration, format_duration
from vigie.core.file_name import check_path, date_fields, has_slot, site_columns
from vigie.core.file_places import check_places
from vigie.core.recurring_name import Recurrence, recurrence
from vigie.core.respond import Respond
from vigie.core.wall_clock import Clock, WallClock
from vigie.core.watch import DatedWatch

_SLOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)
_SHARE = re.compile(r"(\d{1,2}|100)\s*%", re.ASCII)


class ExpectedTime(NamedTuple):
    """One of the times of a day at which a file is expected: wall-clock in the site's zone."""

    slot: str
    opens: WallClock
    due: WallClock


def _span(expected: ExpectedTime) -> timedelta:
    """How long its window is on the clock; one that opens later than it is due opens on the day before."""
    seconds = expected.due.seconds - expected.opens.seconds
    return timedelta(seconds=seconds if seconds > 0 else seconds + 86400)


def _share(written: object) -> object:
    if isinstance(written, float) and 0 < written <= 1:
        return written
    found = _SHARE.fullmatch(written) if isinstance(written, str) else None
    if found is None or found[1] == "0":
        raise ValueError(f"write a share as '80 %', from 1 % to 100 % (found {written!r})")
    return int(found[1]) / 100


def _days(written: object) -> object:
    return () if written in ((), []) else written_days(written)


Share = Annotated[
    float, BeforeValidator(_share), PlainSerializer(lambda share: f"{round(share * 100)} %", when_used="json")
]


class FileWatch(DatedWatch):
    """Files expected on a file server (an Airflow connection), per site and business date.

    ``opens`` and ``due`` are wall-clock times in the site's zone, from the midnight of the business date on: ``26:00`` is
    02:00 on the day after. Where ``opens`` is later than ``due`` the window opens on the day before. ``slots`` are
    several times of one business date, each with its name and its ``due``: the first window opens at ``opens``, each
    other one when the one before is due, over midnight if need be. ``sites`` names a table of the client,
    ``sites_digest`` its content; without one the client itself is the only site. ``at_least`` so many files that fit
    the path make one occurrence complete. ``also`` are further places in which such a file may be seen (an archive);
    written as a list, ``path`` is all of them. ``gone`` says what a file is that was seen and is gone before it had
    stayed the same for ``stable_for``; with ``taken`` its folders are looked at each second while it is awaited. With
    ``ignore_case`` a name in another case fits too. ``max_age``: a file whose own time is longer before ``due`` is old.
    ``days`` are those of the week or month that have a file at all, every day where none is named.
    ``jeopardy`` before the deadline a set of which less than ``jeopardy_below`` is there is warned of.
    """

    kind: Literal["files"] = "files"
    where: str
    path: str
    also: tuple[str, ...] = ()
    gone: Literal["arrived", "missing"] = "arrived"
    taken: bool = False
    sites: str = ""
    sites_digest: str = ""
    opens: Clock
    due: Clock | None = None
    slots: dict[str, Clock] = Field(default_factory=dict)
    days: Annotated[tuple[str, ...], BeforeValidator(_days)] = ()
    grace: Duration = timedelta(0)
    stable_for: Duration = timedelta(seconds=30)
    min_size: int = 1
    max_age: Duration | None = None
    ignore_case: bool = False
    at_least: int = Field(default=1, ge=1, le=1000)
    jeopardy: Duration | None = None
    jeopardy_below: Share = 1.0
    jeopardy_respond: Respond | None = None

    @model_validator(mode="before")
    @classmethod
    def _several_places(cls, written: object) -> object:
        if isinstance(written, dict) and isinstance(path := written.get("path"), list | tuple):
            if not path:
                raise ValueError("path=[] names no place; write path=['inbox/…', 'archive/…']")
            for place in path:
                if not isinstance(place, str):
                    raise ValueError(f"path: {place!r} is no text; write path=['inbox/…', 'archive/…']")  # noqa: TRY004
            return written | {"path": path[0], "also": tuple(path[1:])}
        return written

    @field_validator("path")
    @classmethod
    def _known_fields(cls, path: str) -> str:
        return check_path(path)

    @model_validator(mode="after")
    def _places_agree(self) -> Self:
        check_places(self.places, self.at_least)
        return self

    @field_validator("slots")
    @classmethod
    def _slots_have_names(cls, slots: dict[str, WallClock]) -> dict[str, WallClock]:
        for name in slots:
            if not _SLOT.fullmatch(name):
                raise ValueError(f"a slot is called {name!r}; use letters, digits, '-' and '_', as '06'")
        return slots

    @model_validator(mode="after")
    def _has_times(self) -> Self:
        if (self.due is None) == (not self.slots):
            raise ValueError("write due='06:00', or slots={'06': '06:30', '12': '12:30'}, and not both")
        first = self.times[0]
        if self.opens.days and not first.due.days:
            early = self.opens._replace(days=0)
            raise ValueError(
                f"opens='{self.opens}' is on the day after, and '{first.due}' is not; write opens='{early}'"
            )
        for expected in self.times:
            if expected.opens == expected.due:
                before = "opens and due are" if not self.slots else f"slot '{expected.slot}': opens and due are"
                raise ValueError(f"{before} the same time, so no file could be on time; open the window earlier")
        return self

    @model_validator(mode="after")
    def _path_tells_files_apart(self) -> Self:
        if has_slot(self.path) and not self.slots:
            raise ValueError("the path names {slot}; write slots={'06': '06:30', '12': '12:30'} in place of due")
        if self.slots and not has_slot(self.path):
            raise ValueError("the path does not name {slot}, so one file would be that of every slot; write it there")
        self._check_recurrence()
        if not self.sites and (columns := site_columns(self.path) - {"code", "name", "zone", "country"}):
            named = ", ".join(f"{{site.{column}}}" for column in sorted(columns))
            raise ValueError(f"the path names {named} and there is no table of sites; write sites='stores'")
        if self.at_least > 1 and "*" not in self.path:
            raise ValueError(f"at_least={self.at_least} files need a '*' in the path: a name without one is one file")
        return self

    def _check_recurrence(self) -> None:
        again = self.recurrence
        if again is None:
            return
        if self.max_age is None and not date_fields(self.path):
            raise ValueError(
                "the path does not name {business_date}, so yesterday's file would be today's; write it there, "
                "or max_age='12 h' where the file has the same name every day"
            )
        alike = f"the path writes {again.first} and {again.second} alike" + (f", '{again.text}'" if again.text else "")
        if self.max_age is None:
            days = ", or days=1 where one day of the month has a file" if again.after == timedelta(days=1) else ""
            raise ValueError(f"{alike}, so an old file would be the new one; write %Y%m%d{days}, or add max_age='12 h'")
        if self.max_age > again.after:
            raise ValueError(
                f"max_age='{format_duration(self.max_age)}' reaches back to the file before: {alike}; write "
                f"'{format_duration(again.after)}' at most"
            )

    @model_validator(mode="after")
    def _jeopardy_is_whole(self) -> Self:
        if self.jeopardy is None and (self.jeopardy_respond is not None or self.jeopardy_below != 1.0):
            raise ValueError("jeopardy_below and jeopardy_respond need jeopardy='30 min', the time before the deadline")
        if self.jeopardy is not None and self.jeopardy <= timedelta(0):
            raise ValueError("jeopardy is a time before the deadline; write '30 min'")
        shortest = min(_span(each) for each in self.times)
        for name, wanted in (("jeopardy", self.jeopardy), ("stable_for", self.stable_for)):
            if wanted is not None and wanted >= shortest + self.grace:
                raise ValueError(
                    f"{name}='{format_duration(wanted)}' is as long as the window ('{format_duration(shortest)}'); write less, "
                    "or open the window earlier"
                )
        return self

    @property
    def times(self) -> tuple[ExpectedTime, ...]:
        """When files are expected on a day, in the order of the clock from ``opens`` on."""
        if self.due is not None:
            return (ExpectedTime("", self.opens, self.due),)
        opens, found = self.opens, []
        for slot, due in _in_order(self.opens, self.slots):
            found.append(ExpectedTime(slot, opens, due))
            opens = due
        return tuple(found)

    @property
    def chosen(self) -> ChosenDays:
        """The business dates that have a file at all."""
        return chosen_days(self.days)

    @property
    def recurrence(self) -> Recurrence | None:
        """When the name of a file comes again; None where every business date has its own."""
        found = [again for path in self.places if (again := recurrence(path, self.chosen))]
        return min(found, key=lambda again: again.after, default=None)

    @property
    def places(self) -> tuple[str, ...]:
        """The paths in which the file may be seen, the first one first."""
        return (self.path, *self.also)

    @property
    def source(self) -> str:
        """The session that looks for this watch."""
        return self.where


def _in_order(opens: WallClock, slots: Mapping[str, WallClock]) -> list[tuple[str, WallClock]]:
    """The slots of one business date, one after the other. What is due after midnight is so on the day after.

    The first may be due on the morning after the window opens: then its day is the business date, as without slots.
    """
    found: list[tuple[str, WallClock]] = []
    for slot, due in sorted(
        slots.items(), key=lambda each: (each[1].days, (each[1].seconds - opens.seconds - 1) % 86400)
    ):
        over = bool(found) and not due.days and due.time < found[-1][1].time
        days = found[-1][1].days + over if found and not due.days else due.days
        found.append((slot, due._replace(days=days)))
    return sorted(found, key=lambda each: each[1])
