"""A client's calendars, read from ``include/clients/<client>/calendar.yaml``."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vigie.core.business_calendar import EVERY_DAY, WEEKDAYS, Calendar, Days, Period, Week, Weekday
from vigie.core.place import Place
from vigie.documents.findings import Findings, Lines, did_you_mean, line_of
from vigie.documents.findings import Place as At
from vigie.documents.places import nearest_place, why_unknown_place
from vigie.documents.strict_yaml import read_yaml
from vigie.documents.text_file import read_text

FILE = "calendar.yaml"
PLACE = re.compile(r"[A-Z]{2}(-\w[\w .\'\u2019()-]{0,60})?( [a-z_]{1,20})*")
"""A country, or a part of one, with the sorts of its holidays that count: ``FR``, ``FR-57``, ``DE-Bayern catholic``."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)
_EVERY_DAY, _NONE = "every day", "none"


class _Span(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    on: date | None = Field(None, strict=True)
    first: date | None = Field(None, strict=True, alias="from")
    last: date | None = Field(None, strict=True, alias="to")


class _Days(_Span):
    reason: str = Field(min_length=1, max_length=200)
    countries: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class _Period(_Span):
    works: tuple[Weekday, ...] | Literal["country", "every day"]


class _Calendar(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    works: object
    holidays: object = "country"
    places: dict[str, str] = {}
    periods: object = ()
    closed: object = ()
    open: object = ()
    confirmed: object = ()


def read_calendars(path: str, data: bytes, language: str) -> dict[str, Calendar]:
    """Read the calendars of a client, by their names; holidays are named in ``language``. Raises InvalidDocument.

    Whether the countries are known is ``problems_of_places``'s business: that needs a library that takes its time.
    """
    findings = Findings(path)
    written = read_yaml(read_text(data, findings), findings)
    findings.raise_any()
    if written is None or not isinstance(written.value, dict) or not written.value:
        findings.add(1, "the file has no calendars.", "Write 'stores:' and, below it, 'works: every day'.")
        findings.raise_any()
        raise AssertionError(path)
    found = {}
    for name, values in written.value.items():
        if not _NAME.fullmatch(name) or name == EVERY_DAY:
            line = line_of(written.lines, (name,))
            remedy = (
                "It means that no day is waived." if name == EVERY_DAY else "Use small letters, digits, '-' and '_'."
            )
            findings.add(line, f"'{name}' cannot name a calendar.", remedy)
        calendar = _Reader(findings, written.lines, name, values).calendar(language)
        if calendar is not None:
            found[name] = calendar
    findings.raise_any()
    return found


def digest_of(calendars: Sequence[Calendar]) -> str:
    """A digest of what calendars say (SHA-256, hex)."""
    said = [calendar.model_dump(mode="json") for calendar in calendars]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def problems_of_places(path: str, data: bytes) -> Findings:
    """The places of a readable file whose holidays nobody knows, each with its line."""
    findings = Findings(path)
    written = read_yaml(read_text(data, findings), findings)
    for name, values in written.value.items() if written else ():
        for field in ("holidays", "places"):
            listed = values.get(field, [])
            for key, place in enumerate(listed) if isinstance(listed, list) else _places(listed):
                if wrong := why_unknown_place(Place.read(place)):
                    line = line_of(written.lines if written else {}, (name, field, key))
                    findings.add(line, f"{name}.{field}: {wrong}.", nearest_place(place))
    return findings


def _places(listed: object) -> Iterator[tuple[str, str]]:
    yield from listed.items() if isinstance(listed, dict) else ()


class _Reader:
    def __init__(self, findings: Findings, lines: Lines, name: str, values: Any) -> None:
        self.findings = findings
        self.lines = lines
        self.name = name
        self.values = values

    def calendar(self, language: str) -> Calendar | None:
        before = len(self.findings.problems)
        outline = self.findings.model(_Calendar, self.values, self.lines, (self.name,))
        if outline is None:
            return None
        closed, opened = self._days("closed", outline.closed), self._days("open", outline.open)
        confirmed = self._days("confirmed", outline.confirmed)
        periods = self._periods(outline.periods)
        works, holidays = self._week(outline.works), self._holidays(outline.holidays)
        self._check_places(outline.places)
        self._check_both(closed, opened)
        self._check_overlaps(periods)
        if len(self.findings.problems) > before:
            return None
        return Calendar(
            name=self.name,
            language=language,
            works=works,
            holidays=holidays,
            places=outline.places,
            periods=tuple(period for _, period in periods),
            closed=tuple(days for _, days in closed),
            open=tuple(days for _, days in opened),
            confirmed=tuple(days for _, days in confirmed),
        )

    def _wrong(self, at: At, message: str, remedy: str = "") -> None:
        self.findings.add(line_of(self.lines, (self.name, *at)), message, remedy)

    def _week(self, written: object) -> Week:
        if written == _EVERY_DAY:
            return WEEKDAYS
        if written == "country":
            return "country"
        if not isinstance(written, list) or not written:
            remedy = "Write 'every day', 'country' (the week of each site's country), or a list: [mon, tue, wed]."
            self._wrong(("works",), f"{self.name}.works: '{written}' is no week.", remedy)
            return WEEKDAYS
        for number, day in enumerate(written):
            if day not in WEEKDAYS:
                message = f"{self.name}.works: '{day}' is no day of the week."
                self._wrong(("works", number), message, did_you_mean(str(day), WEEKDAYS))
        return tuple(day for day in WEEKDAYS if day in written)

    def _holidays(self, written: object) -> tuple[str, ...] | Literal["country"]:
        if written == "country":
            return "country"
        if written == _NONE:
            return ()
        if not isinstance(written, list) or not written:
            remedy = "Write 'country' (those of each site's country), 'none', or a list: [FR, DE-BY]."
            self._wrong(("holidays",), f"{self.name}.holidays: '{written}' is no place.", remedy)
            return ()
        for number, place in enumerate(written):
            self._check_place(("holidays", number), place)
        return tuple(str(place) for place in written)

    def _check_places(self, places: Mapping[str, str]) -> None:
        for site, place in places.items():
            self._check_place(("places", site), place)

    def _check_place(self, at: At, place: object) -> None:
        if not isinstance(place, str) or not PLACE.fullmatch(place):
            message = f"{self.name}.{at[0]}: '{place}' is no country."
            self._wrong(at, message, "Write two capital letters, as 'FR', with a subdivision as 'FR-57'.")

    def _items(self, field: str, written: object) -> Iterator[tuple[At, Any]]:
        if not isinstance(written, (list, tuple)):
            self._wrong((field,), f"{self.name}.{field}: write a list, one '- {{…}}' a line.")
            return
        for number, values in enumerate(written):
            yield (field, number), values

    def _days(self, field: str, written: object) -> list[tuple[At, Days]]:
        found = []
        for at, values in self._items(field, written):
            read = self.findings.model(_Days, values, self.lines, (self.name, *at))
            span = self._span(read, at)
            if read is not None and span is not None:
                limits = {"countries": read.countries, "sites": read.sites}
                found.append((at, Days(first=span[0], last=span[1], reason=read.reason, **limits)))
        return found

    def _periods(self, written: object) -> list[tuple[At, Period]]:
        found = []
        for at, values in self._items("periods", written):
            read = self.findings.model(_Period, values, self.lines, (self.name, *at))
            span = self._span(read, at)
            if read is not None and span is not None:
                works = WEEKDAYS if read.works == _EVERY_DAY else read.works
                found.append((at, Period(first=span[0], last=span[1], works=works)))
        return found

    def _span(self, read: _Span | None, at: At) -> tuple[date, date] | None:
        if read is None:
            return None
        if read.on is not None and read.first is None and read.last is None:
            return read.on, read.on
        if read.on is not None or read.first is None or read.last is None:
            self._wrong(at, f"{self._told(at)}: which days?", "Write 'on: 2026-11-23', or 'from:' and 'to:'.")
            return None
        if read.last < read.first:
            self._wrong(at, f"{self._told(at)}: it ends on {read.last}, before it begins on {read.first}.")
            return None
        return read.first, read.last

    def _told(self, at: At) -> str:
        return f"{self.name}.{at[0]}.{int(at[1]) + 1}"

    def _check_both(self, closed: Sequence[tuple[At, Days]], opened: Sequence[tuple[At, Days]]) -> None:
        for at, days in opened:
            for other, others in closed:
                if day := days.meet(others):
                    line = line_of(self.lines, (self.name, *other))
                    message = f"{self.name}: {day} is both open and closed (line {line})."
                    self._wrong(at, message, "Keep one, or name other countries or sites.")

    def _check_overlaps(self, periods: Sequence[tuple[At, Period]]) -> None:
        for (one, first), (at, second) in combinations(periods, 2):
            if first.first <= second.last and second.first <= first.last:
                day = max(first.first, second.first)
                line = line_of(self.lines, (self.name, *one))
                message = f"{self._told(at)}: {day} is in another period too (line {line})."
                self._wrong(at, message, "End one before the other begins.")
