"""A situation of expected files, and what three ways to ask say of it: the live session, `expect` and `replay`."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.scenarios.site import write_site

from vigie.cli import expect, replay
from vigie.core.occurrence import Occurrence
from vigie.core.signal import Signal
from vigie.core.watch import Watch
from vigie.documents.library import Library
from vigie.logbook.book import Logbook
from vigie.logbook.migrations import migrate
from vigie.tasks.file_round import FileRound
from vigie.testing.clock import HandClock
from vigie.testing.memory_drop_zone import MemoryDropZone

_FLUX = """\
from __future__ import annotations

from vigie.authoring import MissingFile, Respond, flux


@flux(client="nordwind", stream="supply")
def stores():
    \"\"\"Files of stores.\"\"\"
    MissingFile(task_id="files", where="nordwind_depot", {words}, respond=Respond(severity="high", template="file_missing"))
"""

Ends = dict[tuple[str, str], str]
"""How each expected file ended, by site and date (with its slot)."""


@dataclass(frozen=True)
class Comes:
    """A file that comes: its path, when (UTC), and its size. ``logged``: a log of arrivals names it as whole.

    ``own`` is its own time, where that is not when it came: it was copied with it, or the server's clock differs.
    """

    path: str
    at: datetime
    size: int = 9
    logged: bool = True
    link_to: str = ""
    own: datetime | None = None
    lies: timedelta | None = None
    """How long it lies there, before it is taken away, or moved."""
    moved_to: str = ""


@dataclass(frozen=True)
class Situation:
    """A rule, its sites and days, what comes, and what is right: the end of each file and what was due when (UTC)."""

    rule: dict[str, object]
    sites: Sequence[str]
    days: Sequence[str]
    ends: Ends
    comes: Sequence[Comes] = ()
    due: dict[tuple[str, str], str] = field(default_factory=dict)
    calendar: str = ""
    why: str = ""
    """A part of the reason that `expect` and the logbook say, where one is waived or perhaps so."""
    found: Sequence[tuple[str, str]] = ()
    """Paths that the incident names, and what is wrong with each."""
    cases: Sequence[str] = ()
    """The shared situations that this one is of, by their numbers."""


class Asked:
    """The situation, written to a site, and asked in each way."""

    def __init__(self, situation: Situation, folder: Path) -> None:
        self.situation, self.folder = situation, folder
        self.site = write_site(folder / "site")
        base = self.site / "include/clients/nordwind"
        rule = dict(situation.rule)
        if situation.sites:
            (base / "shops.yaml").write_text("".join(f"- {{{row}}}\n" for row in situation.sites), "utf-8")
            rule["sites"] = "shops"
        if situation.calendar:
            (base / "calendar.yaml").write_text(situation.calendar, "utf-8")
            rule["calendar"] = "shops"
        words = ", ".join(f"{word}={value!r}" for word, value in rule.items())
        (self.site / "dags/nordwind/stores.py").write_text(_FLUX.format(words=words), "utf-8")
        self.library = Library(self.site)

    # the live session

    def live(self, watch: Watch) -> tuple[dict[tuple[str, str], Occurrence], list[Signal]]:
        """The occurrences of the days as the logbook has them, and all that was signalled."""
        address = f"sqlite:///{self.folder / 'logbook.db'}"
        migrate(address)
        book, server = Logbook(address), MemoryDropZone()
        expected = self.expect()
        first = min(_instant(each["window_open"]) for each in expected) if expected else _days(self.situation)[0]
        clock = HandClock(first - timedelta(days=1, seconds=1))
        round_ = FileRound(
            "nordwind_depot",
            lambda: server,
            book,
            self.library.site_table,
            days=lambda rule: self.library.calendars.working_days(rule.client, rule.calendar),
            clock=clock,
        )
        come = {form("NFC", str(Path(file.path).parent)) for file in self.situation.comes}
        for folder in {str(Path(each["path"]).parent) for each in expected}:
            if form("NFC", folder) not in come:
                server.make_folder(folder)
        round_.join(watch)
        signals: list[Signal] = []
        for at, act in self._moments(server, expected, clock.now):
            clock.now = at
            if act is not None:
                act()
            look, _ = round_.look(at)
            book.record(look)
            round_.recorded(look)
            signals += look.signals
        known = book.occurrences(watch.id, since=min(map(date.fromisoformat, self.situation.days)) - timedelta(days=2))
        book.close()
        days = set(self.situation.days)
        return {(each.site, each.when): each for each in known if each.business_date.isoformat() in days}, signals

    def _moments(
        self, server: MemoryDropZone, expected: Sequence[dict[str, str]], begin: datetime
    ) -> list[tuple[datetime, Callable[[], object] | None]]:
        """Looks before and after everything that happens: windows that open and end, files that come and are whole."""
        looks = {begin}
        for each in expected:
            deadline = _instant(each["deadline"])
            looks |= {_instant(each["window_open"]), deadline, deadline + timedelta(seconds=1)}
        acts: list[tuple[datetime, Callable[[], object] | None]] = []
        for file in self.situation.comes:
            acts.append((file.at, lambda file=file: self._comes(server, file)))  # type: ignore[misc]
            looks |= {file.at - timedelta(seconds=1), file.at + timedelta(seconds=31)}
            if file.lies is not None:
                ends = file.at + file.lies
                acts.append((ends, lambda file=file: self._goes(server, file)))  # type: ignore[misc]
                looks = {at for at in looks if not file.at < at < ends} | {file.at + timedelta(seconds=1)}
                looks |= {ends + timedelta(seconds=1), ends + timedelta(seconds=31)}
        return sorted([*acts, *((at, None) for at in looks)], key=lambda each: (each[0], each[1] is not None))

    @staticmethod
    def _comes(server: MemoryDropZone, file: Comes) -> None:
        if file.link_to:
            server.put(file.link_to, file.size, file.at - timedelta(days=3))
            server.link(file.path, file.link_to, file.at)
        else:
            server.put(file.path, file.size, file.own or file.at)

    @staticmethod
    def _goes(server: MemoryDropZone, file: Comes) -> None:
        server.remove(file.path)
        if file.moved_to:
            server.put(file.moved_to, file.size, file.at)

    # the commands

    def expect(self) -> list[dict[str, str]]:
        """What `./vigie expect` says of the days."""
        found: list[dict[str, str]] = []
        for day in self.situation.days:
            arguments = ["nordwind", "--flux", "stores", "--date", day, "--json", "--site", str(self.site)]
            said = _output(lambda arguments=arguments: expect.main(arguments))  # type: ignore[misc]
            found += [each for each in said["occurrences"] if each["business_date"] == day]
        return found

    def replay(self) -> dict[str, int]:
        """What `./vigie replay` counts of a log of the same arrivals, judged on the same days."""
        rows = ["business_date,file_name,arrived_at"]
        rows += [f"{day},begins-and-ends," for day in (self.situation.days[0], self.situation.days[-1])]
        for file in self.situation.comes:
            if file.logged:
                day = next(
                    (day for day in self.situation.days if day.replace("-", "") in file.path), self.situation.days[0]
                )
                rows.append(f'{day},"{file.path}",{file.at.isoformat()}')
                if file.moved_to and file.lies is not None:
                    rows.append(f'{day},"{file.moved_to}",{(file.at + file.lies).isoformat()}')
        path = self.folder / "log.csv"
        path.write_text("\n".join(rows), "utf-8")
        said: dict[str, int] = _output(
            lambda: replay.main([str(path), "nordwind.stores.files", "--json", "--site", str(self.site)])
        )
        return said


def _output(command: Callable[[], int]) -> dict:  # type: ignore[type-arg]
    """The JSON that a command prints; what it remarks goes to the error output."""
    import contextlib
    import io

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        command()
    return dict(json.loads(printed.getvalue()))


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _days(situation: Situation) -> list[datetime]:
    return [datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in situation.days]


def utc(written: str) -> datetime:
    """``2026-11-24 05:00``"""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def form(name: str, text: str) -> str:
    """A text in a form of Unicode."""
    with suppress(ValueError):
        return unicodedata.normalize(name, text)  # type: ignore[arg-type]
    raise AssertionError(name)
